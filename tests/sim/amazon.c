/* amazon.c - see amazon.h. */
#include "tests/sim/amazon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/control.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/sandbox.h"
#include "tests/sim/sim.h"

struct amazon {
    struct sim *sim;
    struct sandbox sandbox;
    struct sandbox_answer answer;
    struct text control;
    struct amazon_faults faults;
    unsigned ails;
    int64_t ails_until_us;
};

/* What may be wrong with an answer, and how the whole service may ail. */
static const struct fault spoilt[] = {
    {.kind = FAULT_ERROR_500, .after_work = true},
    {.kind = FAULT_ERROR_500},
    {.kind = FAULT_ERROR_503, .after_work = true},
    {.kind = FAULT_ERROR_503},
    {.kind = FAULT_THROTTLE},
    {.kind = FAULT_GARBAGE},
    {.kind = FAULT_DOCTYPE},
    {.kind = FAULT_HUGE_ANSWER},
    {.kind = FAULT_UNKNOWN_STATE},
    {.kind = FAULT_GATEWAY},
    {.kind = FAULT_DROP},
    {.kind = FAULT_CLOSE},
};
#define SPOILT_COUNT (sizeof spoilt / sizeof spoilt[0])

static const struct {
    const char *name;
    struct fault fault;
} ails[AMAZON_AILS] = {
    {"500 after the work", {.kind = FAULT_ERROR_500, .after_work = true}},
    {"503", {.kind = FAULT_ERROR_503}},
    {"throttles everything", {.kind = FAULT_THROTTLE}},
    {"502 after the work", {.kind = FAULT_GATEWAY}},
    {"closes connections after the work", {.kind = FAULT_DROP}},
};

void sim_seller_id(uint32_t index, char id[static SIM_SELLER_BYTES])
{
    (void)snprintf(id, SIM_SELLER_BYTES, "A%uSIMULATED", (unsigned)(index + 1));
}

/* Where the documents are silent each seed takes another reading. */
static void choose_readings(struct chance *chance, struct rules *rules)
{
    struct problem problem;
    static const char *const readings[][4] = {
        {"repeat", "first", "duplicate-request", "duplicate-reference"},
        {"soft-decline", "keeps-open", "keeps-open", "suspends"},
        {"month-zone", "utc", "utc", "jst"},
        {"list-lag-ms", "0", "2000", "15000"},
        {"pending-ms", "500", "2000", "60000"},
    };
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        const char *value = readings[i][chance_range(chance, SITE_WORLD, 1, 3)];
        enum status status = rules_set(rules, readings[i][0], value, &problem);
        if (status != ST_OK) {
            (void)fprintf(stderr, "sim: %s=%s: %s\n", readings[i][0], value, problem.text);
        }
        ENSURE(status == ST_OK);
    }
}

struct amazon *amazon_new(struct sim *sim)
{
    struct amazon *amazon = calloc(1, sizeof *amazon);
    struct sandbox_options options = sandbox_defaults();
    struct problem problem;
    ENSURE(amazon != NULL);
    amazon->sim = sim;
    options.quota = QUOTA_LIVE;
    if (!sim->options.monthly_only) {
        choose_readings(&sim->chance, &options.rules);
    }
    sandbox_init(&amazon->sandbox, &options);
    for (uint32_t i = 0; i < sim->options.sellers; i++) {
        char id[SIM_SELLER_BYTES];
        char line[128];
        sim_seller_id(i, id);
        (void)snprintf(line, sizeof line, "%s:AKIA%s:%s", id, id, SIM_SECRET);
        enum status status = sandbox_add_seller(&amazon->sandbox, line, &problem);
        ENSURE(status == ST_OK);
    }
    amazon->sandbox.world.notices.heard = !sim->options.monthly_only;
    text_replace(&amazon->sandbox.world.notices.url_of_all,
                 sim->options.monthly_only ? NULL : "https://localhost/ipn");
    return amazon;
}

void amazon_free(struct amazon *amazon)
{
    text_free(&amazon->answer.body);
    text_free(&amazon->control);
    sandbox_free(&amazon->sandbox);
    free(amazon);
}

void amazon_set_faults(struct amazon *amazon, const struct amazon_faults *faults)
{
    amazon->faults = *faults;
}

/* --- requests ------------------------------------------------------------------------------ */

/* The value of a plain field of the form, for the log; ids need no decoding. */
static const char *field(const char *form, const char *name, char value[static 64])
{
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *at = form; *at != '\0';) {
        size_t end = strcspn(at, "&");
        if (end > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            (void)snprintf(value, 64, "%.*s", (int)(end - length - 1), at + length + 1);
        }
        at += end + (at[end] == '&' ? 1 : 0);
    }
    return value;
}

