/*
 * ipn_certificates.c - a small table of URLs, and what each brought.
 *
 *     EMPTY ──► WANTED ──► FETCHING ──► BELIEVED  until it expires, or one too many and longest
 *                                │                not asked for
 *                                └────► REFUSED   for a minute; the first to make room
 *
 * WANTED ones are fetched in the order in which they came, at a bounded rate and so many at a time.
 * The rate, if SNS keeps up with it, empties a full table in two thirds of a second: whoever posts
 * made-up URLs as fast as they are answered, over no more connections than may wait, delays a
 * genuine one that long and cannot keep it out.
 *
 * A certificate's URL has its fingerprint in it, so what was believed is never fetched again while
 * it is valid.
 */
#include "scheduler/ipn_certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/bucket.h"
#include "mws/edge/http_client.h"
#include "mws/ipn.h"
#include "scheduler/log_bound.h"

#define BELIEVED_MAX 32 /* SNS has one or two per region at a time */
#define REFUSED_MAX  64
#define WAITING_MAX                                                                                \
    128 /* each holds a body that nobody has vouched for yet; half of the                          \
           listener's connections are left to others */
#define ENTRIES_MAX       (WAITING_MAX + BELIEVED_MAX + REFUSED_MAX)
#define REFUSED_US        (INT64_C(60) * 1000 * 1000)
#define FETCH_DEADLINE_MS INT64_C(5000)
#define FETCHES_MILLI     50000  /* at once */
#define FETCHES_MILLI_S   200000 /* a second after that */
#define FETCHING_MAX      8      /* at a time */
#define LINES_MILLI       10000  /* of refusals in the log, at once */
#define LINES_MILLI_S     100    /* one in ten seconds after that */

enum entry_state { EMPTY = 0, WANTED, FETCHING, BELIEVED, REFUSED };

struct entry {
    struct ipn_certificates *all;
    enum entry_state state;
    char url[IPN_URL_MAX];
    struct certificate *certificate; /* BELIEVED */
    struct ticks at;                 /* WANTED: since; BELIEVED: last asked for; REFUSED: since */
    struct ipn_certificate_wait *first; /* WANTED, FETCHING */
};

struct ipn_certificates {
    struct loop *loop;
    struct log *log;
    struct trust *trust;
    struct http_client *client;
    struct timer *timer; /* when the next token comes, while somebody wants one */
    struct bucket fetches;
    struct log_bound lines;
    uint64_t fetch_count;
    uint32_t waiting;
    bool is_closing;
    struct entry entries[ENTRIES_MAX];
};

static enum status client_open(struct ipn_certificates *made, const struct config *config,
                               struct problem *problem)
{
    bool is_short = config->total_deadline_ms < FETCH_DEADLINE_MS;
    int64_t deadline_ms = is_short ? config->total_deadline_ms : FETCH_DEADLINE_MS;
    struct http_client_options options = {
        .ca_file = config->ca_file[0] != '\0' ? config->ca_file : NULL,
        .user_agent = "autopayd/" AUTOPAY_VERSION " (Language=C)",
        .connections_max = FETCHING_MAX,
        .connect_deadline_ms = (long)deadline_ms,
        .total_deadline_ms = (long)deadline_ms,
        .response_bytes_max = CERTIFICATE_BYTES_MAX,
        .connect_to = config->ipn_connect_to[0] != '\0' ? config->ipn_connect_to : NULL,
    };
    made->client = http_client_new(made->loop, &options, problem);
    return made->client != NULL ? ST_OK : ST_NETWORK;
}

static void fetch_wanted(void *arg);

