/*
 * claim.c - asking the store for due work, and for single accounts.
 *
 * A claim reserves its tokens first: for each seller, round robin, as many accounts are asked for
 * as its bucket has tokens and memory has room, so an intent is only committed when it can be sent
 * at once. Tokens that find no charge are released. A seller is asked for few at first, and for
 * more as long as it has more, so that one claim serves many sellers with a little due each. A
 * seller is not claimed for again before the first steps of its last claim are recorded, because
 * until then the store still shows it as due.
 *
 * Order: a claim is filled by lane for three quarters and by age for the rest (struct claim). So
 * retries, however many and however old, take at most a quarter of a seller's pace while renewals
 * are due: n renewals are sent within n / (0.75 * pace) - stated, and tested in test_lanes.c.
 */
#include <stdlib.h>

#include "billing/ensure.h"
#include "scheduler/runner_parts.h"

#define CLAIMS_MAX 64

struct claim_job {
    struct runner *runner;
    struct instant now;
    uint32_t count;
    struct claim claims[CLAIMS_MAX];
    struct pace_seller *sellers[CLAIMS_MAX];
    bool wants_backlog[CLAIMS_MAX]; /* for the size of the day's canary */
    uint64_t backlogs[CLAIMS_MAX];
    struct account *accounts; /* CLAIM_ACCOUNTS_MAX */
    enum status status;
    struct problem problem;
};

struct claim_job *claim_new(void)
{
    struct claim_job *job = calloc(1, sizeof *job);
    ENSURE(job != NULL);
    job->accounts = calloc(CLAIM_ACCOUNTS_MAX, sizeof *job->accounts);
    ENSURE(job->accounts != NULL);
    return job;
}

void claim_free(struct claim_job *job)
{
    if (job != NULL) {
        free(job->accounts);
        free(job);
    }
}

static void claim_run(struct store *store, void *arg)
{
    struct claim_job *job = arg;
    job->status = ST_OK;
    for (uint32_t i = 0; i < job->count && job->status == ST_OK; i++) {
        struct seller_totals totals = {0};
        if (job->wants_backlog[i]) {
            job->status = store->ops->totals(store, job->claims[i].seller_id, job->now, &totals,
                                             &job->problem);
            job->backlogs[i] = totals.backlog;
        }
    }
    if (job->status == ST_OK) {
        job->status = store->ops->claim(store, job->now, job->claims, job->count, job->accounts,
                                        &job->problem);
    }
}

static struct seat *seat_of_account(struct runner *runner, struct pace_seller *seller,
                                    const struct account *account)
{
    struct seat *seat = seat_find(runner, seller->seller_id, account->agreement.id);
    if (seat != NULL) {
        /* In memory already, and newer than what the store had when it was asked. */
        return seat;
    }
    seat = seat_make(runner, seller, account->agreement.id);
    seat->state = SEAT_READY;
    seat->is_put_off = !seat_take_account(seat, account);
    return seat;
}

