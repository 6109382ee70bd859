/*
 * test_step_truth.c - every order of events for one charge, against an Amazon that tells the truth.
 *
 * A small exhaustive model beside the large random one: one call at a time, one request of a dead
 * or impatient sender that may still arrive, authorizations by reference id, a list that lags. Only
 * what can happen next is tried, to a depth, in every mode and with every kind of Amazon. Amazon
 * may never have captured twice, nor anything of an attempt that we hold for ended.
 *
 *     STEP_DEPTH=9 test_step_truth      deeper
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

#define DEPTH        10
#define ATTEMPTS_MAX 12
#define LISTED_MS    (15 * SECOND_MS) /* until an authorization is in the lists          */
#define LATEST_MS    (15 * SECOND_MS) /* a request arrives at most so long after its end */

enum verdict {
    NOT_MADE = 0,
    PENDING,
    CAPTURED,
    DECLINED,
};

struct authorization {
    enum verdict verdict;
    struct instant created_at;
    bool is_over_here; /* we hold the attempt for declined or refused */
};

struct request {
    enum call_kind kind; /* 0 = none */
    unsigned attempt;
    bool has_arrived;
    struct attempt_answer answer; /* then */
    struct instant ended_at;      /* of a ghost: when nobody waited any more */
};

/* What a move may change besides the world. */
struct place {
    struct request request; /* whose answer we wait for */
    struct request ghost;   /* an AUTHORIZE that nobody waits for */
    struct authorization authorizations[ATTEMPTS_MAX];
};

struct truth {
    struct world world;
    bool only_duplicates; /* how it answers a repeated request */
    bool checks_first;    /* errors before it looks whether it knows the reference id */
    struct place place;
};

enum move {
    ARRIVE_CAPTURED, /* the request arrives: Amazon makes the authorization, and so decides */
    ARRIVE_DECLINED,
    ARRIVE_PENDING,
    ARRIVE_ERROR,
    ANSWER,
    SILENCE,
    THROTTLED,
    GHOST_CAPTURED,
    DECIDE_CAPTURED,
    DECIDE_DECLINED,
    NOTICE_OF_AUTHORIZATION,
    NOTICE_OF_CAPTURE,
    CANCEL,
    CRASH,
    CRASH_THEN_NOTICE, /* which comes before anything is taken up again */
    RELOAD,
    WAKE,
    MOVE_COUNT,
};

static void name_of(unsigned attempt, char name[static 12])
{
    (void)snprintf(name, 12, "A-1-%u", attempt);
}

/* --- Amazon -------------------------------------------------------------------------------- */

static void show(const struct truth *truth, unsigned attempt, struct attempt_answer *answer)
{
    static const enum outcome outcomes[] = {
        [PENDING] = OUTCOME_UNKNOWN, [CAPTURED] = OUTCOME_DONE, [DECLINED] = OUTCOME_REFUSED};
    static const enum reason reasons[] = {[PENDING] = REASON_PENDING,
                                          [CAPTURED] = REASON_NONE,
                                          [DECLINED] = REASON_TRANSACTION_TIMED_OUT};
    enum verdict verdict = truth->place.authorizations[attempt].verdict;
    answer->outcome = outcomes[verdict];
    answer->reason = reasons[verdict];
    answer->from_object = true;
    (void)snprintf(answer->authorization_id, AMAZON_ID_MAX, "S03-A-1-%u-A", attempt);
}

static void make(struct truth *truth, unsigned attempt, enum verdict verdict)
{
    struct authorization *made = &truth->place.authorizations[attempt];
    made->verdict = verdict;
    made->created_at = truth->world.now;
}

/* False: this cannot happen now. */
static bool authorize(struct truth *truth, struct request *request, enum move move)
{
    static const enum verdict verdicts[] = {
        [ARRIVE_CAPTURED] = CAPTURED, [ARRIVE_DECLINED] = DECLINED, [ARRIVE_PENDING] = PENDING};
    struct attempt_answer *answer = &request->answer;
    bool is_known = truth->place.authorizations[request->attempt].verdict != NOT_MADE;
    if (move == ARRIVE_ERROR) {
        answer->outcome = OUTCOME_REFUSED;
        answer->reason = REASON_REQUEST_REFUSED;
        return !is_known || truth->checks_first;
    }
    if (!is_known) {
        make(truth, request->attempt, verdicts[move]);
        show(truth, request->attempt, answer);
        return true;
    }
    if (truth->only_duplicates) {
        answer->outcome = OUTCOME_UNKNOWN;
        answer->reason = REASON_NO_ANSWER;
        answer->duplicate = true;
    } else {
        show(truth, request->attempt, answer);
    }
    return move == ARRIVE_CAPTURED; /* one way is enough */
}

