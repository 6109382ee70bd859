/*
 * nth_life.c - the short lives of a subscription, and what must be true when one is over.
 *
 * The shop orders step by step, and asks again with the same words until it is answered. Each life
 * charges once. Whatever failed on its way: in the end there is exactly one capture of the right
 * amount at Amazon and in the books, the refunds are what was ordered, and nothing is open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "scheduler/config.h"
#include "schema/audit.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/nth.h"
#include "tests/sim/post.h"
#include "tests/sim/sim_door.h"
#include "tests/sim/witness.h"

#define AGREEMENT     "B03-0000001-0000001"
#define YEN           1200
#define REFUNDED      300
#define AGAIN_US      (10 * SECOND_US)
#define POST_ROUND_US (5 * SECOND_US)
#define AUDIT_EVERY   8 /* it takes twice as long as the life itself */
#define PATIENCE_US   (3 * DAY_US)
#define REST_US       (3 * HOUR_US)
#define BEGAN_AT_MS   INT64_C(1768435200000) /* 2026-01-15T00:00:00Z */

/* An order of the shop's. KEY in the path is the subscription's key. */
struct order {
    const char *method, *path, *body;
    const char *until; /* asked again until this is in the answer; "" = any will do */
};

static const struct order life_of_charge[] = {
    {"POST", "agreements", "{\"agreement_id\":\"" AGREEMENT "\"}", ""},
    {"POST", "subscriptions",
     "{\"agreement_id\":\"" AGREEMENT "\",\"amount\":\"1200\",\"unit\":\"month\","
     "\"anchor\":\"2026-01-15\",\"time\":\"00:02\",\"cycles\":1,\"charge_from\":\"2026-01-15T00:00:"
     "00Z\",\"idempotency_key\":\"first\"}",
     "subscription_key"},
    {"GET", "charges/KEY-1", NULL, "\"state\":\"paid\""},
    {"GET", "subscriptions/KEY", NULL, "\"state\":\"ended\""},
    {NULL, NULL, NULL, NULL},
};

static const struct order life_of_shipment[] = {
    {"POST", "agreements", "{\"agreement_id\":\"" AGREEMENT "\"}", ""},
    {"POST", "subscriptions",
     "{\"agreement_id\":\"" AGREEMENT "\",\"amount\":\"1200\",\"unit\":\"month\","
     "\"anchor\":\"2026-01-15\",\"time\":\"00:02\",\"charge_from\":\"2026-01-15T00:00:00Z\","
     "\"idempotency_key\":\"first\"}",
     "subscription_key"},
    {"GET", "charges/KEY-1", NULL, "\"state\":\"authorized\""},
    {"POST", "charges/KEY-1/ship", "", ""},
    {"GET", "charges/KEY-1", NULL, "\"state\":\"paid\""},
    {"POST", "charges/KEY-1/refunds",
     "{\"amount\":\"300\",\"idempotency_key\":\"return\",\"note\":\"broken\"}", ""},
    {"GET", "charges/KEY-1/refunds", NULL, "\"state\":\"completed\""},
    {"POST", "subscriptions/KEY/cancel", "{\"when\":\"now\"}", ""},
    {"GET", "agreements/" AGREEMENT, NULL, "\"state\":\"closed\""},
    {NULL, NULL, NULL, NULL},
};

static const struct {
    const char *name, *settings;
    const struct order *orders;
    int64_t refunded;
    const char *agreement;  /* its state at Amazon in the end */
    bool is_asked_at_start; /* once is enough: the database is made there */
} lives[NTH_LIVES] = {
    {"charge", "", life_of_charge, 0, "Open", true},
    {"shipment", "  capture = on_shipment\n", life_of_shipment, REFUNDED, "Closed", false},
};

const char *nth_life_name(unsigned life)
{
    return lives[life].name;
}

/* --- the shop ------------------------------------------------------------------------------ */

struct shop {
    struct sim *sim;
    const struct order *order; /* the one that is not yet answered */
    struct queue_entry again, post;
    char key[24];
};

static void fill_path(const struct shop *shop, char *path, size_t size)
{
    const char *key = strstr(shop->order->path, "KEY");
    char seller[SIM_SELLER_BYTES];
    sim_seller_id(0, seller);
    if (key == NULL) {
        (void)snprintf(path, size, "/v1/sellers/%s/%s", seller, shop->order->path);
    } else {
        (void)snprintf(path, size, "/v1/sellers/%s/%.*s%s%s", seller,
                       (int)(key - shop->order->path), shop->order->path, shop->key, key + 3);
    }
}

