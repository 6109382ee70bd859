/*
 * ipn.c - the life of what is posted, from the request to its answer. Contract: ipn.h.
 *
 *     handle ──► (refused) ──────────────────────────────► answer
 *        └─────► delivery ──► certificate ──► signature ──► keep ──► answer
 *
 * A delivery is memory only of what passed every check that needs nothing but its own bytes. It has
 * at most one thing that holds it: the certificates, or the keeper; that one always calls back,
 * also when the daemon stops, and then the delivery ends.
 *
 * The signature is verified on the loop: 30 to 50 us for RSA with 2048 bits, about what reading the
 * request costs.
 */
#include "scheduler/ipn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/edge/http_server.h"
#include "mws/edge/text_file.h"
#include "scheduler/ipn_certificates.h"
#include "scheduler/ipn_inbox.h"
#include "scheduler/ipn_keep.h"
#include "scheduler/ipn_notice.h"
#include "scheduler/log_bound.h"

#define CONNECTIONS_MAX 256   /* with IPN_BODY_BYTES_MAX: at most 64 MiB of bodies */
#define IDLE_S          30    /* SNS gives up after 15 s */
#define REQUEST_MS      10000 /* or whoever trickles holds all connections */
#define LINES_MILLI     10000 /* of refusals in the log, at once */
#define LINES_MILLI_S   100   /* one in ten seconds after that */
_Static_assert(CONNECTIONS_MAX <= IPN_KEEP_MAX, "what waits to be kept is bounded by connections");

struct ipn {
    struct ipn_parts parts;
    const struct config *config;
    struct http_server *server; /* NULL = stopped */
    struct xml *xml;
    struct ipn_certificates *certificates;
    struct ipn_keep *keep;
    struct ipn_inbox *inbox;
    struct ipn_counters counters;
    struct log_bound lines;       /* of what strangers can provoke */
    struct log_bound topic_lines; /* of IPN_TOPIC_UNSET */
};

struct delivery {
    struct ipn *ipn;
    struct http_exchange *exchange;
    struct ipn_envelope envelope;
    struct ipn_certificate_wait certificate_wait;
    struct ipn_keep_wait keep_wait;
};

/* --- answers ------------------------------------------------------------------------------- */

/* A flood of refusals writes a line now and then, and says how many it left out. */
static void log_refused(struct ipn *ipn, enum ipn_verdict verdict, const struct problem *problem)
{
    struct log_bound *lines = verdict == IPN_TOPIC_UNSET ? &ipn->topic_lines : &ipn->lines;
    int64_t left_out;
    if (!log_bound_take(lines, loop_ticks(ipn->parts.loop), &left_out)) {
        return;
    }
    bool is_ours = ipn_verdict_http_status(verdict) >= 500;
    log_write(ipn->parts.log, is_ours ? LOG_ERROR : LOG_WARNING, "ipn_refused",
              LOG_STRING("verdict", ipn_verdict_name(verdict)),
              LOG_STRING("problem", problem->text), LOG_INTEGER("left_out", left_out), LOG_END);
}

static void answer(struct ipn *ipn, struct http_exchange *exchange, enum ipn_verdict verdict,
                   const struct problem *problem)
{
    char body[64];
    int length = snprintf(body, sizeof body, "%s\n",
                          verdict == IPN_FITS ? "kept" : ipn_verdict_name(verdict));
    ENSURE(length > 0);
    ENSURE((size_t)length < sizeof body);
    ipn->counters.ended[verdict]++;
    if (verdict != IPN_FITS) {
        log_refused(ipn, verdict, problem);
    }
    http_answer(exchange, ipn_verdict_http_status(verdict), "text/plain", body, (size_t)length);
}

/* Of one that lost its listener only the memory is given back. */
static void delivery_end(struct delivery *delivery, enum ipn_verdict verdict,
                         const struct problem *problem)
{
    struct ipn *ipn = delivery->ipn;
    if (ipn->server != NULL) {
        answer(ipn, delivery->exchange, verdict, problem);
    }
    ipn->counters.waiting--;
    ipn_envelope_free(&delivery->envelope);
    free(delivery);
}

/* --- a delivery's way ---------------------------------------------------------------------- */

