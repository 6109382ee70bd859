/*
 * status.h - the one closed list of ways an operation can end, for all folders.
 *
 * A status is for code; the sentence for people travels beside it in a `struct problem`, which no
 * code ever parses. A function documents which two or three of these it can return.
 */
#ifndef BILLING_STATUS_H
#define BILLING_STATUS_H

enum status {
    ST_OK = 0,
    ST_INVALID,   /* the caller's input breaks a stated rule; nothing was changed             */
    ST_NOT_FOUND, /* there is no such object                                                  */
    ST_CONFLICT,  /* the object's state, or an earlier request, does not allow it             */
    ST_BUSY,      /* a stated bound is reached; the same request may succeed later            */
    ST_LOST,      /* somebody else changed the object since it was read: read it again        */
    ST_FULL,      /* the disk is full: charging stops, answers are still recorded if possible */
    ST_STORE,     /* the store failed in any other way                                        */
    ST_NETWORK,   /* the network failed; the other side may or may not have acted             */
    ST_PEER,      /* the other side broke the protocol                                        */
};

#define STATUS_COUNT 10

/* The status's name as printed in logs and JSON ("not_found"). Never NULL. */
const char *status_name(enum status status);

#define PROBLEM_TEXT_MAX 320

/* A sentence that tells a person what is wrong and what to do, naming the key, line or id. */
struct problem {
    char text[PROBLEM_TEXT_MAX];
};

/* Formats `problem->text` (truncating) and returns `status`, so that a check reads
 * `return problem_set(p, ST_INVALID, "...", ...)`. `problem` may be NULL. */
enum status problem_set(struct problem *problem, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define MUST_USE __attribute__((warn_unused_result))

#endif
