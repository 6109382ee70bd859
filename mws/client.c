/*
 * client.c - one call: request to form, form signed, bytes out; bytes in, reply read and checked.
 *
 * A reply is believed only when it speaks of what was asked: the reference id, the amount and the
 * ids that Amazon echoes must be the request's own, and every id must belong to the seller's region
 * and environment. Otherwise it is somebody else's answer, and it is turned into an unreadable one,
 * which nobody acts upon. A request about an id that belongs elsewhere is not sent at all.
 *
 * All calls share one buffer for the signed text, one XML reader and one reply: each is used
 * between two returns to the loop only.
 */
#include "mws/client.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/xml.h"
#include "mws/form.h"
#include "mws/operation_ids.h"
#include "mws/sign.h"

/* The longest request: every text at its bound, each character four bytes that are each encoded. */
#define SIGNED_BYTES_MAX (64 * 1024)
/* Calls kept for later; more than that were only needed for a moment. */
#define IDLE_CALLS_MAX 64

struct call {
    struct mws_client *client;
    enum mws_action action;
    enum mws_region region;
    enum mws_environment environment;
    char id[MWS_ID_MAX]; /* that Amazon must echo; "" = this operation echoes none */
    struct money amount; /* likewise; poison = none */
    mws_done *done;
    void *arg;
    struct call *next; /* idle */
};

struct mws_client {
    struct loop *loop;
    struct http_client *http;
    struct xml *xml;
    struct call *idle;
    uint32_t idle_count;
    bool is_answering;               /* `reply` is lent to a callback */
    char endpoint_url[SIGN_URL_MAX]; /* of `endpoint`; "" = none yet */
    struct sign_endpoint endpoint;
    struct mws_reply reply;
    char text[SIGNED_BYTES_MAX];
};

struct mws_client *mws_client_new(struct loop *loop, const struct http_client_options *options,
                                  struct problem *problem)
{
    struct http_client *http = http_client_new(loop, options, problem);
    if (http == NULL) {
        return NULL;
    }
    struct mws_client *client = calloc(1, sizeof *client);
    ENSURE(client != NULL);
    client->loop = loop;
    client->http = http;
    client->xml = xml_new();
    return client;
}

void mws_client_free(struct mws_client *client)
{
    if (client == NULL) {
        return;
    }
    http_client_free(client->http); /* ends open calls, each through on_answer */
    while (client->idle != NULL) {
        struct call *call = client->idle;
        client->idle = call->next;
        free(call);
    }
    xml_free(client->xml);
    free(client);
}

static struct call *call_take(struct mws_client *client)
{
    struct call *call = client->idle;
    if (call != NULL) {
        client->idle = call->next;
        client->idle_count--;
        return call;
    }
    call = malloc(sizeof *call);
    ENSURE(call != NULL);
    return call;
}

static void call_give_back(struct mws_client *client, struct call *call)
{
    if (client->idle_count == IDLE_CALLS_MAX) {
        free(call);
        return;
    }
    call->next = client->idle;
    client->idle = call;
    client->idle_count++;
}

/* ---- out ---- */

static enum status check_seller(const struct mws_seller *seller, struct problem *problem)
{
    if (seller->secret == NULL || seller->seller_id[0] == '\0' || seller->access_key[0] == '\0' ||
        seller->region == 0 || seller->environment == 0) {
        return problem_set(
            problem, ST_INVALID,
            "the seller has no seller id, access key, secret key, region or environment");
    }
    return ST_OK;
}

enum status mws_sign(const struct mws_seller *seller, const struct sign_endpoint *endpoint,
                     const struct mws_request *request, struct instant now, char *buffer,
                     size_t buffer_bytes, struct signed_body *body, struct problem *problem)
{
    struct form form;
    enum status status = check_seller(seller, problem);
    if (status != ST_OK) {
        return status;
    }
    form_init(&form);
    form_add(&form, "AWSAccessKeyId", seller->access_key); /* the first in the form's order */
    status = mws_request_write(request, &form, problem);
    if (status != ST_OK) {
        return status;
    }
    status = mws_request_ids_check(request, seller->region, seller->environment, problem);
    if (status != ST_OK) {
        return status;
    }
    if (seller->auth_token[0] != '\0') {
        form_add(&form, "MWSAuthToken", seller->auth_token);
    }
    form_add(&form, "SellerId", seller->seller_id);
    form_add_timestamp(&form, "Timestamp", now);
    form_add_plain(&form, "Version", MWS_API_VERSION, strlen(MWS_API_VERSION));
    return sign_form(endpoint, &form, seller->secret, buffer, buffer_bytes, body, problem);
}

