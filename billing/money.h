/*
 * money.h - an amount in one currency: integer minor units and an ISO 4217 code.
 *
 * Only money.c looks inside the struct. Arithmetic is checked: on overflow or mixed currencies the
 * function returns false and the result is poison, which every later operation refuses, so a
 * failure that is overlooked cannot turn into a charge. The currencies known are the twelve
 * that Amazon's SDKs list: USD EUR GBP JPY AUD ZAR CHF NOK DKK SEK NZD HKD. JPY has no fraction.
 */
#ifndef BILLING_MONEY_H
#define BILLING_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/status.h"

struct money {
    int64_t minor;    /* private to money.c */
    char currency[4]; /* private to money.c; "" = poison, so zeroed memory is poison */
};

#define MONEY_TEXT_MAX 24 /* "-92233720368547758.08" and its NUL */

/* An amount from the store, or from an integer of minor units (yen, cents). Unknown currency:
 * poison; so a stored poison (0, "") is read back as poison. */
struct money money_of(int64_t minor, const char *currency);

/* Zero in the currency of `like`. */
struct money money_zero(struct money like);

/* Reads a decimal amount: digits, optionally '.' and digits. No sign, no space, no separator. More
 * fraction digits than the currency has are accepted only when they are zeros ("1200.00" JPY is
 * what Amazon may answer); "1200.5" JPY is refused. False: *out is poison. */
MUST_USE bool money_parse(const char *decimal, const char *currency, struct money *out);

/* Writes the decimal text that Amazon takes: "1200" for JPY, "12.00" for USD; or "poison". */
void money_format(struct money amount, char text[static MONEY_TEXT_MAX]);

bool money_is_valid(struct money amount);               /* not poison */
bool money_is_positive(struct money amount);            /* valid and > 0 */
const char *money_currency(const struct money *amount); /* "" for poison */
/* For storing only; never compute with it. 0 for poison. */
int64_t money_minor(struct money amount);

MUST_USE bool money_add(struct money *sum, struct money a, struct money b);
MUST_USE bool money_subtract(struct money *difference, struct money a, struct money b);

/* True when both are valid, of one currency, and a <= b (a == b). Poison equals nothing. */
bool money_at_most(struct money a, struct money b);
bool money_equal(struct money a, struct money b);

/* Digits after the point of a known currency (JPY 0, USD 2), or -1 for an unknown code. */
int money_currency_digits(const char *currency);

#endif
