/*
 * deliver.c - see deliver.h.
 *
 * A lane is one URL with its queue. A delivery is one notice on its way to one URL; it is in the
 * lane's queue (ready), on the wire, held back by a fault, or waiting for its timer, and always in
 * the list of all.
 */
#include "mws/sandbox/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/http_client.h"
#include "mws/sandbox/parcel.h"
#include "mws/sandbox/tell.h"

#define CONNECTIONS_MAX     256
#define CONNECT_DEADLINE_MS 5000
#define TOTAL_DEADLINE_MS   15000 /* as long as SNS waits */
#define ANSWER_BYTES_MAX    ((size_t)64 * 1024)
#define USER_AGENT          "Amazon Simple Notification Service Agent"

struct delivery {
    struct delivery *previous, *next; /* of all */
    struct delivery *next_ready;
    struct lane *lane;
    struct notice *notice;
    struct notice_fault fault;
    struct parcel parcel; /* packed at the first sending; a retry sends the same bytes */
    bool packed;
    unsigned attempts;
    struct timer *timer; /* NULL = does not wait for time */
};

struct lane {
    char *url;
    struct deliver *deliver;
    struct delivery *first, *last; /* ready */
    struct delivery *held;         /* goes after the next that is done */
    size_t in_flight;
};

struct deliver {
    struct loop *loop;
    struct sandbox *sandbox;
    struct signers *signers;
    struct http_client *client;
    struct table lanes;
    struct delivery *all;
    size_t count;
    bool closing;
};

static void send_ready(struct lane *lane);

static struct dispatch *dispatch_of(const struct lane *lane)
{
    return &lane->deliver->sandbox->dispatch;
}

/* --- deliveries ------------------------------------------------------------------------------- */

static struct delivery *delivery_new(struct lane *lane, struct notice *notice,
                                     const struct notice_fault *fault)
{
    struct deliver *deliver = lane->deliver;
    struct delivery *delivery;

    if (deliver->count >= DELIVERIES_MAX) {
        dispatch_of(lane)->counts.overflowed++;
        return NULL;
    }
    delivery = calloc(1, sizeof *delivery);
    ENSURE(delivery != NULL);
    delivery->lane = lane;
    delivery->notice = notice_hold(notice);
    delivery->fault = *fault;
    memcpy(delivery->parcel.message_id, notice->message_id, sizeof notice->message_id);
    delivery->next = deliver->all;
    if (deliver->all != NULL) {
        deliver->all->previous = delivery;
    }
    deliver->all = delivery;
    deliver->count++;
    dispatch_of(lane)->waiting = deliver->count;
    return delivery;
}

static void delivery_free(struct delivery *delivery)
{
    struct deliver *deliver = delivery->lane->deliver;

    if (delivery->previous != NULL) {
        delivery->previous->next = delivery->next;
    } else {
        deliver->all = delivery->next;
    }
    if (delivery->next != NULL) {
        delivery->next->previous = delivery->previous;
    }
    deliver->count--;
    dispatch_of(delivery->lane)->waiting = deliver->count;
    timer_free(delivery->timer);
    notice_release(delivery->notice);
    parcel_free(&delivery->parcel);
    free(delivery);
}

static void make_ready(struct delivery *delivery)
{
    struct lane *lane = delivery->lane;

    delivery->next_ready = NULL;
    *(lane->last != NULL ? &lane->last->next_ready : &lane->first) = delivery;
    lane->last = delivery;
}

static void stop_waiting(struct delivery *delivery)
{
    timer_free(delivery->timer);
    delivery->timer = NULL;
    if (delivery->lane->held == delivery) {
        delivery->lane->held = NULL;
    }
    make_ready(delivery);
}

static void waited_long_enough(void *arg)
{
    struct delivery *delivery = arg;

    stop_waiting(delivery);
    send_ready(delivery->lane);
}

static void wait_for(struct delivery *delivery, int64_t ms)
{
    delivery->timer = timer_new(delivery->lane->deliver->loop, waited_long_enough, delivery);
    timer_start(delivery->timer, ms);
}

/* --- posting ---------------------------------------------------------------------------------- */

static void note(const struct delivery *delivery, int status)
{
    struct recent recent = {.type = delivery->notice->type,
                            .event = delivery->notice->event,
                            .object_id = delivery->notice->object_id,
                            .state = delivery->notice->state,
                            .fault = delivery->fault.kind,
                            .attempts = delivery->attempts,
                            .status = status};

    memcpy(recent.message_id, delivery->parcel.message_id, sizeof recent.message_id);
    dispatch_note(dispatch_of(delivery->lane), &recent);
}

/* Later again, or never. */
static void try_again(struct delivery *delivery)
{
    struct dispatch *dispatch = dispatch_of(delivery->lane);

    if (delivery->attempts > RETRIES_MAX) {
        dispatch->counts.given_up++;
        delivery_free(delivery);
        return;
    }
    wait_for(delivery, delivery->lane->deliver->sandbox->world.rules.notify_retry_ms);
}

