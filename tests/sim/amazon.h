/*
 * amazon.h - Amazon as the world has it: the sandbox's own core, called in process on the world's
 * clock, which is always right. Its ledger is what the daemon's database is held against.
 *
 * Only amazon.c and books.c include the sandbox's headers: its names are not ours.
 */
#ifndef TESTS_SIM_AMAZON_H
#define TESTS_SIM_AMAZON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct amazon;
struct sandbox;

struct amazon_faults {
    uint32_t decline_ppm;
    uint32_t spoilt_ppm;
};

/* Sellers SIM_SELLER(i) may call, with the secret SIM_SECRET. */
#define SIM_SECRET       "simulated-secret"
#define SIM_HOST         "mws.amazonservices.jp"
#define SIM_SELLER_BYTES 24
void sim_seller_id(uint32_t index, char id[static SIM_SELLER_BYTES]);

struct amazon *amazon_new(struct sim *sim);
void amazon_free(struct amazon *amazon);
void amazon_set_faults(struct amazon *amazon, const struct amazon_faults *faults);

struct amazon_answer {
    int status;
    const char *body; /* borrowed until the next request */
    size_t length;
    bool is_dropped;
    int64_t delay_us;
    char note[160]; /* for the event log */
};
/* A POST to the API, as it arrives. */
void amazon_request(struct amazon *amazon, const char *form, size_t length,
                    struct amazon_answer *answer);

/* Every request fails in that way until then: what amazon_ail_name() says of `way`. */
#define AMAZON_AILS 5
void amazon_ail(struct amazon *amazon, unsigned way, int64_t until_us);
const char *amazon_ail_name(unsigned way);

/* A new agreement, Open or Draft with the buyer's consent. */
void amazon_agreement(struct amazon *amazon, const char *id, uint32_t seller, bool is_open);
/* What the buyer, or Amazon, does to an agreement: the sandbox's control API ("payment-method",
 * "{\"valid\":false}"). */
void amazon_act(struct amazon *amazon, const char *agreement_id, const char *act, const char *json);
/* Anything else of the control API (mws/sandbox/README.md), by POST. `answer` is borrowed until the
 * next such call. */
int amazon_control(struct amazon *amazon, const char *path, const char *json, const char **answer);
/* Somebody else charges the agreement: so much of this month's limit is used. */
void amazon_use(struct amazon *amazon, const char *agreement_id, int64_t yen);
/* Forgets the faults that were ordered so. */
void amazon_mend(struct amazon *amazon);

/* Lets Amazon's own time pass: what it decides later, and what it tells about. */
void amazon_passes(struct amazon *amazon);

/* A notification that Amazon has made: the Message of its envelope. */
struct amazon_notice {
    char message_id[40];
    char *message; /* JSON; to be freed */
};
bool amazon_take_notice(struct amazon *amazon, struct amazon_notice *notice);

/* How often a SellerOrderId was captured beyond the first time. */
uint64_t amazon_double_charged(const struct amazon *amazon);

/* The books, one authorization after the other; false at the end. Begin with *at = NULL. */
struct amazon_entry {
    const char *reference_id, *authorization_id, *capture_id, *agreement_id, *seller_order_id;
    const char *seller_id, *state;
    bool is_captured; /* a capture stands */
    bool is_pending;
    int64_t yen, captured_yen, refunded_yen;
};
bool amazon_next_entry(const struct amazon *amazon, const void **at, struct amazon_entry *entry);

/* "Open", "Closed", ...; NULL = no such agreement. */
const char *amazon_agreement_state(const struct amazon *amazon, const char *id);

#endif
