/*
 * verify_amazon.c - a database and Amazon, capture by capture.
 *
 * One GetAuthorizationDetails for each capture, one after another, no faster than half of Amazon's
 * quota of get-type calls. Captures are read a page at a time and the database is closed while
 * Amazon is asked, which may take hours.
 */
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/bucket.h"
#include "mws/client.h"
#include "scheduler/verify.h"

#define PAGE               100
#define RESPONSE_BYTES_MAX ((size_t)1024 * 1024)
#define TRIES_MAX          8
#define TRY_AGAIN_MS       5000

/* Half of Amazon's burst and rate, in thousandths. */
struct half_quota {
    int64_t burst_milli, rate_milli_per_s;
};

struct asking {
    const struct verify_scope *scope;
    const struct audit_listener *listener;
    const struct seller_config *seller;
    struct loop *loop;
    struct timer *timer;
    struct mws_client *client;
    struct bucket bucket;
    struct problem *problem;
    enum status status;
    uint32_t count, next; /* of the page */
    uint32_t tries;       /* of the capture that is asked for */
    struct audit_capture page[PAGE];
};

static struct half_quota half_of(enum config_quota quota)
{
    switch (quota) {
    case CONFIG_QUOTA_OFF:
        return (struct half_quota){0, 0};
    case CONFIG_QUOTA_SANDBOX:
        return (struct half_quota){2500, 500};
    case CONFIG_QUOTA_LIVE:
        return (struct half_quota){10000, 1000};
    }
    ENSURE(false);
    return (struct half_quota){0, 0};
}

/* --- one capture ----------------------------------------------------------------------------- */

static void compare(const struct asking *asking, const struct audit_capture *capture,
                    const struct mws_authorization_details *shown)
{
    char here[MONEY_TEXT_MAX];
    char there[MONEY_TEXT_MAX];
    if (strcmp(shown->authorization_reference_id, capture->reference_id) != 0) {
        verify_found(asking->listener, capture->seller_id, capture->reference_id,
                     "Amazon shows %s under %s, which is another attempt",
                     capture->authorization_id, shown->authorization_reference_id);
        return;
    }
    if (!money_equal(shown->captured_amount, capture->amount)) {
        money_format(capture->amount, here);
        money_format(shown->captured_amount, there);
        verify_found(asking->listener, capture->seller_id, capture->reference_id,
                     "%s %s are captured here, Amazon shows %s %s under %s",
                     money_currency(&capture->amount), here,
                     money_currency(&shown->captured_amount), there, capture->authorization_id);
    }
    if (capture->capture_id[0] != '\0' && shown->capture_id[0] != '\0' &&
        strcmp(capture->capture_id, shown->capture_id) != 0) {
        verify_found(asking->listener, capture->seller_id, capture->reference_id,
                     "its capture is %s here, Amazon shows %s", capture->capture_id,
                     shown->capture_id);
    }
}

/* Amazon has not said anything about it: asked again, or given up. */
static void ask_again(struct asking *asking, const struct mws_reply *reply)
{
    bool is_throttled = reply->is_error && reply->error == MWS_ERROR_REQUEST_THROTTLED;
    if (is_throttled) {
        bucket_throttled(&asking->bucket, loop_ticks(asking->loop));
    } else if (++asking->tries == TRIES_MAX) {
        const char *why = reply->is_error ? reply->error_code : reply->message;
        asking->status = problem_set(asking->problem, ST_NETWORK,
                                     "Amazon did not answer about attempt %s, %d times: %s",
                                     asking->page[asking->next].reference_id, TRIES_MAX, why);
        loop_stop(asking->loop);
        return;
    }
    timer_start(asking->timer, is_throttled ? 0 : TRY_AGAIN_MS);
}

static void on_reply(void *arg, const struct mws_reply *reply)
{
    struct asking *asking = arg;
    const struct audit_capture *capture = &asking->page[asking->next];
    bool is_answer = !reply->is_transport_failure && !reply->is_unreadable && !reply->is_error;
    bool is_refusal = reply->is_error && reply->http_status >= 400 && reply->http_status < 500;
    if (!is_answer && !is_refusal) {
        ask_again(asking, reply);
        return;
    }
    bucket_accepted(&asking->bucket);
    if (is_answer) {
        compare(asking, capture, &reply->authorization);
    } else {
        verify_found(asking->listener, capture->seller_id, capture->reference_id,
                     "it is captured here, but Amazon says of %s: %s, %s",
                     capture->authorization_id, reply->error_code, reply->message);
    }
    asking->next++;
    asking->tries = 0;
    timer_start(asking->timer, 0);
}