enum status ipn_certificates_new(struct loop *loop, struct log *log, const struct config *config,
                                 struct ipn_certificates **certificates, struct problem *problem)
{
    const char *files[] = {config->ipn_trust_file, config->ca_file};
    const char *trust_file = files[0][0] != '\0' ? files[0] : files[1];
    struct ipn_certificates *made = calloc(1, sizeof *made);
    ENSURE(made != NULL);
    made->loop = loop;
    made->log = log;
    bucket_init(&made->fetches, FETCHES_MILLI, FETCHES_MILLI_S, true, loop_ticks(loop));
    log_bound_init(&made->lines, LINES_MILLI, LINES_MILLI_S, loop_ticks(loop));
    made->timer = timer_new(loop, fetch_wanted, made);
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        made->entries[i].all = made;
    }
    enum status status =
        trust_new(trust_file[0] != '\0' ? trust_file : NULL, &made->trust, problem);
    if (status == ST_OK) {
        status = client_open(made, config, problem);
    }
    *certificates = status == ST_OK ? made : NULL;
    if (status != ST_OK) {
        ipn_certificates_free(made);
    }
    return status;
}

static void entry_clear(struct entry *entry)
{
    ENSURE(entry->first == NULL);
    certificate_free(entry->certificate);
    entry->certificate = NULL;
    entry->state = EMPTY;
    entry->url[0] = '\0';
}

static void entry_tell(struct entry *entry, enum status status)
{
    struct ipn_certificate_wait *wait = entry->first;
    entry->first = NULL;
    while (wait != NULL) {
        struct ipn_certificate_wait *next = wait->next; /* `done` may free its own */
        entry->all->waiting--;
        wait->done(wait->arg, status, entry->certificate);
        wait = next;
    }
}

void ipn_certificates_free(struct ipn_certificates *certificates)
{
    if (certificates == NULL) {
        return;
    }
    certificates->is_closing = true;
    timer_free(certificates->timer);
    http_client_free(certificates->client);
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        entry_tell(&certificates->entries[i], ST_BUSY);
    }
    ENSURE(certificates->waiting == 0);
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        entry_clear(&certificates->entries[i]);
    }
    trust_free(certificates->trust);
    free(certificates);
}

/* Of those in that state the one whose `at` is longest ago, or NULL. */
static struct entry *oldest(struct ipn_certificates *all, enum entry_state state, size_t *count)
{
    struct entry *found = NULL;
    *count = 0;
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        struct entry *entry = &all->entries[i];
        if (entry->state == state) {
            (*count)++;
            found = found == NULL || entry->at.us < found->at.us ? entry : found;
        }
    }
    return found;
}

/* --- what a fetch brought ------------------------------------------------------------------ */

static void log_refused(struct entry *entry, const struct problem *problem)
{
    struct ipn_certificates *all = entry->all;
    int64_t left_out;
    if (all->is_closing || !log_bound_take(&all->lines, loop_ticks(all->loop), &left_out)) {
        return;
    }
    log_write(all->log, LOG_WARNING, "ipn_certificate_refused", LOG_STRING("url", entry->url),
              LOG_STRING("problem", problem->text), LOG_INTEGER("left_out", left_out), LOG_END);
}

static enum status answer_check(struct entry *entry, const struct http_result *result,
                                struct problem *problem)
{
    struct ipn_certificates *all = entry->all;
    if (result->failure != HTTP_OK) {
        return problem_set(problem, ST_PEER, "not fetched: %s", result->problem);
    }
    if (result->status != 200) { /* a redirect, too: what is believed comes from SNS itself */
        return problem_set(problem, ST_PEER, "answered with status %d", result->status);
    }
    return certificate_check(all->trust, result->body, result->body_length, IPN_COMMON_NAME,
                             loop_now(all->loop), &entry->certificate, problem);
}

/* Room is made before it is one of them: whoever waits for it gets it. */
static void believe(struct entry *entry)
{
    size_t count;
    struct entry *longest = oldest(entry->all, BELIEVED, &count);
    if (count == BELIEVED_MAX) {
        entry_clear(longest);
    }
    entry->state = BELIEVED;
    log_write(entry->all->log, LOG_INFO, "ipn_certificate", LOG_STRING("url", entry->url), LOG_END);
}

