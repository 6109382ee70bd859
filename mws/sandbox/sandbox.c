/*
 * sandbox.c - what every request passes before and after its operation. See sandbox.h.
 *
 * Two kinds of errors: those of the front end (signature, throttling, ...) carry <RequestID>, those
 * of the payment service <RequestId>; clients must cope with both, so the difference is kept.
 */
#include "mws/sandbox/sandbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/sandbox/operation.h"
#include "mws/sandbox/payment.h"
#include "mws/sandbox/signature.h"

#define CLOCK_SKEW_MS 900000 /* 15 minutes */
#define HUGE_BYTES    ((size_t)2 * 1024 * 1024)
#define SELLER_ID_MAX 64

struct credential {
    char *access_key;
    struct seller *seller;
    struct signing_keys keys;
};

/* --- sellers and keys ----------------------------------------------------------------------------
 */

struct sandbox_options sandbox_defaults(void)
{
    return (struct sandbox_options){.quota = QUOTA_OFF, .rules = rules_default()};
}

void sandbox_init(struct sandbox *sandbox, const struct sandbox_options *options)
{
    memset(sandbox, 0, sizeof *sandbox);
    world_init(&sandbox->world);
    sandbox->quota = options->quota;
    sandbox->world.rules = options->rules;
    if (options->any_seller != NULL) {
        sandbox->any_seller_keys = signing_keys_new(options->any_seller);
    }
    random_bytes(&sandbox->request_id_seed, sizeof sandbox->request_id_seed);
}

void sandbox_free(struct sandbox *sandbox)
{
    struct credential *credential;
    size_t at = 0;

    while ((credential = table_next(&sandbox->credentials, &at)) != NULL) {
        signing_keys_free(&credential->keys);
        free(credential->access_key);
        free(credential);
    }
    table_clear(&sandbox->credentials);
    signing_keys_free(&sandbox->any_seller_keys);
    form_free(&sandbox->form);
    text_free(&sandbox->canonical);
    text_free(&sandbox->result);
    text_free(&sandbox->asked);
    logins_free(&sandbox->logins);
    world_free(&sandbox->world);
}

enum status sandbox_add_seller(struct sandbox *sandbox, const char *line, struct problem *problem)
{
    const char *first = strchr(line, ':');
    const char *second = first != NULL ? strchr(first + 1, ':') : NULL;
    struct credential *credential;
    char *seller_id;

    if (second == NULL || first == line || second == first + 1 || second[1] == '\0') {
        return problem_set(problem, ST_INVALID, "a seller is written SELLERID:ACCESSKEY:SECRET");
    }
    credential = calloc(1, sizeof *credential);
    seller_id = strndup(line, (size_t)(first - line));
    ENSURE(credential != NULL);
    ENSURE(seller_id != NULL);
    credential->access_key = strndup(first + 1, (size_t)(second - first - 1));
    ENSURE(credential->access_key != NULL);
    if (table_get(&sandbox->credentials, credential->access_key) != NULL) {
        enum status status = problem_set(problem, ST_INVALID, "the access key %.60s is given twice",
                                         credential->access_key);
        free(credential->access_key);
        free(credential);
        free(seller_id);
        return status;
    }
    credential->seller = world_seller(&sandbox->world, seller_id);
    free(seller_id);
    ENSURE(credential->seller != NULL);
    credential->keys = signing_keys_new(second + 1);
    table_put(&sandbox->credentials, credential->access_key, credential);
    return ST_OK;
}

/* --- one request
 * ---------------------------------------------------------------------------------- */

struct exchange {
    struct sandbox *sandbox;
    const struct sandbox_request *request;
    struct sandbox_answer *answer;
    const struct signing_keys *keys;
    struct call call;
    bool front_end; /* the error, if any, is the front end's */
};

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* A UUID to look at; unique is all it has to be. */
static void make_request_id(struct sandbox *sandbox, char id[REQUEST_ID_MAX])
{
    uint64_t a = mix(sandbox->request_id_seed + ++sandbox->request_count * 0x9e3779b97f4a7c15U);
    uint64_t b = mix(a ^ sandbox->request_id_seed);

    (void)snprintf(id, REQUEST_ID_MAX, "%08x-%04x-4%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
                   (unsigned)(a >> 16) & 0xFFFFU, (unsigned)a & 0xFFFU,
                   0x8000U | ((unsigned)(b >> 48) & 0x3FFFU), b & 0xFFFFFFFFFFFFU);
}

