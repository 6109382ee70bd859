/*
 * test_step_capture_truth.c - every order of events for one authorization that is captured on the
 * shop's word, against an Amazon that tells the truth.
 *
 * One call at a time, one request of a dead or impatient sender that may still arrive; what Amazon
 * has is one state per authorization and one per capture. From the authorization's first send and
 * from the moment it is Open, everything that can happen next is tried, to a depth; places that
 * were reached before are not walked from again. From places at the end of their moves the world
 * then heals, and nothing may stay open.
 *
 *     STEP_DEPTH=9 test_step_capture_truth      deeper, and from all of those places
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

#define DEPTH        8
#define HEALED_PART  16 /* of the places at the end of their moves every so manieth heals */
#define ATTEMPTS_MAX 5  /* attempts 1 to 4 */
#define CAPTURES_MAX (CAPTURE_NUMBER_MAX + 1)
#define FOREIGN      0                /* the capture that somebody made by hand                */
#define LATEST_MS    (15 * SECOND_MS) /* a request arrives at most so long after its end */

enum truth_state {
    NOT_MADE = 0,
    OPEN,    /* an authorization                                    */
    USED,    /* ... by a capture, which closed it                    */
    EXPIRED, /* ... closed unused                                    */
    CLOSED,  /* ... by a void, or by Amazon                          */
    PENDING, /* a capture, as are those below                       */
    COMPLETED,
    DECLINED, /* an authorization can be this, too                  */
};

struct authorization {
    enum truth_state state;
    enum truth_state captures[CAPTURES_MAX]; /* by number */
    bool is_otherwise; /* what was captured by hand is another amount: no money of ours */
    bool is_over_here; /* we hold the attempt for declined or refused */
    bool is_paid_here;
    bool void_was_sent;
    unsigned capture_sent; /* the highest number that was */
    struct instant capture_sent_at;
    struct instant expires_at;
};

struct request {
    enum call_kind kind; /* 0 = none */
    unsigned attempt;
    unsigned capture; /* the number that a Capture has, or that is looked up */
    bool has_arrived;
    struct attempt_answer answer; /* then */
    struct instant ended_at;      /* of a ghost: when nobody waited any more */
};

/* What a move may change besides the world. */
struct place {
    struct request request; /* whose answer we wait for */
    struct request ghost;   /* a change that nobody waits for */
    struct authorization authorizations[ATTEMPTS_MAX];
    enum charge_word word; /* as the shop was told that it is taken */
    bool is_canceled;
    enum charge_state charge;
};

struct truth {
    struct world world;
    bool only_duplicates; /* how it answers a repeated capture */
    bool checks_first;    /* errors before it looks whether it knows the reference id */
    bool frees_declined;  /* a declined capture's reference id is taken as new */
    struct place place;
};

enum move {
    ARRIVE, /* the request arrives and is done */
    ARRIVE_PENDING,
    ARRIVE_DECLINED,
    ARRIVE_DECLINED_CLOSED, /* and Amazon closes the authorization with it */
    ARRIVE_ERROR,
    ANSWER,
    SILENCE,
    THROTTLED,
    GHOST,
    DECIDE_COMPLETED,
    DECIDE_DECLINED,
    AMAZON_CLOSES,
    TIME_EXPIRES,
    BY_HAND,      /* somebody captures it in Seller Central */
    BY_HAND_PART, /* ... another amount of it              */
    NOTICE,
    SHIP,
    VOID,
    CANCEL,
    CRASH,
    WAKE,
    MOVE_COUNT,
};

static struct authorization *authorization_of(struct truth *truth, unsigned attempt)
{
    assert_in_range(attempt, 1, ATTEMPTS_MAX - 1);
    return &truth->place.authorizations[attempt];
}

/* --- Amazon -------------------------------------------------------------------------------- */

static void capture_id_of(unsigned attempt, unsigned capture, char id[static AMAZON_ID_MAX])
{
    (void)snprintf(id, AMAZON_ID_MAX, "C-%u-%u", attempt, capture);
}

static void show_capture(const struct truth *truth, const struct request *request, unsigned capture,
                         struct attempt_answer *answer)
{
    const struct authorization *about = &truth->place.authorizations[request->attempt];
    enum truth_state state = about->captures[capture];
    answer->from_object = true;
    answer->is_capture = true;
    answer->outcome = state == COMPLETED  ? OUTCOME_DONE
                      : state == DECLINED ? OUTCOME_REFUSED
                                          : OUTCOME_UNKNOWN;
    answer->reason = state == COMPLETED  ? REASON_NONE
                     : state == DECLINED ? REASON_CAPTURE_DECLINED
                                         : REASON_PENDING;
    capture_id_of(request->attempt, capture, answer->capture_id);
    if (capture == FOREIGN && about->is_otherwise) {
        answer->captured = money_of(700, "JPY");
    }
}