static bool arrive(struct truth *truth, enum move move)
{
    struct request *request = &truth->place.request;
    if (request->kind == 0 || request->has_arrived) {
        return false;
    }
    const struct authorization *known = &truth->place.authorizations[request->attempt];
    request->has_arrived = true;
    request->answer = (struct attempt_answer){.call = request->kind};
    if (request->kind == CALL_AUTHORIZE) {
        return authorize(truth, request, move);
    }
    bool is_listed = known->verdict != NOT_MADE &&
                     instant_reached(instant_plus(known->created_at, LISTED_MS), truth->world.now);
    if (request->kind == CALL_LOOK_UP || is_listed) {
        assert_int_not_equal(known->verdict, NOT_MADE);
        show(truth, request->attempt, &request->answer);
    } else {
        request->answer.outcome = OUTCOME_UNKNOWN;
        request->answer.reason = REASON_NO_ANSWER;
        request->answer.absent = true;
    }
    return move == ARRIVE_CAPTURED;
}

/* --- we ------------------------------------------------------------------------------------ */

/* Notes the call that the step wants, and which attempts have ended. */
static void take_step(struct truth *truth)
{
    const struct effects *effects = &truth->world.effects;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_ATTEMPT &&
            (change->to == ATTEMPT_DECLINED || change->to == ATTEMPT_REFUSED)) {
            truth->place.authorizations[attempt_number(change->subject)].is_over_here = true;
        }
    }
    for (uint32_t i = 0; i < effects->call_count; i++) {
        const struct call *wanted = &effects->calls[i];
        if (wanted->reference_id[0] != '\0') {
            assert_int_equal(truth->place.request.kind, 0);
            truth->place.request = (struct request){
                .kind = wanted->kind, .attempt = attempt_number(wanted->reference_id)};
        }
    }
}

static bool tell(struct truth *truth, const struct attempt_answer *told)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = *told};
    char key[] = "AAAAAAAAAAAAAAAA-1";
    reference_id_format(key, truth->place.request.attempt, event.attempt.reference_id);
    event.attempt.call = truth->place.request.kind;
    truth->place.request = (struct request){.kind = 0};
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
    return true;
}

/* Who sent it waits no more. An AUTHORIZE on its way may still arrive. */
static bool leave_request(struct truth *truth)
{
    struct request *request = &truth->place.request;
    if (request->kind == CALL_AUTHORIZE && !request->has_arrived) {
        truth->place.ghost = *request;
        truth->place.ghost.ended_at = truth->world.now;
    }
    return request->kind != 0;
}

static bool silence(struct truth *truth)
{
    return leave_request(truth) &&
           tell(truth,
                &(struct attempt_answer){.outcome = OUTCOME_UNKNOWN, .reason = REASON_NO_ANSWER});
}

static void crash(struct truth *truth)
{
    (void)leave_request(truth);
    truth->place.request = (struct request){.kind = 0};
    world_crash(&truth->world);
}

static bool start_again(struct truth *truth)
{
    world_wake(&truth->world);
    take_step(truth);
    return true;
}

static bool ghost_arrives(struct truth *truth)
{
    struct place *place = &truth->place;
    bool may = place->ghost.kind != 0 &&
               instant_reached(truth->world.now, instant_plus(place->ghost.ended_at, LATEST_MS)) &&
               place->authorizations[place->ghost.attempt].verdict == NOT_MADE;
    if (may) {
        make(truth, place->ghost.attempt, CAPTURED);
        place->ghost.kind = 0;
    }
    return may;
}

static bool decide(struct truth *truth, enum verdict verdict)
{
    for (unsigned i = 1; i < ATTEMPTS_MAX; i++) {
        struct authorization *authorization = &truth->place.authorizations[i];
        if (authorization->verdict == PENDING) {
            authorization->verdict = verdict;
            return true;
        }
    }
    return false;
}

