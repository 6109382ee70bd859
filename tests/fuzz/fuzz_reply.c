/*
 * fuzz_reply.c - answers of Amazon, or of whoever sits in its place: results, error documents and
 * anything else, read for every operation they could belong to and classified.
 *
 * What holds for all of them: an answer is at most one of result, error and unreadable; texts end
 * inside their arrays; only a result that came with HTTP status 200 is ever DONE, and what could
 * not be read is never anything but UNKNOWN.
 */
#include <stdbool.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/classify.h"
#include "mws/edge/xml.h"
#include "mws/operation.h"
#include "tests/fuzz/fuzz.h"

#define ENDS_INSIDE(array) (strnlen((array), sizeof(array)) < sizeof(array))

static void check_classification(const struct mws_reply *reply)
{
    struct mws_classification answer = mws_classify(reply);
    ENSURE(answer.outcome >= OUTCOME_DONE);
    ENSURE(answer.outcome <= OUTCOME_UNKNOWN);
    ENSURE(answer.cause <= MWS_CAUSE_UNMAPPED);
    ENSURE(IMPLIES(reply->is_unreadable, answer.outcome == OUTCOME_UNKNOWN));
    ENSURE(IMPLIES(answer.outcome == OUTCOME_DONE, !reply->is_error));
    ENSURE(IMPLIES(answer.outcome == OUTCOME_DONE, reply->http_status == 200));
    ENSURE(IMPLIES(answer.outcome == OUTCOME_REFUSED && reply->is_error, reply->error != 0));
}

static void check_result(const struct mws_reply *reply)
{
    struct mws_echo echo = mws_reply_echo(reply);
    char text[MONEY_TEXT_MAX];
    ENSURE(reply->http_status == 200);
    ENSURE(reply->error_code[0] == '\0');
    ENSURE(strlen(echo.id) < MWS_ID_MAX);
    money_format(echo.amount, text);
    if (reply->action == MWS_GET_CAPTURE_DETAILS || reply->action == MWS_CAPTURE) {
        ENSURE(reply->capture.refund_ids.count <= MWS_LIST_MAX);
        ENSURE(reply->capture.provider_credits.count <= MWS_PROVIDERS_MAX);
    }
    if (reply->action == MWS_LIST_ORDER_REFERENCE) {
        ENSURE(reply->order_list.count <= MWS_LIST_MAX);
        ENSURE(ENDS_INSIDE(reply->order_list.next_page_token));
    }
}

/* Returns whether it is an error document, which fits every operation. */
static bool read_as(enum mws_action action, int http_status, const uint8_t *data, size_t size,
                    struct xml *xml)
{
    struct mws_reply reply;
    mws_reply_read(&reply, action, http_status, (const char *)data, size, xml);
    ENSURE(reply.action == action);
    ENSURE(reply.http_status == http_status);
    ENSURE(!reply.is_transport_failure);
    ENSURE(!(reply.is_error && reply.is_unreadable));
    ENSURE(ENDS_INSIDE(reply.error_code));
    ENSURE(ENDS_INSIDE(reply.request_id));
    ENSURE(ENDS_INSIDE(reply.message));
    ENSURE(IMPLIES(reply.is_unreadable, reply.message[0] != '\0'));
    ENSURE(IMPLIES(reply.is_error, reply.error_code[0] != '\0'));
    if (!reply.is_error && !reply.is_unreadable) {
        check_result(&reply);
    }
    check_classification(&reply);
    return reply.is_error;
}

/* The operation that the outermost element names, or MWS_ACTION_UNKNOWN. */
static enum mws_action action_of(const struct xml *xml)
{
    static const char suffix[] = "Response";
    const struct xml_node *root = xml_root(xml);
    const char *name = root != NULL ? xml_name(root) : "";
    size_t length = strlen(name);
    char word[64] = "";
    if (length < sizeof suffix || length - sizeof suffix >= sizeof word) {
        return MWS_ACTION_UNKNOWN;
    }
    memcpy(word, name, length - (sizeof suffix - 1));
    return mws_action_parse(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int error_statuses[] = {400, 404, 503};
    struct xml *xml = xml_new();
    enum mws_action named =
        xml_read(xml, (const char *)data, size, NULL) == ST_OK ? action_of(xml) : 0;
    enum mws_action first = named != MWS_ACTION_UNKNOWN ? named : MWS_CLOSE_AUTHORIZATION;
    bool is_error = read_as(first, 200, data, size, xml);
    ENSURE(IMPLIES(is_error, named == MWS_ACTION_UNKNOWN));
    if (is_error) {
        for (int action = MWS_ACTION_UNKNOWN + 1; action < MWS_ACTION_COUNT; action++) {
            int http_status = error_statuses[action % 3];
            ENSURE(read_as((enum mws_action)action, http_status, data, size, xml));
        }
    } else if (named != MWS_ACTION_UNKNOWN) {
        /* Another operation's answer is not ours, and a page of a broken gateway is no answer. */
        enum mws_action other = named + 1 < MWS_ACTION_COUNT ? named + 1 : MWS_ACTION_UNKNOWN + 1;
        ENSURE(!read_as(other, 200, data, size, xml));
        ENSURE(!read_as(named, 500, data, size, xml));
    }
    xml_free(xml);
    return 0;
}
