/*
 * scenario_amazon.c - what buyers, their banks and Amazon do in a scenario, by the sandbox's
 * control API (mws/sandbox/README.md), and what becomes of requests on their way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/amazon.h"
#include "tests/sim/scenario_words.h"
#include "tests/sim/sim_network.h"

/* The value after a word like "limit"; NULL when it is not there. */
static const char *after(char **words, const char *key)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, key) == 0) {
            return words[1];
        }
    }
    return NULL;
}

static bool has(char **words, const char *key)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Amazon may have something to tell of soon. */
static void notices_soon(struct scenario *scenario)
{
    struct sim *sim = &scenario->sim;
    queue_put(&sim->queue, &scenario->post_round, sim->now_us + SECOND_US);
}

/* --- buyers ---------------------------------------------------------------------------------- */

static void make_agreement(struct scenario *scenario, const char *name, char **words)
{
    char json[300];
    char id[SCENARIO_ID_BYTES];
    char seller_id[SIM_SELLER_BYTES];
    const char *limit = after(words, "limit");
    const char *used = after(words, "used");
    const char *seller = after(words, "seller");
    const char *answer;
    uint32_t number = seller != NULL ? (uint32_t)strtoul(seller, NULL, 10) : 1;
    if (!scenario_name_is_valid(name)) {
        scenario_fail(scenario, "a name has capital letters and digits: \"%s\"", name);
        return;
    }
    sim_seller_id(number - 1, seller_id);
    (void)snprintf(id, sizeof id, "B03-%07u-%07u", (unsigned)number,
                   (unsigned)scenario->names.count - 1);
    (void)snprintf(json, sizeof json,
                   "{\"seller\":\"%s\",\"id\":\"%s\",\"state\":\"%s\",\"limit\":\"%s\","
                   "\"used\":\"%s\",\"consent\":%s}",
                   seller_id, id, has(words, "draft") ? "Draft" : "Open",
                   limit != NULL ? limit : "50000", used != NULL ? used : "0",
                   has(words, "without-consent") ? "false" : "true");
    int status = amazon_control(scenario->sim.amazon, "/control/agreements", json, &answer);
    if (status != 201) {
        scenario_fail(scenario, "%s", answer);
    }
    scenario_names_add(&scenario->names, name, id, number);
}

/* What a buyer does, and what the sandbox calls it. */
static const struct {
    const char *act, *path, *json;
} buyer_acts[] = {
    {"mends-the-card", "payment-method", "{\"valid\":true}"},
    {"breaks-the-card", "payment-method", "{\"valid\":false}"},
    {"closes", "close", "{}"},
    {"consents", "consent", "{}"},
};

void act_buyer(struct scenario *scenario, char **words, int count)
{
    const char *name = word(words, count, 1);
    if (is(words, count, 2, "agreement")) {
        make_agreement(scenario, name, words);
        return;
    }
    for (size_t i = 0; i < sizeof buyer_acts / sizeof buyer_acts[0]; i++) {
        if (is(words, count, 2, buyer_acts[i].act) && id_of(scenario, name)[0] != '\0') {
            amazon_act(scenario->sim.amazon, id_of(scenario, name), buyer_acts[i].path,
                       buyer_acts[i].json);
            notices_soon(scenario);
            return;
        }
    }
    usage(scenario, "buyer NAME agreement [draft] [limit N] [used N] [seller N], or "
                    "mends-the-card, breaks-the-card, closes, consents");
}

/* card A declines softly [3 times] */
void act_card(struct scenario *scenario, char **words, int count)
{
    char json[160];
    const char *how = word(words, count, 3);
    bool is_soft = strcmp(how, "softly") == 0;
    const char *reason = is_soft || strcmp(how, "hard") == 0 ? "InvalidPaymentMethod" : how;
    const char *times = count > 4 ? words[4] : "1";
    const char *id = id_of(scenario, word(words, count, 1));
    if (!is(words, count, 2, "declines") || id[0] == '\0') {
        usage(scenario, "card NAME declines softly|hard|REASON [N times]");
        return;
    }
    (void)snprintf(json, sizeof json, "{\"reason\":\"%s\",\"soft\":%s,\"count\":%s}", reason,
                   is_soft ? "true" : "false", times);
    amazon_act(scenario->sim.amazon, id, "decline", json);
}

/* --- Amazon ---------------------------------------------------------------------------------- */

/* The entry of a charge's captured or open authorization. */
static bool find_entry(struct scenario *scenario, const char *charge, struct amazon_entry *entry)
{
    const void *at = NULL;
    bool found = false;
    char *id = scenario_names_in(&scenario->names, charge);
    struct amazon_entry each;
    while (amazon_next_entry(scenario->sim.amazon, &at, &each)) {
        if (strcmp(each.seller_order_id, id) == 0) {
            *entry = each;
            found = true;
        }
    }
    free(id);
    if (!found) {
        scenario_fail(scenario, "Amazon knows no %s", charge);
    }
    return found;
}