/* With the captures it has: what stands of them decides. */
static void show_authorization(struct truth *truth, const struct request *request,
                               struct attempt_answer *answer)
{
    const struct authorization *shown = authorization_of(truth, request->attempt);
    (void)snprintf(answer->authorization_id, AMAZON_ID_MAX, "A-%u", request->attempt);
    for (unsigned i = 0; i < CAPTURES_MAX && request->kind == CALL_LOOK_UP; i++) {
        if (shown->captures[i] == COMPLETED || shown->captures[i] == PENDING) {
            show_capture(truth, request, i, answer);
            return;
        }
    }
    answer->from_object = true;
    if (shown->state == USED && request->kind != CALL_LOOK_UP) {
        answer->outcome = OUTCOME_DONE;
        return;
    }
    answer->outcome = shown->state == OPEN ? OUTCOME_UNKNOWN : OUTCOME_REFUSED;
    answer->reason = shown->state == OPEN       ? REASON_PENDING
                     : shown->state == EXPIRED  ? REASON_AUTHORIZATION_EXPIRED
                     : shown->state == DECLINED ? REASON_AMAZON_REJECTED
                                                : REASON_NOT_CAPTURED;
    answer->is_authorized = shown->state == OPEN;
    answer->expires_at = shown->state == OPEN ? shown->expires_at : INSTANT_NEVER;
}

static void refuse(struct attempt_answer *answer)
{
    answer->outcome = OUTCOME_REFUSED;
    answer->reason = REASON_REQUEST_REFUSED;
}

static bool authorize(struct truth *truth, struct request *request, enum move move)
{
    struct authorization *made = authorization_of(truth, request->attempt);
    if (made->state == NOT_MADE) {
        made->state = move == ARRIVE ? OPEN : DECLINED;
        made->expires_at = instant_plus(truth->world.now, 30 * DAY_MS);
        show_authorization(truth, request, &request->answer);
        return move == ARRIVE || move == ARRIVE_DECLINED;
    }
    show_authorization(truth, request, &request->answer);
    return move == ARRIVE;
}

/* A capture that Amazon has under this number is answered with what became of it. */
static bool capture_again(struct truth *truth, struct request *request, enum move move)
{
    const struct authorization *used = authorization_of(truth, request->attempt);
    if (truth->checks_first && used->state != OPEN) {
        refuse(&request->answer);
    } else if (truth->only_duplicates) {
        request->answer.outcome = OUTCOME_UNKNOWN;
        request->answer.reason = REASON_NO_ANSWER;
        request->answer.duplicate = true;
    } else {
        show_capture(truth, request, request->capture, &request->answer);
    }
    return move == ARRIVE;
}

static bool capture(struct truth *truth, struct request *request, enum move move)
{
    struct authorization *used = authorization_of(truth, request->attempt);
    enum truth_state *made = &used->captures[request->capture];
    bool is_free = *made == NOT_MADE || (*made == DECLINED && truth->frees_declined);
    if (!is_free) {
        return capture_again(truth, request, move);
    }
    if (used->state != OPEN || move == ARRIVE_ERROR) {
        refuse(&request->answer);
        return used->state == OPEN || move == ARRIVE;
    }
    *made = move == ARRIVE ? COMPLETED : move == ARRIVE_PENDING ? PENDING : DECLINED;
    used->state = move == ARRIVE || move == ARRIVE_PENDING ? USED
                  : move == ARRIVE_DECLINED_CLOSED         ? CLOSED
                                                           : OPEN;
    show_capture(truth, request, request->capture, &request->answer);
    return true;
}

static bool close_authorization(struct truth *truth, struct request *request, enum move move)
{
    struct authorization *closed = authorization_of(truth, request->attempt);
    if (closed->state == OPEN && move != ARRIVE_ERROR) {
        closed->state = CLOSED;
        request->answer.outcome = OUTCOME_DONE;
        return move == ARRIVE;
    }
    refuse(&request->answer);
    return move == (closed->state == OPEN ? ARRIVE_ERROR : ARRIVE);
}

