/*
 * sqlite_audit_cycles.c - that each subscription's cycles follow one another without holes.
 *
 * From the first cycle to the one before the next, each has a charge or lies in a run of cycles
 * that an event told to be left out, and none has both. Charges and runs are read together in the
 * order of cycles, so nothing but the last cycle seen is remembered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/sqlite_audit_private.h"

/* Per subscription, in order: its charges as runs of one (event 0), what was told, and a last row
 * for the next cycle, which ends it. */
static const char runs[] =
    "SELECT s.seller_id, s.key, s.first_cycle, s.next_cycle, r.first, r.last FROM ("
    " SELECT seller_id, subscription_key AS key, cycle AS first, cycle AS last, 0 AS number"
    " FROM main.charge WHERE subscription_key IS NOT NULL"
    " UNION ALL SELECT seller_id, key, first, last, number FROM temp.told"
    " UNION ALL SELECT seller_id, key, 1 << 40, 1 << 40, 0 FROM main.subscription) r"
    " JOIN main.subscription s ON s.seller_id = r.seller_id AND s.key = r.key"
    " ORDER BY s.seller_id, s.key, r.first, r.number";

#define THE_END (INT64_C(1) << 40)

struct walk {
    struct audit *audit;
    char seller_id[SELLER_ID_MAX];
    char object[AUDIT_OBJECT_MAX];
    char key[KEY_MAX];
    int64_t next; /* the cycle that must come */
};

static void found_hole(struct walk *walk, int64_t until)
{
    if (until == walk->next + 1) {
        audit_found(walk->audit, walk->seller_id, walk->object,
                    "cycle %" PRId64 " has no charge, and no event tells why", walk->next);
    } else {
        audit_found(walk->audit, walk->seller_id, walk->object,
                    "the cycles %" PRId64 " to %" PRId64 " have no charges, and no event tells why",
                    walk->next, until - 1);
    }
}

static void visit(struct walk *walk, sqlite3_stmt *row)
{
    char key[KEY_MAX];
    int64_t first_cycle = sqlite3_column_int64(row, 2);
    int64_t next_cycle = sqlite3_column_int64(row, 3);
    int64_t first = sqlite3_column_int64(row, 4);
    int64_t last = sqlite3_column_int64(row, 5);
    audit_text(row, 1, key, sizeof key);
    if (strcmp(key, walk->key) != 0) {
        memcpy(walk->key, key, sizeof key);
        audit_text(row, 0, walk->seller_id, sizeof walk->seller_id);
        (void)snprintf(walk->object, sizeof walk->object, "subscription %s", key);
        walk->next = first_cycle;
    }
    bool is_end = first == THE_END;
    first = is_end ? next_cycle : first;
    if (first > walk->next) {
        found_hole(walk, first < next_cycle ? first : next_cycle);
    } else if (first < walk->next && !is_end) {
        audit_found(walk->audit, walk->seller_id, walk->object,
                    first < first_cycle ? "cycle %" PRId64 " is before its first one"
                                        : "cycle %" PRId64
                                          " comes twice, charged or told to be left out",
                    first);
    } else if (first < walk->next) {
        audit_found(walk->audit, walk->seller_id, walk->object,
                    "its next cycle is %" PRId64 ", but cycle %" PRId64 " was opened or left out",
                    next_cycle, walk->next - 1);
    }
    walk->next = is_end || last < walk->next ? walk->next : last + 1;
}

enum status audit_cycles(struct audit *audit)
{
    struct walk walk = {.audit = audit};
    enum status status;
    sqlite3_stmt *row = audit_prepare(audit, runs, &status);
    if (row == NULL) {
        return status;
    }
    int code = sqlite3_step(row);
    while (code == SQLITE_ROW) {
        visit(&walk, row);
        code = sqlite3_step(row);
    }
    if (code != SQLITE_DONE) {
        status = audit_failed(audit, "its cycles");
    }
    sqlite3_finalize(row);
    return status;
}
