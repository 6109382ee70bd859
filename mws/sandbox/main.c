/*
 * main.c - the command line of mws-sandbox.
 *
 * Exit codes (sysexits.h): 0 stopped by a signal, 64 wrong usage, 69 a port is taken, 74 a file
 * cannot be read or written.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "billing/ensure.h"
#include "mws/sandbox/sandbox.h"
#include "mws/sandbox/server.h"
#include "mws/sandbox/snapshot.h"
#include "mws/sandbox/tls_files.h"

#define SELLERS_ON_COMMAND_LINE_MAX 256

struct settings {
    struct sandbox_options sandbox;
    struct server_options server;
    const char *port_file, *notify;
    const char *tls_directory, *certificate, *key;
    const char *sellers_file;
    const char *sellers[SELLERS_ON_COMMAND_LINE_MAX];
    size_t seller_count;
};

enum option_key {
    KEY_LISTEN = 256,
    KEY_PORT,
    KEY_CONTROL_PORT,
    KEY_PORT_FILE,
    KEY_TLS_DIR,
    KEY_CERTIFICATE,
    KEY_KEY,
    KEY_SELLER,
    KEY_SELLERS,
    KEY_ANY_SELLER,
    KEY_QUOTA,
    KEY_ERROR_STATUS,
    KEY_STATE,
    KEY_LOG_REQUESTS,
    KEY_NOTIFY,
    KEY_NOTIFY_CA,
    KEY_RULE, /* and on: one for each row of the table of rules */
};

static const struct argp_option options[] = {
    {"listen", KEY_LISTEN, "ADDRESS", 0, "Numeric address for Amazon's API (127.0.0.1)", 1},
    {"port", KEY_PORT, "PORT", 0, "Its HTTPS port; 0 takes any free one (0)", 1},
    {"control-port", KEY_CONTROL_PORT, "PORT", 0,
     "Plain HTTP port of the control API, on 127.0.0.1 only (0)", 1},
    {"port-file", KEY_PORT_FILE, "FILE", 0, "Write port= and control_port= there once listening",
     1},
    {"tls-dir", KEY_TLS_DIR, "DIR", 0,
     "Keep ca.pem, and certificates and keys of the server and the notifications there; made when "
     "missing",
     2},
    {"certificate", KEY_CERTIFICATE, "FILE", 0, "Serve with this certificate chain (PEM)", 2},
    {"key", KEY_KEY, "FILE", 0, "and this private key (PEM)", 2},
    {"seller", KEY_SELLER, "ID:ACCESSKEY:SECRET", 0, "A seller that may call; repeatable", 3},
    {"sellers", KEY_SELLERS, "FILE", 0, "More sellers, one a line; # starts a comment", 3},
    {"any-seller", KEY_ANY_SELLER, "SECRET", 0,
     "Let any other seller id and access key in with this secret", 3},
    {"quota", KEY_QUOTA, "off|sandbox|live", 0, "Amazon's throttling quotas (sandbox)", 4},
    {"error-status", KEY_ERROR_STATUS, "CODE=STATUS", 0,
     "The HTTP status of one of Amazon's error codes; repeatable", 5},
    {"state", KEY_STATE, "FILE", 0, "Keep the world there across restarts", 6},
    {"notify", KEY_NOTIFY, "URL", 0,
     "Post every notification of every seller there, besides what sellers have set; https, or "
     "http to loopback",
     6},
    {"notify-ca", KEY_NOTIFY_CA, "FILE", 0, "Trust these authorities (PEM) when posting there", 6},
    {"log-requests", KEY_LOG_REQUESTS, NULL, 0, "One line on stderr for each request", 6},
    {0},
};

static const char description[] =
    "A local fake of Amazon's MWS Amazon Pay API.\v"
    "Examples:\n"
    "  mws-sandbox --tls-dir ./tls --port 8443 --control-port 8080 \\\n"
    "              --seller A1SELLER:AKEXAMPLE:secret\n"
    "  curl -d '{\"seller\":\"A1SELLER\",\"state\":\"Open\"}' \\\n"
    "       http://127.0.0.1:8080/control/agreements\n"
    "  curl http://127.0.0.1:8080/control/ledger?totals=1\n"
    "\n"
    "Clients trust ./tls/ca.pem and call https://localhost:8443" PATH_SANDBOX
    " (or the live path). The control API is described in mws/sandbox/README.md.";

/* A number from 0 to `max`; ends the program with usage otherwise. */
static long number(struct argp_state *state, const char *name, const char *text, long max)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > max) {
        argp_error(state, "--%s must be a number from 0 to %ld, not \"%s\"", name, max, text);
    }
    return value;
}

static enum quota quota_of(struct argp_state *state, const char *text)
{
    if (strcmp(text, "off") == 0) {
        return QUOTA_OFF;
    }
    if (strcmp(text, "live") == 0) {
        return QUOTA_LIVE;
    }
    if (strcmp(text, "sandbox") != 0) {
        argp_error(state, "--quota must be off, sandbox or live, not \"%s\"", text);
    }
    return QUOTA_SANDBOX;
}

