/* nth_strikes.c - see nth.h. Who asks whether something works, and who is told that it does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/http_client.h"
#include "schema/store.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/nth.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/sim_network.h"

#define LATE_US (75 * MINUTE_US) /* nobody waits as long for an answer */
#define FULL_US MINUTE_US

static struct nth *here; /* see nth_here() */

static const struct {
    enum nth_place place;
    const char *name;
} kinds[NTH_KIND_COUNT] = {
#define X(suffix, place, name) [NTH_##suffix] = {NTH_##place, (name)},
    NTH_KINDS(X)
#undef X
};

struct nth *nth_here(void)
{
    return here;
}

void nth_begin(struct nth *nth)
{
    here = nth;
}

const char *nth_kind_name(enum nth_kind kind)
{
    return kinds[kind].name;
}

/* --- children ------------------------------------------------------------------------------ */

static void wait_for_one(struct nth *nth)
{
    int status = 0;
    int pid = wait(&status);
    ENSURE(pid > 0);
    for (unsigned i = 0; i < nth->jobs; i++) {
        if (nth->children[i].pid == pid) {
            nth->children[i].pid = 0;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                nth->failed[nth->children[i].kind]++;
            }
            if (WIFSIGNALED(status)) {
                (void)printf("  %s: the run was ended by signal %d\n",
                             kinds[nth->children[i].kind].name, WTERMSIG(status));
            }
        }
    }
}

static struct nth_child *free_child(struct nth *nth)
{
    for (;;) {
        for (unsigned i = 0; i < nth->jobs; i++) {
            if (nth->children[i].pid == 0) {
                return &nth->children[i];
            }
        }
        wait_for_one(nth);
    }
}

void nth_gather(struct nth *nth)
{
    for (unsigned i = 0; i < nth->jobs; i++) {
        while (nth->children[i].pid != 0) {
            wait_for_one(nth);
        }
    }
}

/* In the child it strikes, in the parent it does not. */
static bool is_child_struck(struct nth *nth, enum nth_kind kind)
{
    bool was = memory_inside(false);
    struct nth_child *child = free_child(nth);
    (void)fflush(stdout);
    int pid = fork();
    ENSURE(pid >= 0);
    nth->is_child = pid == 0;
    *child = (struct nth_child){.pid = pid, .kind = kind};
    (void)memory_inside(was);
    return nth->is_child;
}

static bool strikes(struct nth *nth, enum nth_kind kind)
{
    uint64_t n = ++nth->asked[kind];
    if (!nth->is_wanted[kind] || (nth->only != 0 && nth->only != n) ||
        (nth->only == 0 && !is_child_struck(nth, kind))) {
        return false;
    }
    bool was = memory_inside(false);
    nth->is_child = true;
    nth->struck = kind;
    nth->struck_n = n;
    sim_log(nth->sim, "here: %s", kinds[kind].name);
    (void)memory_inside(was);
    return true;
}

enum nth_kind nth_asks(enum nth_place place)
{
    struct nth *nth = here;
    for (unsigned kind = 0; kind < NTH_KIND_COUNT; kind++) {
        if (nth->is_asked && !nth->is_child && kinds[kind].place == place &&
            strikes(nth, (enum nth_kind)kind)) {
            return (enum nth_kind)kind;
        }
    }
    return NTH_NOTHING;
}

/* --- what the linker hands to us (-Wl,--wrap) ------------------------------------------------ */

bool __wrap_chance_strikes(struct chance *chance, enum site site, uint32_t ppm);
bool __real_chance_strikes(struct chance *chance, enum site site, uint32_t ppm);
bool __wrap_disk_is_full(const struct disk *disk);
void __wrap_disk_cut(struct disk *disk, enum power power);
void __real_disk_cut(struct disk *disk, enum power power);
enum status __wrap_http_post(struct http_client *client, const char *url, const char *body,
                             size_t body_length, http_done *done, void *arg);
enum status __real_http_post(struct http_client *client, const char *url, const char *body,
                             size_t body_length, http_done *done, void *arg);
void __wrap_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer);
void __real_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer);
void __wrap_life_enter(struct sim *sim, queue_run *run, void *arg);
void __real_life_enter(struct sim *sim, queue_run *run, void *arg);
enum status __wrap_store_sqlite_open(const char *path, store_digest *sha256, struct store **store,
                                     struct problem *problem);
enum status __real_store_sqlite_open(const char *path, store_digest *sha256, struct store **store,
                                     struct problem *problem);
int __wrap_flock(int fd, int operation);

/* What is left to chance elsewhere is counted here. The world asks about requests when they leave:
 * what befalls them was decided then, see __wrap_http_post(). */
