/*
 * fuzz_values.c - the small texts: amounts, instants, dates, ids of charges.
 *
 * What holds for each: what was read is written down so that it is read back as the same value, and
 * what is refused leaves the caller's value alone (an amount becomes poison).
 */
#include <stdlib.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "billing/instant.h"
#include "billing/money.h"
#include "billing/reference_id.h"
#include "tests/fuzz/fuzz.h"

static void check_money(const char *text, const char *currency)
{
    struct money amount;
    struct money again;
    char written[MONEY_TEXT_MAX];
    if (!money_parse(text, currency, &amount)) {
        ENSURE(!money_is_valid(amount));
        return;
    }
    ENSURE(money_is_valid(amount));
    ENSURE(money_minor(amount) >= 0); /* raw money: a sign is never read */
    ENSURE(strcmp(money_currency(&amount), currency) == 0);
    money_format(amount, written);
    ENSURE(money_parse(written, currency, &again));
    ENSURE(money_equal(amount, again));
}

static void check_instant(const char *text)
{
    struct instant at = {-7};
    struct instant again;
    char written[INSTANT_TEXT_MAX];
    if (!instant_parse(text, &at)) {
        ENSURE(at.utc_ms == -7);
        return;
    }
    ENSURE(at.utc_ms >= 0);
    instant_format(at, written);
    ENSURE(strncmp(text, written, strlen("2026-11-22T01:02:03")) == 0);
    ENSURE(instant_parse(written, &again));
    ENSURE(again.utc_ms == at.utc_ms);
}

static void check_date(const char *text)
{
    struct civil_date date = {-7, -7, -7};
    char written[CIVIL_TEXT_MAX];
    if (!civil_parse(text, &date)) {
        ENSURE(date.year == -7);
        ENSURE(date.month == -7);
        ENSURE(date.day == -7);
        return;
    }
    ENSURE(civil_is_valid(date));
    ENSURE(civil_compare(civil_from_days(civil_to_days(date)), date) == 0);
    civil_format(date, written);
    ENSURE(strcmp(text, written) == 0);
}

static void check_charge_id(const char *text)
{
    char key[KEY_MAX] = "?";
    char written[CHARGE_ID_MAX];
    uint32_t cycle = 7;
    if (!charge_id_parse(text, key, &cycle)) {
        ENSURE(strcmp(key, "?") == 0);
        ENSURE(cycle == 7);
        return;
    }
    charge_id_format(key, cycle, written);
    ENSURE(strcmp(text, written) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_money(text, "JPY");
    check_money(text, "USD");
    check_instant(text);
    check_date(text);
    check_charge_id(text);
    free(text);
    return 0;
}