/* False: this cannot happen now. */
static bool arrive(struct truth *truth, struct request *request, enum move move)
{
    if (request->kind == 0 || request->has_arrived) {
        return false;
    }
    const struct authorization *known = authorization_of(truth, request->attempt);
    request->has_arrived = true;
    request->answer = (struct attempt_answer){.expires_at = INSTANT_NEVER};
    switch ((int)request->kind) {
    case CALL_AUTHORIZE:
        return authorize(truth, request, move);
    case CALL_CAPTURE:
        return capture(truth, request, move);
    case CALL_VOID:
        return close_authorization(truth, request, move);
    case CALL_LOOK_UP_CAPTURE:
        show_capture(truth, request, request->capture, &request->answer);
        return move == ARRIVE;
    case CALL_DISCOVER:
        if (known->state == NOT_MADE) {
            request->answer.outcome = OUTCOME_UNKNOWN;
            request->answer.absent = true;
            return move == ARRIVE;
        }
        show_authorization(truth, request, &request->answer);
        return move == ARRIVE;
    default:
        assert_int_equal(request->kind, CALL_LOOK_UP);
        assert_int_not_equal(known->state, NOT_MADE);
        show_authorization(truth, request, &request->answer);
        return move == ARRIVE;
    }
}

/* --- we ------------------------------------------------------------------------------------ */

/* What we may send: no capture without the word, none after a void, no new number while the last
 * one may still be made. */
static void check_call(struct truth *truth, const struct request *request)
{
    struct authorization *about = authorization_of(truth, request->attempt);
    if (request->kind == CALL_VOID) {
        about->void_was_sent = true;
    }
    if (request->kind != CALL_CAPTURE) {
        return;
    }
    assert_int_equal(truth->place.word, WORD_SHIP);
    assert_false(about->void_was_sent);
    if (request->capture > about->capture_sent) {
        enum truth_state last = about->captures[about->capture_sent];
        assert_int_equal(request->capture, about->capture_sent + 1);
        if (about->capture_sent > 0 && last != DECLINED) {
            assert_int_equal(last, NOT_MADE);
            assert_true(
                instant_reached(instant_plus(about->capture_sent_at, LATEST_MS), truth->world.now));
        }
    } else {
        assert_int_equal(request->capture, about->capture_sent);
    }
    about->capture_sent = request->capture;
    about->capture_sent_at = truth->world.now;
}

static void take_call(struct truth *truth, const struct call *wanted)
{
    unsigned unused = 0;
    const struct attempt *attempt = &world_charge(&truth->world, "A-1")->attempt;
    struct request *request = &truth->place.request;
    assert_int_equal(request->kind, 0);
    *request =
        (struct request){.kind = wanted->kind, .attempt = attempt_number(wanted->reference_id)};
    if (wanted->kind == CALL_CAPTURE) {
        request->capture = attempt->capture_number;
    } else if (wanted->kind == CALL_LOOK_UP_CAPTURE) {
        assert_true(attempt->capture_number > 0);
        assert_int_equal(sscanf(attempt->capture_id, "C-%u-%u", &unused, &request->capture), 2);
        assert_int_equal(unused, request->attempt);
    }
    check_call(truth, request);
}

/* Notes the call that the step wants, and what has ended. */
static void take_step(struct truth *truth)
{
    const struct effects *effects = &truth->world.effects;
    for (uint32_t i = 0; i < effects->change_count; i++) {
        const struct change *change = &effects->changes[i];
        if (change->kind == CHANGE_CHARGE) {
            truth->place.charge = (enum charge_state)change->to;
        } else if (change->kind == CHANGE_ATTEMPT) {
            struct authorization *about = authorization_of(truth, attempt_number(change->subject));
            about->is_over_here |= change->to == ATTEMPT_DECLINED || change->to == ATTEMPT_REFUSED;
            about->is_paid_here |= change->to == ATTEMPT_CAPTURED;
        }
    }
    for (uint32_t i = 0; i < effects->call_count; i++) {
        if (effects->calls[i].reference_id[0] != '\0') {
            take_call(truth, &effects->calls[i]);
        }
    }
}

static bool tell_us(struct truth *truth, const struct attempt_answer *told)
{
    struct event event = {.kind = EVENT_ATTEMPT_ANSWER, .attempt = *told};
    reference_id_format("AAAAAAAAAAAAAAAA-1", truth->place.request.attempt,
                        event.attempt.reference_id);
    event.attempt.call = truth->place.request.kind;
    truth->place.request = (struct request){.kind = 0};
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
    return true;
}

