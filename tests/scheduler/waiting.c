/* waiting.c - see waiting.h. */
#include "tests/scheduler/waiting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct waiting {
    struct loop *loop;
    bool is_over;
};

static void over(void *arg)
{
    struct waiting *waiting = arg;
    waiting->is_over = true;
    loop_stop(waiting->loop);
}

static void job_nothing(struct store *store, void *arg)
{
    (void)store;
    (void)arg;
}

/* At least once: a stop that `over` asked for outside of the loop would stay asked for. */
static void wait_for(const struct waiting *waiting)
{
    do {
        loop_run(waiting->loop);
    } while (!waiting->is_over);
}

void settle(struct loop *loop, struct store_worker *store_worker)
{
    struct waiting waiting = {.loop = loop};
    store_worker_submit(store_worker, job_nothing, over, &waiting);
    wait_for(&waiting);
}

void drain_wait(struct runner *runner, struct loop *loop)
{
    struct waiting waiting = {.loop = loop};
    runner_drain(runner, over, &waiting);
    wait_for(&waiting);
}

struct mws_client *impatient_client_new(struct loop *loop)
{
    struct problem problem = {""};
    struct http_client_options options = {.user_agent = "test",
                                          .connections_max = 4,
                                          .connect_deadline_ms = 1000,
                                          .total_deadline_ms = 2000,
                                          .response_bytes_max = 65536};
    struct mws_client *client = mws_client_new(loop, &options, &problem);
    if (client == NULL) {
        fail_msg("no client: %s", problem.text);
    }
    return client;
}