/* Lets the accounts of one claim wake; each takes a token over. */
static void wake_accounts(struct runner *runner, struct pace_seller *seller,
                          const struct account *accounts, uint32_t count, bool with_tokens)
{
    struct event event = {.kind = EVENT_WAKE};
    for (uint32_t i = 0; i < count; i++) {
        struct seat *seat = seat_of_account(runner, seller, &accounts[i]);
        seller->claimed++;
        if (with_tokens) {
            seat->tokens++;
        }
        seat_post(seat, &event, true, NULL, NULL);
        seat_pump(seat);
    }
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Who had as much as was asked for is asked for more the next time. */
static void learn_size(struct pace_seller *seller, const struct claim *claim)
{
    if (!claim->care_only && !claim->settle_only) {
        seller->claim_size = claim->count == claim->max
                                 ? smaller(2 * seller->claim_size, CLAIM_SELLER_MAX)
                                 : CLAIM_SELLER_MIN;
    }
}

static void log_damage(const struct runner *runner, const struct claim *claim)
{
    if (claim->damaged_agreement_id[0] != '\0') {
        log_write(runner->parts.log, LOG_ERROR, "account_damaged",
                  LOG_STRING("seller", claim->seller_id),
                  LOG_STRING("agreement", claim->damaged_agreement_id),
                  LOG_STRING("problem", claim->damage.text), LOG_END);
    }
}

static void claim_done(void *arg)
{
    struct claim_job *job = arg;
    struct runner *runner = job->runner;
    if (job->status != ST_OK) {
        runner_store_trouble(runner, job->status, &job->problem, false);
    } else {
        runner_store_well(runner);
    }
    const struct account *accounts = job->accounts;
    for (uint32_t i = 0; i < job->count; i++) {
        struct claim *claim = &job->claims[i];
        struct pace_seller *seller = job->sellers[i];
        uint32_t used = 0;
        if (job->status == ST_OK) {
            seller->next_wake[claim->care_only ? PACE_CARE : PACE_CHARGE] = claim->next_wake;
            learn_size(seller, claim);
            log_damage(runner, claim);
            if (job->wants_backlog[i] && seller->config != NULL &&
                guard_batch_wants_size(&seller->batch, &seller->config->batch)) {
                guard_batch_set_size(&seller->batch, &seller->config->batch, job->backlogs[i]);
            }
            wake_accounts(runner, seller, accounts, claim->count, !claim->care_only);
            used = claim->count;
            accounts += claim->count;
        }
        for (; !claim->care_only && used < claim->max; used++) {
            pace_release(seller);
        }
    }
    /* Not earlier: while draining the first account may end before the second has its seat. */
    runner->is_claiming = false;
    runner_wake(runner);
    runner_check_drained(runner);
}

static struct claim *add_claim(struct claim_job *job, struct pace_seller *seller, uint32_t max)
{
    job->sellers[job->count] = seller;
    job->wants_backlog[job->count] = false;
    job->claims[job->count] = (struct claim){.seller_id = seller->seller_id, .max = max};
    return &job->claims[job->count++];
}

/* What waits to charge does not keep care out. */
static uint32_t care_room(const struct pace_seller *seller)
{
    uint32_t waiting = seller->waiting - seller->lanes[MWS_AUTHORIZE_ON_BILLING_AGREEMENT].waiting;
    return waiting < CARE_WAITING_MAX ? CARE_WAITING_MAX - waiting : 0;
}

/* What may charge, or while that is held back only what must be settled; returns how many. */
static uint32_t claim_charges(struct claim_job *job, struct pace_seller *seller, uint32_t room)
{
    uint32_t allowed = runner_charge_room(job->runner, seller);
    if (seller->is_held_back && allowed > 0) {
        seller->is_held_back = false;
        seller->next_wake[PACE_CHARGE] = (struct instant){0};
    }
    if (!instant_reached(seller->next_wake[PACE_CHARGE], job->now)) {
        return 0;
    }
    uint32_t wanted = smaller(room, seller->claim_size);
    wanted = allowed > 0 ? smaller(wanted, allowed) : wanted;
    uint32_t max = pace_reserve(seller, wanted, loop_ticks(job->runner->parts.loop));
    if (max > 0) {
        struct claim *claim = add_claim(job, seller, max);
        claim->settle_only = allowed == 0;
        seller->is_held_back = allowed == 0;
        job->wants_backlog[job->count - 1] =
            guard_batch_wants_size(&seller->batch, &seller->config->batch);
    }
    return max;
}

/* Adds this seller's claims; returns the accounts they may bring. */
static uint32_t claim_for(struct claim_job *job, struct pace_seller *seller, uint32_t room)
{
    uint32_t added = claim_charges(job, seller, room);
    if (instant_reached(seller->next_wake[PACE_CARE], job->now) && room > added) {
        uint32_t max = smaller(care_room(seller), room - added);
        if (max > 0) {
            add_claim(job, seller, max)->care_only = true;
            added += max;
        }
    }
    return added;
}

void claim_submit(struct runner *runner, struct instant now)
{
    struct claim_job *job = runner->claim;
    /* While the clock is doubted nothing is due. */
    if (runner->is_claiming || runner->claims_failed || runner->store_failed ||
        runner_clock_is_doubted(runner) || runner_is_draining(runner)) {
        return;
    }
    uint32_t in_flight_max = (uint32_t)runner->config->in_flight_max;
    uint32_t room = runner->seat_count < in_flight_max ? in_flight_max - runner->seat_count : 0;
    room = smaller(room, CLAIM_ACCOUNTS_MAX);
    job->runner = runner;
    job->now = now;
    job->count = 0;
    for (uint32_t i = 0; i < runner->seller_count && room > 0 && job->count + 2 <= CLAIMS_MAX;
         i++) {
        struct pace_seller *seller = runner->sellers[runner->seller_next % runner->seller_count];
        runner->seller_next = (runner->seller_next + 1) % runner->seller_count;
        if (seller->config != NULL && seller->claimed == 0) {
            room -= claim_for(job, seller, room);
        }
    }
    if (job->count > 0) {
        runner->is_claiming = true;
        store_worker_submit(runner->parts.store_worker, claim_run, claim_done, job);
    }
}

/* --- one account --------------------------------------------------------------------------- */

struct load_job {
    struct seat *seat;
    struct account account;
    enum status status;
    struct problem problem;
};

static void load_run(struct store *store, void *arg)
{
    struct load_job *job = arg;
    const struct seat_id *id = &job->seat->id;
    job->status = store->ops->load_account(store, id->seller_id, id->agreement_id, &job->account,
                                           &job->problem);
}

static void load_done(void *arg)
{
    struct load_job *job = arg;
    struct seat *seat = job->seat;
    seat->state = SEAT_READY;
    if (job->status == ST_OK && !seat_take_account(seat, &job->account)) {
        job->status = problem_set(&job->problem, ST_STORE,
                                  "a time zone of this agreement is not installed; see the log");
    }
    bool is_absent = job->status == ST_NOT_FOUND;
    if (is_absent) {
        (void)problem_set(&job->problem, ST_NOT_FOUND,
                          "agreement %s is not registered with seller %s", seat->id.agreement_id,
                          seat->seller->seller_id);
    }
    /* What cannot be had fails every command that gathered while it was looked for - up to the one
     * that makes it. */
    while (job->status != ST_OK && seat->first != NULL) {
        if (is_absent && seat->first->event.kind == EVENT_REGISTER) {
            break;
        }
        if (seat->first->is_claimed) {
            seat_still_due(seat, instant_plus(loop_now(seat->runner->parts.loop), HOUSEKEEPING_MS));
        }
        seat_event_end(seat, job->status, &job->problem);
    }
    free(job);
    seat_pump(seat);
}

void load_submit(struct seat *seat)
{
    struct load_job *job = calloc(1, sizeof *job);
    ENSURE(job != NULL);
    job->seat = seat;
    store_worker_submit(seat->runner->parts.store_worker, load_run, load_done, job);
}
