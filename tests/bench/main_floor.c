/*
 * main_floor.c - the floor of throughput: a loop that signs, posts and writes down, and thinks of
 * nothing.
 *
 * What no daemon that keeps a durable record can be faster than: the same requests as autopayd's
 * over as many kept-alive connections, through the same HTTP edge; one narrow row per answer, in
 * transactions of 64 rows, SQLite in WAL with synchronous=FULL. It knows its work beforehand, so it
 * reads no database, keeps no intent before the wire, takes no step, and does not look into an
 * answer beyond its HTTP status. The bare loop writes its rows itself; with --writer another thread
 * writes them, so that the disk never holds up the network: the stronger floor.
 *
 *     floor --url https://localhost:8443/ --ca-file ca.pem --secret TEXT [--store FILE]
 *           --sellers 200 --agreements 50 [--connections 64] [--writer]
 *
 * Without --store nothing is written down: a load for measuring what answers. Prints one JSON
 * object: charges, refused (answers other than 200), cpu_s, wall_s.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <sqlite3.h>

#include "billing/ensure.h"
#include "billing/reference_id.h"
#include "mws/edge/http_client.h"
#include "mws/form.h"
#include "mws/operation.h"
#include "mws/sign.h"

#define GROUP           64
#define BODY_BYTES_MAX  8192
#define CONNECTIONS_MAX 1024

struct options {
    const char *url;
    const char *ca_file;
    const char *secret;
    const char *store_path;
    uint32_t sellers;
    uint32_t agreements; /* of each seller */
    uint32_t connections;
    bool has_writer;
};

struct answer {
    char reference_id[REFERENCE_ID_MAX];
    int status;
    struct instant at;
};

struct floor;

struct slot { /* one connection's worth of work */
    struct floor *floor;
    char reference_id[REFERENCE_ID_MAX];
};

struct floor {
    struct options options;
    struct loop *loop;
    struct http_client *http;
    struct secret *secret;
    struct sign_endpoint endpoint;
    sqlite3 *db; /* NULL = nothing is written down */
    sqlite3_stmt *insert;
    struct slot slots[CONNECTIONS_MAX];
    struct answer *answers; /* in the order they came */
    uint32_t total;
    uint32_t sent;
    uint32_t answered;
    uint32_t written;
    uint32_t writing; /* rows in the transaction that is open on the other thread */
    uint32_t refused;
};

static void must(enum status status, const struct problem *problem)
{
    if (status != ST_OK) {
        (void)fprintf(stderr, "floor: %s\n", problem->text);
        exit(1);
    }
}

/* ---- rows ---- */

static void sql(sqlite3 *db, const char *text)
{
    ENSURE(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK);
}

static void store_open(struct floor *floor)
{
    ENSURE(sqlite3_open(floor->options.store_path, &floor->db) == SQLITE_OK);
    sql(floor->db, "PRAGMA journal_mode=WAL");
    sql(floor->db, "PRAGMA synchronous=FULL");
    sql(floor->db, "CREATE TABLE answer(reference_id TEXT NOT NULL, status INTEGER NOT NULL, "
                   "at INTEGER NOT NULL) STRICT");
    ENSURE(sqlite3_prepare_v3(floor->db, "INSERT INTO answer VALUES(?, ?, ?)", -1,
                              SQLITE_PREPARE_PERSISTENT, &floor->insert, NULL) == SQLITE_OK);
}

static void write_run(void *arg)
{
    struct floor *floor = arg;
    if (floor->db == NULL) {
        return;
    }
    sql(floor->db, "BEGIN");
    for (uint32_t i = 0; i < floor->writing; i++) {
        const struct answer *answer = &floor->answers[floor->written + i];
        ENSURE(sqlite3_bind_text(floor->insert, 1, answer->reference_id, -1, SQLITE_STATIC) ==
               SQLITE_OK);
        ENSURE(sqlite3_bind_int(floor->insert, 2, answer->status) == SQLITE_OK);
        ENSURE(sqlite3_bind_int64(floor->insert, 3, answer->at.utc_ms) == SQLITE_OK);
        ENSURE(sqlite3_step(floor->insert) == SQLITE_DONE);
        ENSURE(sqlite3_reset(floor->insert) == SQLITE_OK);
    }
    sql(floor->db, "COMMIT");
}

static void write_more(struct floor *floor);

static void write_done(void *arg)
{
    struct floor *floor = arg;
    floor->written += floor->writing;
    floor->writing = 0;
    write_more(floor);
}

/* Whole groups while answers still come, the rest at the end. */
static void write_more(struct floor *floor)
{
    uint32_t ready = floor->answered - floor->written;
    if (floor->written == floor->total) {
        loop_stop(floor->loop);
    } else if (floor->writing == 0 && (ready >= GROUP || floor->answered == floor->total)) {
        floor->writing = ready < GROUP ? ready : GROUP;
        if (floor->options.has_writer) {
            loop_work(floor->loop, write_run, write_done, floor);
        } else {
            write_run(floor);
            write_done(floor);
        }
    }
}

/* ---- requests ---- */

static void on_answer(void *arg, const struct http_result *result);

