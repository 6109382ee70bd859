/*
 * planting.h - accounts that Amazon has answered for, put into the store of an admin world behind
 * the runner's back: with an Open agreement, paid and authorized charges.
 *
 * Steps are the core's own and recorded like the runner's; only Amazon is made up. Not for an
 * agreement that the runner has in memory.
 */
#ifndef TESTS_SCHEDULER_PLANTING_H
#define TESTS_SCHEDULER_PLANTING_H

#include "tests/scheduler/admin_world.h"

#define PLANTED_CAPTURE "S03-1234567-1234567-C000001"

/* Of the first seller, Open, with a limit of JPY 50,000, since four days; to be freed. */
struct account *plant_agreement(struct world *world, const char *id);
/* A one-off that is paid, or (policy: captured on shipment) authorized; `id` gets its id. */
void plant_charge(struct world *world, struct account *account, int64_t yen,
                  char id[static CHARGE_ID_MAX]);
/* The beginning of the account: before now. */
struct instant planted_at(const struct world *world);
/* One step, recorded. `at` of the event is now, unless it is set. */
void plant_step(struct world *world, struct account *account, struct event *event);

#endif