static void count_answer(struct dispatch_counts *counts, int status)
{
    counts->delivered += status / 100 == 2;
    counts->refused_4xx += status / 100 == 4;
    counts->refused_5xx += status / 100 == 5;
    counts->refused_other += status / 100 != 2 && status / 100 != 4 && status / 100 != 5;
}

static bool is_repeated(const struct rules *rules, const struct http_result *result)
{
    bool answered = result->failure == HTTP_OK;
    int class = answered ? result->status / 100 : 0;

    switch (rules->notify_retries) {
    case NOTIFY_RETRIES_ALSO_4XX:
        return class != 2;
    case NOTIFY_RETRIES_ONLY_5XX:
        return class == 5;
    default:
        return class == 5 || !answered;
    }
}

static void is_done(void *arg, const struct http_result *result)
{
    struct delivery *delivery = arg;
    struct lane *lane = delivery->lane;
    struct dispatch *dispatch = dispatch_of(lane);

    lane->in_flight--;
    dispatch->in_flight--;
    if (result->failure == HTTP_CANCELED || lane->deliver->closing) {
        delivery_free(delivery);
        return;
    }
    note(delivery, result->failure == HTTP_OK ? result->status : 0);
    if (result->failure != HTTP_OK) {
        dispatch->counts.unanswered++;
    } else {
        count_answer(&dispatch->counts, result->status);
    }
    if (is_repeated(&lane->deliver->sandbox->world.rules, result)) {
        try_again(delivery);
    } else {
        delivery_free(delivery);
    }
    if (lane->held != NULL) {
        stop_waiting(lane->held);
    }
    send_ready(lane);
}

static enum status post(struct delivery *delivery, struct problem *problem)
{
    struct deliver *deliver = delivery->lane->deliver;
    const struct parcel *parcel = &delivery->parcel;
    char id[80];
    char topic[TOPIC_BYTES_MAX + 40];
    char subscription[SUBSCRIPTION_BYTES_MAX + 40];
    const char *const headers[] = {"Content-Type: text/plain; charset=UTF-8",
                                   "x-amz-sns-message-type: Notification",
                                   id,
                                   topic,
                                   subscription,
                                   NULL};
    const struct http_request request = {.url = delivery->lane->url,
                                         .headers = headers,
                                         .body = parcel->body.bytes,
                                         .body_length = parcel->body.length};
    enum status status;

    (void)snprintf(id, sizeof id, "x-amz-sns-message-id: %s", parcel->message_id);
    (void)snprintf(topic, sizeof topic, "x-amz-sns-topic-arn: %s", parcel->topic);
    (void)snprintf(subscription, sizeof subscription, "x-amz-sns-subscription-arn: %s",
                   parcel->subscription);
    status = http_send(deliver->client, &request, is_done, delivery);
    return status == ST_OK ? ST_OK : problem_set(problem, status, "it cannot be posted");
}

static enum status pack(struct delivery *delivery, struct problem *problem)
{
    struct deliver *deliver = delivery->lane->deliver;
    enum status status = ST_OK;

    if (!delivery->packed) {
        status = parcel_pack(&delivery->parcel, delivery->notice, &delivery->fault,
                             &deliver->sandbox->world.rules, deliver->signers,
                             loop_now(deliver->loop), problem);
        delivery->packed = status == ST_OK;
    }
    return status;
}

static void send_ready(struct lane *lane)
{
    struct dispatch *dispatch = dispatch_of(lane);
    struct problem problem;

    while (lane->first != NULL && lane->in_flight < LANE_IN_FLIGHT_MAX && !lane->deliver->closing) {
        struct delivery *delivery = lane->first;
        lane->first = delivery->next_ready;
        lane->last = lane->first != NULL ? lane->last : NULL;
        if (pack(delivery, &problem) != ST_OK || post(delivery, &problem) != ST_OK) {
            (void)fprintf(stderr, "event=notification_not_sent problem=\"%s\"\n", problem.text);
            dispatch->counts.overflowed++;
            delivery_free(delivery);
            continue;
        }
        dispatch->counts.retried += delivery->attempts > 0;
        dispatch->counts.posted++;
        delivery->attempts++;
        lane->in_flight++;
        dispatch->in_flight++;
    }
}

/* --- taking notices over -----------------------------------------------------------------------
 */

static struct lane *lane_of(struct deliver *deliver, const char *url)
{
    struct lane *lane = table_get(&deliver->lanes, url);

    if (lane == NULL && deliver->lanes.count < LANES_MAX) {
        lane = calloc(1, sizeof *lane);
        ENSURE(lane != NULL);
        lane->deliver = deliver;
        lane->url = strdup(url);
        ENSURE(lane->url != NULL);
        table_put(&deliver->lanes, lane->url, lane);
    }
    return lane;
}

