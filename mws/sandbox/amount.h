/*
 * amount.h - the sandbox's own money: an integer of the currency's smallest unit.
 *
 * Not billing/money.h on purpose: a mistake there must not be repeated here, where it would hide.
 */
#ifndef MWS_SANDBOX_AMOUNT_H
#define MWS_SANDBOX_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#define AMOUNT_TEXT_MAX 32

struct currency {
    char code[4];
    int decimals;
    int region;             /* in the ids of Amazon's objects: 1 North America, 2 Europe, 3 Japan */
    int64_t call_units_max; /* the most one authorization may ask for */
    int64_t month_units_max; /* the monthly limit of an agreement unless told otherwise */
};

/* The currency of that ISO code, or NULL when Amazon Pay does not know it. */
const struct currency *currency_find(const char *code);

/* Reads "9.99" or "1000": digits, at most the currency's decimals; JPY has none, not even ".00".
 * False for anything else, also for more than 15 digits. */
bool amount_parse(const char *text, const struct currency *currency, int64_t *units);

/* With all decimals: "1.00", "0.00", "1000". */
void amount_format(int64_t units, const struct currency *currency, char text[AMOUNT_TEXT_MAX]);
/* As Amazon's answers print it: like amount_format, but zero is "0". */
void amount_format_wire(int64_t units, const struct currency *currency, char text[AMOUNT_TEXT_MAX]);
/* As Amazon's answers print a limit: without decimals when they are zero ("500"). */
void amount_format_limit(int64_t units, const struct currency *currency,
                         char text[AMOUNT_TEXT_MAX]);

#endif
