/*
 * reply_samples.h - the documented shape of every result, as a list of its elements, and how the
 * reply that is read from it prints.
 */
#ifndef TESTS_MWS_REPLY_SAMPLES_H
#define TESTS_MWS_REPLY_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "mws/vocab.h"

#define ELEMENTS_MAX 16

struct element {
    const char *text;
    const char *other; /* the same element with another value; NULL = of a list, never doubled */
    bool is_required;
};

struct sample {
    enum mws_action action;
    const char *wrapper; /* "" = the elements stand in the result itself */
    const char *printed; /* of the whole */
    struct element elements[ELEMENTS_MAX];
};

#define PRICE(name, amount)                                                                        \
    "<" name "><CurrencyCode>JPY</CurrencyCode><Amount>" amount "</Amount></" name ">"
#define STATUS(name, inner)                                                                        \
    "<" name "><LastUpdateTimestamp>2026-11-22T01:02:03.004Z</LastUpdateTimestamp>" inner          \
    "<ReasonDescription>d</ReasonDescription></" name ">"
#define STATE(state)   "<State>" state "</State>"
#define REASON(reason) "<ReasonCode>" reason "</ReasonCode>"

/* Up to one with the action 0. */
extern const struct sample reply_samples[];

#endif
