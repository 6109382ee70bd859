/*
 * sim_network.h - the network between the daemon and Amazon; its face towards the daemon is
 * mws/edge/http_client.h.
 *
 * A request that has left belongs to the world: it arrives, or not, whatever becomes of the daemon.
 * It travels for some time, may be lost, may arrive twice, and so may its answer be lost or come
 * after the daemon has stopped waiting. It never arrives later than the daemon's own deadline for
 * it, as no TCP connection outlives both its ends.
 */
#ifndef TESTS_SIM_SIM_NETWORK_H
#define TESTS_SIM_SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct network;

/* How often it strikes, in a million requests. */
struct network_faults {
    uint32_t request_lost_ppm;
    uint32_t request_twice_ppm;
    uint32_t answer_lost_ppm;
    uint32_t slow_ppm;
};

struct network *network_new(struct sim *sim);
void network_free(struct network *network);
void network_set_faults(struct network *network, const struct network_faults *faults);

/* Until then nobody can connect to Amazon; or connections are made and nothing answers. */
void network_outage(struct network *network, int64_t until_us, bool connects);

#endif