static bool notice(struct truth *truth, enum notice_kind kind)
{
    for (unsigned i = ATTEMPTS_MAX - 1; i > 0; i--) {
        enum verdict verdict = truth->place.authorizations[i].verdict;
        if (verdict == CAPTURED || (verdict != NOT_MADE && kind == NOTICE_AUTHORIZATION)) {
            char name[12];
            name_of(i, name);
            world_noticed(&truth->world, kind, name);
            take_step(truth);
            return true;
        }
    }
    return false;
}

static bool cancel(struct truth *truth)
{
    if (!world_cancel(&truth->world, 'A', false)) {
        return false;
    }
    take_step(truth);
    return true;
}

static bool wake(struct truth *truth)
{
    if (!go_on(&truth->world)) {
        return false;
    }
    take_step(truth);
    return true;
}

static bool make_move(void *test, unsigned move)
{
    struct truth *truth = test;
    switch ((enum move)move) {
    case ARRIVE_CAPTURED:
    case ARRIVE_DECLINED:
    case ARRIVE_PENDING:
    case ARRIVE_ERROR:
        return arrive(truth, (enum move)move);
    case ANSWER:
        return truth->place.request.has_arrived && tell(truth, &truth->place.request.answer);
    case SILENCE:
        return silence(truth);
    case THROTTLED:
        return truth->place.request.kind != 0 && !truth->place.request.has_arrived &&
               tell(truth,
                    &(struct attempt_answer){.outcome = OUTCOME_LATER, .reason = REASON_THROTTLED});
    case GHOST_CAPTURED:
        return ghost_arrives(truth);
    case DECIDE_CAPTURED:
        return decide(truth, CAPTURED);
    case DECIDE_DECLINED:
        return decide(truth, DECLINED);
    case NOTICE_OF_AUTHORIZATION:
        return notice(truth, NOTICE_AUTHORIZATION);
    case NOTICE_OF_CAPTURE:
        return notice(truth, NOTICE_CAPTURE);
    case CANCEL:
        return cancel(truth);
    case CRASH:
        crash(truth);
        return start_again(truth);
    case CRASH_THEN_NOTICE:
        crash(truth);
        return notice(truth, NOTICE_AUTHORIZATION) &&
               (truth->place.request.kind != 0 || start_again(truth));
    case RELOAD:
        truth->world.policy.authorization = truth->world.policy.authorization % POLICY_MIXED + 1;
        return truth->place.request.kind == 0; /* while it is on the wire it makes no difference */
    case WAKE:
        return wake(truth);
    case MOVE_COUNT:
        break;
    }
    return false;
}

/* --- the search ---------------------------------------------------------------------------- */

static const char *wrong(const void *test)
{
    const struct truth *truth = test;
    unsigned captured = 0;
    bool is_lost = false;
    for (unsigned i = 1; i < ATTEMPTS_MAX; i++) {
        const struct authorization *authorization = &truth->place.authorizations[i];
        captured += authorization->verdict == CAPTURED;
        is_lost = is_lost || (authorization->is_over_here && (authorization->verdict == CAPTURED ||
                                                              authorization->verdict == PENDING));
    }
    if (is_lost) {
        return "an attempt was ended that Amazon has";
    }
    return captured > 1 ? "captured twice" : NULL;
}

static void begin(struct truth *truth, unsigned kind)
{
    memset(truth, 0, sizeof *truth);
    world_start(&truth->world, "2026-01-01T00:00:00Z");
    world_open(&truth->world, "50000", "JPY");
    truth->only_duplicates = (kind & 1) != 0;
    truth->checks_first = (kind & 2) != 0;
    truth->world.policy.settle_by = (kind & 4) != 0 ? POLICY_BY_DISCOVERY : POLICY_BY_REPEAT;
    truth->world.policy.authorization = POLICY_MIXED;
    /* A new attempt soon after an error is the dangerous kind. */
    truth->world.policy.retry[REASON_REQUEST_REFUSED].waits =
        (struct policy_waits){1, {1 * SECOND_MS}};
    struct event event = subscribe_monthly(&truth->world, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 1;
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
}

static void nothing_is_charged_twice_or_lost(void **state)
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
    };
    search_depth(&search, DEPTH, 1);
    for (unsigned kind = 0; kind < 8; kind++) {
        begin(&truth, kind);
        search_from_here(&search, kind);
    }
    search_print(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_charged_twice_or_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
