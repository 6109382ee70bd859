/*
 * main_recurrence_ical.c - month ends against libical.
 *
 * Our clamping is what RFC 7529 calls SKIP=BACKWARD. Built only where libical is installed.
 */
#include <libical/ical.h>

#include <stdio.h>
#include <stdlib.h>

#include "billing/recurrence.h"

#define CYCLES 60

/* The date of our cycle in UTC, as yyyymmdd. */
static int our_date(const struct recurrence *rule, const struct zone *zone, uint32_t cycle)
{
    int32_t second_of_day = 0;
    struct civil_date date = zone_date(zone, recurrence_due(rule, zone, cycle), &second_of_day);
    return (date.year * 100 + date.month) * 100 + date.day;
}

/* How many cycles libical sees elsewhere. */
static int count_differences(const struct recurrence *rule, const struct zone *zone)
{
    char start[CIVIL_TEXT_MAX];
    char text[160];
    int differences = 0;
    (void)snprintf(start, sizeof start, "%04d%02d%02d", rule->anchor.year % 10000,
                   rule->anchor.month % 100, rule->anchor.day % 100);
    (void)snprintf(text, sizeof text,
                   "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=%u;BYMONTHDAY=%d;SKIP=BACKWARD",
                   rule->unit == RECUR_YEAR ? 12 * rule->every : rule->every,
                   rule->last_day_of_month ? -1 : rule->anchor.day);
    struct icalrecurrencetype theirs = icalrecurrencetype_from_string(text);
    struct icalrecur_iterator_impl *iterator =
        icalrecur_iterator_new(theirs, icaltime_from_string(start));
    if (iterator == NULL) {
        (void)fprintf(stderr, "libical does not take %s\n", text);
        return 1;
    }
    for (uint32_t cycle = 1; cycle <= CYCLES; cycle++) {
        struct icaltimetype next = icalrecur_iterator_next(iterator);
        int expected = (next.year * 100 + next.month) * 100 + next.day;
        if (our_date(rule, zone, cycle) != expected) {
            (void)fprintf(stderr, "%s: cycle %u is %d, libical says %d\n", text, cycle,
                          our_date(rule, zone, cycle), expected);
            differences++;
        }
    }
    icalrecur_iterator_free(iterator);
    free(theirs.rscale);
    return differences;
}

int main(void)
{
    static const uint8_t utc[] =
        "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0"
        "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0\nUTC0\n";
    struct zone zone;
    struct problem problem;
    int differences = 0;
    int rules = 0;
    if (zone_read(&zone, "UTC", utc, sizeof utc - 1, &problem) != ST_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return EXIT_FAILURE;
    }
    struct recurrence rule = {.anchor = {2023, 1, 1}};
    for (; rule.anchor.year <= 2024; rule.anchor = civil_add_days(rule.anchor, 1)) {
        for (rule.every = 1; rule.every <= 12; rule.every += rule.every < 3 ? 1 : 3) {
            rule.last_day_of_month = false;
            rule.unit = RECUR_MONTH;
            differences += count_differences(&rule, &zone);
            if (rule.every <= 2) {
                rule.unit = RECUR_YEAR;
                differences += count_differences(&rule, &zone);
            }
            rule.unit = RECUR_MONTH;
            rule.last_day_of_month = true;
            if (rule.anchor.day == civil_days_in_month(rule.anchor.year, rule.anchor.month))
                differences += count_differences(&rule, &zone);
            rules++;
        }
    }
    printf("%d anchors and distances, %d differences\n", rules, differences);
    return differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