bool __wrap_chance_strikes(struct chance *chance, enum site site, uint32_t ppm)
{
    enum nth_kind kind = NTH_NOTHING;
    (void)__real_chance_strikes(chance, site, ppm); /* it counts, too */
    switch (site) {
    case SITE_CRASH_AT_MEMORY:
        return nth_asks(NTH_ALLOCATES) != NTH_NOTHING;
    case SITE_CRASH_AT_DISK:
        return nth_asks(NTH_CHANGES) != NTH_NOTHING;
    case SITE_DISK_ERROR:
        return nth_asks(NTH_USES_DISK) != NTH_NOTHING;
    case SITE_DISK_FULL:
        if (nth_asks(NTH_WRITES) != NTH_NOTHING) {
            here->full_until_us = here->sim->now_us + FULL_US;
        }
        return false;
    case SITE_REQUEST_LOST:
        kind = NTH_SEND_LOST;
        break;
    case SITE_REQUEST_TWICE:
        kind = NTH_SEND_TWICE;
        break;
    case SITE_ANSWER_LOST:
        kind = NTH_ANSWER_LOST;
        break;
    case SITE_NOTICE_LATE: /* the first that is asked about a notification */
        here->notice = nth_asks(NTH_TELLS);
        return here->notice == NTH_NOTICE_LATE;
    case SITE_NOTICE_TWICE:
        return here->notice == NTH_NOTICE_TWICE;
    case SITE_NOTICE_LOST:
        /* Nothing else may tell what became of it. */
        return here->notice == NTH_NOTICE_LOST || here->struck == NTH_ANSWER_LOST_THEN_NO;
    case SITE_WORLD:
    case SITE_PROFILE:
    case SITE_KEYS_OF_DAEMON:
    case SITE_KEYS_OF_AMAZON:
    case SITE_WORK_DELAY:
    case SITE_TRAVEL:
    case SITE_DETAIL:
    case SITE_OPERATOR:
    case SITE_BUYER:
    case SITE_DECLINE:
    case SITE_SLOW:
    case SITE_ANSWER_SPOILT:
    case SITE_OUTAGE:
    case SITE_CRASH:
    case SITE_STOP:
    case SITE_DISK_SLOW:
    case SITE_POWER:
    case SITE_CLOCK:
    case SITE_RUNNING:
    case SITE_WAREHOUSE:
    case SITE_COUNT:
        return false;
    }
    return here->send == kind || (kind == NTH_ANSWER_LOST && here->send == NTH_ANSWER_LOST_THEN_NO);
}

/* Not for as long as a seed says: the shop asks all the while. */
bool __wrap_disk_is_full(const struct disk *disk)
{
    (void)disk;
    return here->sim->now_us < here->full_until_us;
}

void __wrap_disk_cut(struct disk *disk, enum power power)
{
    switch ((unsigned)here->struck) {
    case NTH_DISK_KILLED:
    case NTH_EVENT_KILLED:
        power = POWER_KEPT;
        break;
    case NTH_DISK_TORN:
        power = POWER_TORN;
        break;
    case NTH_NOTHING: /* the end of a life that met nothing */
        break;
    default:
        power = POWER_LOST;
        break;
    }
    __real_disk_cut(disk, power);
}

enum status __wrap_http_post(struct http_client *client, const char *url, const char *body,
                             size_t body_length, http_done *done, void *arg)
{
    struct sim *sim = here->sim;
    here->send = nth_asks(NTH_SENDS);
    network_outage(sim->network, here->send == NTH_SEND_REFUSED ? sim->now_us + 1 : 0, false);
    enum status status = __real_http_post(client, url, body, body_length, done, arg);
    sim->is_dead = sim->is_dead || here->send == NTH_SEND_CRASH;
    here->refused_in = here->send == NTH_ANSWER_LOST_THEN_NO ? 2 : here->refused_in;
    here->send = NTH_NOTHING;
    return status;
}

static void play(struct amazon *amazon, const char *fault)
{
    const char *answer;
    char rule[160];
    (void)snprintf(rule, sizeof rule, "[{\"action\":\"*\",\"count\":1,\"fault\":%s}]", fault);
    int status = amazon_control(amazon, "/control/faults", rule, &answer);
    ENSURE(status == 200 || status == 201);
}

/* Of those that the sandbox knows; NULL: it is done with its answer. */
static const char *fault_of(enum nth_kind kind)
{
    switch ((unsigned)kind) {
    case NTH_ANSWER_500:
        return "\"500\",\"after_work\":false";
    case NTH_ANSWER_500_DONE:
        return "\"500\",\"after_work\":true";
    case NTH_ANSWER_503:
        return "\"503\",\"after_work\":false";
    case NTH_ANSWER_503_DONE:
        return "\"503\",\"after_work\":true";
    case NTH_ANSWER_THROTTLE:
        return "\"throttle\"";
    case NTH_ANSWER_GATEWAY:
        return "\"gateway\"";
    case NTH_ANSWER_GARBAGE:
        return "\"garbage\"";
    case NTH_ANSWER_UNKNOWN:
        return "\"unknown_state\"";
    case NTH_ANSWER_HUGE:
        return "\"huge\"";
    default:
        return NULL;
    }
}

void __wrap_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer)
{
    enum nth_kind kind = nth_asks(NTH_ANSWERS);
    const char *fault = fault_of(kind);
    if (here->refused_in > 0 && --here->refused_in == 0) {
        fault = "\"error\",\"code\":\"InvalidParameterValue\",\"after_work\":false";
    }
    if (fault != NULL) {
        play(amazon, fault);
    }
    __real_amazon_request(amazon, form, length, answer);
    switch ((unsigned)kind) {
    case NTH_ANSWER_LATE:
        answer->delay_us = LATE_US;
        break;
    case NTH_ANSWER_CUT:
        answer->length /= 2;
        break;
    case NTH_ANSWER_CUT_LATE:
        answer->length--;
        break;
    case NTH_ANSWER_EMPTY:
        answer->length = 0;
        break;
    default:
        break;
    }
}

/* What the world hands to the living daemon: a timer, work that is done, an answer, an order. */
void __wrap_life_enter(struct sim *sim, queue_run *run, void *arg)
{
    if (nth_asks(NTH_TURNS) != NTH_NOTHING) {
        life_kill(sim, "killed");
        return;
    }
    __real_life_enter(sim, run, arg);
}

enum status __wrap_store_sqlite_open(const char *path, store_digest *sha256, struct store **store,
                                     struct problem *problem)
{
    enum status status = __real_store_sqlite_open(path, sha256, store, problem);
    if (status == ST_OK) {
        nth_watches(*store);
    }
    return status;
}

/* A child shares the lock file with its parent, which must not keep its next daemon out: their
 * disks are not the same any more. */
int __wrap_flock(int fd, int operation)
{
    (void)fd;
    (void)operation;
    return 0;
}
