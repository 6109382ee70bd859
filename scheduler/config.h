/*
 * config.h - the daemon's one configuration file, read whole, checked whole.
 *
 * Reading gives either a complete `struct config` or the list of everything that is wrong, each as
 * "file:line: seller: key: sentence", so that one run shows all there is to mend. After reading
 * nothing is looked up again: file names are resolved, secrets are read, zones are known to exist.
 *
 * Does not decide what a value means for charging (billing/policy.h), and never prints a secret:
 * messages name the key and the file a secret should come from, not what was in it.
 *
 * The keys, their defaults and bounds are tables in config_options.c and config_policy.c;
 * deploy/autopayd.conf.sample says them for people. A key marked RELOADS there may be changed by
 * SIGHUP, see config_reload_check().
 */
#ifndef SCHEDULER_CONFIG_H
#define SCHEDULER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "billing/policy.h"
#include "billing/status.h"
#include "billing/zone.h"
#include "mws/client.h"
#include "mws/ipn.h"
#include "mws/secret.h"
#include "scheduler/guard_batch.h"
#include "scheduler/guard_breaker.h"
#include "scheduler/guard_clock.h"
#include "scheduler/log.h"
#include "scheduler/zones.h"

#define CONFIG_PATH_MAX      256
#define CONFIG_SOCKET_MAX    108 /* sun_path of a Unix socket */
#define CONFIG_ADDRESS_MAX   280 /* "HOST:PORT" with the longest name that DNS has */
#define CONFIG_SELLERS_MAX   1000
#define CONFIG_PROBLEMS_MAX  32
#define CONFIG_POLICIES_MAX  100
#define STORE_NAME_BYTES     201 /* 50 characters */
#define AGREEMENT_NOTE_BYTES 1025

/* Which of Amazon's throttling tables the seller is paced by. */
enum config_quota {
    CONFIG_QUOTA_OFF = 1, /* only against a private sandbox */
    CONFIG_QUOTA_SANDBOX = 2,
    CONFIG_QUOTA_LIVE = 3,
};

/* So many, or such a part. */
struct config_share {
    uint32_t count;
    uint32_t percent;
};

struct seller_config {
    struct mws_seller mws; /* where and as whom to call; mws.secret is `secret` */
    struct secret *secret; /* owned by the config; never NULL after config_load() */
    char currency[4];
    char payment_domain[8];   /* "FE_JPY": for ListOrderReference */
    char zone[ZONE_NAME_MAX]; /* default of its subscriptions; zones_get() will find it */
    enum config_quota quota;
    int32_t quota_milli;  /* the part of the quota we use, in thousandths: 100..1000 */
    struct policy policy; /* the default one */
    uint32_t policy_count;
    struct policy *policies;           /* the others, of which each has its own name; owned */
    char store_name[STORE_NAME_BYTES]; /* told to Amazon with an agreement; "" = nothing */
    char agreement_note[AGREEMENT_NOTE_BYTES]; /* likewise: SellerNote */
    struct config_share guard_canary;          /* also in `batch`, as that wants it */
    struct batch_settings batch;
    struct breaker_settings breaker;
    uint32_t retries_per_hour;         /* 0 = no bound */
    char ipn_topic_arn[IPN_TOPIC_MAX]; /* "" = sandbox: any that ends in the merchant id; live: none
                                        */
};

struct config {
    char store_path[CONFIG_PATH_MAX];
    char admin_socket[CONFIG_SOCKET_MAX];
    char ca_file[CONFIG_PATH_MAX]; /* "" = the system's */
    int32_t in_flight_max;         /* requests to Amazon at once, all sellers */
    int32_t connections_max;
    int64_t connect_deadline_ms;
    int64_t total_deadline_ms; /* of one request, connecting included */
    struct clock_settings clock;
    enum log_format log_format;
    enum log_level log_level;
    int32_t ipn_port; /* where notifications are listened for; 0 = not at all */
    char ipn_address[CONFIG_ADDRESS_MAX];
    char ipn_path[CONFIG_PATH_MAX];
    char ipn_certificate_file[CONFIG_PATH_MAX]; /* both or neither: TLS */
    char ipn_key_file[CONFIG_PATH_MAX];
    char ipn_trust_file[CONFIG_PATH_MAX]; /* who may sign Amazon's certificate; "" = ca_file's rule
                                           */
    char
        ipn_connect_to[CONFIG_ADDRESS_MAX]; /* where Amazon's certificates are really; "" = there */
    uint32_t seller_count;                  /* at least 1, in the order of the file */
    struct seller_config *sellers;
};

/* What is wrong, for people; each text is one line. */
struct config_problems {
    uint32_t count;    /* of `list` */
    uint32_t left_out; /* further ones that did not fit */
    struct problem list[CONFIG_PROBLEMS_MAX];
};

/* Reads `path`. Zones are checked through `zones`. On success *config is a new object to be freed
 * with config_free(). ST_INVALID: *config is NULL and `problems` says everything found. */
MUST_USE enum status config_load(const char *path, struct zones *zones, struct config **config,
                                 struct config_problems *problems);

/* Whose secret keys are read. */
enum config_secrets {
    CONFIG_SECRETS_ALL = 1,
    CONFIG_SECRETS_IN_REACH = 2, /* not the service manager's, unless it has started this program */
    CONFIG_SECRETS_NONE = 3, /* who calls nobody needs none, and may not be allowed to read any */
};

/* As config_load(). `secret` of a seller whose key is not read is NULL: it cannot be called. */
MUST_USE enum status config_load_with(const char *path, struct zones *zones,
                                      enum config_secrets secrets, struct config **config,
                                      struct config_problems *problems);

/* Wipes the secrets. NULL is allowed. */
void config_free(struct config *config);

/* The seller of that Amazon merchant id, or NULL. */
const struct seller_config *config_seller(const struct config *config, const char *seller_id);

/* May a running daemon that was started with `running` go on with `next`? ST_CONFLICT: `problems`
 * names every key that needs a restart instead; keep `running`. Allowed are: the log level; a
 * seller's credentials, zone, quota, policies, guards and topic; a new seller; a seller left out,
 * who is then no longer charged but keeps its data. */
MUST_USE enum status config_reload_check(const struct config *running, const struct config *next,
                                         struct config_problems *problems);

#endif