static void play(struct amazon *amazon, struct fault fault)
{
    struct fault_rules *rules = &amazon->sandbox.faults;
    rules->count = 1;
    rules->rules[0] = (struct fault_rule){
        .fault = fault, .chance = {.probability = 1.0, .random = 1, .plays_left = 1}};
}

static void choose_fault(struct amazon *amazon)
{
    struct sim *sim = amazon->sim;
    if (sim->options.script != NULL) {
        return; /* the script orders them by amazon_control() */
    }
    amazon->sandbox.faults.count = 0;
    if (sim->now_us < amazon->ails_until_us && !sim->is_healing) {
        play(amazon, ails[amazon->ails].fault);
    } else if (chance_strikes(&sim->chance, SITE_ANSWER_SPOILT, amazon->faults.spoilt_ppm)) {
        struct detail detail = chance_detail(&sim->chance, SITE_ANSWER_SPOILT);
        play(amazon, spoilt[detail_range(&detail, 0, SPOILT_COUNT - 1)]);
    }
}

/* The issuer, or Amazon, says no to this authorization. */
static void choose_decline(struct amazon *amazon, const char *agreement_id)
{
    static const struct decline_order declines[] = {
        {MWS_REASON_INVALID_PAYMENT_METHOD, true, 1}, {MWS_REASON_INVALID_PAYMENT_METHOD, false, 1},
        {MWS_REASON_AMAZON_REJECTED, false, 1},       {MWS_REASON_PROCESSING_FAILURE, false, 1},
        {MWS_REASON_TRANSACTION_TIMED_OUT, false, 1},
    };
    struct sim *sim = amazon->sim;
    struct agreement *agreement = world_find_agreement(&amazon->sandbox.world, agreement_id);
    if (agreement == NULL ||
        !chance_strikes(&sim->chance, SITE_DECLINE, amazon->faults.decline_ppm)) {
        return;
    }
    struct detail detail = chance_detail(&sim->chance, SITE_DECLINE);
    agreement->decline =
        declines[detail_range(&detail, 0, sizeof declines / sizeof declines[0] - 1)];
}

void amazon_request(struct amazon *amazon, const char *form, size_t length,
                    struct amazon_answer *answer)
{
    struct sim *sim = amazon->sim;
    char action[64];
    char about[64];
    const struct sandbox_request request = {
        .method = "POST",
        .host = SIM_HOST,
        .path = PATH_LIVE,
        .form = form,
        .form_length = length,
        .now = sim_true_utc(sim),
        .ticks = {sim->now_us},
    };
    (void)field(form, "Action", action);
    (void)field(form, "AmazonBillingAgreementId", about);
    choose_fault(amazon);
    if (strcmp(action, "AuthorizeOnBillingAgreement") == 0) {
        choose_decline(amazon, about);
        (void)field(form, "AuthorizationReferenceId", about);
    }
    sandbox_handle(&amazon->sandbox, &request, &amazon->answer);
    *answer = (struct amazon_answer){
        .status = amazon->answer.status,
        .body = amazon->answer.drop ? "" : amazon->answer.body.bytes,
        .length = amazon->answer.drop ? 0 : amazon->answer.body.length,
        .is_dropped = amazon->answer.drop,
        .delay_us = amazon->answer.delay_ms * 1000,
    };
    const char *state = amazon->answer.drop ? NULL : strstr(answer->body, "<State>");
    (void)snprintf(answer->note, sizeof answer->note, "%s %s: %d %s%s%.*s", action, about,
                   answer->status,
                   amazon->answer.error != 0 ? mws_error_name(amazon->answer.error) : "",
                   fault_name(amazon->answer.fault.kind), state != NULL ? 20 : 0,
                   state != NULL ? state + 7 : "");
    answer->note[strcspn(answer->note, "<")] = '\0';
}

void amazon_ail(struct amazon *amazon, unsigned way, int64_t until_us)
{
    ENSURE(way < AMAZON_AILS);
    amazon->ails = way;
    amazon->ails_until_us = until_us;
}

const char *amazon_ail_name(unsigned way)
{
    return ails[way].name;
}

/* --- the buyer ----------------------------------------------------------------------------- */

static int control(struct amazon *amazon, const char *path, const char *body)
{
    const struct control_request request = {
        .method = "POST",
        .path = path,
        .body = body,
        .body_length = strlen(body),
        .now = sim_true_utc(amazon->sim),
    };
    return control_handle(&amazon->sandbox, &request, &amazon->control);
}

