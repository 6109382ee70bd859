/*
 * main_mws_call.c - the client library as a command: a JSON line in is a call to Amazon, its reply
 * a JSON line out. For end-to-end tests (tests/e2e/harness.py); one process serves a whole
 * scenario.
 *
 *     mws-call --endpoint https://localhost:8443/OffAmazonPayments_Sandbox/2013-01-01 \
 *              --ca-file tls/ca.pem --seller A1SELLER --access-key AKEXAMPLE --secret secret
 *     {"action": "GetBillingAgreementDetails", "AmazonBillingAgreementId": "C03-0000000-0000001"}
 *
 * A line out has "outcome" and "cause" of mws_classify, "http_status", "error", "request_id" and
 * "message"; then, if the result is valid, all its fields. A request that breaks a documented bound
 * is not sent: its line out has only "not_sent". The actions TokenInfo and UserProfile are Login
 * with Amazon's (mws_call.h), asked of the endpoint's host. Exit codes: 0 at the end of the input,
 * 64 usage or a line that names an unknown parameter, 69 the library does not start.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "mws/classify.h"
#include "mws/client.h"
#include "scheduler/translate.h"
#include "tests/support/mws_call.h"

struct settings {
    const char *endpoint, *ca_file, *seller, *access_key, *secret;
    enum mws_region region;
    long deadline_ms;
};

struct session {
    struct loop *loop;
    struct mws_client *client;
    struct http_client *http; /* of Login with Amazon */
    char profile_endpoint[256];
    struct mws_seller seller;
};

static enum mws_region region_of(const char *name, struct argp_state *state)
{
    for (const struct mws_region_facts *facts = mws_regions(); facts->region != 0; facts++) {
        if (strcmp(facts->name, name) == 0) {
            return facts->region;
        }
    }
    argp_error(state, "no region: %s", name);
    return MWS_REGION_JP;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;