/* A second one after the first: the same bytes, or the same Message in another envelope. */
static void add_again(struct delivery *first)
{
    struct problem problem;
    struct delivery *again = delivery_new(first->lane, first->notice, &first->fault);

    if (again == NULL) {
        return;
    }
    if (first->fault.kind == NOTICE_FAULT_DUPLICATE_NEW_ID) {
        uuid_make(again->parcel.message_id);
    } else if (pack(first, &problem) == ST_OK) {
        parcel_copy(&again->parcel, &first->parcel);
        again->packed = true;
    }
    make_ready(again);
}

/* `notice` starts on its way to that URL, as the faults will have it. */
static void add(struct deliver *deliver, const char *url, struct notice *notice)
{
    struct dispatch *dispatch = &deliver->sandbox->dispatch;
    struct lane *lane = lane_of(deliver, url);
    struct notice_fault fault = notice_fault_draw(&dispatch->faults, notice->type);
    struct delivery *delivery;

    if (lane == NULL) {
        dispatch->counts.overflowed++;
        return;
    }
    if (fault.kind == NOTICE_FAULT_LOSE) {
        dispatch->counts.lost++;
        return;
    }
    delivery = delivery_new(lane, notice, &fault);
    if (delivery == NULL) {
        return;
    }
    if (fault.kind == NOTICE_FAULT_DELAY || (fault.kind == NOTICE_FAULT_REORDER && !lane->held)) {
        lane->held = fault.kind == NOTICE_FAULT_REORDER ? delivery : lane->held;
        wait_for(delivery, fault.delay_ms);
        return;
    }
    make_ready(delivery);
    if (fault.kind == NOTICE_FAULT_DUPLICATE || fault.kind == NOTICE_FAULT_DUPLICATE_NEW_ID) {
        add_again(delivery);
    }
    send_ready(lane);
}

/* A URL that stands there twice is told once. */
static void take(struct deliver *deliver, struct notice *notice)
{
    const struct notification_list *list = &notice->seller->notifications[notice->environment];
    const char *urls[NOTIFICATIONS_MAX + 2];
    size_t count = 0;

    urls[count++] = deliver->sandbox->world.notices.url_of_all;
    urls[count++] = notice->seller->notice_url;
    for (size_t i = 0; i < list->count; i++) {
        if (notification_wants(&list->items[i], notice->type)) {
            urls[count++] = list->items[i].url;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool told = urls[i] == NULL;
        for (size_t k = 0; k < i && !told; k++) {
            told = urls[k] != NULL && strcmp(urls[k], urls[i]) == 0;
        }
        if (!told) {
            add(deliver, urls[i], notice);
        }
    }
}

static void flush(struct deliver *deliver)
{
    for (struct delivery *d = deliver->all; d != NULL; d = d->next) {
        if (d->timer != NULL) {
            stop_waiting(d);
        }
    }
    for (size_t at = 0;;) {
        struct lane *lane = table_next(&deliver->lanes, &at);
        if (lane == NULL) {
            break;
        }
        send_ready(lane);
    }
}

void deliver_pump(struct deliver *deliver)
{
    struct notice *notice;

    while ((notice = notice_queue_take(&deliver->sandbox->world.notices)) != NULL) {
        take(deliver, notice);
        notice_release(notice);
    }
    if (deliver->sandbox->dispatch.flush) {
        deliver->sandbox->dispatch.flush = false;
        flush(deliver);
    }
}

/* --- start and stop --------------------------------------------------------------------------- */

enum status deliver_new(struct loop *loop, struct sandbox *sandbox, struct signers *signers,
                        const char *ca_file, struct deliver **result, struct problem *problem)
{
    const struct http_client_options options = {
        .ca_file = ca_file,
        .user_agent = USER_AGENT,
        .connections_max = CONNECTIONS_MAX,
        .connect_deadline_ms = CONNECT_DEADLINE_MS,
        .total_deadline_ms = TOTAL_DEADLINE_MS,
        .response_bytes_max = ANSWER_BYTES_MAX,
        .plain_allowed = true, /* where to is checked when a URL is set */
    };
    struct deliver *deliver = calloc(1, sizeof *deliver);

    ENSURE(deliver != NULL);
    *result = NULL;
    deliver->loop = loop;
    deliver->sandbox = sandbox;
    deliver->signers = signers;
    deliver->client = http_client_new(loop, &options, problem);
    if (deliver->client == NULL) {
        free(deliver);
        return ST_STORE;
    }
    *result = deliver;
    return ST_OK;
}

void deliver_free(struct deliver *deliver)
{
    struct lane *lane;
    size_t at = 0;

    if (deliver == NULL) {
        return;
    }
    deliver->closing = true;
    http_client_free(deliver->client);
    for (struct delivery *next, *d = deliver->all; d != NULL; d = next) {
        next = d->next;
        delivery_free(d);
    }
    while ((lane = table_next(&deliver->lanes, &at)) != NULL) {
        free(lane->url);
        free(lane);
    }
    table_clear(&deliver->lanes);
    free(deliver);
}
