/*
 * fuzz_zone.c - TZif files: what is accepted is asked about times near and far.
 *
 * What holds: an offset is one that a file can state, the wall clock shows what the offset says,
 * and the instant of what the clock shows is the one that was asked about, or close by where clocks
 * change.
 */
#include <stdlib.h>

#include "billing/ensure.h"
#include "billing/zone.h"
#include "tests/fuzz/fuzz.h"

#define OFFSET_S_MIN (-89999) /* what RFC 8536 allows */
#define OFFSET_S_MAX 93599

static void check_at(const struct zone *zone, int64_t second)
{
    struct instant at = {second * 1000};
    int32_t second_of_day = -1;
    int32_t offset_s = zone_offset_s(zone, at);
    ENSURE(offset_s >= OFFSET_S_MIN);
    ENSURE(offset_s <= OFFSET_S_MAX);
    struct civil_date date = zone_date(zone, at, &second_of_day);
    ENSURE(second_of_day >= 0);
    ENSURE(second_of_day < 86400);
    ENSURE(civil_to_days(date) * 86400 + second_of_day == second + offset_s);
    if (!civil_is_valid(date)) {
        return;
    }
    struct instant back = zone_instant(zone, date, second_of_day);
    ENSURE(llabs(back.utc_ms - at.utc_ms) <= INT64_C(2) * OFFSET_S_MAX * 1000);
    if (zone_offset_s(zone, back) != offset_s) {
        return; /* in an overlap the first is given; otherwise the offset is the same */
    }
    ENSURE(back.utc_ms == at.utc_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t far_seconds[] = {INT64_MIN / 1000, -4000000000, -1, 253402300799,
                                          INT64_MAX / 1000};
    struct zone zone;
    struct problem problem = {""};
    enum status status = zone_read(&zone, "X", data, size, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE(IMPLIES(status == ST_INVALID, problem.text[0] != '\0'));
    if (status == ST_OK) {
        for (size_t i = 0; i < sizeof far_seconds / sizeof far_seconds[0]; i++) {
            check_at(&zone, far_seconds[i]);
        }
        /* 1970 to 2070, every 200 days and an odd second. */
        for (int64_t second = 0; second < INT64_C(3155760000); second += 200 * 86400 + 4321) {
            check_at(&zone, second);
        }
    }
    return 0;
}
