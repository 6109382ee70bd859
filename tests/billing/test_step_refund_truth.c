/*
 * test_step_refund_truth.c - every order of events for the refunds of one capture, against an
 * Amazon that tells the truth.
 *
 * The shop asks for up to two refunds that may not both stand; Amazon gives something back by
 * itself. One call at a time per refund, one request of a dead or impatient sender that may still
 * arrive. This Amazon does not look after the bound: that the shop's money goes back once is ours
 * to see to. From places at the end of their moves the world then heals, and nothing may stay open.
 *
 *     STEP_DEPTH=10 test_step_refund_truth      deeper, and from all of those places
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/billing/step_search.h"

#define DEPTH       8
#define HEALED_PART 16 /* of the places at the end of their moves every so manieth heals */
#define CAPTURED    1200
#define WANTED      700 /* each time */
#define GIVEN       100 /* by Amazon */
#define NUMBERS_MAX 4   /* refunds of ours: 1, 2 and 3 */
#define MADE_MAX    8
#define LATEST_MS   (15 * SECOND_MS) /* a request arrives at most so long after its end */

enum made_state { PENDING = 1, COMPLETED, DECLINED };

/* What Amazon has. */
struct made {
    enum made_state state; /* 0 = none */
    unsigned number;       /* of ours; 0 = Amazon's own */
};

struct request {
    enum call_kind kind; /* 0 = none */
    unsigned number;
    unsigned shown; /* of a look-up: which of `made` */
    bool has_arrived;
    struct refund_answer answer; /* then */
    struct instant ended_at;     /* of a ghost: when nobody waited any more */
};

/* What a move may change besides the world. */
struct place {
    struct request request; /* whose answer we wait for; the search has one call at a time */
    struct request ghost;   /* a Refund that nobody waits for */
    struct made made[MADE_MAX];
    enum refund_state here[NUMBERS_MAX]; /* as the store has them, by number */
    enum refund_state foreign;
};

struct truth {
    struct world world;
    bool only_duplicates; /* how it answers a repeated request */
    bool checks_first;    /* errors before it looks whether it knows the reference id */
    bool frees_declined;  /* a declined refund's reference id is taken as new */
    struct place place;
};

enum move {
    ARRIVE, /* the request arrives and is done */
    ARRIVE_COMPLETED,
    ARRIVE_DECLINED,
    ARRIVE_ERROR,
    ANSWER,
    SILENCE,
    THROTTLED,
    GHOST,
    DECIDE_COMPLETED,
    DECIDE_DECLINED,
    NOTICE,
    AMAZON_GIVES,
    REFUND,
    CRASH,
    WAKE,
    MOVE_COUNT,
};

/* --- Amazon -------------------------------------------------------------------------------- */

/* The one of that number that stands; else the latest that was declined. 0 = none. */
static unsigned find_made(const struct truth *truth, unsigned number)
{
    unsigned found = 0;
    for (unsigned i = 1; i < MADE_MAX; i++) {
        const struct made *made = &truth->place.made[i];
        if (made->state != 0 && made->number == number &&
            (found == 0 || truth->place.made[found].state == DECLINED)) {
            found = i;
        }
    }
    return found;
}

static unsigned make(struct truth *truth, unsigned number, enum made_state state)
{
    unsigned i = 1;
    while (truth->place.made[i].state != 0) {
        i++;
        assert_in_range(i, 1, MADE_MAX - 1);
    }
    truth->place.made[i] = (struct made){state, number};
    return i;
}

static void show(const struct truth *truth, unsigned shown, struct refund_answer *answer)
{
    const struct made *made = &truth->place.made[shown];
    answer->from_object = true;
    answer->outcome = made->state == COMPLETED  ? OUTCOME_DONE
                      : made->state == DECLINED ? OUTCOME_REFUSED
                                                : OUTCOME_UNKNOWN;
    answer->reason = made->state == COMPLETED  ? REASON_NONE
                     : made->state == DECLINED ? REASON_PROCESSING_FAILURE
                                               : REASON_PENDING;
    answer->is_pending = made->state == PENDING;
    answer->amount = money_of(made->number == 0 ? GIVEN : WANTED, "JPY");
    answer->kind = made->number == 0 ? REFUND_A_TO_Z : REFUND_BY_SHOP;
    (void)snprintf(answer->amazon_refund_id, AMAZON_ID_MAX, "R-%u", shown);
}