/* Who sent it waits no more. A change on its way may still arrive. */
static bool leave_request(struct truth *truth)
{
    struct request *request = &truth->place.request;
    bool changes = request->kind == CALL_AUTHORIZE || request->kind == CALL_CAPTURE ||
                   request->kind == CALL_VOID;
    if (changes && !request->has_arrived) {
        truth->place.ghost = *request;
        truth->place.ghost.ended_at = truth->world.now;
        authorization_of(truth, request->attempt)->capture_sent_at = truth->world.now;
    }
    return request->kind != 0;
}

static bool silence(struct truth *truth)
{
    return leave_request(truth) &&
           tell_us(truth, &(struct attempt_answer){.outcome = OUTCOME_UNKNOWN,
                                                   .reason = REASON_NO_ANSWER,
                                                   .expires_at = INSTANT_NEVER});
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
    bool may = ghost.kind != 0 &&
               instant_reached(truth->world.now, instant_plus(ghost.ended_at, LATEST_MS));
    truth->place.ghost.kind = 0;
    return may && arrive(truth, &ghost, ARRIVE);
}

/* One authorization is alive at a time; the latest is what things happen to. */
static struct authorization *latest(struct truth *truth)
{
    unsigned number = ATTEMPTS_MAX - 1;
    while (number > 1 && truth->place.authorizations[number].state == NOT_MADE) {
        number--;
    }
    return &truth->place.authorizations[number];
}

static bool decide(struct truth *truth, enum truth_state state)
{
    struct authorization *about = latest(truth);
    for (unsigned i = 0; i < CAPTURES_MAX; i++) {
        if (about->captures[i] == PENDING) {
            about->captures[i] = state;
            return true;
        }
    }
    return false;
}

static bool amazon_closes(struct truth *truth, enum truth_state state)
{
    struct authorization *about = latest(truth);
    if (about->state != OPEN) {
        return false;
    }
    about->state = state;
    if (state == EXPIRED && instant_before(truth->world.now, about->expires_at)) {
        truth->world.now = about->expires_at;
        truth->place.ghost.kind = 0; /* none is a month old */
    }
    return true;
}

static bool by_hand(struct truth *truth, bool is_otherwise)
{
    struct authorization *about = latest(truth);
    if (about->state != OPEN) {
        return false;
    }
    about->state = USED;
    about->captures[FOREIGN] = COMPLETED;
    about->is_otherwise = is_otherwise;
    return true;
}

static bool notice(struct truth *truth)
{
    unsigned number = (unsigned)(latest(truth) - truth->place.authorizations);
    if (latest(truth)->state == NOT_MADE) {
        return false;
    }
    struct event event = {.kind = EVENT_NOTICE, .notice = {.kind = NOTICE_AUTHORIZATION}};
    reference_id_format("AAAAAAAAAAAAAAAA-1", number, event.notice.reference_id);
    (void)snprintf(event.notice.authorization_id, AMAZON_ID_MAX, "A-%u", number);
    assert_true(world_step(&truth->world, &event));
    take_step(truth);
    return true;
}

static bool say(struct truth *truth, enum event_kind kind)
{
    struct event event = {.kind = kind};
    charge_id_format("AAAAAAAAAAAAAAAA", 1, event.charge.charge_id);
    enum charge_word word = kind == EVENT_SHIP ? WORD_SHIP : WORD_VOID;
    if (truth->place.word == word || !world_step(&truth->world, &event)) {
        return false;
    }
    truth->place.word = word;
    take_step(truth);
    return true;
}