/* The n-th charge: sellers in turn, as the daemon serves them. */
static void send_next(struct slot *slot)
{
    struct floor *floor = slot->floor;
    uint32_t seller = floor->sent % floor->options.sellers;
    uint32_t index = floor->sent / floor->options.sellers;
    char seller_id[32];
    char access_key[32];
    char agreement_id[40];
    char order_id[24];
    char buffer[BODY_BYTES_MAX];
    struct form form;
    struct signed_body body;
    struct problem problem;
    if (floor->sent == floor->total) {
        return;
    }
    floor->sent++;
    (void)snprintf(seller_id, sizeof seller_id, "SELLER%04" PRIu32, seller + 1);
    (void)snprintf(access_key, sizeof access_key, "AK%" PRIu32, seller);
    (void)snprintf(agreement_id, sizeof agreement_id, "C03-%07" PRIu32 "-%07" PRIu32, seller + 1,
                   index + 1);
    (void)snprintf(order_id, sizeof order_id, "FLOOR%05" PRIu32 "%06" PRIu32 "-1", seller, index);
    (void)snprintf(slot->reference_id, sizeof slot->reference_id, "%.20s-1", order_id);
    struct mws_request request = {
        .action = MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
        .authorize_on_billing_agreement = {.amazon_billing_agreement_id = agreement_id,
                                           .authorization_reference_id = slot->reference_id,
                                           .authorization_amount = money_of(1000, "JPY"),
                                           .capture_now = true,
                                           .seller_order_id = order_id},
    };
    form_init(&form);
    must(mws_request_write(&request, &form, &problem), &problem);
    form_add(&form, "AWSAccessKeyId", access_key);
    form_add(&form, "SellerId", seller_id);
    form_add_timestamp(&form, "Timestamp", loop_now(floor->loop));
    form_add(&form, "Version", MWS_API_VERSION);
    must(sign_form(&floor->endpoint, &form, floor->secret, buffer, sizeof buffer, &body, &problem),
         &problem);
    ENSURE(http_post(floor->http, floor->options.url, body.bytes, body.length, on_answer, slot) ==
           ST_OK);
}

static void on_answer(void *arg, const struct http_result *result)
{
    struct slot *slot = arg;
    struct floor *floor = slot->floor;
    struct answer *answer = &floor->answers[floor->answered++];
    memcpy(answer->reference_id, slot->reference_id, sizeof answer->reference_id);
    answer->status = result->failure == HTTP_OK ? result->status : 0;
    answer->at = loop_now(floor->loop);
    floor->refused += answer->status != 200;
    send_next(slot);
    write_more(floor);
}

/* ---- main ---- */

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'u':
        options->url = value;
        return 0;
    case 'c':
        options->ca_file = value;
        return 0;
    case 'k':
        options->secret = value;
        return 0;
    case 's':
        options->store_path = value;
        return 0;
    case 'n':
        options->sellers = (uint32_t)strtoul(value, NULL, 10);
        return 0;
    case 'a':
        options->agreements = (uint32_t)strtoul(value, NULL, 10);
        return 0;
    case 'j':
        options->connections = (uint32_t)strtoul(value, NULL, 10);
        return 0;
    case 'w':
        options->has_writer = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static double cpu_s(void)
{
    struct rusage usage;
    ENSURE(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run(struct floor *floor)
{
    struct problem problem;
    struct http_client_options http = {
        .ca_file = floor->options.ca_file,
        .user_agent = "floor (Language=C)",
        .connections_max = floor->options.connections,
        .connect_deadline_ms = 10000,
        .total_deadline_ms = 20000,
        .response_bytes_max = (size_t)256 * 1024,
    };
    floor->loop = loop_new();
    floor->http = http_client_new(floor->loop, &http, &problem);
    if (floor->http == NULL) {
        must(ST_INVALID, &problem);
    }
    floor->secret = secret_new(floor->options.secret, strlen(floor->options.secret));
    must(sign_endpoint_read(floor->options.url, &floor->endpoint, &problem), &problem);
    if (floor->options.store_path != NULL) {
        store_open(floor);
    }
    struct ticks start = loop_ticks(floor->loop);
    for (uint32_t i = 0; i < floor->options.connections; i++) {
        floor->slots[i].floor = floor;
        send_next(&floor->slots[i]);
    }
    loop_run(floor->loop);

    (void)printf("{\"charges\": %" PRIu32 ", \"refused\": %" PRIu32
                 ", \"cpu_s\": %.3f, \"wall_s\": %.3f}\n",
                 floor->written, floor->refused, cpu_s(),
                 (double)(loop_ticks(floor->loop).us - start.us) / 1e6);
    http_client_free(floor->http);
    loop_free(floor->loop);
    secret_free(floor->secret);
    (void)sqlite3_finalize(floor->insert);
    (void)sqlite3_close(floor->db);
}

int main(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"url", 'u', "URL", 0, "Where to post", 0},
        {"ca-file", 'c', "FILE", 0, "Whom to trust", 0},
        {"secret", 'k', "TEXT", 0, "Every seller's secret key", 0},
        {"store", 's', "FILE", 0, "The database, a new one; without it answers are only counted",
         0},
        {"sellers", 'n', "N", 0, "How many sellers", 0},
        {"agreements", 'a', "N", 0, "Agreements of each seller", 0},
        {"connections", 'j', "N", 0, "Connections (64)", 0},
        {"writer", 'w', NULL, 0, "Write rows on another thread", 0},
        {0},
    };
    static const struct argp parser = {.options = known, .parser = parse_option};
    struct floor *floor = calloc(1, sizeof *floor);
    ENSURE(floor != NULL);
    floor->options = (struct options){.connections = 64};
    (void)argp_parse(&parser, argc, argv, 0, NULL, &floor->options);
    floor->total = floor->options.sellers * floor->options.agreements;
    if (floor->options.url == NULL || floor->options.secret == NULL || floor->total == 0 ||
        floor->options.connections == 0 || floor->options.connections > CONNECTIONS_MAX) {
        (void)fprintf(stderr, "floor: see floor --help\n");
        free(floor);
        return 64;
    }
    floor->answers = calloc(floor->total, sizeof *floor->answers);
    ENSURE(floor->answers != NULL);
    run(floor);
    bool complete = floor->refused == 0;
    free(floor->answers);
    free(floor);
    return complete ? 0 : 1;
}
