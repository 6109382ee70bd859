/* post.c - see post.h. */
#include "tests/sim/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"

#define RETRIES_MAX 336 /* SNS: every hour for 14 days */

struct parcel {
    struct sim *sim;
    struct queue_entry again;
    unsigned tries;
    unsigned in_flight; /* posted and not answered; of a daemon that died it stays so */
    bool is_taken;
    struct amazon_notice notice;
};

static void parcel_free(struct parcel *parcel)
{
    queue_remove(&parcel->sim->queue, &parcel->again);
    free(parcel->notice.message);
    free(parcel);
}

static void noticed(void *arg, bool is_kept)
{
    struct parcel *parcel = arg;
    parcel->in_flight--;
    parcel->is_taken = parcel->is_taken || is_kept;
    if (parcel->is_taken) {
        queue_remove(&parcel->sim->queue, &parcel->again);
    }
    if (parcel->is_taken && parcel->in_flight == 0) {
        parcel_free(parcel);
    }
}

static void arrives(void *arg)
{
    struct parcel *parcel = arg;
    struct sim *sim = parcel->sim;
    if (parcel->tries++ == RETRIES_MAX) {
        parcel_free(parcel);
        return;
    }
    parcel->in_flight++;
    queue_put(&sim->queue, &parcel->again, sim->now_us + HOUR_US);
    life_notice(sim, parcel->notice.message_id, parcel->notice.message, noticed, parcel);
}

static void send(struct sim *sim, const struct amazon_notice *notice, int64_t delay_us)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    ENSURE(parcel != NULL);
    parcel->sim = sim;
    parcel->notice = *notice;
    parcel->notice.message = strdup(notice->message);
    ENSURE(parcel->notice.message != NULL);
    parcel->again.run = arrives;
    parcel->again.arg = parcel;
    queue_put(&sim->queue, &parcel->again, sim->now_us + delay_us);
}

void post_collect(struct sim *sim, const struct post_faults *faults)
{
    struct amazon_notice notice;
    while (amazon_take_notice(sim->amazon, &notice)) {
        int64_t delay_us = chance_range(&sim->chance, SITE_TRAVEL, SECOND_US / 5, 10 * SECOND_US);
        if (chance_strikes(&sim->chance, SITE_NOTICE_LATE, faults->late_ppm)) {
            struct detail detail = chance_detail(&sim->chance, SITE_NOTICE_LATE);
            delay_us += detail_range(&detail, MINUTE_US, 3 * DAY_US);
        }
        if (chance_strikes(&sim->chance, SITE_NOTICE_TWICE, faults->twice_ppm)) {
            struct detail detail = chance_detail(&sim->chance, SITE_NOTICE_TWICE);
            send(sim, &notice, detail_range(&detail, SECOND_US, DAY_US));
        }
        if (!chance_strikes(&sim->chance, SITE_NOTICE_LOST, faults->lost_ppm)) {
            send(sim, &notice, delay_us);
        }
        free(notice.message);
    }
}
