/*
 * post.h - Amazon's notifications (IPN) on their way to the daemon: late, lost, doubled, out of
 * order, and again after an hour when they were not taken.
 */
#ifndef TESTS_SIM_POST_H
#define TESTS_SIM_POST_H

#include <stdint.h>

struct sim;

struct post_faults {
    uint32_t lost_ppm, twice_ppm, late_ppm;
};

/* Takes what Amazon has made since, and sends it. */
void post_collect(struct sim *sim, const struct post_faults *faults);

#endif