    switch (key) {
    case 'e':
        settings->endpoint = value;
        return 0;
    case 'c':
        settings->ca_file = value;
        return 0;
    case 's':
        settings->seller = value;
        return 0;
    case 'a':
        settings->access_key = value;
        return 0;
    case 'k':
        settings->secret = value;
        return 0;
    case 'r':
        settings->region = region_of(value, state);
        return 0;
    case 'd':
        settings->deadline_ms = strtol(value, NULL, 10);
        return 0;
    case ARGP_KEY_END:
        if (settings->endpoint == NULL || settings->ca_file == NULL || settings->seller == NULL ||
            settings->access_key == NULL || settings->secret == NULL) {
            argp_error(state, "--endpoint, --ca-file, --seller, --access-key and --secret are "
                              "needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_line(struct json *line)
{
    char *text = json_print(line, false);

    (void)printf("%s\n", text);
    (void)fflush(stdout);
    free(text);
    json_free(line);
}

static const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DONE:
        return "done";
    case OUTCOME_REFUSED:
        return "refused";
    case OUTCOME_LATER:
        return "later";
    case OUTCOME_UNKNOWN:
        return "unknown";
    }
    return "";
}

static void print_reply(void *arg, const struct mws_reply *reply)
{
    struct session *session = arg;
    struct mws_classification found = mws_classify(reply);
    struct json *line = json_new_object();

    json_set_string(line, "action", mws_action_name(reply->action));
    json_set_string(line, "outcome", outcome_name(found.outcome));
    json_set_string(line, "cause", cause_name(found.cause));
    json_set_integer(line, "http_status", reply->http_status);
    json_set_string(line, "error", reply->error_code);
    json_set_string(line, "request_id", reply->request_id);
    json_set_string(line, "message", reply->message);
    if (!reply->is_error && !reply->is_transport_failure && !reply->is_unreadable) {
        answered_write(reply, line);
    }
    print_line(line);
    loop_stop(session->loop);
}

static void print_not_sent(const char *why)
{
    struct json *line = json_new_object();

    json_set_string(line, "not_sent", why);
    print_line(line);
}

static enum status serve_call(struct session *session, const struct json *line,
                              struct problem *problem)
{
    struct asked asked;
    struct problem broken;
    enum status status = asked_read(line, &asked, problem);

    if (status != ST_OK) {
        return status;
    }
    if (mws_call(session->client, &session->seller, &asked.request, print_reply, session,
                 &broken) == ST_OK) {
        loop_run(session->loop);
    } else {
        print_not_sent(broken.text);
    }
    return ST_OK;
}

struct profile_call {
    struct session *session;
    const char *client_id;
};

static void print_profile(void *arg, const struct mws_profile_reply *reply)
{
    struct profile_call *call = arg;
    struct json *line = json_new_object();

    profile_answered_write(reply, call->client_id, line);
    print_line(line);
    loop_stop(call->session->loop);
}

static void serve_profile(struct session *session, const struct profile_asked *asked)
{
    struct profile_call call = {.session = session, .client_id = asked->client_id};
    struct problem broken;

    if (mws_profile_ask(session->http, session->profile_endpoint, asked->question,
                        asked->access_token, print_profile, &call, &broken) == ST_OK) {
        loop_run(session->loop);
    } else {
        print_not_sent(broken.text);
    }
}

/* One line: asked, answered. */
static enum status serve(struct session *session, const char *text, size_t length,
                         struct problem *problem)
{
    struct profile_asked profile;
    struct json *line;
    enum status status = json_parse(text, length, &line, problem);

    if (status != ST_OK) {
        return status;
    }
    if (profile_asked_read(line, &profile)) {
        serve_profile(session, &profile);
    } else {
        status = serve_call(session, line, problem);
    }
    json_free(line);
    return status;
}

static enum status serve_all(struct session *session, struct problem *problem)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    enum status status = ST_OK;

    while (status == ST_OK && (length = getline(&text, &size, stdin)) > 0) {
        status = serve(session, text, (size_t)length, problem);
    }
    free(text);
    return status;
}

/* "https://host:port" of the endpoint, without its path. */
static void set_profile_endpoint(struct session *session, const char *endpoint)
{
    const char *host = strstr(endpoint, "://");
    size_t length = host != NULL ? (size_t)(host - endpoint) + 3 : 0;

    length += strcspn(endpoint + length, "/");
    (void)snprintf(session->profile_endpoint, sizeof session->profile_endpoint, "%.*s", (int)length,
                   endpoint);
}

static int run(const struct settings *settings)
{
    const struct http_client_options http = {.ca_file = settings->ca_file,
                                             .user_agent = "mws-call/" AUTOPAY_VERSION,
                                             .connections_max = 1,
                                             .connect_deadline_ms = settings->deadline_ms,
                                             .total_deadline_ms = settings->deadline_ms,
                                             .response_bytes_max = 1048576};
    struct secret *secret = secret_new(settings->secret, strlen(settings->secret));
    /* The paths of the two environments are the only ones. */
    bool is_sandbox = strstr(settings->endpoint, mws_environment_path(MWS_SANDBOX)) != NULL;
    struct session session = {.loop = loop_new(),
                              .seller = {.region = settings->region,
                                         .environment = is_sandbox ? MWS_SANDBOX : MWS_LIVE,
                                         .secret = secret}};
    struct problem problem;
    int code = EX_OK;

    (void)snprintf(session.seller.endpoint, sizeof session.seller.endpoint, "%s",
                   settings->endpoint);
    (void)snprintf(session.seller.seller_id, sizeof session.seller.seller_id, "%s",
                   settings->seller);
    (void)snprintf(session.seller.access_key, sizeof session.seller.access_key, "%s",
                   settings->access_key);
    set_profile_endpoint(&session, settings->endpoint);
    session.client = mws_client_new(session.loop, &http, &problem);
    session.http = session.client != NULL ? http_client_new(session.loop, &http, &problem) : NULL;
    if (session.http == NULL) {
        code = EX_UNAVAILABLE;
    } else {
        code = serve_all(&session, &problem) == ST_OK ? EX_OK : EX_USAGE;
        http_client_free(session.http);
    }
    if (session.client != NULL) {
        mws_client_free(session.client);
    }
    if (code != EX_OK) {
        (void)fprintf(stderr, "mws-call: %s\n", problem.text);
    }
    loop_free(session.loop);
    secret_free(secret);
    return code;
}

int main(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"endpoint", 'e', "URL", 0, "Amazon's, with its path", 0},
        {"ca-file", 'c', "FILE", 0, "Whom to trust (PEM)", 0},
        {"seller", 's', "ID", 0, "SellerId", 0},
        {"access-key", 'a', "KEY", 0, "AWSAccessKeyId", 0},
        {"secret", 'k', "TEXT", 0, "Its secret: of a sandbox only", 0},
        {"region", 'r', "NAME", 0, "jp, na, eu or uk (jp)", 0},
        {"deadline-ms", 'd', "MS", 0, "Of each call (10000)", 0},
        {0},
    };
    static const struct argp parser = {.options = known, .parser = parse_option};
    struct settings settings = {.region = MWS_REGION_JP, .deadline_ms = 10000};

    argp_err_exit_status = EX_USAGE;
    (void)argp_parse(&parser, argc, argv, 0, NULL, &settings);
    return run(&settings);
}
