/*
 * simulation.c - see simulation.h.
 */
#include "mws/sandbox/simulation.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mws/edge/json.h"

#define REOPEN_MINUTES_MAX 240
#define EXPIRE_MINUTES_MAX 60

/* A number of minutes, as a JSON number or a string of digits; -1 when it is neither. */
static int64_t minutes_of(const struct json *value)
{
    const char *text = json_as_string(value);
    int64_t minutes = -1;

    if (json_as_integer(value, &minutes)) {
        return minutes;
    }
    if (text == NULL || text[0] == '\0' || strlen(text) > 4 ||
        strspn(text, "0123456789") != strlen(text)) {
        return -1;
    }
    return strtol(text, NULL, 10);
}

static bool read_minutes(const struct json *object, const char *key, int64_t max, int *minutes)
{
    const struct json *value = json_get(object, key);
    int64_t read;

    *minutes = 0;
    if (value == NULL) {
        return true;
    }
    read = minutes_of(value);
    *minutes = (int)(read >= 1 && read <= max ? read : 0);
    return *minutes != 0;
}

/* Amazon's samples write it as a string. */
static bool read_soft(const struct json *object, bool *soft)
{
    const struct json *value = json_get(object, "SoftDecline");
    const char *text = json_as_string(value);

    *soft = text != NULL && strcmp(text, "true") == 0;
    return value == NULL || json_as_bool(value, soft) || *soft ||
           (text != NULL && strcmp(text, "false") == 0);
}

static bool keys_are_known(const struct json *object)
{
    static const char *const known[] = {"State", "ReasonCode", "PaymentMethodUpdateTimeInMins",
                                        "SoftDecline", "ExpirationTimeInMins"};

    for (size_t i = 0; json_key(object, i) != NULL; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            found = found || strcmp(known[k], json_key(object, i)) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Each extra key belongs to one of the combinations. */
static bool is_authorization(const struct json *object, const struct fate *fate)
{
    bool invalid_method = fate->reason == MWS_REASON_INVALID_PAYMENT_METHOD;
    bool expired = fate->reason == MWS_REASON_EXPIRED_UNUSED;
    bool method_keys = json_get(object, "PaymentMethodUpdateTimeInMins") != NULL ||
                       json_get(object, "SoftDecline") != NULL;
    bool expire_keys = json_get(object, "ExpirationTimeInMins") != NULL;

    if (fate->state == MWS_STATE_DECLINED) {
        return !expire_keys &&
               (invalid_method ||
                (!method_keys && (fate->reason == MWS_REASON_AMAZON_REJECTED ||
                                  fate->reason == MWS_REASON_TRANSACTION_TIMED_OUT)));
    }
    if (fate->state == MWS_STATE_CLOSED) {
        return !method_keys &&
               (expired || (!expire_keys && fate->reason == MWS_REASON_AMAZON_CLOSED));
    }
    return false;
}

/* The combinations that Amazon lists. */
static bool is_listed(enum simulated what, const struct json *object, const struct fate *fate)
{
    bool only_two = json_key(object, 2) == NULL;
    bool rejected = fate->state == MWS_STATE_DECLINED && fate->reason == MWS_REASON_AMAZON_REJECTED;
    bool closed = fate->state == MWS_STATE_CLOSED && fate->reason == MWS_REASON_AMAZON_CLOSED;

    switch (what) {
    case SIMULATED_AUTHORIZATION:
        return is_authorization(object, fate);
    case SIMULATED_CAPTURE:
        return only_two && (rejected || closed ||
                            (fate->state == MWS_STATE_PENDING && json_key(object, 1) == NULL));
    case SIMULATED_REFUND:
        return only_two && rejected;
    case SIMULATED_CLOSURE:
        return only_two && closed;
    }
    return false;
}

static bool read_fate(enum simulated what, const struct json *object, struct fate *fate)
{
    const char *state = json_as_string(json_get(object, "State"));
    const char *reason = json_as_string(json_get(object, "ReasonCode"));

    if (state == NULL || !keys_are_known(object)) {
        return false;
    }
    fate->state = mws_state_parse(state);
    fate->reason = reason != NULL ? mws_reason_parse(reason) : MWS_REASON_UNKNOWN;
    return is_listed(what, object, fate) && read_soft(object, &fate->soft) &&
           read_minutes(object, "PaymentMethodUpdateTimeInMins", REOPEN_MINUTES_MAX,
                        &fate->reopen_minutes) &&
           read_minutes(object, "ExpirationTimeInMins", EXPIRE_MINUTES_MAX, &fate->expire_minutes);
}

static bool mentions_simulation(const char *note)
{
    return strstr(note, "SandboxSimulation") != NULL;
}

static enum status refuse(enum simulated what, struct problem *problem)
{
    static const char *const fields[] = {
        [SIMULATED_AUTHORIZATION] = "SellerAuthorizationNote",
        [SIMULATED_CAPTURE] = "SellerCaptureNote",
        [SIMULATED_REFUND] = "SellerRefundNote",
        [SIMULATED_CLOSURE] = "ClosureReason",
    };

    return problem_set(problem, ST_INVALID, "The sandbox simulation specified in %s is invalid",
                       fields[what]);
}

enum status simulation_parse(enum simulated what, const char *note, struct fate *fate,
                             struct problem *problem)
{
    struct json *root;
    bool good = false;

    *fate = (struct fate){0};
    if (!mentions_simulation(note)) {
        return ST_OK;
    }
    if (json_parse(note, strlen(note), &root, problem) == ST_OK) {
        good = read_fate(what, json_get(root, "SandboxSimulation"), fate);
        json_free(root);
    }
    if (!good) {
        *fate = (struct fate){0};
        return refuse(what, problem);
    }
    return ST_OK;
}

enum status simulation_constraint(const char *note, bool *method_not_allowed,
                                  struct problem *problem)
{
    struct json *root;
    const struct json *object;
    const char *constraint;

    *method_not_allowed = false;
    if (!mentions_simulation(note)) {
        return ST_OK;
    }
    if (json_parse(note, strlen(note), &root, problem) == ST_OK) {
        object = json_get(root, "SandboxSimulation");
        constraint = json_as_string(json_get(object, "Constraint"));
        *method_not_allowed = constraint != NULL && json_key(object, 1) == NULL &&
                              strcmp(constraint, "PaymentMethodNotAllowed") == 0;
        json_free(root);
    }
    return *method_not_allowed
               ? ST_OK
               : problem_set(problem, ST_INVALID,
                             "The sandbox simulation specified in SellerNote is invalid");
}
