/*
 * step_catch_up.c - the fate of a cycle that is opened late, and of what an operator must decide.
 */
#include "billing/step_parts.h"

enum status command_decide(struct step *step, struct problem *problem)
{
    (void)step;
    return problem_set(problem, ST_INVALID, "decide: not possible yet");
}