static void refuse(struct refund_answer *answer)
{
    answer->outcome = OUTCOME_REFUSED;
    answer->reason = REASON_REQUEST_REFUSED;
}

/* False: this cannot happen now. */
static bool give_back(struct truth *truth, struct request *request, enum move move)
{
    unsigned earlier = find_made(truth, request->number);
    bool is_free =
        earlier == 0 || (truth->frees_declined && truth->place.made[earlier].state == DECLINED);
    if (move == ARRIVE_ERROR) {
        refuse(&request->answer);
        return is_free || truth->checks_first;
    }
    if (is_free) {
        enum made_state state = move == ARRIVE_COMPLETED  ? COMPLETED
                                : move == ARRIVE_DECLINED ? DECLINED
                                                          : PENDING;
        show(truth, make(truth, request->number, state), &request->answer);
        return true;
    }
    if (truth->only_duplicates) {
        request->answer.outcome = OUTCOME_UNKNOWN;
        request->answer.reason = REASON_NO_ANSWER;
        request->answer.duplicate = true;
    } else {
        show(truth, earlier, &request->answer);
    }
    return move == ARRIVE;
}

static bool arrive(struct truth *truth, struct request *request, enum move move)
{
    if (request->kind == 0 || request->has_arrived) {
        return false;
    }
    request->has_arrived = true;
    request->answer = (struct refund_answer){0};
    if (request->kind == CALL_REFUND) {
        return give_back(truth, request, move);
    }
    unsigned shown =
        request->kind == CALL_LOOK_UP_REFUND ? request->shown : find_made(truth, request->number);
    if (shown != 0) {
        show(truth, shown, &request->answer);
    } else {
        request->answer.outcome = OUTCOME_UNKNOWN;
        request->answer.reason = REASON_NO_ANSWER;
        request->answer.absent = true;
    }
    return move == ARRIVE;
}

/* --- we ------------------------------------------------------------------------------------ */

static unsigned number_of(const char *refund_id)
{
    const char *mark = strstr(refund_id, "-R");
    return mark == NULL || strlen(refund_id) < KEY_MAX ? 0 : (unsigned)strtoul(mark + 2, NULL, 10);
}

static void id_of(const struct truth *truth, unsigned number, char id[static REFUND_ID_MAX])
{
    if (number > 0) {
        char reference_id[REFERENCE_ID_MAX];
        refund_reference_id_format("XXXXXXXXXXXXXXXX-0", number, reference_id);
        (void)snprintf(id, REFUND_ID_MAX, "%s", reference_id);
    } else {
        (void)snprintf(id, REFUND_ID_MAX, "R-%u", find_made(truth, 0));
    }
}

/* Notes the call that the step wants, and what became of the refunds. Of several calls one is kept;
 * the other's sender dies, which is what a search with one call at a time sees of it. */
static void take_step(struct truth *truth)
{
    struct world *world = &truth->world;
    for (uint32_t i = 0; i < world->effects.change_count; i++) {
        const struct change *change = &world->effects.changes[i];
        if (change->kind == CHANGE_REFUND) {
            unsigned number = number_of(change->subject);
            enum refund_state *here =
                number > 0 ? &truth->place.here[number] : &truth->place.foreign;
            *here = (enum refund_state)change->to;
        }
    }
    for (uint32_t i = 0; i < world->effects.call_count; i++) {
        const struct call *wanted = &world->effects.calls[i];
        struct refund *refund = account_refund(&world->account, wanted->reference_id);
        assert_non_null(refund);
        if (truth->place.request.kind != 0) {
            refund->on_wire = false; /* asked for again by the next wake */
            continue;
        }
        truth->place.request =
            (struct request){.kind = wanted->kind, .number = number_of(wanted->reference_id)};
        if (wanted->kind == CALL_LOOK_UP_REFUND) {
            assert_int_equal(sscanf(refund->amazon_refund_id, "R-%u", &truth->place.request.shown),
                             1);
        }
    }
}