static void take_key(struct shop *shop, const char *body)
{
    const char *at = strstr(body, "\"subscription_key\":\"");
    if (at != NULL && shop->key[0] == '\0') {
        at += strlen("\"subscription_key\":\"");
        (void)snprintf(shop->key, sizeof shop->key, "%.*s", (int)strcspn(at, "\""), at);
        witness_acknowledged(shop->sim->witness, shop->key);
    }
}

static void answered(void *arg, int status, const char *body, size_t length)
{
    struct shop *shop = arg;
    struct sim *sim = shop->sim;
    bool is_later = status == 0 || status == 429 || status == 503;
    bool is_known = status == 409 && strcmp(shop->order->path, "agreements") == 0;
    (void)length;
    if (strcmp(shop->order->method, "GET") != 0) {
        sim_log(sim, "%s %s: %d", shop->order->method, shop->order->path, status);
    }
    /* A cycle that is not yet due has no charge. */
    bool is_early = status == 404 && strcmp(shop->order->method, "GET") == 0;
    if (status >= 400 && !is_later && !is_known && !is_early) {
        sim_fail(sim, "%s %s was answered %d: %s", shop->order->method, shop->order->path, status,
                 body);
        return;
    }
    take_key(shop, body);
    if (!is_later && !is_early && strstr(body, shop->order->until) != NULL) {
        shop->order++;
    }
    if (shop->order->method != NULL) {
        queue_put(&sim->queue, &shop->again, sim->now_us + AGAIN_US);
    }
}

static void ask(void *arg)
{
    struct shop *shop = arg;
    char path[160];
    fill_path(shop, path, sizeof path);
    door_ask(shop->sim->door, shop->order->method, path,
             shop->order->body == NULL ? "" : shop->order->body, answered, shop);
}

static void post_round(void *arg)
{
    struct shop *shop = arg;
    const struct post_faults none = {0};
    amazon_passes(shop->sim->amazon);
    post_collect(shop->sim, &none);
    queue_put(&shop->sim->queue, &shop->post, shop->sim->now_us + POST_ROUND_US);
}

static void shop_opens(struct shop *shop, struct sim *sim, unsigned life)
{
    *shop = (struct shop){.sim = sim, .order = lives[life].orders};
    shop->again.run = ask;
    shop->again.arg = shop;
    shop->post.run = post_round;
    shop->post.arg = shop;
    queue_put(&sim->queue, &shop->again, sim->now_us + SECOND_US);
    queue_put(&sim->queue, &shop->post, sim->now_us + POST_ROUND_US);
}

static void shop_closes(struct shop *shop)
{
    queue_remove(&shop->sim->queue, &shop->again);
    queue_remove(&shop->sim->queue, &shop->post);
}

/* --- the end ------------------------------------------------------------------------------- */

/* Nothing fails any more; the daemon comes to rest and is stopped, so that the judges have the
 * database for themselves. */
static void rest(struct sim *sim)
{
    sim->is_healing = true;
    sim->chance.is_quiet = true;
    sim_turn_until(sim, sim->now_us + REST_US);
    for (unsigned i = 0; i < 600 && !life_is_idle(sim) && sim->failure[0] == '\0'; i++) {
        sim_turn_until(sim, sim->now_us + SECOND_US / 10);
    }
    sim->rested_at = sim_daemon_utc(sim);
    sim->is_over = true;
    life_stop(sim);
    sim_turn_until(sim, sim->now_us + MINUTE_US);
    if (sim->failure[0] == '\0' && sim->life != NULL) {
        sim_fail(sim, "the daemon does not stop");
    }
}

static void judge_ledger(struct sim *sim, unsigned life)
{
    unsigned captures = 0;
    const void *at = NULL;
    struct amazon_entry entry;
    while (amazon_next_entry(sim->amazon, &at, &entry)) {
        captures += entry.is_captured ? 1 : 0;
        if (entry.is_captured &&
            (entry.captured_yen != YEN || entry.refunded_yen != lives[life].refunded)) {
            sim_fail(sim, "captured are %lld, refunded %lld", (long long)entry.captured_yen,
                     (long long)entry.refunded_yen);
        }
    }
    if (captures != 1) {
        sim_fail(sim, "there are %u captures at Amazon", captures);
    }
    if (amazon_double_charged(sim->amazon) > 0) {
        sim_fail(sim, "a charge was captured twice");
    }
    const char *state = amazon_agreement_state(sim->amazon, AGREEMENT);
    if (strcmp(state, lives[life].agreement) != 0) {
        sim_fail(sim, "the agreement is %s at Amazon", state);
    }
}