static bool fail_front(struct exchange *x, enum mws_error error, const char *message)
{
    x->front_end = true;
    return call_fail(&x->call, error, "%s", message);
}

/* The path names the environment; a slash at its end is signed but means nothing. */
static bool check_path(struct exchange *x)
{
    const char *path = x->request->path;
    size_t length = strlen(path);

    length -= length > 1 && path[length - 1] == '/';
    if (length == strlen(PATH_SANDBOX) && memcmp(path, PATH_SANDBOX, length) == 0) {
        x->call.environment = ENVIRONMENT_SANDBOX;
        return true;
    }
    if (length == strlen(PATH_LIVE) && memcmp(path, PATH_LIVE, length) == 0) {
        x->call.environment = ENVIRONMENT_LIVE;
        return true;
    }
    return fail_front(x, MWS_ERROR_INVALID_ADDRESS,
                      "Operation not found: the section or version in the path is not known.");
}

static bool has_value(const struct exchange *x, const char *name, const char *value)
{
    const char *given = form_get(x->call.form, name);

    return given != NULL && strcmp(given, value) == 0;
}

static bool is_seller_id(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strspn(text, letters);

    return length > 0 && length <= SELLER_ID_MAX && text[length] == '\0';
}

static bool check_common(struct exchange *x)
{
    const char *action = form_get(x->call.form, "Action");
    const char *seller = form_get(x->call.form, "SellerId");

    x->answer->action = action != NULL ? mws_action_parse(action) : MWS_ACTION_UNKNOWN;
    if (form_get(x->call.form, "AWSAccessKeyId") == NULL ||
        form_get(x->call.form, "Signature") == NULL) {
        return fail_front(x, MWS_ERROR_MISSING_AUTHENTICATION_TOKEN,
                          "AWSAccessKeyId and Signature are required.");
    }
    if (!has_value(x, "Version", MWS_API_VERSION)) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE, "Version must be 2013-01-01.");
    }
    if (!has_value(x, "SignatureVersion", "2") || !signature_method_is_known(x->call.form)) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE,
                          "SignatureVersion must be 2 and SignatureMethod HmacSHA256 or HmacSHA1.");
    }
    if (seller == NULL || !is_seller_id(seller)) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE,
                          "The required parameter SellerId is missing or malformed.");
    }
    return true;
}

static bool is_given(const struct exchange *x, const char *name)
{
    const char *given = form_get(x->call.form, name);

    return given != NULL && given[0] != '\0';
}

/* With an MWSAuthToken (any is taken for valid) a solution provider acts for another seller. */
static bool find_seller(struct exchange *x)
{
    struct sandbox *sandbox = x->sandbox;
    const char *seller_id = form_get(x->call.form, "SellerId");
    const struct credential *credential =
        table_get(&sandbox->credentials, form_get(x->call.form, "AWSAccessKeyId"));

    if (credential != NULL) {
        x->keys = &credential->keys;
        x->call.seller = credential->seller;
        if (strcmp(credential->seller->id, seller_id) == 0) {
            return true;
        }
        x->call.seller = world_find_seller(&sandbox->world, seller_id);
        if (!is_given(x, "MWSAuthToken") || x->call.seller == NULL) {
            return fail_front(x, MWS_ERROR_ACCESS_DENIED,
                              "Access denied: the access key is not that of the SellerId.");
        }
        return true;
    }
    if (sandbox->any_seller_keys.sha256 == NULL) {
        return fail_front(x, MWS_ERROR_INVALID_ACCESS_KEY_ID,
                          "The AWS Access Key Id you provided does not exist in our records.");
    }
    x->keys = &sandbox->any_seller_keys;
    return true;
}

