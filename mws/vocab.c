/*
 * vocab.c - Amazon's words as tables, and the way from a spelling to its number and back.
 *
 * A search walks the table: the longest has some forty rows and most rows differ in the first
 * letters, so nothing cleverer pays. Spelling is exact, upper and lower case count, because a word
 * that Amazon does not write is not Amazon's word. Read vocab.h for the rule on unknown words.
 */
#include "mws/vocab.h"

#include <stddef.h>
#include <string.h>

#include "billing/ensure.h"

static const char *const action_names[MWS_ACTION_COUNT] = {[MWS_ACTION_UNKNOWN] = "",
#define X(suffix, wire) [MWS_##suffix] = (wire),
                                                           MWS_ACTIONS(X)
#undef X
};

static const char *const state_names[MWS_STATE_COUNT] = {[MWS_STATE_UNKNOWN] = "",
#define X(suffix, wire) [MWS_STATE_##suffix] = (wire),
                                                         MWS_STATES(X)
#undef X
};

static const char *const reason_names[MWS_REASON_COUNT] = {[MWS_REASON_UNKNOWN] = "",
#define X(suffix, wire) [MWS_REASON_##suffix] = (wire),
                                                           MWS_REASONS(X)
#undef X
};

static const char *const error_names[MWS_ERROR_COUNT] = {[MWS_ERROR_NONE] = "",
#define X(suffix, wire, http) [MWS_ERROR_##suffix] = (wire),
                                                         MWS_ERRORS(X)
#undef X
};

static const int error_http_statuses[MWS_ERROR_COUNT] = {[MWS_ERROR_NONE] = 0,
#define X(suffix, wire, http) [MWS_ERROR_##suffix] = (http),
                                                         MWS_ERRORS(X)
#undef X
};

static const char *const agreement_type_names[MWS_AGREEMENT_TYPE_COUNT] = {
    [MWS_AGREEMENT_TYPE_UNKNOWN] = "",
#define X(suffix, wire) [MWS_AGREEMENT_##suffix] = (wire),
    MWS_AGREEMENT_TYPES(X)
#undef X
};

static const char *const refund_type_names[MWS_REFUND_TYPE_COUNT] = {[MWS_REFUND_TYPE_UNKNOWN] = "",
#define X(suffix, wire) [MWS_REFUND_TYPE_##suffix] = (wire),
                                                                     MWS_REFUND_TYPES(X)
#undef X
};

static const char *const service_status_names[MWS_SERVICE_STATUS_COUNT] = {
    [MWS_SERVICE_STATUS_UNKNOWN] = "",
#define X(suffix, wire) [MWS_SERVICE_##suffix] = (wire),
    MWS_SERVICE_STATUSES(X)
#undef X
};

static const char *const account_status_names[MWS_ACCOUNT_STATUS_COUNT] = {
    [MWS_ACCOUNT_STATUS_UNKNOWN] = "",
#define X(suffix, wire) [MWS_ACCOUNT_##suffix] = (wire),
    MWS_ACCOUNT_STATUSES(X)
#undef X
};

static const char *const event_type_names[MWS_EVENT_TYPE_COUNT] = {[MWS_EVENT_TYPE_UNKNOWN] = "",
#define X(suffix, wire) [MWS_EVENT_##suffix] = (wire),
                                                                   MWS_EVENT_TYPES(X)
#undef X
};

/* The index of `name` in a table whose row 0 stands for "unknown", or 0. */
static unsigned find(const char *const *names, unsigned count, const char *name)
{
    for (unsigned i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

const char *mws_action_name(enum mws_action action)
{
    ENSURE((unsigned)action < MWS_ACTION_COUNT);
    return action_names[action];
}

const char *mws_state_name(enum mws_state state)
{
    ENSURE((unsigned)state < MWS_STATE_COUNT);
    return state_names[state];
}

const char *mws_reason_name(enum mws_reason reason)
{
    ENSURE((unsigned)reason < MWS_REASON_COUNT);
    return reason_names[reason];
}

const char *mws_error_name(enum mws_error error)
{
    ENSURE((unsigned)error < MWS_ERROR_COUNT);
    return error_names[error];
}

int mws_error_http_status(enum mws_error error)
{
    ENSURE((unsigned)error < MWS_ERROR_COUNT);
    return error_http_statuses[error];
}

const char *mws_agreement_type_name(enum mws_agreement_type type)
{
    ENSURE((unsigned)type < MWS_AGREEMENT_TYPE_COUNT);
    return agreement_type_names[type];
}

const char *mws_refund_type_name(enum mws_refund_type type)
{
    ENSURE((unsigned)type < MWS_REFUND_TYPE_COUNT);
    return refund_type_names[type];
}

const char *mws_service_status_name(enum mws_service_status status)
{
    ENSURE((unsigned)status < MWS_SERVICE_STATUS_COUNT);
    return service_status_names[status];
}

const char *mws_account_status_name(enum mws_account_status status)
{
    ENSURE((unsigned)status < MWS_ACCOUNT_STATUS_COUNT);
    return account_status_names[status];
}

const char *mws_event_type_name(enum mws_event_type type)
{
    ENSURE((unsigned)type < MWS_EVENT_TYPE_COUNT);
    return event_type_names[type];
}

enum mws_action mws_action_parse(const char *name)
{
    return (enum mws_action)find(action_names, MWS_ACTION_COUNT, name);
}

enum mws_state mws_state_parse(const char *name)
{
    return (enum mws_state)find(state_names, MWS_STATE_COUNT, name);
}

enum mws_reason mws_reason_parse(const char *name)
{
    return (enum mws_reason)find(reason_names, MWS_REASON_COUNT, name);
}

enum mws_error mws_error_parse(const char *name)
{
    return (enum mws_error)find(error_names, MWS_ERROR_COUNT, name);
}

enum mws_agreement_type mws_agreement_type_parse(const char *name)
{
    return (enum mws_agreement_type)find(agreement_type_names, MWS_AGREEMENT_TYPE_COUNT, name);
}

enum mws_refund_type mws_refund_type_parse(const char *name)
{
    return (enum mws_refund_type)find(refund_type_names, MWS_REFUND_TYPE_COUNT, name);
}

enum mws_service_status mws_service_status_parse(const char *name)
{
    return (enum mws_service_status)find(service_status_names, MWS_SERVICE_STATUS_COUNT, name);
}

enum mws_account_status mws_account_status_parse(const char *name)
{
    return (enum mws_account_status)find(account_status_names, MWS_ACCOUNT_STATUS_COUNT, name);
}

enum mws_event_type mws_event_type_parse(const char *name)
{
    return (enum mws_event_type)find(event_type_names, MWS_EVENT_TYPE_COUNT, name);
}