/* Takes the seller's endpoint apart, unless it was the last one: most shops have one. */
static enum status find_endpoint(struct mws_client *client, const char *url,
                                 struct problem *problem)
{
    if (client->endpoint_url[0] != '\0' && strcmp(client->endpoint_url, url) == 0) {
        return ST_OK;
    }
    client->endpoint_url[0] = '\0';
    enum status status = sign_endpoint_read(url, &client->endpoint, problem);
    if (status == ST_OK) {
        (void)stpcpy(client->endpoint_url, url); /* it fits: sign_endpoint_read has checked */
    }
    return status;
}

static enum status sign_request(struct mws_client *client, const struct mws_seller *seller,
                                const struct mws_request *request, struct signed_body *body,
                                struct problem *problem)
{
    enum status status = find_endpoint(client, seller->endpoint, problem);
    if (status != ST_OK) {
        return status;
    }
    return mws_sign(seller, &client->endpoint, request, loop_now(client->loop), client->text,
                    sizeof client->text, body, problem);
}

/* ---- in ---- */

static void set_transport_failure(struct mws_reply *reply, enum mws_action action,
                                  const struct http_result *result)
{
    *reply = (struct mws_reply){
        .action = action,
        .is_transport_failure = true,
        .not_sent = result->failure == HTTP_NOT_SENT,
    };
    (void)strncat(reply->message, result->problem, sizeof reply->message - 1);
}

static void read_result(struct mws_client *client, const struct call *call,
                        const struct http_result *result)
{
    struct mws_reply *reply = &client->reply;
    switch (result->failure) {
    case HTTP_OK:
        mws_reply_read(reply, call->action, result->status, result->body, result->body_length,
                       client->xml);
        break;
    case HTTP_TOO_LARGE:
        *reply = (struct mws_reply){.action = call->action, .http_status = result->status};
        mws_reply_set_unreadable(reply, result->problem);
        break;
    case HTTP_NOT_SENT:
    case HTTP_NO_ANSWER:
    case HTTP_CANCELED:
        set_transport_failure(reply, call->action, result);
        break;
    }
}

static void check_about(const struct call *call, struct mws_reply *reply)
{
    if (reply->is_transport_failure || reply->is_unreadable || reply->is_error) {
        return;
    }
    struct mws_echo echo = mws_reply_echo(reply);
    struct problem problem;
    if (strcmp(echo.id, call->id) != 0) {
        (void)problem_set(&problem, ST_PEER, "the answer is about %s where %s was asked", echo.id,
                          call->id);
        mws_reply_set_unreadable(reply, problem.text);
    } else if (money_is_valid(call->amount) && !money_equal(call->amount, echo.amount)) {
        mws_reply_set_unreadable(reply, "the answer is about another amount than was asked");
    } else if (mws_reply_ids_check(reply, call->region, call->environment, &problem) != ST_OK) {
        mws_reply_set_unreadable(reply, problem.text);
    }
}

static void on_answer(void *arg, const struct http_result *result)
{
    struct call *call = arg;
    struct mws_client *client = call->client;
    mws_done *done = call->done;
    void *done_arg = call->arg;
    ENSURE(!client->is_answering);
    read_result(client, call, result);
    check_about(call, &client->reply);
    call_give_back(client, call);
    client->is_answering = true;
    done(done_arg, &client->reply);
    client->is_answering = false;
}

enum status mws_call(struct mws_client *client, const struct mws_seller *seller,
                     const struct mws_request *request, mws_done *done, void *arg,
                     struct problem *problem)
{
    struct signed_body body;
    enum status status = sign_request(client, seller, request, &body, problem);
    if (status != ST_OK) {
        return status;
    }
    struct call *call = call_take(client);
    call->client = client;
    call->action = request->action;
    call->region = seller->region;
    call->environment = seller->environment;
    call->done = done;
    call->arg = arg;
    struct mws_echo echo = mws_request_echo(request);
    ENSURE(strlen(echo.id) < sizeof call->id); /* mws_request_write has checked it */
    (void)stpcpy(call->id, echo.id);
    call->amount = echo.amount;
    status = http_post(client->http, seller->endpoint, body.bytes, body.length, on_answer, call);
    if (status != ST_OK) {
        call_give_back(client, call);
        return problem_set(problem, status, "the client is being closed");
    }
    return ST_OK;
}