void amazon_agreement(struct amazon *amazon, const char *id, uint32_t seller, bool is_open)
{
    char body[256];
    char seller_id[SIM_SELLER_BYTES];
    sim_seller_id(seller, seller_id);
    (void)snprintf(body, sizeof body, "{\"seller\":\"%s\",\"id\":\"%s\",\"state\":\"%s\"}",
                   seller_id, id, is_open ? "Open" : "Draft");
    int status = control(amazon, "/control/agreements", body);
    ENSURE(status == 201);
}

void amazon_act(struct amazon *amazon, const char *agreement_id, const char *act, const char *json)
{
    char path[128];
    (void)snprintf(path, sizeof path, "/control/agreements/%s/%s", agreement_id, act);
    int status = control(amazon, path, json);
    ENSURE(status == 200);
}

void amazon_passes(struct amazon *amazon)
{
    world_advance(&amazon->sandbox.world, sim_true_utc(amazon->sim));
}

void amazon_use(struct amazon *amazon, const char *agreement_id, int64_t yen)
{
    struct agreement *agreement = world_find_agreement(&amazon->sandbox.world, agreement_id);
    ENSURE(agreement != NULL);
    agreement_authorize(agreement, agreement_month(agreement, sim_true_utc(amazon->sim)), yen);
}

void amazon_mend(struct amazon *amazon)
{
    amazon->sandbox.faults.count = 0;
}

int amazon_control(struct amazon *amazon, const char *path, const char *json, const char **answer)
{
    int status = control(amazon, path, json);
    *answer = amazon->control.bytes;
    return status;
}

/* --- what it tells ------------------------------------------------------------------------- */

bool amazon_take_notice(struct amazon *amazon, struct amazon_notice *taken)
{
    struct notice *notice = notice_queue_take(&amazon->sandbox.world.notices);
    if (notice == NULL) {
        return false;
    }
    char at[INSTANT_TEXT_MAX];
    struct json *object = json_new_object();
    instant_format(notice->made_at, at);
    json_set_string(object, "ReleaseEnvironment", "Live");
    if (notice->event != NOTICE_EVENT_NONE) {
        json_set_string(object, "EventType", notice_event_name(notice->event));
    }
    json_set_string(object, "NotificationType", notice->type_name);
    json_set_string(object, "SellerId", notice->seller->id);
    json_set_string(object, "NotificationReferenceId", notice->reference_id);
    json_set_string(object, "Timestamp", at);
    json_set_string(object, "NotificationData", notice->data);
    (void)snprintf(taken->message_id, sizeof taken->message_id, "%s", notice->message_id);
    taken->message = json_print(object, false);
    json_free(object);
    notice_release(notice);
    return true;
}

/* --- the books ----------------------------------------------------------------------------- */

uint64_t amazon_double_charged(const struct amazon *amazon)
{
    return amazon->sandbox.world.totals.double_charged;
}

bool amazon_next_entry(const struct amazon *amazon, const void **at, struct amazon_entry *entry)
{
    const struct transaction *t = *at == NULL ? amazon->sandbox.world.first_transaction
                                              : ((const struct transaction *)*at)->next;
    while (t != NULL && t->kind != TRANSACTION_AUTHORIZATION) {
        t = t->next;
    }
    *at = t;
    if (t == NULL) {
        return false;
    }
    const struct authorization *authorization = (const struct authorization *)t;
    const struct capture *capture = authorization->capture;
    bool stands = capture_stands(capture);
    *entry = (struct amazon_entry){
        .reference_id = t->reference,
        .authorization_id = t->id,
        .capture_id = stands ? capture->t.id : "",
        .agreement_id = t->order->agreement != NULL ? t->order->agreement->id : "",
        .seller_order_id = t->order->seller_order_id != NULL ? t->order->seller_order_id : "",
        .seller_id = t->order->seller->id,
        .state = mws_state_name(t->state),
        .is_captured = stands,
        .is_pending = t->state == MWS_STATE_PENDING,
        .yen = t->units,
        .captured_yen = stands ? capture->t.units : 0,
        .refunded_yen = stands ? capture->refunded_units : 0,
    };
    return true;
}

const char *amazon_agreement_state(const struct amazon *amazon, const char *id)
{
    const struct agreement *agreement = world_find_agreement(&amazon->sandbox.world, id);
    return agreement == NULL ? NULL : mws_state_name(agreement->state);
}
