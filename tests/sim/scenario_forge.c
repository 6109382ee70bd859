/*
 * scenario_forge.c - notifications that are not true: somebody has made the listener believe that
 * Amazon signed them. What they tell must never decide anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/scenario_words.h"

#define DATA_BYTES 1500
#define HEAD       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define NAMESPACE  "xmlns=\"https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01\""
#define STATUS     "<State>%s</State><LastUpdateTimestamp>%s</LastUpdateTimestamp>"

struct forgery {
    const char *type, *event; /* NotificationType; EventType or NULL */
    char seller_id[SIM_SELLER_BYTES];
    char data[DATA_BYTES];
};

static void about_agreement(struct forgery *forgery, const struct scenario_name *name,
                            const char *state, const char *at)
{
    forgery->type = "BillingAgreementNotification";
    forgery->event = "BillingAgreementStatusUpdated";
    sim_seller_id(name->seller - 1, forgery->seller_id);
    (void)snprintf(forgery->data, sizeof forgery->data,
                   HEAD "<BillingAgreementNotification " NAMESPACE "><BillingAgreement>"
                        "<AmazonBillingAgreementId>%s</AmazonBillingAgreementId>"
                        "<BillingAgreementStatus>" STATUS "</BillingAgreementStatus>"
                        "</BillingAgreement></BillingAgreementNotification>",
                   name->id, state, at);
}

/* False: Amazon knows of no such attempt. */
static bool about_attempt(struct forgery *forgery, struct scenario *scenario, const char *attempt,
                          const char *state, const char *at)
{
    const void *position = NULL;
    struct amazon_entry entry;
    bool found = false;
    char *id = scenario_names_in(&scenario->names, attempt);
    while (!found && amazon_next_entry(scenario->sim.amazon, &position, &entry)) {
        found = strcmp(entry.reference_id, id) == 0;
    }
    free(id);
    if (!found) {
        return false;
    }
    forgery->type = "PaymentAuthorize";
    (void)snprintf(forgery->seller_id, sizeof forgery->seller_id, "%s", entry.seller_id);
    (void)snprintf(forgery->data, sizeof forgery->data,
                   HEAD "<AuthorizationNotification " NAMESPACE "><AuthorizationDetails>"
                        "<AmazonAuthorizationId>%s</AmazonAuthorizationId>"
                        "<AuthorizationReferenceId>%s</AuthorizationReferenceId>"
                        "<AuthorizationStatus>" STATUS "</AuthorizationStatus>"
                        "</AuthorizationDetails></AuthorizationNotification>",
                   entry.authorization_id, entry.reference_id, state, at);
    return true;
}

static void noticed(void *arg, bool is_kept)
{
    (void)arg;
    (void)is_kept; /* whoever forges does not repeat */
}

static void post(struct scenario *scenario, const struct forgery *forgery, const char *at)
{
    char id[40];
    struct json *message = json_new_object();
    (void)snprintf(id, sizeof id, "forged-%lld", (long long)scenario->sim.now_us);
    json_set_string(message, "ReleaseEnvironment", "Live");
    json_set_string(message, "NotificationType", forgery->type);
    if (forgery->event != NULL) {
        json_set_string(message, "EventType", forgery->event);
    }
    json_set_string(message, "SellerId", forgery->seller_id);
    json_set_string(message, "NotificationReferenceId", id);
    json_set_string(message, "Timestamp", at);
    json_set_string(message, "NotificationData", forgery->data);
    char *text = json_print(message, false);
    life_notice(&scenario->sim, id, text, noticed, NULL);
    free(text);
    json_free(message);
}

/* forged A Closed, forged S-1-1 Declined */
void act_forged(struct scenario *scenario, char **words, int count)
{
    struct forgery forgery = {0};
    char at[INSTANT_TEXT_MAX];
    const char *about = word(words, count, 1);
    const char *state = word(words, count, 2);
    const struct scenario_name *name = scenario_names_find(&scenario->names, about);
    instant_format(sim_true_utc(&scenario->sim), at);
    if (count != 3) {
        usage(scenario, "forged AGREEMENT|ATTEMPT STATE");
        return;
    }
    if (name != NULL && name->seller > 0) {
        about_agreement(&forgery, name, state, at);
    } else if (!about_attempt(&forgery, scenario, about, state, at)) {
        scenario_fail(scenario, "there is no agreement and no attempt \"%s\" at Amazon", about);
        return;
    }
    post(scenario, &forgery, at);
    scenario_pass(scenario, 2 * SECOND_US);
}