static void control(struct scenario *scenario, const char *path, const char *json)
{
    const char *answer;
    int status = amazon_control(scenario->sim.amazon, path, json, &answer);
    if (status >= 300) {
        scenario_fail(scenario, "%s", answer);
    }
    notices_soon(scenario);
}

/* amazon refunds S-1 300 a-to-z, amazon charges-back S-1 500 */
static void money_back(struct scenario *scenario, char **words, int count, const char *verb)
{
    char path[128];
    char json[128];
    struct amazon_entry entry;
    if (!find_entry(scenario, word(words, count, 2), &entry)) {
        return;
    }
    bool is_refund = strcmp(verb, "refund") == 0;
    (void)snprintf(path, sizeof path, "/control/captures/%s/%s", entry.capture_id, verb);
    (void)snprintf(json, sizeof json, "{\"amount\":\"%s\"%s}", word(words, count, 3),
                   is_refund ? ",\"type\":\"AmazonA-ZRefund\"" : "");
    control(scenario, path, json);
}

/* amazon declines the next capture|refund of S-1 */
static void decline_next(struct scenario *scenario, char **words, int count)
{
    char path[128];
    char json[160];
    struct amazon_entry entry;
    const char *of = word(words, count, 4);
    if (!find_entry(scenario, word(words, count, 6), &entry)) {
        return;
    }
    (void)snprintf(path, sizeof path, "/control/orders/%.19s/decline", entry.authorization_id);
    (void)snprintf(json, sizeof json, "{\"of\":\"%s\",\"reason\":\"%s\",\"count\":1}", of,
                   strcmp(of, "refund") == 0 ? "AmazonRejected" : "ProcessingFailure");
    control(scenario, path, json);
}

/* amazon cancels the order of S-1: what is authorized for it is closed. */
static void cancel_order(struct scenario *scenario, const char *charge)
{
    char path[128];
    struct amazon_entry entry;
    if (find_entry(scenario, charge, &entry)) {
        (void)snprintf(path, sizeof path, "/control/orders/%.19s/cancel", entry.authorization_id);
        control(scenario, path, "{}");
    }
}

/* somebody captures 700 of S-1: in Seller Central. */
void act_somebody(struct scenario *scenario, char **words, int count)
{
    char path[128];
    char json[64];
    struct amazon_entry entry;
    if (!is(words, count, 1, "captures") || !is(words, count, 3, "of") || count != 5) {
        usage(scenario, "somebody captures N of CHARGE");
    } else if (find_entry(scenario, words[4], &entry)) {
        (void)snprintf(path, sizeof path, "/control/orders/%.19s/capture", entry.authorization_id);
        (void)snprintf(json, sizeof json, "{\"amount\":\"%s\"}", words[2]);
        control(scenario, path, json);
    }
}

/* amazon is down|silent|failing|throttling for 3h */
static void outage(struct scenario *scenario, char **words, int count)
{
    static const struct {
        const char *how, *fault;
    } failings[] = {
        {"failing", "{\"fault\":\"500\",\"action\":\"*\"}"},
        {"unavailable", "{\"fault\":\"503\",\"action\":\"*\"}"},
        {"throttling", "{\"fault\":\"throttle\",\"action\":\"*\"}"},
    };
    struct sim *sim = &scenario->sim;
    int64_t ms = 0;
    char json[128];
    const char *how = word(words, count, 2);
    if (strcmp(how, "well") == 0) {
        network_outage(sim->network, sim->now_us, false);
        amazon_mend(sim->amazon);
        return;
    }
    for (size_t i = 0; i < sizeof failings / sizeof failings[0]; i++) {
        if (strcmp(how, failings[i].how) == 0) {
            (void)snprintf(json, sizeof json, "[%s]", failings[i].fault);
            control(scenario, "/control/faults", json);
            return;
        }
    }
    bool is_down = strcmp(how, "down") == 0;
    if ((!is_down && strcmp(how, "silent") != 0) ||
        !scenario_duration(word(words, count, 4), &ms)) {
        usage(scenario, "amazon is down|silent for 3h, failing, unavailable, throttling, well");
        return;
    }
    network_outage(sim->network, sim->now_us + ms * 1000, !is_down);
}

/* amazon refuses InvalidAccessKeyId: everything, until it is well. */
static void refuse(struct scenario *scenario, const char *code)
{
    char json[128];
    (void)snprintf(json, sizeof json, "[{\"fault\":\"error\",\"action\":\"*\",\"code\":\"%s\"}]",
                   code);
    control(scenario, "/control/faults", json);
}

