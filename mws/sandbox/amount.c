/*
 * amount.c - reading and printing amounts. See amount.h.
 */
#include "mws/sandbox/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Largest single amounts and monthly limits: amazon-pay reference, "Limits"; of a limit that was
 * raised over the years the newest (1,000 USD and EUR; 500 GBP is in a fixture of the SDKs). The
 * presentment-only currencies have no published figures; they take those of the euro. */
static const struct currency currencies[] = {
    {"JPY", 0, 3, 10000000, 50000},  {"USD", 2, 1, 15000000, 100000},
    {"EUR", 2, 2, 15000000, 100000}, {"GBP", 2, 2, 15000000, 50000},
    {"AUD", 2, 2, 15000000, 100000}, {"ZAR", 2, 2, 15000000, 100000},
    {"CHF", 2, 2, 15000000, 100000}, {"NOK", 2, 2, 15000000, 100000},
    {"DKK", 2, 2, 15000000, 100000}, {"SEK", 2, 2, 15000000, 100000},
    {"NZD", 2, 2, 15000000, 100000}, {"HKD", 2, 2, 15000000, 100000},
};

const struct currency *currency_find(const char *code)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        if (strcmp(currencies[i].code, code) == 0) {
            return &currencies[i];
        }
    }
    return NULL;
}

bool amount_parse(const char *text, const struct currency *currency, int64_t *units)
{
    const char *point = strchr(text, '.');
    size_t whole = point != NULL ? (size_t)(point - text) : strlen(text);
    size_t decimals = point != NULL ? strlen(point + 1) : 0;
    int64_t value = 0;

    if (whole == 0 || whole + decimals > 15 || (point != NULL && decimals == 0) ||
        decimals > (size_t)currency->decimals) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (c == point) {
            continue;
        }
        if (*c < '0' || *c > '9') {
            return false;
        }
        value = value * 10 + (*c - '0');
    }
    for (size_t i = decimals; i < (size_t)currency->decimals; i++) {
        value *= 10;
    }
    *units = value;
    return true;
}

void amount_format(int64_t units, const struct currency *currency, char text[AMOUNT_TEXT_MAX])
{
    const char *sign = units < 0 ? "-" : "";
    uint64_t size = units < 0 ? -(uint64_t)units : (uint64_t)units;

    if (currency->decimals == 0) {
        (void)snprintf(text, AMOUNT_TEXT_MAX, "%s%" PRIu64, sign, size);
    } else {
        (void)snprintf(text, AMOUNT_TEXT_MAX, "%s%" PRIu64 ".%02" PRIu64, sign, size / 100,
                       size % 100);
    }
}

void amount_format_wire(int64_t units, const struct currency *currency, char text[AMOUNT_TEXT_MAX])
{
    if (units == 0) {
        (void)snprintf(text, AMOUNT_TEXT_MAX, "0");
    } else {
        amount_format(units, currency, text);
    }
}

void amount_format_limit(int64_t units, const struct currency *currency, char text[AMOUNT_TEXT_MAX])
{
    if (currency->decimals == 2 && units % 100 == 0) {
        (void)snprintf(text, AMOUNT_TEXT_MAX, "%" PRId64, units / 100);
    } else {
        amount_format_wire(units, currency, text);
    }
}
