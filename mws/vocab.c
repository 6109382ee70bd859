/*
 * vocab.c - Amazon's words as tables, and the way from a spelling to its number and back.
 *
 * A search walks the table: the longest has some thirty rows and most rows differ in the first
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