static void kept(void *arg, enum status status, const struct problem *problem)
{
    struct delivery *delivery = arg;
    struct ipn *ipn = delivery->ipn;
    if (status == ST_OK && delivery->keep_wait.notice.is_known) {
        ipn->counters.duplicates++;
    } else if (status == ST_OK) {
        ipn->counters.accepted++;
        ipn_inbox_wake(ipn->inbox);
    }
    delivery_end(delivery, status == ST_OK ? IPN_FITS : IPN_NOT_KEPT, problem);
}

static void log_unreadable(struct ipn *ipn, const struct ipn_envelope *envelope,
                           const struct ipn_notification *notification)
{
    int64_t left_out;
    if (!log_bound_take(&ipn->lines, loop_ticks(ipn->parts.loop), &left_out)) {
        return;
    }
    log_write(ipn->parts.log, LOG_WARNING, "notice_unreadable",
              LOG_STRING("seller", notification->seller_id),
              LOG_STRING("type", ipn_type_name(notification->type)),
              LOG_STRING("message", envelope->message_id), LOG_INTEGER("left_out", left_out),
              LOG_END);
}

/* The sender is known now. What it says may still be nonsense, and is kept as such. */
static void read_and_keep(struct delivery *delivery)
{
    struct ipn *ipn = delivery->ipn;
    const struct ipn_envelope *envelope = &delivery->envelope;
    struct ipn_notification notification;
    struct problem problem;
    enum status status = ipn_notification_read(envelope->message, envelope->message_length,
                                               ipn->xml, &notification, &problem);
    ENSURE(status == ST_OK); /* read once before */
    enum ipn_verdict verdict = ipn_check_pinned(envelope, ipn->config, &notification, &problem);
    if (verdict != IPN_FITS) {
        delivery_end(delivery, verdict, &problem);
        return;
    }
    if (notification.is_data_unreadable) {
        log_unreadable(ipn, envelope, &notification);
    }
    ipn_notice_make(&notification, envelope->message_id, loop_now(ipn->parts.loop),
                    &delivery->keep_wait.notice);
    ipn_keep_add(ipn->keep, &delivery->keep_wait, kept, delivery);
}

static void certificate_got(void *arg, enum status status, const struct certificate *certificate)
{
    struct delivery *delivery = arg;
    struct problem problem;
    enum ipn_verdict verdict;
    if (status == ST_OK) {
        verdict = ipn_check_signature(&delivery->envelope, certificate, &problem);
    } else if (status == ST_BUSY) {
        verdict = IPN_BUSY;
        (void)problem_set(&problem, status, "too many wait for a certificate");
    } else {
        verdict = IPN_NO_CERTIFICATE;
        (void)problem_set(&problem, status, "nothing to be believed at %s",
                          delivery->envelope.signing_cert_url);
    }
    if (verdict != IPN_FITS || delivery->ipn->server == NULL) {
        delivery_end(delivery, verdict, &problem);
        return;
    }
    read_and_keep(delivery);
}

static void handle(void *arg, struct http_exchange *exchange)
{
    struct ipn *ipn = arg;
    struct ipn_post post = {
        .method = http_method(exchange),
        .path = http_raw_path(exchange),
        .message_type = http_header(exchange, "x-amz-sns-message-type"),
        .message_id = http_header(exchange, "x-amz-sns-message-id"),
        .topic_arn = http_header(exchange, "x-amz-sns-topic-arn"),
    };
    struct ipn_envelope envelope;
    struct problem problem = {""};
    post.body = http_body(exchange, &post.length);
    enum ipn_verdict verdict =
        ipn_check_post(&post, ipn->config, loop_now(ipn->parts.loop), &envelope, &problem);
    if (verdict != IPN_FITS) {
        answer(ipn, exchange, verdict, &problem);
        return;
    }
    struct delivery *delivery = calloc(1, sizeof *delivery);
    ENSURE(delivery != NULL);
    delivery->ipn = ipn;
    delivery->exchange = exchange;
    delivery->envelope = envelope;
    ipn->counters.waiting++;
    ipn_certificates_get(ipn->certificates, envelope.signing_cert_url, &delivery->certificate_wait,
                         certificate_got, delivery);
}

/* --- start --------------------------------------------------------------------------------- */

/* A PEM text to be freed; "" gives NULL. */
static enum status pem_read(const char *path, char **pem, struct problem *problem)
{
    *pem = NULL;
    if (path[0] == '\0' || text_file_read(path, pem, problem) == ST_OK) {
        return ST_OK;
    }
    return ST_INVALID;
}

