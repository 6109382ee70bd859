/*
 * answers.h - the answer table: what is understood from every answer that Amazon can give.
 *
 * Nothing is written down twice: each row is what mws/classify.c and translate_answer.c make of a
 * reply with those words, so what is printed is what happens. Answers that give the same are one
 * row. What follows from a reason is billing/policy_map.h.
 */
#ifndef SCHEDULER_ANSWERS_H
#define SCHEDULER_ANSWERS_H

#include <stdbool.h>

#include "billing/lifecycle.h"
#include "billing/outcome.h"

#define ANSWER_TEXT_MAX 1024

struct answer_row {
    const char *about; /* the object that is shown; of an error the calls that are answered so */
    const char *state; /* of the object; "" = it is no object but an error */
    const char *reason_code; /* Amazon's ReasonCodes, or "any", "any other"; "" of an error */
    const char *error;       /* Amazon's code, or in words what came instead; "" of an object */
    enum outcome outcome;
    enum reason reason;
    const char *note; /* what else is taken from it, or "" */
};

/* Calls `told` for every row, in a fixed order; the row is borrowed until return. */
typedef void answer_told(void *arg, const struct answer_row *row);
void answers_each(answer_told *told, void *arg);

const char *outcome_name(enum outcome outcome);

#endif