/* Some clients write the final Z in lower case. */
static bool check_time(struct exchange *x)
{
    const char *given = form_get(x->call.form, "Timestamp");
    char text[INSTANT_TEXT_MAX];
    struct instant at;
    int64_t skew;
    size_t length = given != NULL ? strlen(given) : 0;

    if (length > 0 && length < sizeof text) {
        memcpy(text, given, length + 1);
        text[length - 1] = text[length - 1] == 'z' ? 'Z' : text[length - 1];
    }
    if (length == 0 || length >= sizeof text || !instant_parse(text, &at)) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE,
                          "Timestamp must be in ISO 8601 format, in UTC.");
    }
    skew = x->request->now.utc_ms - at.utc_ms;
    if (skew > CLOCK_SKEW_MS || skew < -CLOCK_SKEW_MS) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE, "Request has expired.");
    }
    return true;
}

static bool check_signature(struct exchange *x)
{
    const struct sandbox_request *r = x->request;

    if (!signature_is_right(x->keys, r->method, r->host, r->path, x->call.form,
                            &x->sandbox->canonical)) {
        return fail_front(x, MWS_ERROR_SIGNATURE_DOES_NOT_MATCH,
                          "The request signature we calculated does not match the signature you "
                          "provided. Check your AWS Secret Access Key and signing method. Consult "
                          "the service documentation for details.");
    }
    /* Only who can sign makes a seller. */
    if (x->call.seller == NULL) {
        x->call.seller = world_seller(&x->sandbox->world, form_get(x->call.form, "SellerId"));
    }
    if (x->call.seller == NULL) {
        return fail_front(x, MWS_ERROR_ACCESS_DENIED, "Access denied: too many sellers.");
    }
    x->answer->seller_id = x->call.seller->id;
    return true;
}

static bool check_form(struct exchange *x)
{
    struct problem problem;

    if (form_read(&x->sandbox->form, x->request->form, x->request->form_length, &problem) !=
        ST_OK) {
        return fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE, problem.text);
    }
    return true;
}

static bool check_quota(struct exchange *x, const struct operation *operation)
{
    struct throttle_bucket *bucket =
        &x->call.seller->buckets[x->call.environment][x->answer->action];

    if (x->answer->fault.kind == FAULT_THROTTLE ||
        !throttle_take(bucket, x->sandbox->quota, operation->throttle, x->request->ticks)) {
        x->sandbox->statistics.throttled++;
        return fail_front(x, MWS_ERROR_REQUEST_THROTTLED, "Request is throttled");
    }
    return true;
}

/* Any error, with the sentence that was seen of Amazon where one was. */
static bool fail_with(struct exchange *x, enum mws_error error)
{
    x->front_end = error == MWS_ERROR_ACCESS_DENIED || error == MWS_ERROR_QUOTA_EXCEEDED ||
                   error == MWS_ERROR_REQUEST_THROTTLED || error == MWS_ERROR_INTERNAL_ERROR ||
                   error == MWS_ERROR_INVALID_ADDRESS || error == MWS_ERROR_INVALID_ACCESS_KEY_ID ||
                   error == MWS_ERROR_SIGNATURE_DOES_NOT_MATCH ||
                   error == MWS_ERROR_INPUT_STREAM_DISCONNECTED;
    if (error == MWS_ERROR_ACCESS_DENIED) {
        return call_fail(&x->call, error, "Access to %s.%s is denied",
                         x->call.environment == ENVIRONMENT_LIVE ? "OffAmazonPayments"
                                                                 : "OffAmazonPayments_Sandbox",
                         mws_action_name(x->answer->action));
    }
    return call_fail(&x->call, error, "%s",
                     error == MWS_ERROR_REQUEST_THROTTLED ? "Request is throttled"
                                                          : "The request cannot be processed.");
}