static void must_be(struct sim *sim, sqlite3 *db, const char *sql, int64_t wanted)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    ENSURE(code == SQLITE_OK);
    code = sqlite3_step(statement);
    int64_t found = sqlite3_column_int64(statement, 0);
    if (code != SQLITE_ROW || found != wanted) {
        sim_fail(sim, "%lld instead of %lld: %s", (long long)found, (long long)wanted, sql);
    }
    (void)sqlite3_finalize(statement);
}

/* The states are those of billing/lifecycle.h. */
static void judge_rows(struct sim *sim, unsigned life)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(sim->config->store_path, &db, SQLITE_OPEN_READWRITE, NULL);
    ENSURE(code == SQLITE_OK);
    must_be(sim, db, "SELECT count(*) FROM charge", 1);
    must_be(sim, db, "SELECT count(*) FROM charge WHERE state = 6", 1);
    must_be(sim, db, "SELECT sum(amount_minor) FROM attempt WHERE state = 4", YEN);
    must_be(sim, db, "SELECT count(*) FROM attempt WHERE state NOT IN (4, 5, 6)", 0);
    must_be(sim, db, "SELECT count(*) FROM refund", lives[life].refunded == 0 ? 0 : 1);
    must_be(sim, db, "SELECT ifnull(sum(amount_minor), 0) FROM refund WHERE state = 5",
            lives[life].refunded);
    must_be(sim, db, "SELECT limit_reserved_minor FROM agreement", 0);
    must_be(sim, db, "SELECT limit_posted_minor FROM agreement", YEN);
    must_be(sim, db, "SELECT count(*) FROM notice WHERE is_done = 0", 0);
    (void)sqlite3_close(db);
}

static void found(void *arg, const struct audit_finding *finding)
{
    struct sim *sim = arg;
    sim_fail(sim, "verify: %s: %s", finding->object, finding->sentence);
}

static void judge_audit(struct sim *sim)
{
    const struct audit_listener listener = {.arg = sim, .finding = found};
    struct audit_counts counts;
    struct problem problem;
    enum status status =
        audit_sqlite(sim->config->store_path, sha256, &listener, &counts, &problem);
    if (status != ST_OK) {
        sim_fail(sim, "verify: %s", problem.text);
    }
}

bool nth_live(struct nth *nth, unsigned life, bool shows_log)
{
    struct sim *sim = nth->sim;
    struct shop shop;
    char settings[256];
    (void)snprintf(settings, sizeof settings, "  zone = \"UTC\"\n%s", lives[life].settings);
    const struct sim_script script = {
        .began_at = {BEGAN_AT_MS}, .daemon_text = "", .seller_text = settings, .daemon_log_fd = -1};
    const struct sim_options options = {.seed = 1,
                                        .sellers = 1,
                                        .script = &script,
                                        .shows_log = shows_log,
                                        .shows_daemon = shows_log};
    sim_open(sim, &options);
    sim->allocation_ppm = 1; /* not 0: then nobody would ask */
    amazon_agreement(sim->amazon, AGREEMENT, 0, true);
    nth->is_asked = lives[life].is_asked_at_start;
    life_start(sim);
    shop_opens(&shop, sim, life);
    nth->is_asked = true;
    while (shop.order->method != NULL && sim->now_us < PATIENCE_US && sim->failure[0] == '\0') {
        sim_turn_until(sim, sim->now_us + AGAIN_US);
    }
    nth->is_asked = false;
    if (shop.order->method != NULL && sim->failure[0] == '\0') {
        sim_fail(sim, "%s %s does not come to \"%s\"", shop.order->method, shop.order->path,
                 shop.order->until);
    }
    shop_closes(&shop);
    if (sim->failure[0] == '\0') {
        rest(sim);
    }
    if (sim->failure[0] == '\0') {
        judge_ledger(sim, life);
        judge_rows(sim, life);
        if (nth->struck_n % AUDIT_EVERY == 0) {
            judge_audit(sim);
        }
        witness_judges(sim->witness);
    }
    return sim->failure[0] == '\0';
}
