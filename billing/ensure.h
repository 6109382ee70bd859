/*
 * ensure.h - assertions that stay on in production.
 *
 * An ENSURE that fails is a bug of ours; where money is concerned a stopped process is better than
 * a wrong one, so it prints the condition and aborts. Conditions have no side effects; one
 * condition each, so that the line says which one broke.
 */
#ifndef BILLING_ENSURE_H
#define BILLING_ENSURE_H

_Noreturn void ensure_failed(const char *condition, const char *file, int line);

#define ENSURE(condition) ((condition) ? (void)0 : ensure_failed(#condition, __FILE__, __LINE__))

#define IMPLIES(a, b)     (!(a) || (b))

#endif
