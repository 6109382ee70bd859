/*
 * step_subscription.c - operators' commands about a subscription, and what they lead to.
 */
#include "billing/step_parts.h"

enum status command_pause(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "pause: not possible yet");
}

enum status command_resume(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "resume: not possible yet");
}

enum status command_skip(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "skip: not possible yet");
}

enum status command_move(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "move: not possible yet");
}

enum status command_change(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "change: not possible yet");
}

enum status command_replace(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "replace: not possible yet");
}

enum status command_stop(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "stop: not possible yet");
}

void hand_over_answered(struct step *step, const struct hand_over_answer *answer)
{
    (void)step;
    (void)answer;
}

void subscriptions_advance(struct step *step)
{
    (void)step;
}