/* True when the work is not to be done, or only its answer is to be spoilt into an error. */
static bool plays_error(struct exchange *x)
{
    switch (x->answer->fault.kind) {
    case FAULT_ERROR_500:
    case FAULT_HALF:
        return !fail_front(x, MWS_ERROR_INTERNAL_SERVER_ERROR,
                           "There was an unknown error in the service.");
    case FAULT_ERROR_503:
        return !fail_front(x, MWS_ERROR_SERVICE_UNAVAILABLE,
                           "The service is temporarily unavailable.");
    case FAULT_ERROR:
        return !fail_with(x, x->answer->fault.code);
    case FAULT_CLOSE:
        x->answer->drop = true;
        return true;
    case FAULT_NONE:
    case FAULT_DROP:
    case FAULT_DELAY:
    case FAULT_THROTTLE:
    case FAULT_GARBAGE:
    case FAULT_DOCTYPE:
    case FAULT_HUGE_ANSWER:
    case FAULT_UNKNOWN_STATE:
    case FAULT_GATEWAY:
    case FAULT_COUNT:
        return false;
    }
    return false;
}

/* A seller whose account is INACTIVE may ask for nothing but how things are. */
static bool check_account(struct exchange *x)
{
    return !x->call.seller->inactive || x->answer->action == MWS_GET_SERVICE_STATUS ||
           x->answer->action == MWS_GET_MERCHANT_ACCOUNT_STATUS ||
           call_fail(&x->call, MWS_ERROR_INVALID_ACCOUNT_STATUS,
                     "The account of the seller is suspended or its registration is not complete.");
}