static void ask_next(void *arg)
{
    struct asking *asking = arg;
    struct mws_request request = {.action = MWS_GET_AUTHORIZATION_DETAILS};
    struct problem refused = {""};
    while (asking->next < asking->count) {
        const struct audit_capture *capture = &asking->page[asking->next];
        if (!bucket_take(&asking->bucket, loop_ticks(asking->loop))) {
            timer_start(asking->timer,
                        bucket_wait_ms(&asking->bucket, loop_ticks(asking->loop)) + 1);
            return;
        }
        request.get_authorization_details.amazon_authorization_id = capture->authorization_id;
        if (mws_call(asking->client, &asking->seller->mws, &request, on_reply, asking, &refused) ==
            ST_OK) {
            return;
        }
        bucket_give_back(&asking->bucket);
        verify_found(asking->listener, capture->seller_id, capture->reference_id,
                     "it is captured here, but cannot be asked for: %s", refused.text);
        asking->next++;
    }
    loop_stop(asking->loop);
}

/* --- pages, sellers -------------------------------------------------------------------------- */

static bool keep(void *arg, const struct audit_capture *capture)
{
    struct asking *asking = arg;
    if (capture->is_captured) {
        asking->page[asking->count++] = *capture;
    }
    return asking->count < PAGE;
}

static void ask_seller(struct asking *asking)
{
    char after[REFERENCE_ID_MAX] = "";
    struct half_quota quota = half_of(asking->seller->quota);
    bucket_init(&asking->bucket, quota.burst_milli, quota.rate_milli_per_s, false,
                loop_ticks(asking->loop));
    do {
        struct audit_search search = {.seller_id = asking->seller->mws.seller_id,
                                      .since = asking->scope->since,
                                      .after = after};
        asking->count = 0;
        asking->next = 0;
        asking->status =
            audit_captures(asking->scope->store_path, &search, keep, asking, asking->problem);
        if (asking->status == ST_OK && asking->count > 0) {
            memcpy(after, asking->page[asking->count - 1].reference_id, sizeof after);
            timer_start(asking->timer, 0);
            loop_run(asking->loop);
        }
    } while (asking->status == ST_OK && asking->count == PAGE);
}

static struct mws_client *client_new(const struct config *config, struct loop *loop,
                                     struct problem *problem)
{
    const struct http_client_options options = {
        .ca_file = config->ca_file[0] != '\0' ? config->ca_file : NULL,
        .user_agent = "autopayctl/" AUTOPAY_VERSION " (Language=C)",
        .connections_max = 1,
        .connect_deadline_ms = (long)config->connect_deadline_ms,
        .total_deadline_ms = (long)config->total_deadline_ms,
        .response_bytes_max = RESPONSE_BYTES_MAX,
    };
    return mws_client_new(loop, &options, problem);
}

enum status verify_against_amazon(const struct verify_scope *scope, const struct config *config,
                                  const struct audit_listener *listener, struct problem *problem)
{
    struct asking asking = {.scope = scope,
                            .listener = listener,
                            .loop = loop_new(),
                            .problem = problem,
                            .status = ST_OK};
    asking.timer = timer_new(asking.loop, ask_next, &asking);
    asking.client = client_new(config, asking.loop, problem);
    if (asking.client == NULL) {
        asking.status = ST_NETWORK;
    }
    for (uint32_t i = 0; i < config->seller_count && asking.status == ST_OK; i++) {
        asking.seller = &config->sellers[i];
        if (scope->seller_id[0] == '\0' ||
            strcmp(scope->seller_id, asking.seller->mws.seller_id) == 0) {
            ask_seller(&asking);
        }
    }
    if (asking.client != NULL) {
        mws_client_free(asking.client);
    }
    timer_free(asking.timer);
    loop_free(asking.loop);
    return asking.status;
}