static void check_usage(struct argp_state *state, const struct settings *s)
{
    if ((s->certificate == NULL) != (s->key == NULL)) {
        argp_error(state, "--certificate and --key go together");
    }
    if ((s->tls_directory == NULL) == (s->certificate == NULL)) {
        argp_error(state, "give --tls-dir, or --certificate and --key");
    }
    if (s->seller_count == 0 && s->sellers_file == NULL && s->sandbox.any_seller == NULL) {
        argp_error(state, "nobody could call: give --seller, --sellers or --any-seller");
    }
    if (s->sandbox.any_seller != NULL && s->sandbox.any_seller[0] == '\0') {
        argp_error(state, "--any-seller needs a secret");
    }
}

static void add_seller(struct argp_state *state, struct settings *s, const char *line)
{
    if (s->seller_count == SELLERS_ON_COMMAND_LINE_MAX) {
        argp_error(state, "more than %d --seller: use --sellers", SELLERS_ON_COMMAND_LINE_MAX);
    }
    s->sellers[s->seller_count++] = line;
}

static void set_notify(struct argp_state *state, struct settings *s, const char *url)
{
    if (!notice_url_is_allowed(url)) {
        argp_error(state, "--notify must be an https URL, or http to loopback, not \"%s\"", url);
    }
    s->notify = url;
}

static void check_rule(struct argp_state *state, enum status status, const struct problem *problem)
{
    if (status != ST_OK) {
        argp_error(state, "--%s", problem->text);
    }
}

/* The input is the rules. */
static error_t parse_rule(int key, char *text, struct argp_state *state)
{
    struct problem problem;

    if (key < KEY_RULE || key >= KEY_RULE + (int)rules_count()) {
        return ARGP_ERR_UNKNOWN;
    }
    check_rule(state,
               rules_set(state->input, rule_at((size_t)(key - KEY_RULE)).name, text, &problem),
               &problem);
    return 0;
}

/* The options made of the table of rules, in its order. */
struct rule_options {
    struct argp_option list[RULES_MAX + 1];
    char help[RULES_MAX][300];
};

static void list_rules(struct rule_options *made)
{
    *made = (struct rule_options){0};
    for (size_t i = 0; i < rules_count(); i++) {
        struct rule rule = rule_at(i);
        bool words = strchr(rule.values, '|') != NULL;
        (void)snprintf(made->help[i], sizeof made->help[i], "%s%s%s", words ? rule.values : "",
                       words ? ": " : "", rule.help);
        made->list[i] = (struct argp_option){.name = rule.name,
                                             .key = KEY_RULE + (int)i,
                                             .arg = words ? "READING" : rule.values,
                                             .doc = made->help[i]};
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct settings *s = state->input;
    struct problem problem;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &s->sandbox.rules;
        return 0;
    case KEY_LISTEN:
        s->server.address = text;
        return 0;
    case KEY_PORT:
        s->server.port = (uint16_t)number(state, "port", text, 65535);
        return 0;
    case KEY_CONTROL_PORT:
        s->server.control_port = (uint16_t)number(state, "control-port", text, 65535);
        return 0;
    case KEY_PORT_FILE:
        s->port_file = text;
        return 0;
    case KEY_TLS_DIR:
        s->tls_directory = text;
        return 0;
    case KEY_CERTIFICATE:
        s->certificate = text;
        return 0;
    case KEY_KEY:
        s->key = text;
        return 0;
    case KEY_SELLER:
        add_seller(state, s, text);
        return 0;
    case KEY_SELLERS:
        s->sellers_file = text;
        return 0;
    case KEY_ANY_SELLER:
        s->sandbox.any_seller = text;
        return 0;
    case KEY_QUOTA:
        s->sandbox.quota = quota_of(state, text);
        return 0;
    case KEY_ERROR_STATUS:
        check_rule(state, rules_set_status(&s->sandbox.rules, text, &problem), &problem);
        return 0;
    case KEY_STATE:
        s->server.state_file = text;
        return 0;
    case KEY_NOTIFY:
        set_notify(state, s, text);
        return 0;
    case KEY_NOTIFY_CA:
        s->server.notify_ca = text;
        return 0;
    case KEY_LOG_REQUESTS:
        s->server.log_requests = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", text);
        return 0;
    case ARGP_KEY_END:
        check_usage(state, s);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    (void)fprintf(stream, "mws-sandbox %s\n", AUTOPAY_VERSION);
}

/* --- starting
 * ---------------------------------------------------------------------------------------- */

static int exit_code_of(enum status status)
{
    switch (status) {
    case ST_OK:
        return EX_OK;
    case ST_INVALID:
    case ST_NOT_FOUND:
    case ST_CONFLICT:
        return EX_USAGE;
    case ST_BUSY:
    case ST_NETWORK:
        return EX_UNAVAILABLE;
    case ST_LOST:
    case ST_FULL:
    case ST_STORE:
    case ST_PEER:
        return EX_IOERR;
    }
    return EX_SOFTWARE;
}

static enum status read_sellers(struct sandbox *sandbox, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t bytes = 0;
    int number_of_line = 0;
    enum status status = ST_OK;

    if (file == NULL) {
        return problem_set(problem, ST_STORE, "cannot read %.200s: %s", path, strerror(errno));
    }
    while (status == ST_OK && getline(&line, &bytes, file) > 0) {
        struct problem inner;
        number_of_line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#') {
            continue;
        }
        status = sandbox_add_seller(sandbox, line, &inner);
        if (status != ST_OK) {
            (void)problem_set(problem, status, "%.120s, line %d: %.150s", path, number_of_line,
                              inner.text);
        }
    }
    free(line);
    (void)fclose(file);
    return status;
}