static bool tell_us(struct truth *truth, const struct refund_answer *told)
{
    struct event event = {.kind = EVENT_REFUND_ANSWER, .refund_answer = *told};
    id_of(truth, truth->place.request.number, event.refund_answer.refund_id);
    event.refund_answer.call = truth->place.request.kind;
    truth->place.request = (struct request){.kind = 0};
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
    return true;
}

static bool leave_request(struct truth *truth)
{
    const struct request *request = &truth->place.request;
    if (request->kind == CALL_REFUND && !request->has_arrived) {
        truth->place.ghost = *request;
        truth->place.ghost.ended_at = truth->world.now;
    }
    return request->kind != 0;
}

static bool silence(struct truth *truth)
{
    return leave_request(truth) &&
           tell_us(truth,
                   &(struct refund_answer){.outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER});
}

static bool crash(struct truth *truth)
{
    (void)leave_request(truth);
    truth->place.request = (struct request){.kind = 0};
    world_crash(&truth->world);
    world_wake(&truth->world);
    take_step(truth);
    return true;
}

static bool ghost_arrives(struct truth *truth)
{
    struct request ghost = truth->place.ghost;
    truth->place.ghost.kind = 0;
    return ghost.kind != 0 &&
           instant_reached(truth->world.now, instant_plus(ghost.ended_at, LATEST_MS)) &&
           arrive(truth, &ghost, ARRIVE);
}

static bool decide(struct truth *truth, enum made_state state)
{
    for (unsigned i = 1; i < MADE_MAX; i++) {
        if (truth->place.made[i].state == PENDING) {
            truth->place.made[i].state = state;
            return true;
        }
    }
    return false;
}

/* Of the latest that Amazon made. */
static bool notice(struct truth *truth)
{
    unsigned latest = MADE_MAX - 1;
    while (latest > 0 && truth->place.made[latest].state == 0) {
        latest--;
    }
    if (latest == 0) {
        return false;
    }
    unsigned number = truth->place.made[latest].number;
    bool is_over =
        number == 0 && truth->place.foreign != 0 && refund_is_final(truth->place.foreign);
    struct event event = {
        .kind = EVENT_NOTICE,
        .notice = {.kind = NOTICE_REFUND, .charge_id = "XXXXXXXXXXXXXXXX-0", .capture_id = "C-1"}};
    (void)snprintf(event.notice.refund_id, AMAZON_ID_MAX, "R-%u", latest);
    if (number > 0) {
        refund_reference_id_format("XXXXXXXXXXXXXXXX-0", number, event.notice.reference_id);
    }
    if (is_over) {
        return false; /* the store has that row: the step is not recorded */
    }
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
    return true;
}

static bool amazon_gives(struct truth *truth)
{
    if (find_made(truth, 0) != 0) {
        return false;
    }
    (void)make(truth, 0, PENDING);
    return notice(truth);
}

/* Wants more back, as the store then reads what went back already. */
static bool refund(struct truth *truth)
{
    struct event event = {.kind = EVENT_REFUND,
                          .refund = {.charge_id = "XXXXXXXXXXXXXXXX-0",
                                     .capture_id = "C-1",
                                     .captured = money_of(CAPTURED, "JPY"),
                                     .amount = money_of(WANTED, "JPY"),
                                     .idempotency_key = "key"}};
    int64_t refunded = 0;
    for (unsigned i = 1; i < NUMBERS_MAX; i++) {
        enum refund_state here = truth->place.here[i];
        event.refund.refund_count += here != 0;
        refunded += here == 0 || here == REFUND_DECLINED || here == REFUND_REFUSED ? 0 : WANTED;
    }
    event.refund.refunded = money_of(refunded, "JPY");
    if (event.refund.refund_count == NUMBERS_MAX - 1 || !world_step(&truth->world, &event)) {
        return false;
    }
    take_step(truth);
    return true;
}

static bool wake(struct truth *truth)
{
    if (truth->world.account.agreement.wake_at.utc_ms == INSTANT_NEVER.utc_ms) {
        return false;
    }
    world_wake_when_due(&truth->world);
    take_step(truth);
    return true;
}

