/*
 * tell.c - see tell.h.
 */
#include "mws/sandbox/tell.h"

#include <stdio.h>
#include <string.h>

#include "mws/edge/crypto.h"
#include "mws/sandbox/notice_data.h"

#define SAMPLE_REFERENCE_ID "1111111-1111-11111-1111-11111EXAMPLE"
#define SAMPLE_AT_MS        1357002061001 /* 2013-01-01T01:01:01.001Z */

bool notification_wants(const struct notification *notification, enum notice_type type)
{
    return notification->events[MWS_EVENT_ALL] || notification->events[notice_type_event(type)];
}

static bool is_wanted(const struct world *world, const struct seller *seller, int environment,
                      enum notice_type type)
{
    const struct notification_list *list = &seller->notifications[environment];

    if (!world->notices.heard || world->notices.quiet) {
        return false;
    }
    if (world->notices.url_of_all != NULL || seller->notice_url != NULL) {
        return true;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (notification_wants(&list->items[i], type)) {
            return true;
        }
    }
    return false;
}

static struct notice *make(enum notice_type type, struct text *data, const struct seller *seller,
                           int environment, int region, struct instant at)
{
    struct notice *notice;

    text_fit(data);
    notice = notice_new(type, data->bytes);
    notice->seller = seller;
    notice->environment = environment;
    notice->region = region;
    notice->made_at = at;
    return notice;
}

void tell_transaction(struct world *world, const struct transaction *t)
{
    const struct order *order = t->order;
    enum notice_type type = notice_type_of(t->kind);
    struct text data = {0};
    struct notice *notice;

    if (t->state == MWS_STATE_PENDING ||
        !is_wanted(world, order->seller, order->environment, type)) {
        return;
    }
    notice_data_transaction(&data, t, false);
    notice =
        make(type, &data, order->seller, order->environment, t->currency->region, t->updated_at);
    notice->object_id = t->id;
    notice->state = t->state;
    notice_queue_add(&world->notices, notice);
}

void tell_order(struct world *world, const struct order *order)
{
    struct text data = {0};
    struct notice *notice;

    if (order->state == MWS_STATE_DRAFT ||
        !is_wanted(world, order->seller, order->environment, NOTICE_ORDER_REFERENCE)) {
        return;
    }
    notice_data_order(&data, order, false);
    notice = make(NOTICE_ORDER_REFERENCE, &data, order->seller, order->environment,
                  order->currency->region, order->updated_at);
    notice->object_id = order->id;
    notice->state = order->state;
    notice_queue_add(&world->notices, notice);
}

void tell_agreement(struct world *world, const struct agreement *agreement, enum notice_event event,
                    struct instant at)
{
    struct text data = {0};
    struct notice *notice;

    if (agreement->state == MWS_STATE_DRAFT ||
        !is_wanted(world, agreement->seller, agreement->environment, NOTICE_BILLING_AGREEMENT)) {
        return;
    }
    notice_data_agreement(&data, agreement, at, false);
    notice = make(NOTICE_BILLING_AGREEMENT, &data, agreement->seller, agreement->environment,
                  agreement->currency->region, at);
    notice->event = event;
    notice->object_id = agreement->id;
    notice->state = agreement->state;
    notice_queue_add(&world->notices, notice);
}

/* "C9KORZRXQ655G": a C and twelve letters and digits. */
static void make_chargeback_id(char id[14])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t random[12];

    random_bytes(random, sizeof random);
    id[0] = 'C';
    for (size_t i = 0; i < sizeof random; i++) {
        id[i + 1] = letters[random[i] % 32];
    }
    id[13] = '\0';
}

void tell_chargeback(struct world *world, const struct capture *capture, int64_t units,
                     const char *reason, struct instant at)
{
    const struct order *order = capture->t.order;
    char id[14];
    const struct chargeback chargeback = {.id = id,
                                          .order_id = order->id,
                                          .capture_reference = capture->t.reference,
                                          .currency = capture->t.currency,
                                          .units = units,
                                          .reason = reason,
                                          .created_at = at};
    struct text data = {0};
    struct notice *notice;

    if (!is_wanted(world, order->seller, order->environment, NOTICE_CHARGEBACK)) {
        return;
    }
    make_chargeback_id(id);
    notice_data_chargeback(&data, &chargeback);
    notice = make(NOTICE_CHARGEBACK, &data, order->seller, order->environment,
                  capture->t.currency->region, at);
    if (world->rules.chargeback_type == CHARGEBACK_JOINED) {
        notice->type_name = CHARGEBACK_WITHOUT_SPACES;
    }
    notice->object_id = capture->t.id;
    notice_queue_add(&world->notices, notice);
}

void tell_solution_provider(struct world *world, const struct seller *seller, int environment,
                            int region, const char *merchant_id, const char *type,
                            struct instant at)
{
    struct text data = {0};

    if (!is_wanted(world, seller, environment, NOTICE_SOLUTION_PROVIDER_EVENT)) {
        return;
    }
    notice_data_solution_provider(&data, merchant_id, type);
    notice_queue_add(&world->notices,
                     make(NOTICE_SOLUTION_PROVIDER_EVENT, &data, seller, environment, region, at));
}