static void operate(struct exchange *x)
{
    const struct operation *operation = operation_find(x->answer->action);

    if (operation == NULL) {
        (void)fail_front(x, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value of parameter Action is not valid for this web service.");
        return;
    }
    x->answer->fault = fault_draw(&x->sandbox->faults, x->answer->action);
    if ((!x->answer->fault.after_work && plays_error(x)) || !check_quota(x, operation)) {
        return;
    }
    world_advance(x->call.world, x->call.now);
    x->call.is_half_done = x->answer->fault.kind == FAULT_HALF;
    if (check_account(x)) {
        operation->handler(&x->call);
    }
    if (x->answer->fault.after_work) {
        (void)plays_error(x);
    }
}

/* --- the answer
 * ------------------------------------------------------------------------------------ */

static void add_head(struct text *body, const char *root)
{
    text_add(body, "<?xml version=\"1.0\"?>\n<");
    text_add(body, root);
    text_add(body, " xmlns=\"" MWS_NAMESPACE "\">");
}

static void write_success(struct exchange *x)
{
    struct text *body = &x->answer->body;
    const char *action = mws_action_name(x->answer->action);
    char name[64];

    (void)snprintf(name, sizeof name, "%sResponse", action);
    add_head(body, name);
    (void)snprintf(name, sizeof name, "%sResult", action);
    if (x->sandbox->result.length > 0) {
        xml_open(body, name);
        text_add_bytes(body, x->sandbox->result.bytes, x->sandbox->result.length);
        xml_close(body, name);
    } else if (x->sandbox->world.rules.empty_result == EMPTY_ELEMENT) {
        text_format(body, "<%s/>", name);
    }
    text_add(body, "<ResponseMetadata>");
    xml_element(body, "RequestId", x->call.request_id);
    text_format(body, "</ResponseMetadata></%sResponse>", action);
}

/* Throttling has been seen with an empty Type; the others say whose fault it is. */
static const char *type_of(const struct exchange *x)
{
    if (x->call.error == MWS_ERROR_REQUEST_THROTTLED) {
        return "";
    }
    return x->answer->status >= 500 ? "Receiver" : "Sender";
}

static void write_error(struct exchange *x)
{
    struct text *body = &x->answer->body;
    int64_t layout = x->sandbox->world.rules.error_layout;

    add_head(body, "ErrorResponse");
    if (layout == ERROR_BARE) {
        xml_element(body, "RequestId", x->call.request_id);
    }
    xml_open(body, "Error");
    if (layout != ERROR_BARE) {
        xml_element(body, "Type", type_of(x));
    }
    xml_element(body, "Code", mws_error_name(x->call.error));
    xml_element(body, "Message", x->call.message);
    if (layout == ERROR_DETAIL) {
        xml_element(body, "Detail", "");
    }
    xml_close(body, "Error");
    if (layout != ERROR_BARE) {
        xml_element(body, x->front_end ? "RequestID" : "RequestId", x->call.request_id);
    }
    xml_close(body, "ErrorResponse");
}

/* Every <State>...</State> becomes a word that no table has. */
static void replace_states(struct text *body)
{
    struct text changed = {0};
    const char *rest = body->bytes;
    const char *at;

    while ((at = strstr(rest, "<State>")) != NULL) {
        const char *end = strstr(at, "</State>");
        text_add_bytes(&changed, rest, (size_t)(at - rest));
        text_add(&changed, "<State>Reticulating");
        rest = end;
    }
    text_add(&changed, rest);
    text_free(body);
    *body = changed;
}

static void insert_after_declaration(struct text *body, const char *inserted)
{
    struct text changed = {0};
    const char *line_end = strchr(body->bytes, '\n');

    ENSURE(line_end != NULL);
    text_add_bytes(&changed, body->bytes, (size_t)(line_end - body->bytes) + 1);
    text_add(&changed, inserted);
    text_add(&changed, line_end + 1);
    text_free(body);
    *body = changed;
}

static void spoil(struct sandbox_answer *answer)
{
    struct text *body = &answer->body;

    switch (answer->fault.kind) {
    case FAULT_DROP:
        answer->drop = true;
        break;
    case FAULT_DELAY:
        answer->delay_ms = answer->fault.delay_ms;
        break;
    case FAULT_GARBAGE:
        text_clear(body);
        text_add(body, "<<html>\x01\xFF this is not the XML you are looking for");
        break;
    case FAULT_DOCTYPE:
        insert_after_declaration(body,
                                 "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n");
        break;
    case FAULT_HUGE_ANSWER:
        while (body->length < HUGE_BYTES) {
            text_add(body, "<!-- padding padding padding padding padding padding -->\n");
        }
        break;
    case FAULT_UNKNOWN_STATE:
        replace_states(body);
        break;
    case FAULT_GATEWAY:
        answer->status = 502;
        answer->content_type = "text/html";
        text_clear(body);
        text_add(body, "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
        break;
    case FAULT_NONE:
    case FAULT_ERROR:
    case FAULT_ERROR_500:
    case FAULT_HALF:
    case FAULT_ERROR_503:
    case FAULT_CLOSE:
    case FAULT_THROTTLE:
    case FAULT_COUNT:
        break;
    }
}

void sandbox_handle(struct sandbox *sandbox, const struct sandbox_request *request,
                    struct sandbox_answer *answer)
{
    struct exchange x = {.sandbox = sandbox, .request = request, .answer = answer};

    text_clear(&answer->body);
    text_clear(&sandbox->result);
    *answer =
        (struct sandbox_answer){.body = answer->body, .seller_id = "", .content_type = "text/xml"};
    sandbox->form.count = 0;
    x.call.world = &sandbox->world;
    x.call.logins = &sandbox->logins;
    x.call.form = &sandbox->form;
    x.call.out = &sandbox->result;
    x.call.asked = &sandbox->asked;
    x.call.now = instant_plus(request->now, sandbox->world.clock_ahead_ms);
    make_request_id(sandbox, x.call.request_id);
    if (check_path(&x) && check_form(&x) && check_common(&x) && find_seller(&x) && check_time(&x) &&
        check_signature(&x)) {
        operate(&x);
    }
    answer->error = x.call.error;
    answer->status = answer->error != MWS_ERROR_NONE
                         ? rules_http_status(&sandbox->world.rules, answer->error)
                         : 200;
    (void)snprintf(answer->request_id, sizeof answer->request_id, "%s", x.call.request_id);
    answer->at = x.call.now;
    sandbox->statistics.requests++;
    sandbox->statistics.results[answer->action][answer->error]++;
    if (answer->drop) {
        return;
    }
    if (answer->error != MWS_ERROR_NONE) {
        write_error(&x);
    } else {
        write_success(&x);
    }
    spoil(answer);
}
