/*
 * notice_fault.h - rules that spoil notifications, for testing whoever receives them.
 *
 * As with requests (fault.h): the first rule that fits the type and fires is played; each draws
 * from its own generator. A rule is drawn for each notification and URL.
 */
#ifndef MWS_SANDBOX_NOTICE_FAULT_H
#define MWS_SANDBOX_NOTICE_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "mws/edge/json.h"
#include "mws/sandbox/fault.h"
#include "mws/sandbox/notice.h"
#include "mws/sandbox/text.h"

#define NOTICE_FAULTS(X)                                                                           \
    X(DUPLICATE, "duplicate")               /* twice, the same bytes */                            \
    X(DUPLICATE_NEW_ID, "duplicate_new_id") /* twice, the second time with another MessageId */    \
    X(REORDER, "reorder") /* after the next of that URL, or after delay_ms without one */          \
    X(DELAY, "delay")     /* delay_ms later */                                                     \
    X(LOSE, "lose")       /* never */                                                              \
    X(TAMPER, "tamper")   /* another state than was signed */                                      \
    X(WRONG_CERTIFICATE, "wrong_certificate") /* signed by somebody else; `variant` */             \
    X(FOREIGN_URL, "foreign_url")   /* SigningCertURL as Amazon never has it; `variant` */         \
    X(OTHER_SELLER, "other_seller") /* SellerId in the Message is another, rightly signed */       \
    X(OTHER_TOPIC, "other_topic")   /* TopicArn is another seller's, rightly signed */             \
    X(OVERSIZED, "oversized")       /* larger than SNS delivers: 300 KB */                         \
    X(NOT_JSON, "not_json")         /* bytes that are no JSON */

enum notice_fault_kind {
    NOTICE_FAULT_NONE = 0,
#define X(suffix, name) NOTICE_FAULT_##suffix,
    NOTICE_FAULTS(X)
#undef X
        NOTICE_FAULT_COUNT
};

const char *notice_fault_name(enum notice_fault_kind kind); /* "" for none */

/* Variants of wrong_certificate; the first is that of a rule without `variant`. WRONG_KEY: the URL
 * shows Amazon's certificate, but it did not sign. */
#define WRONG_CERTIFICATES(X)                                                                      \
    X(SELF_SIGNED, "self_signed")                                                                  \
    X(NAME, "wrong_name")                                                                          \
    X(EXPIRED, "expired")                                                                          \
    X(KEY, "wrong_key")

enum wrong_certificate {
#define X(suffix, name) WRONG_##suffix,
    WRONG_CERTIFICATES(X)
#undef X
        WRONG_COUNT
};

struct notice_fault {
    enum notice_fault_kind kind;
    enum wrong_certificate certificate;
    size_t url; /* which of the foreign ones */
    int64_t delay_ms;
};

struct notice_fault_rule {
    enum notice_type type; /* NOTICE_UNKNOWN = every one */
    struct notice_fault fault;
    bool every_url; /* no variant was given: the foreign URLs in turn */
    struct fault_chance chance;
};

struct notice_fault_rules {
    struct notice_fault_rule rules[FAULT_RULES_MAX];
    size_t count;
    uint64_t played[NOTICE_FAULT_COUNT];
};

/* Adds the rules of a JSON array of {fault, probability, seed, count, delay_ms, notification_type,
 * variant}. ST_INVALID names what is wrong, and no rule is added. */
MUST_USE enum status notice_fault_rules_add(struct notice_fault_rules *rules,
                                            const struct json *array, struct problem *problem);
/* What to play for this notification. */
struct notice_fault notice_fault_draw(struct notice_fault_rules *rules, enum notice_type type);

/* A SigningCertURL that looks like Amazon's and is not; `which` counts from 0. */
void foreign_url_write(struct text *out, size_t which, const char *file, const char *region);
size_t foreign_url_count(void);

#endif