static bool cancel(struct truth *truth)
{
    if (!world_cancel(&truth->world, 'A', false)) {
        return false;
    }
    truth->place.is_canceled = true;
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
    case ARRIVE:
    case ARRIVE_PENDING:
    case ARRIVE_DECLINED:
    case ARRIVE_DECLINED_CLOSED:
    case ARRIVE_ERROR:
        return arrive(truth, &truth->place.request, (enum move)move);
    case ANSWER:
        return truth->place.request.has_arrived && tell_us(truth, &truth->place.request.answer);
    case SILENCE:
        return silence(truth);
    case THROTTLED:
        return truth->place.request.kind != 0 && !truth->place.request.has_arrived &&
               tell_us(truth, &(struct attempt_answer){.outcome = OUTCOME_LATER,
                                                       .reason = REASON_THROTTLED,
                                                       .expires_at = INSTANT_NEVER});
    case GHOST:
        return ghost_arrives(truth);
    case DECIDE_COMPLETED:
        return decide(truth, COMPLETED);
    case DECIDE_DECLINED:
        return decide(truth, DECLINED);
    case AMAZON_CLOSES:
        return amazon_closes(truth, CLOSED);
    case TIME_EXPIRES:
        return amazon_closes(truth, EXPIRED);
    case BY_HAND:
        return by_hand(truth, false);
    case BY_HAND_PART:
        return by_hand(truth, true);
    case NOTICE:
        return notice(truth);
    case SHIP:
        return say(truth, EVENT_SHIP);
    case VOID:
        return say(truth, EVENT_VOID);
    case CANCEL:
        return cancel(truth);
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

/* Money that makes a charge paid: what was captured by hand counts when it is what was asked for.
 */
static bool has_captured(const struct authorization *about)
{
    bool has_money = about->captures[FOREIGN] == COMPLETED && !about->is_otherwise;
    for (unsigned k = FOREIGN + 1; k < CAPTURES_MAX; k++) {
        has_money |= about->captures[k] == COMPLETED;
    }
    return has_money;
}

/* NULL, or what must never be. */
static const char *wrong(const void *test)
{
    const struct place *place = &((const struct truth *)test)->place;
    unsigned completed = 0;
    for (unsigned i = 1; i < ATTEMPTS_MAX; i++) {
        const struct authorization *about = &place->authorizations[i];
        bool has_money = has_captured(about);
        bool may_have = about->state == OPEN || has_money;
        for (unsigned k = 0; k < CAPTURES_MAX; k++) {
            completed += about->captures[k] == COMPLETED;
            may_have |= about->captures[k] == PENDING;
        }
        if (about->is_over_here && may_have) {
            return "an attempt was ended whose money Amazon has or may take";
        }
        if (about->is_paid_here && !has_money) {
            return "paid here, not captured at Amazon";
        }
    }
    return completed > 1 ? "captured twice" : NULL;
}

/* Everything arrives and is answered, time passes: in the end nothing is open. */
static const char *heal(void *test)
{
    struct truth *truth = test;
    for (unsigned moves = 0; moves < 400; moves++) {
        struct authorization *about = latest(truth);
        const char *what = wrong(truth);
        if (what != NULL) {
            return what;
        }
        (void)decide(truth, COMPLETED);
        if (about->state == OPEN && instant_reached(about->expires_at, truth->world.now)) {
            about->state = EXPIRED;
        }
        if (arrive(truth, &truth->place.request, ARRIVE) || truth->place.request.kind != 0) {
            (void)tell_us(truth, &truth->place.request.answer);
        } else if (!wake(truth)) {
            break;
        }
    }
    bool has_money = false;
    for (unsigned i = 1; i < ATTEMPTS_MAX; i++) {
        has_money |= has_captured(&truth->place.authorizations[i]);
    }
    if (truth->world.account.charge_count > 0) {
        return "a charge stays open for ever";
    }
    return has_money != (truth->place.charge == CHARGE_PAID) ? "paid exactly when captured" : NULL;
}

static void begin(struct truth *truth, unsigned kind)
{
    memset(truth, 0, sizeof *truth);
    struct world *world = &truth->world;
    world_start(world, "2026-01-01T00:00:00Z");
    world_open(world, "50000", "JPY");
    truth->only_duplicates = (kind & 1) != 0;
    truth->checks_first = (kind & 2) != 0;
    truth->frees_declined = (kind & 4) != 0;
    world->policy.reauthorize = (kind & 4) != 0;
    world->policy.capture = POLICY_CAPTURE_ON_SHIPMENT;
    world->policy.capture_warning_ms = 2 * DAY_MS;
    world->policy.attempts_max = 3;
    /* The next one soon after the last is the dangerous kind. */
    world->policy.retry[REASON_CAPTURE_DECLINED].waits =
        (struct policy_waits){2, {1 * SECOND_MS, 1 * MINUTE_MS}};
    world->policy.retry[REASON_NOT_CAPTURED].waits = (struct policy_waits){1, {1 * SECOND_MS}};
    struct event event = subscribe_monthly(world, 'A', "1200", "JPY", "2026-01-01");
    event.subscribe.rule.cycle_count = 1;
    assert_true(world_step(world, &event));
    take_step(truth);
}

static void nothing_is_captured_twice_or_lost(void **state)
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
    for (unsigned kind = 0; kind < 16; kind++) {
        begin(&truth, kind);
        if ((kind & 8) != 0) {
            assert_true(make_move(&truth, ARRIVE));
            assert_true(make_move(&truth, ANSWER));
        }
        search_from_here(&search, kind);
    }
    search_print(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_captured_twice_or_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