static enum status listen_open(struct ipn *ipn, struct problem *problem)
{
    const struct config *config = ipn->config;
    char *certificate = NULL;
    char *key = NULL;
    enum status status = pem_read(config->ipn_certificate_file, &certificate, problem);
    if (status == ST_OK) {
        status = pem_read(config->ipn_key_file, &key, problem);
    }
    if (status == ST_OK) {
        struct http_server_options options = {
            .address = config->ipn_address,
            .port = (uint16_t)config->ipn_port,
            .certificate_pem = certificate,
            .key_pem = key,
            .body_bytes_max = IPN_BODY_BYTES_MAX,
            .connections_max = CONNECTIONS_MAX,
            .idle_seconds = IDLE_S,
            .request_ms = REQUEST_MS,
            .handler = handle,
            .arg = ipn,
        };
        status = http_server_new(ipn->parts.loop, &options, &ipn->server, problem);
    }
    if (key != NULL) {
        wipe(key, strlen(key));
    }
    free(key);
    free(certificate);
    return status;
}

/* Signed or not, notifications name agreements and orders: across a network they belong in TLS. */
static void warn_if_plain(const struct ipn *ipn)
{
    const struct config *config = ipn->config;
    bool is_loopback =
        strncmp(config->ipn_address, "127.", 4) == 0 || strcmp(config->ipn_address, "::1") == 0;
    bool is_plain = config->ipn_certificate_file[0] == '\0';
    log_write(ipn->parts.log, is_plain && !is_loopback ? LOG_WARNING : LOG_INFO,
              is_plain && !is_loopback ? "ipn_plain" : "ipn_listening",
              LOG_STRING("address", config->ipn_address),
              LOG_INTEGER("port", http_server_port(ipn->server)),
              LOG_STRING("path", config->ipn_path), LOG_BOOLEAN("tls", !is_plain), LOG_END);
}

enum status ipn_new(const struct ipn_parts *parts, const struct config *config, struct ipn **ipn,
                    struct problem *problem)
{
    struct ipn *made = calloc(1, sizeof *made);
    ENSURE(made != NULL);
    made->parts = *parts;
    made->config = config;
    made->xml = xml_new();
    made->keep = ipn_keep_new(parts->loop, parts->store_worker, parts->log);
    made->inbox =
        ipn_inbox_new(parts->loop, parts->runner, parts->store_worker, parts->log, config);
    log_bound_init(&made->lines, LINES_MILLI, LINES_MILLI_S, loop_ticks(parts->loop));
    log_bound_init(&made->topic_lines, LINES_MILLI, LINES_MILLI_S, loop_ticks(parts->loop));
    enum status status =
        ipn_certificates_new(parts->loop, parts->log, config, &made->certificates, problem);
    if (status == ST_OK) {
        status = listen_open(made, problem);
    }
    if (status == ST_OK) {
        warn_if_plain(made);
    } else {
        ipn_free(made);
        made = NULL;
    }
    *ipn = made;
    return status;
}

void ipn_start(struct ipn *ipn)
{
    if (ipn != NULL) {
        ipn_inbox_wake(ipn->inbox);
    }
}

void ipn_configure(struct ipn *ipn, const struct config *config)
{
    if (ipn != NULL) {
        ipn->config = config;
        ipn_inbox_configure(ipn->inbox, config);
    }
}

/* --- stop ---------------------------------------------------------------------------------- */

void ipn_stop(struct ipn *ipn)
{
    if (ipn == NULL) {
        return;
    }
    http_server_free(ipn->server);
    ipn->server = NULL;
    ipn_certificates_free(ipn->certificates);
    ipn->certificates = NULL;
    ipn_keep_stop(ipn->keep);
    ipn_inbox_stop(ipn->inbox);
}

void ipn_free(struct ipn *ipn)
{
    if (ipn == NULL) {
        return;
    }
    ipn_stop(ipn);
    ENSURE(ipn->counters.waiting == 0);
    ipn_keep_free(ipn->keep);
    ipn_inbox_free(ipn->inbox);
    xml_free(ipn->xml);
    free(ipn);
}

void ipn_counters(const struct ipn *ipn, struct ipn_counters *counters)
{
    *counters = ipn->counters;
    counters->certificate_fetches = ipn_certificates_fetches(ipn->certificates);
    counters->in_work = ipn_inbox_open_count(ipn->inbox);
}

uint16_t ipn_port(const struct ipn *ipn)
{
    return http_server_port(ipn->server);
}
