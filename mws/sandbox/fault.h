/*
 * fault.h - rules that make the sandbox misbehave, for testing a client's recovery.
 *
 * The first rule that fits the action and fires is played. Each rule draws from its own generator,
 * seeded by the rule: the same requests meet the same faults.
 */
#ifndef MWS_SANDBOX_FAULT_H
#define MWS_SANDBOX_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"
#include "mws/edge/json.h"
#include "mws/vocab.h"

/* X(enum suffix, name, is the work done?). `RULE` leaves it to the rule's after_work. */
#define FAULT_KINDS(X)                                                                             \
    X(DROP, "drop", ALWAYS)                   /* the connection closes without an answer */        \
    X(DELAY, "delay", ALWAYS)                 /* the answer comes delay_ms later */                \
    X(ERROR_500, "500", RULE)                 /* InternalServerError */                            \
    X(ERROR_503, "503", RULE)                 /* ServiceUnavailable */                             \
    X(CLOSE, "close", NEVER)                  /* the connection closes before anything is done */  \
    X(THROTTLE, "throttle", NEVER)            /* RequestThrottled, whatever the quota */           \
    X(GARBAGE, "garbage", ALWAYS)             /* 200 with bytes that are no XML */                 \
    X(DOCTYPE, "doctype", ALWAYS)             /* the answer with a DOCTYPE and an entity */        \
    X(HUGE_ANSWER, "huge", ALWAYS)            /* the answer padded to two megabytes */             \
    X(UNKNOWN_STATE, "unknown_state", ALWAYS) /* every State is a word nobody knows */             \
    X(ERROR, "error", RULE)                   /* the error `code` of Amazon's */                   \
    X(GATEWAY, "gateway", ALWAYS)             /* 502 with a page of HTML */                        \
    X(HALF, "half", ALWAYS)                   /* 500; of a charge there is an order only */

enum fault_kind {
    FAULT_NONE = 0,
#define X(suffix, name, work) FAULT_##suffix,
    FAULT_KINDS(X)
#undef X
        FAULT_COUNT
};

const char *fault_name(enum fault_kind kind); /* "" for none */

struct fault {
    enum fault_kind kind;
    bool after_work; /* the request takes effect, only its answer is spoilt */
    int64_t delay_ms;
    enum mws_error code; /* of FAULT_ERROR */
};

#define FAULT_RULES_MAX 64 /* of one kind */

/* How often a rule is played. Every kind of rule has one. */
struct fault_chance {
    double probability;
    uint64_t random;    /* state of the generator */
    int64_t plays_left; /* -1 = no end */
};

/* Reads "probability" (1), "seed" (1), "count" (no end) and "delay_ms" (1000) of a rule.
 * ST_INVALID with a sentence. */
MUST_USE enum status fault_chance_read(const struct json *rule, struct fault_chance *chance,
                                       int64_t *delay_ms, struct problem *problem);
/* Draws, and counts the play when it fires. */
bool fault_chance_fires(struct fault_chance *chance);
/* ST_INVALID unless it is a JSON array whose rules fit beside those that are `present`. */
MUST_USE enum status fault_array_check(const struct json *array, size_t present,
                                       struct problem *problem);
/* ST_INVALID for a key that is not in `known` (NULL at its end). */
MUST_USE enum status fault_keys_check(const struct json *rule, const char *const *known,
                                      struct problem *problem);

struct fault_rule {
    enum mws_action action; /* MWS_ACTION_UNKNOWN = every action */
    struct fault fault;
    struct fault_chance chance;
};

struct fault_rules {
    struct fault_rule rules[FAULT_RULES_MAX];
    size_t count;
    uint64_t played[FAULT_COUNT];
};

/* Adds the rules of a JSON array. ST_INVALID names what is wrong, and no rule is added. */
MUST_USE enum status fault_rules_add(struct fault_rules *rules, const struct json *array,
                                     struct problem *problem);
/* What to play for this request; FAULT_NONE mostly. */
struct fault fault_draw(struct fault_rules *rules, enum mws_action action);

#endif