static void fetched(void *arg, const struct http_result *result)
{
    struct entry *entry = arg;
    struct ipn_certificates *all = entry->all;
    struct problem problem = {""};
    entry->at = loop_ticks(all->loop);
    enum status status = all->is_closing ? ST_BUSY : ST_PEER;
    if (!all->is_closing && answer_check(entry, result, &problem) == ST_OK) {
        believe(entry);
        status = ST_OK;
    } else {
        entry->state = REFUSED;
        log_refused(entry, &problem);
    }
    entry_tell(entry, status);
    fetch_wanted(all);
}

static void fetch_begin(struct entry *entry)
{
    struct ipn_certificates *all = entry->all;
    const struct http_request request = {.url = entry->url};
    entry->state = FETCHING;
    enum status status = http_send(all->client, &request, fetched, entry);
    ENSURE(status == ST_OK);
    all->fetch_count++;
}

/* As many as may be fetched now; the rest when a fetch has ended, or when there is a token. */
static void fetch_wanted(void *arg)
{
    struct ipn_certificates *all = arg;
    size_t fetching;
    size_t wanted;
    (void)oldest(all, FETCHING, &fetching);
    struct entry *entry = oldest(all, WANTED, &wanted);
    while (!all->is_closing && entry != NULL && fetching < FETCHING_MAX) {
        struct ticks now = loop_ticks(all->loop);
        if (!bucket_take(&all->fetches, now)) {
            timer_start(all->timer, bucket_wait_ms(&all->fetches, now));
            return;
        }
        fetch_begin(entry);
        fetching++;
        entry = oldest(all, WANTED, &wanted);
    }
}

/* --- asking -------------------------------------------------------------------------------- */

/* The entry of that URL if it still says something, or NULL. */
static struct entry *entry_find(struct ipn_certificates *all, const char *url)
{
    int64_t now_us = loop_ticks(all->loop).us;
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        struct entry *entry = &all->entries[i];
        if (entry->state == EMPTY || strcmp(entry->url, url) != 0) {
            continue;
        }
        bool is_over = (entry->state == REFUSED && now_us - entry->at.us >= REFUSED_US) ||
                       (entry->state == BELIEVED &&
                        !certificate_is_valid_at(entry->certificate, loop_now(all->loop)));
        if (!is_over) {
            return entry;
        }
        entry_clear(entry);
        return NULL;
    }
    return NULL;
}

/* One more that is wanted. There is room: fewer wait than may, and no more are believed. */
static struct entry *entry_want(struct ipn_certificates *all, const char *url)
{
    size_t count;
    struct entry *entry = oldest(all, EMPTY, &count);
    entry = entry != NULL ? entry : oldest(all, REFUSED, &count);
    ENSURE(entry != NULL);
    entry_clear(entry);
    (void)snprintf(entry->url, sizeof entry->url, "%s", url);
    entry->state = WANTED;
    entry->at = loop_ticks(all->loop);
    return entry;
}

void ipn_certificates_get(struct ipn_certificates *certificates, const char *url,
                          struct ipn_certificate_wait *wait, ipn_certificate_done *done, void *arg)
{
    struct entry *entry = entry_find(certificates, url);
    if (entry != NULL && entry->state == REFUSED) {
        done(arg, ST_PEER, NULL);
        return;
    }
    if (entry != NULL && entry->state == BELIEVED) {
        entry->at = loop_ticks(certificates->loop);
        done(arg, ST_OK, entry->certificate);
        return;
    }
    if (certificates->is_closing || certificates->waiting == WAITING_MAX) {
        done(arg, ST_BUSY, NULL);
        return;
    }
    entry = entry != NULL ? entry : entry_want(certificates, url);
    *wait = (struct ipn_certificate_wait){.next = entry->first, .done = done, .arg = arg};
    entry->first = wait;
    certificates->waiting++;
    fetch_wanted(certificates);
}

uint64_t ipn_certificates_fetches(const struct ipn_certificates *certificates)
{
    return certificates != NULL ? certificates->fetch_count : 0;
}
