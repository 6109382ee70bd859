/*
 * step_refund.c - money back, and what Amazon told of.
 */
#include "billing/step_parts.h"

enum status command_refund(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "refund: not possible yet");
}

void refund_answered(struct step *step, const struct refund_answer *answer)
{
    (void)step;
    (void)answer;
}

void refunds_advance(struct step *step)
{
    (void)step;
}
