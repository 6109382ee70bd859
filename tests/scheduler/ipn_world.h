/*
 * ipn_world.h - the tests of the notification listener: a daemon without Amazon's API, an SNS that
 * serves certificates, and letters as SNS would post them.
 *
 * Listener, runner and store (SQLite in a temporary folder) are the real ones; the certificates'
 * host is a server of ours on loopback. Everything runs on one loop. Nothing here is shared with
 * the code that is tested: the string to sign is built once more.
 */
#ifndef TESTS_SCHEDULER_IPN_WORLD_H
#define TESTS_SCHEDULER_IPN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mws/edge/certificate.h"
#include "mws/edge/http_server.h"
#include "mws/edge/json.h"
#include "scheduler/ipn.h"

#define IPN_SELLER    "A1SELLER"
#define IPN_AGREEMENT "C03-0000001-0000001"
#define IPN_TOPIC     "arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSPA1SELLER"
#define IPN_HOST      "https://sns.ap-northeast-1.amazonaws.com"
#define IPN_FILES_MAX 16
#define IPN_POSTS_MAX 160

/* What the certificates' host answers for a path. */
struct ipn_file {
    const char *path;
    int status; /* 0 = never */
    const char *body;
    size_t length;
};

/* What the store is asked and told; outlives what is const about its table. */
struct ipn_store_counts {
    unsigned keeps; /* calls of keep_notices */
    unsigned kept;
    unsigned known;
    unsigned ended;
    unsigned reads;          /* calls of open_notices */
    enum status fail_keep;   /* ST_OK = the store's own answer */
    enum status fail_others; /* of open_notices and end_notices */
    uint32_t shows_captured; /* not 0: of any charge read_charge shows so many attempts, all of
                                which failed but the last one, which is captured */
};

struct ipn_hook {
    struct store_ops ops; /* first: what the store's own points to */
    const struct store_ops *real;
    struct ipn_store_counts *counts;
};

struct ipn_world;

/* One connection: a request, and its answer up to the end of the connection. */
struct ipn_client {
    struct ipn_world *world;
    int fd;
    struct watch *watch;
    size_t length;
    char text[1024];
    int status; /* 0 = none came */
};

struct ipn_world {
    char directory[64];
    char ca_file[128];
    char log_file[128];
    struct loop *loop;
    struct log log;
    struct store *store;
    struct ipn_hook hook;
    struct ipn_store_counts counts;
    struct store_worker *store_worker;
    struct zones *zones;
    struct mws_client *mws;
    struct runner *runner;
    struct config config;
    struct seller_config sellers[2];
    struct secret *secret;
    struct ipn *ipn;
    struct signing_key *key;
    struct certificate_set set;
    struct signing_pair pair;
    struct http_server *sns;
    struct ipn_file files[IPN_FILES_MAX];
    unsigned file_count;
    struct http_exchange *unanswered; /* of a file that is never sent */
    unsigned fetches;
    char fetched[256];     /* paths, each with a space behind it */
    unsigned letter_count; /* each is about another authorization */
    unsigned client_count;
    unsigned clients_open;
    struct ipn_client clients[IPN_POSTS_MAX];
};

/* For cmocka groups: *state is the world. The second seller, "A2LIVE", is a live one in Europe. */
int ipn_world_setup(void **state);
int ipn_world_teardown(void **state);

/* Listens with fresh counters and an empty cache. */
void ipn_world_open(struct ipn_world *world);
void ipn_world_close(struct ipn_world *world);
/* Until nothing is left to be done about what was posted. */
void ipn_world_settle(struct ipn_world *world);
void ipn_world_serve(struct ipn_world *world, const char *path, int status, const char *body,
                     size_t length);
/* Text of a file in the world's folder. */
void ipn_world_write(struct ipn_world *world, const char *path, const char *text);
/* How often the log has a line with that word; the log is then forgotten. */
unsigned ipn_world_logged(struct ipn_world *world, const char *word);
/* Charges, attempts, limit and number of events of the agreement. */
#define IPN_MONEY_MAX 1024
void ipn_world_money(struct ipn_world *world, char text[static IPN_MONEY_MAX]);

/* ---- letters ---- */

#define IPN_ABSENT ((const char *)1) /* in place of a text: leave it out */

/* NULL is what a good letter has. */
struct ipn_letter {
    const char *method, *path, *header_type, *header_id, *header_topic, *more_headers;
    bool is_chunked;
    const char *body; /* instead of all below */
    const char *type, *message_id, *topic, *message, *timestamp, *version, *subject, *url,
        *signature;
    const char *token, *subscribe_url;
    const char *seller, *environment, *notification_type, *data; /* of the message */
    const char *reference_id;
    const char *tampered, *tampered_to; /* a member that is replaced after signing */
    bool is_signed_as_2;                /* SHA-256, whatever `version` says; false: SHA-1 */
    /* NULL = the world's own key */
    size_t (*sign)(void *arg, enum digest digest, const void *bytes, size_t length,
                   uint8_t signature[static SIGNATURE_BYTES_MAX]);
    void *sign_arg;
};

/* The request, to be freed. */
char *ipn_letter_request(struct ipn_world *world, const struct ipn_letter *letter, size_t *length);
/* Posts it; the answer is there after ipn_world_wait(). */
struct ipn_client *ipn_world_post(struct ipn_world *world, const struct ipn_letter *letter);
void ipn_world_wait(struct ipn_world *world);
/* Posts it and returns the HTTP status; 0 = the connection was closed without an answer. */
int ipn_world_ask(struct ipn_world *world, const struct ipn_letter *letter);

#endif