/* --- samples ---------------------------------------------------------------------------------- */

/* One of each, about nothing that exists. */
struct samples {
    struct agreement agreement;
    struct order order;
    struct authorization authorization;
    struct capture capture;
    struct refund refund;
    struct credit credit;
    struct reversal reversal;
};

static struct transaction *sample_of(struct samples *s, enum notice_type type)
{
    switch (type) {
    case NOTICE_PAYMENT_AUTHORIZE:
        return &s->authorization.t;
    case NOTICE_PAYMENT_CAPTURE:
        return &s->capture.t;
    case NOTICE_PAYMENT_REFUND:
        return &s->refund.t;
    case NOTICE_PROVIDER_CREDIT:
        return &s->credit.t;
    case NOTICE_PROVIDER_CREDIT_REVERSAL:
        return &s->reversal.t;
    case NOTICE_UNKNOWN:
    case NOTICE_ORDER_REFERENCE:
    case NOTICE_BILLING_AGREEMENT:
    case NOTICE_CHARGEBACK:
    case NOTICE_SOLUTION_PROVIDER_EVENT:
    case NOTICE_TYPE_COUNT:
        break;
    }
    return NULL;
}

static void fill_samples(struct samples *s, struct seller *seller, int environment,
                         const struct currency *currency)
{
    static const enum notice_type of[] = {NOTICE_PAYMENT_AUTHORIZE, NOTICE_PAYMENT_CAPTURE,
                                          NOTICE_PAYMENT_REFUND, NOTICE_PROVIDER_CREDIT,
                                          NOTICE_PROVIDER_CREDIT_REVERSAL};
    const struct instant at = {SAMPLE_AT_MS};

    *s = (struct samples){.order.seller = seller, .order.environment = environment};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        *sample_of(s, of[i]) = (struct transaction){.kind = (enum transaction_kind)i,
                                                    .order = &s->order,
                                                    .currency = currency,
                                                    .state = MWS_STATE_CLOSED,
                                                    .created_at = at,
                                                    .updated_at = at};
        (void)snprintf(sample_of(s, of[i])->id, OBJECT_ID_MAX, "P%02d-0000000-0000000-000000",
                       currency->region);
        (void)snprintf(sample_of(s, of[i])->reference, REFERENCE_ID_MAX,
                       "P%02d-0000000-0000000-000000", currency->region);
    }
    s->refund.t.state = MWS_STATE_COMPLETED;
    s->refund.type = MWS_REFUND_TYPE_SELLER_INITIATED;
    (void)snprintf(s->credit.provider, OBJECT_ID_MAX, "A0SAMPLEPROVIDER");
    s->reversal.t.state = MWS_STATE_COMPLETED;
    s->authorization.expires_at = at;
    s->reversal.credit = &s->credit;
    s->order.currency = currency;
    s->order.state = MWS_STATE_CLOSED;
    s->order.created_at = s->order.updated_at = at;
    (void)snprintf(s->order.id, OBJECT_ID_MAX, "P%02d-0000000-0000000", currency->region);
    s->agreement = (struct agreement){.seller = seller,
                                      .environment = environment,
                                      .currency = currency,
                                      .state = MWS_STATE_CLOSED,
                                      .created_at = at,
                                      .updated_at = at,
                                      .consent = true};
    (void)snprintf(s->agreement.id, OBJECT_ID_MAX, "B%02d-0000000-0000000", currency->region);
}

static void write_sample(struct text *data, const struct samples *s, const struct transaction *t,
                         enum notice_type type)
{
    const struct chargeback chargeback = {.id = "C000000000000",
                                          .order_id = s->order.id,
                                          .capture_reference = s->capture.t.reference,
                                          .currency = s->order.currency,
                                          .reason = "Generic Service Chargeback",
                                          .created_at = s->order.created_at};

    if (t != NULL) {
        notice_data_transaction(data, t, true);
    } else if (type == NOTICE_ORDER_REFERENCE) {
        notice_data_order(data, &s->order, true);
    } else if (type == NOTICE_BILLING_AGREEMENT) {
        notice_data_agreement(data, &s->agreement, s->agreement.created_at, true);
    } else if (type == NOTICE_CHARGEBACK) {
        notice_data_chargeback(data, &chargeback);
    } else {
        notice_data_solution_provider(data, s->order.seller->id, "Register");
    }
}

void tell_sample(struct world *world, struct seller *seller, int environment,
                 const struct currency *currency, enum notice_type type, struct instant at)
{
    struct samples samples;
    struct text data = {0};
    struct notice *notice;

    if (!is_wanted(world, seller, environment, type)) {
        return;
    }
    fill_samples(&samples, seller, environment, currency);
    write_sample(&data, &samples, sample_of(&samples, type), type);
    notice = make(type, &data, seller, environment, currency->region, at);
    notice->event = type == NOTICE_BILLING_AGREEMENT ? NOTICE_STATUS_UPDATED : NOTICE_EVENT_NONE;
    notice->object_id = "(sample)";
    notice->is_sample = true;
    (void)snprintf(notice->reference_id, sizeof notice->reference_id, "%s", SAMPLE_REFERENCE_ID);
    notice_queue_add(&world->notices, notice);
}
