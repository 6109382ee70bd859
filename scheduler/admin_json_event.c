/*
 * admin_json_event.c - the feed of changes, and Amazon's notices; see admin_json.h.
 *
 * What `from` and `to` of an event are depends on its kind: names of states, numbers of cycles or
 * of a policy's version, a word, or the position of a switch. API.md has the table.
 */
#include <stdio.h>

#include "billing/ensure.h"
#include "scheduler/admin_json.h"
#include "scheduler/ipn_notice.h"

static const char *change_kind_name(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_AGREEMENT:
        return "agreement";
    case CHANGE_SUBSCRIPTION:
        return "subscription";
    case CHANGE_CHARGE:
        return "charge";
    case CHANGE_ATTEMPT:
        return "attempt";
    case CHANGE_LIMIT:
        return "limit";
    case CHANGE_REFUND:
        return "refund";
    case CHANGE_CYCLES:
        return "cycles";
    case CHANGE_PRICE:
        return "price";
    case CHANGE_SCHEDULE:
        return "schedule";
    case CHANGE_CANCEL:
        return "cancel";
    case CHANGE_STOP:
        return "stop";
    case CHANGE_WORD:
        return "word";
    case CHANGE_WARNING:
        return "warning";
    case CHANGE_POLICY:
        return "policy";
    }
    ensure_failed("a change kind that exists", __FILE__, __LINE__);
}

static struct json *text_or_null(const char *text)
{
    return text[0] == '\0' ? json_new_null() : json_new_string(text);
}

/* null for 0. */
static struct json *number_or_null(int number)
{
    return number == 0 ? json_new_null() : json_new_integer(number);
}

static const char *word_name(int word)
{
    return word == WORD_SHIP ? "ship" : word == WORD_VOID ? "void" : "";
}

/* `from` or `to` of a change of that kind. */
static struct json *end_json(enum change_kind kind, int end)
{
    switch (kind) {
    case CHANGE_AGREEMENT:
        return text_or_null(end == 0 ? "" : agreement_state_name((enum agreement_state)end));
    case CHANGE_SUBSCRIPTION:
        return text_or_null(end == 0 ? "" : subscription_state_name((enum subscription_state)end));
    case CHANGE_CHARGE:
        return text_or_null(end == 0 ? "" : charge_state_name((enum charge_state)end));
    case CHANGE_ATTEMPT:
        return text_or_null(end == 0 ? "" : attempt_state_name((enum attempt_state)end));
    case CHANGE_REFUND:
        return text_or_null(end == 0 ? "" : refund_state_name((enum refund_state)end));
    case CHANGE_STOP:
        return json_new_string(end == 0 ? "off" : "on");
    case CHANGE_WORD:
        return text_or_null(word_name(end));
    case CHANGE_CYCLES:
    case CHANGE_SCHEDULE:
    case CHANGE_POLICY:
        return number_or_null(end);
    case CHANGE_LIMIT:
    case CHANGE_PRICE:
    case CHANGE_CANCEL:
    case CHANGE_WARNING:
        return json_new_null();
    }
    ensure_failed("a change kind that exists", __FILE__, __LINE__);
}

/* null for rows that were written before rows were chained. */
static void set_digest(struct json *object, const uint8_t digest[static DIGEST_BYTES])
{
    char text[2 * DIGEST_BYTES + 1] = "";
    uint8_t any = 0;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
        any |= digest[i];
    }
    admin_set_text(object, "digest", any == 0 ? "" : text);
}

struct json *admin_json_event(const struct change_view *view)
{
    const struct change *change = &view->change;
    struct json *object = json_new_object();
    json_set_integer(object, "number", (int64_t)view->number);
    admin_set_instant(object, "at", view->at);
    admin_set_text(object, "agreement_id", view->agreement_id);
    json_set_string(object, "kind", change_kind_name(change->kind));
    json_set_string(object, "subject", change->subject);
    json_set(object, "from", end_json(change->kind, change->from));
    json_set(object, "to", end_json(change->kind, change->to));
    admin_set_reason(object, "reason", change->reason);
    admin_set_amount(object, "amount", change->amount);
    admin_set_text(object, "currency", money_currency(&change->amount));
    admin_set_instant(object, "until", change->until);
    set_digest(object, view->digest);
    return object;
}

struct json *admin_json_notice(const struct notice_view *view)
{
    const struct notice *notice = &view->work.notice;
    struct json *object = json_new_object();
    json_set_integer(object, "number", (int64_t)notice->number);
    json_set_string(object, "kind", ipn_notice_kind_name(notice->kind));
    json_set_string(object, "object_id", notice->object_id);
    admin_set_text(object, "parent_id", notice->parent_id);
    admin_set_text(object, "reference_id", notice->reference_id);
    admin_set_text(object, "charge_id", notice->order_id);
    json_set_string(object, "state", notice->state);
    admin_set_text(object, "reason", notice->reason);
    admin_set_amount(object, "amount", notice->amount);
    admin_set_text(object, "currency", money_currency(&notice->amount));
    admin_set_instant(object, "updated_at", notice->updated_at);
    admin_set_instant(object, "received_at", notice->received_at);
    admin_set_text(object, "agreement_id", view->work.agreement_id);
    json_set_bool(object, "done", view->is_done);
    return object;
}
