/*
 * money.c - the only file that looks inside an amount.
 *
 * Invariants:
 * 1. An amount is either poison (currency "") or has one of the known currencies.
 * 2. No operation mixes currencies, overflows or rounds: it answers false and leaves poison.
 * 3. Poison in, poison out.
 *
 * There is no multiplication and no conversion: nothing here needs them, and both would need a rule
 * for rounding.
 */
#include "billing/money.h"

#include <stdio.h>
#include <string.h>

struct currency {
    char code[4];
    int digits;
};

static const struct currency currencies[] = {
    {"USD", 2}, {"EUR", 2}, {"GBP", 2}, {"JPY", 0}, {"AUD", 2}, {"ZAR", 2},
    {"CHF", 2}, {"NOK", 2}, {"DKK", 2}, {"SEK", 2}, {"NZD", 2}, {"HKD", 2},
};

static const struct money poison = {.minor = 0, .currency = ""};

int money_currency_digits(const char *currency)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        const char *code = currencies[i].code;
        if (code[0] == currency[0] && strcmp(code, currency) == 0) /* first letters decide most */
            return currencies[i].digits;
    }
    return -1;
}

struct money money_of(int64_t minor, const char *currency)
{
    if (money_currency_digits(currency) < 0)
        return poison;
    struct money amount = {.minor = minor};
    memcpy(amount.currency, currency, sizeof amount.currency);
    return amount;
}

struct money money_zero(struct money like)
{
    like.minor = 0;
    return like;
}

/* Appends the digit to *minor. */
static bool push_digit(int64_t *minor, char digit)
{
    return !__builtin_mul_overflow(*minor, 10, minor) &&
           !__builtin_add_overflow(*minor, digit - '0', minor);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the whole of `text` as minor units of a currency with `digits` fraction digits. */
static bool parse_minor(const char *text, int digits, int64_t *minor)
{
    *minor = 0;
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++)
        if (!push_digit(minor, *text))
            return false;
    int wanted = digits;
    if (*text == '.') {
        text++;
        if (!is_digit(*text))
            return false;
        for (; wanted > 0 && is_digit(*text); text++, wanted--)
            if (!push_digit(minor, *text))
                return false;
        while (*text == '0')
            text++;
    }
    for (; wanted > 0; wanted--)
        if (!push_digit(minor, '0'))
            return false;
    return *text == '\0';
}

bool money_parse(const char *decimal, const char *currency, struct money *out)
{
    int64_t minor = 0;
    int digits = money_currency_digits(currency);
    if (digits < 0 || !parse_minor(decimal, digits, &minor)) {
        *out = poison;
        return false;
    }
    *out = money_of(minor, currency);
    return true;
}

void money_format(struct money amount, char text[static MONEY_TEXT_MAX])
{
    if (!money_is_valid(amount)) {
        (void)snprintf(text, MONEY_TEXT_MAX, "poison");
        return;
    }
    /* Negated as unsigned, because the most negative number has no positive counterpart. */
    uint64_t left = amount.minor < 0 ? 0 - (uint64_t)amount.minor : (uint64_t)amount.minor;
    int digits = money_currency_digits(amount.currency);
    char reversed[MONEY_TEXT_MAX];
    size_t length = 0;
    for (int i = 0; left > 0 || i <= digits; i++) { /* one digit at least before the point */
        if (i == digits && digits > 0)
            reversed[length++] = '.';
        reversed[length++] = (char)('0' + left % 10);
        left /= 10;
    }
    if (amount.minor < 0)
        reversed[length++] = '-';
    while (length > 0)
        *text++ = reversed[--length];
    *text = '\0';
}

bool money_is_valid(struct money amount)
{
    return amount.currency[0] != '\0';
}

bool money_is_positive(struct money amount)
{
    return money_is_valid(amount) && amount.minor > 0;
}

const char *money_currency(const struct money *amount)
{
    return amount->currency;
}

int64_t money_minor(struct money amount)
{
    return amount.minor;
}

static bool is_one_currency(struct money a, struct money b)
{
    /* Codes have three letters and a NUL: all four bytes. */
    return money_is_valid(a) && memcmp(a.currency, b.currency, sizeof a.currency) == 0;
}

bool money_add(struct money *sum, struct money a, struct money b)
{
    int64_t minor = 0;
    if (!is_one_currency(a, b) || __builtin_add_overflow(a.minor, b.minor, &minor)) {
        *sum = poison;
        return false;
    }
    *sum = money_of(minor, a.currency);
    return true;
}

bool money_subtract(struct money *difference, struct money a, struct money b)
{
    int64_t minor = 0;
    if (!is_one_currency(a, b) || __builtin_sub_overflow(a.minor, b.minor, &minor)) {
        *difference = poison;
        return false;
    }
    *difference = money_of(minor, a.currency);
    return true;
}

bool money_at_most(struct money a, struct money b)
{
    return is_one_currency(a, b) && a.minor <= b.minor;
}

bool money_equal(struct money a, struct money b)
{
    return is_one_currency(a, b) && a.minor == b.minor;
}