void scenario_rule(char *text, size_t size, const char *rule, const char *value)
{
    const char *quote = value[strspn(value, "0123456789")] == '\0' ? "" : "\"";
    (void)snprintf(text, size, "\"%s\":%s%s%s", rule, quote, value, quote);
}

static void add_rule(struct scenario *scenario, const char *rule, const char *value)
{
    size_t used = strlen(scenario->rules);
    if (used > 0) {
        scenario->rules[used++] = ',';
    }
    scenario_rule(scenario->rules + used, sizeof scenario->rules - used, rule, value);
}

void act_amazon(struct scenario *scenario, char **words, int count)
{
    const char *id;
    if (is(words, count, 1, "rule")) { /* amazon rule pending-ms 60000 */
        add_rule(scenario, word(words, count, 2), word(words, count, 3));
    } else if (is(words, count, 1, "is")) {
        outage(scenario, words, count);
    } else if (is(words, count, 1, "refuses")) {
        refuse(scenario, word(words, count, 2));
    } else if (is(words, count, 1, "refunds")) {
        money_back(scenario, words, count, "refund");
    } else if (is(words, count, 1, "charges-back")) {
        money_back(scenario, words, count, "chargeback");
    } else if (is(words, count, 1, "declines") && is(words, count, 3, "elsewhere")) {
        id = id_of(scenario, word(words, count, 2));
        if (id[0] != '\0') {
            amazon_act(scenario->sim.amazon, id, "suspend", "{}");
            notices_soon(scenario);
        }
    } else if (is(words, count, 1, "declines")) {
        decline_next(scenario, words, count);
    } else if (is(words, count, 1, "uses")) { /* amazon uses 7000 of A */
        id = id_of(scenario, word(words, count, 4));
        if (id[0] != '\0') {
            amazon_use(scenario->sim.amazon, id, strtoll(word(words, count, 2), NULL, 10));
        }
    } else if (is(words, count, 1, "notifies")) {
        scenario->hears = !is(words, count, 2, "no");
        scenario->hears_twice = is(words, count, 2, "twice");
    } else if (is(words, count, 1, "cancels") && is(words, count, 3, "order")) {
        cancel_order(scenario, word(words, count, 5));
    } else if (is(words, count, 1, "cancels") || is(words, count, 1, "closes")) {
        id = id_of(scenario, word(words, count, 2));
        if (id[0] != '\0') {
            amazon_act(scenario->sim.amazon, id, words[1][1] == 'a' ? "cancel" : "close",
                       "{\"reason\":\"AmazonClosed\"}");
            notices_soon(scenario);
        }
    } else {
        usage(scenario,
              "amazon rule|is|refuses|uses|refunds|charges-back|declines|notifies|cancels|closes "
              "...");
    }
}

/* --- the way between ------------------------------------------------------------------------- */

/* next AuthorizeOnBillingAgreement: FATE [N times] */
void act_next(struct scenario *scenario, char **words, int count)
{
    static const struct {
        const char *name;
        enum fate fate;
        const char *fault;
    } fates[] = {
        {"request-lost", FATE_REQUEST_LOST, NULL},
        {"answer-lost", FATE_ANSWER_LOST, NULL},
        {"answer-late", FATE_ANSWER_LATE, NULL},
        {"daemon-dies-after", FATE_DAEMON_DIES, NULL},
        {"daemon-dies-before", FATE_ALL_LOST, NULL},
        {"throttled", FATE_NONE, "throttle"},
        {"500", FATE_NONE, "500"},
        {"500-after-the-work", FATE_NONE, "500"},
        {"503", FATE_NONE, "503"},
        {"gateway", FATE_NONE, "gateway"},
        {"garbage", FATE_NONE, "garbage"},
        {"half-done", FATE_NONE, "half"},
        {"closed-after-the-work", FATE_NONE, "drop"},
        {"unknown-state", FATE_NONE, "unknown_state"},
    };
    const char *action = word(words, count, 1);
    const char *name = word(words, count, 2);
    const char *times = count > 3 ? words[3] : "1";
    char json[200];
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        if (strcmp(fates[i].name, name) == 0 && fates[i].fault == NULL) {
            scenario->fate = fates[i].fate;
            scenario->fate_count = (uint32_t)strtoul(times, NULL, 10);
            (void)snprintf(scenario->fate_action, sizeof scenario->fate_action, "%s", action);
            return;
        }
        if (strcmp(fates[i].name, name) == 0) {
            (void)snprintf(json, sizeof json,
                           "[{\"fault\":\"%s\",\"action\":\"%s\",\"count\":%s,\"after_work\":%s}]",
                           fates[i].fault, action, times,
                           strstr(name, "after-the-work") != NULL ? "true" : "false");
            control(scenario, "/control/faults", json);
            return;
        }
    }
    usage(scenario, "next ACTION request-lost|answer-lost|answer-late|daemon-dies-before|"
                    "daemon-dies-after|throttled|500|... [N times]");
}
