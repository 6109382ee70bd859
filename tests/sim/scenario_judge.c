/* scenario_judge.c - see scenario_judge.h. */
#include "tests/sim/scenario_judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "scheduler/config.h"
#include "schema/audit.h"
#include "schema/store.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"

#define REFUNDS_MAX 100

int64_t scenario_captured_yen(const struct scenario *scenario, const char *agreement_id)
{
    const void *at = NULL;
    struct amazon_entry entry;
    int64_t yen = 0;
    while (amazon_next_entry(scenario->sim.amazon, &at, &entry)) {
        yen += strcmp(entry.agreement_id, agreement_id) == 0 ? entry.captured_yen : 0;
    }
    return yen;
}

int64_t scenario_refunded_yen(const struct scenario *scenario, const char *agreement_id)
{
    const void *at = NULL;
    struct amazon_entry entry;
    int64_t yen = 0;
    while (amazon_next_entry(scenario->sim.amazon, &at, &entry)) {
        bool is_its = agreement_id == NULL || strcmp(entry.agreement_id, agreement_id) == 0;
        yen += is_its ? entry.refunded_yen : 0;
    }
    return yen;
}

static int64_t recorded_yen(struct store *store, const char *seller_id)
{
    struct problem problem;
    uint32_t count = 0;
    int64_t yen = 0;
    struct refund_view *views = calloc(REFUNDS_MAX, sizeof *views);
    ENSURE(views != NULL);
    struct page page = {.after = "", .max = REFUNDS_MAX};
    enum status status =
        store->ops->list_refunds(store, seller_id, "", page, views, &count, &problem);
    ENSURE(status == ST_OK);
    for (uint32_t i = 0; i < count; i++) {
        const struct refund *refund = &views[i].refund;
        bool has_moved = refund->state == REFUND_COMPLETED && refund->kind != REFUND_CHARGEBACK;
        yen += has_moved ? money_minor(refund->amount) : 0;
    }
    free(views);
    return yen;
}

void scenario_judge_refunds(struct scenario *scenario)
{
    struct sim *sim = &scenario->sim;
    struct store *store = life_store(sim);
    int64_t yen = 0;
    if (store == NULL || scenario->leaves_unknown) {
        return;
    }
    for (uint32_t i = 0; i < sim->options.sellers; i++) {
        char id[SIM_SELLER_BYTES];
        sim_seller_id(i, id);
        yen += recorded_yen(store, id);
    }
    int64_t at_amazon = scenario_refunded_yen(scenario, NULL);
    if (yen != at_amazon) {
        scenario_fail(scenario,
                      "at the end: Amazon refunded %" PRId64 ", completed here are %" PRId64,
                      at_amazon, yen);
    }
}

static void found(void *arg, const struct audit_finding *finding)
{
    scenario_fail(arg, "at the end: %s: %s", finding->object, finding->sentence);
}

void scenario_audit(struct scenario *scenario)
{
    const struct audit_listener listener = {.arg = scenario, .finding = found};
    struct audit_counts counts;
    struct problem problem;
    enum status status =
        audit_sqlite(scenario->sim.config->store_path, sha256, &listener, &counts, &problem);
    if (status != ST_OK) {
        scenario_fail(scenario, "at the end: %s", problem.text);
    }
}