static bool make_move(void *test, unsigned move)
{
    struct truth *truth = test;
    switch ((enum move)move) {
    case ARRIVE:
    case ARRIVE_COMPLETED:
    case ARRIVE_DECLINED:
    case ARRIVE_ERROR:
        return arrive(truth, &truth->place.request, (enum move)move);
    case ANSWER:
        return truth->place.request.has_arrived && tell_us(truth, &truth->place.request.answer);
    case SILENCE:
        return silence(truth);
    case THROTTLED:
        return truth->place.request.kind != 0 && !truth->place.request.has_arrived &&
               tell_us(truth, &(struct refund_answer){.outcome = OUTCOME_LATER,
                                                      .reason = REASON_THROTTLED});
    case GHOST:
        return ghost_arrives(truth);
    case DECIDE_COMPLETED:
        return decide(truth, COMPLETED);
    case DECIDE_DECLINED:
        return decide(truth, DECLINED);
    case NOTICE:
        return notice(truth);
    case AMAZON_GIVES:
        return amazon_gives(truth);
    case REFUND:
        return refund(truth);
    case CRASH:
        return crash(truth);
    case WAKE:
        return wake(truth);
    case MOVE_COUNT:
        break;
    }
    return false;
}

/* --- the search ---------------------------------------------------------------------------- */

/* NULL, or what must never be. */
static const char *wrong(const void *test)
{
    const struct place *place = &((const struct truth *)test)->place;
    unsigned standing[NUMBERS_MAX] = {0};
    unsigned completed[NUMBERS_MAX] = {0};
    unsigned all = 0;
    for (unsigned i = 1; i < MADE_MAX; i++) {
        const struct made *made = &place->made[i];
        bool stands = made->state == PENDING || made->state == COMPLETED;
        standing[made->number] += stands;
        completed[made->number] += made->state == COMPLETED;
        all += stands && made->number > 0;
    }
    if (all > 1) {
        return "the shop's money goes back twice";
    }
    for (unsigned i = 1; i < NUMBERS_MAX; i++) {
        enum refund_state here = place->here[i];
        if ((here == REFUND_DECLINED || here == REFUND_REFUSED) && standing[i] > 0) {
            return "a refund was ended here that stands at Amazon";
        }
        if (here == REFUND_COMPLETED && completed[i] == 0) {
            return "completed here, not at Amazon";
        }
    }
    return NULL;
}

/* Everything arrives and is answered, time passes: in the end nothing is open. */
static const char *heal(void *test)
{
    struct truth *truth = test;
    for (unsigned moves = 0; moves < 200; moves++) {
        const char *what = wrong(truth);
        if (what != NULL) {
            return what;
        }
        (void)decide(truth, COMPLETED);
        if (arrive(truth, &truth->place.request, ARRIVE) || truth->place.request.kind != 0) {
            (void)tell_us(truth, &truth->place.request.answer);
        } else if (!wake(truth)) {
            break;
        }
    }
    return truth->world.account.refund_count > 0 ? "a refund stays open for ever" : NULL;
}

static void begin(struct truth *truth, unsigned kind)
{
    memset(truth, 0, sizeof *truth);
    world_start(&truth->world, "2026-01-01T00:00:00Z");
    world_open(&truth->world, "50000", "JPY");
    truth->only_duplicates = (kind & 1) != 0;
    truth->checks_first = (kind & 2) != 0;
    truth->frees_declined = (kind & 4) != 0;
    assert_true(refund(truth));
}

static void nothing_goes_back_twice_or_is_lost(void **state)
{
    (void)state;
    static struct truth truth;
    struct search search = {
        .test = &truth,
        .world = &truth.world,
        .beside = &truth.place,
        .beside_bytes = sizeof truth.place,
        .moves = MOVE_COUNT,
        .make = make_move,
        .wrong = wrong,
        .heal = heal,
    };
    search_depth(&search, DEPTH, HEALED_PART);
    for (unsigned kind = 0; kind < 8; kind++) {
        begin(&truth, kind);
        search_from_here(&search, kind);
    }
    search_print(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_goes_back_twice_or_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