static enum status fill_sandbox(struct sandbox *sandbox, const struct settings *s,
                                struct problem *problem)
{
    enum status status = ST_OK;

    text_replace(&sandbox->world.notices.url_of_all, s->notify);
    sandbox->world.notices.heard = s->notify != NULL;
    if (s->server.state_file != NULL) {
        status = snapshot_load(&sandbox->world, s->server.state_file, problem);
        status = status == ST_OK ? ST_OK : ST_STORE; /* a damaged file is no wrong usage */
    }
    for (size_t i = 0; i < s->seller_count && status == ST_OK; i++) {
        status = sandbox_add_seller(sandbox, s->sellers[i], problem);
    }
    if (status == ST_OK && s->sellers_file != NULL) {
        status = read_sellers(sandbox, s->sellers_file, problem);
    }
    return status;
}

static enum status announce(const struct server *server, const struct settings *s,
                            struct problem *problem)
{
    char text[64];

    (void)snprintf(text, sizeof text, "port=%u\ncontrol_port=%u\n", server_port(server),
                   server_control_port(server));
    (void)fprintf(stderr, "event=listening address=%s port=%u control_port=%u\n", s->server.address,
                  server_port(server), server_control_port(server));
    return s->port_file != NULL ? file_replace(s->port_file, text, 0644, problem) : ST_OK;
}

static void stop(void *loop)
{
    loop_stop(loop);
}

/* From listening to the last saved state. */
static enum status serve(struct loop *loop, struct sandbox *sandbox, const struct settings *s,
                         struct problem *problem)
{
    struct server *server;
    struct signal_watch *terminate;
    struct signal_watch *interrupt;
    enum status status = server_new(loop, sandbox, &s->server, &server, problem);

    if (status != ST_OK) {
        return status;
    }
    terminate = signal_watch_new(loop, SIGTERM, stop, loop);
    interrupt = signal_watch_new(loop, SIGINT, stop, loop);
    status = announce(server, s, problem);
    if (status == ST_OK) {
        loop_run(loop);
        status = server_save(server, problem);
        (void)fprintf(stderr, "event=stopped\n");
    }
    signal_watch_free(terminate);
    signal_watch_free(interrupt);
    server_free(server);
    return status;
}

int main(int argc, char **argv)
{
    struct rule_options rules;
    const struct argp rule_parser = {rules.list, parse_rule, NULL, NULL, NULL, NULL, NULL};
    const struct argp_child children[] = {
        {&rule_parser, 0,
         "Where Amazon's documents leave it open (the default is the first word):", 7},
        {0}};
    const struct argp argp = {options, parse_option, NULL, description, children, NULL, NULL};
    struct settings settings = {
        .sandbox = sandbox_defaults(),
        .server = {.address = "127.0.0.1"},
    };
    struct tls_files tls;
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    struct loop *loop;
    struct problem problem;
    enum status status;

    ENSURE(sandbox != NULL);
    settings.sandbox.quota = QUOTA_SANDBOX;
    list_rules(&rules);
    argp_program_version_hook = print_version;
    argp_err_exit_status = EX_USAGE;
    (void)argp_parse(&argp, argc, argv, 0, NULL, &settings);
    sandbox_init(sandbox, &settings.sandbox);
    status = settings.tls_directory != NULL
                 ? tls_files_keep(settings.tls_directory, settings.server.address, &tls, &problem)
                 : tls_files_read(settings.certificate, settings.key, &tls, &problem);
    if (status == ST_OK) {
        settings.server.tls = &tls;
        status = fill_sandbox(sandbox, &settings, &problem);
        if (status == ST_OK) {
            loop = loop_new();
            status = serve(loop, sandbox, &settings, &problem);
            loop_free(loop);
        }
        tls_files_free(&tls);
    }
    sandbox_free(sandbox);
    free(sandbox);
    if (status != ST_OK) {
        (void)fprintf(stderr, "mws-sandbox: %s\n", problem.text);
    }
    return exit_code_of(status);
}
