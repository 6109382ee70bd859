/*
 * step_search.c - see step_search.h.
 */
#include "tests/billing/step_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What of a world a move may change, but for its account. */
struct circumstances {
    struct instant now;
    enum call_kind called;
    enum policy_authorization authorization;
    enum policy_settle settle_by;
    struct hold hold;
    struct hold retry_hold;
};

struct place {
    struct account account;
    struct circumstances circumstances;
    unsigned char *beside;
};

struct walk {
    struct search *search;
    struct seen seen;
    unsigned kind;
    unsigned length;
    unsigned path[SEARCH_DEPTH_MAX];
    struct place places[SEARCH_DEPTH_MAX + 1]; /* where each move of the path was made */
};

void search_depth(struct search *search, unsigned depth, unsigned healed_part)
{
    const char *deeper = getenv("STEP_DEPTH");
    search->depth = deeper != NULL ? (unsigned)strtoul(deeper, NULL, 10) : depth;
    search->healed_part = deeper != NULL ? 1 : healed_part;
    assert_in_range(search->depth, 1, SEARCH_DEPTH_MAX);
}

void search_print(const struct search *search)
{
    print_message("%llu moves, %llu places, %llu healed\n", (unsigned long long)search->made,
                  (unsigned long long)search->places, (unsigned long long)search->healed);
}

static void remember(const struct search *search, struct place *place)
{
    const struct world *world = search->world;
    account_copy(&place->account, &world->account);
    place->circumstances.now = world->now;
    place->circumstances.called = world->called;
    place->circumstances.authorization = world->policy.authorization;
    place->circumstances.settle_by = world->policy.settle_by;
    place->circumstances.hold = world->hold;
    place->circumstances.retry_hold = world->retry_hold;
    if (search->beside_bytes > 0) {
        memcpy(place->beside, search->beside, search->beside_bytes);
    }
}

static void go_back(const struct search *search, const struct place *place)
{
    struct world *world = search->world;
    account_copy(&world->account, &place->account);
    world->now = place->circumstances.now;
    world->called = place->circumstances.called;
    world->policy.authorization = place->circumstances.authorization;
    world->policy.settle_by = place->circumstances.settle_by;
    world->hold = place->circumstances.hold;
    world->retry_hold = place->circumstances.retry_hold;
    if (search->beside_bytes > 0) {
        memcpy(search->beside, place->beside, search->beside_bytes);
    }
}

static bool was_here(struct walk *walk, const struct place *place, unsigned moves_left)
{
    uint64_t digest = seen_account(0, &place->account);
    digest = seen_bytes(digest, &place->circumstances, sizeof place->circumstances);
    digest = seen_bytes(digest, place->beside, walk->search->beside_bytes);
    return seen_before(&walk->seen, digest, moves_left);
}

static void check(const struct walk *walk, const char *wrong)
{
    if (wrong == NULL) {
        return;
    }
    for (unsigned i = 0; i < walk->length; i++) {
        print_error("move %u\n", walk->path[i]);
    }
    fail_msg("%s (a world of kind %u)", wrong, walk->kind);
}

static void heal(struct walk *walk)
{
    struct search *search = walk->search;
    if (search->heal != NULL && walk->seen.count % search->healed_part == 0) {
        check(walk, search->heal(search->test));
        search->healed++;
    }
}

static void go(struct walk *walk)
{
    struct search *search = walk->search;
    struct place *here = &walk->places[walk->length];
    unsigned moves_left = search->depth - walk->length;
    check(walk, search->wrong != NULL ? search->wrong(search->test) : NULL);
    if (moves_left == 0 && search->heal == NULL) {
        return;
    }
    remember(search, here);
    if (was_here(walk, here, moves_left)) {
        return;
    }
    if (moves_left == 0) {
        heal(walk);
        go_back(search, here);
        return;
    }
    for (unsigned move = 0; move < search->moves; move++) {
        walk->path[walk->length++] = move;
        if (search->make(search->test, move)) {
            search->made++;
            go(walk);
        }
        walk->length--;
        go_back(search, here);
    }
}

void search_from_here(struct search *search, unsigned kind)
{
    struct walk *walk = calloc(1, sizeof *walk);
    unsigned char *beside = calloc(SEARCH_DEPTH_MAX + 1, search->beside_bytes + 1);
    assert_non_null(walk);
    assert_non_null(beside);
    walk->search = search;
    walk->kind = kind;
    for (unsigned i = 0; i <= SEARCH_DEPTH_MAX; i++) {
        walk->places[i].beside = beside + i * search->beside_bytes;
    }
    go(walk);
    search->places += walk->seen.count;
    seen_free(&walk->seen);
    free(beside);
    free(walk);
}

unsigned attempt_number(const char *reference_id)
{
    char charge_id[CHARGE_ID_MAX];
    uint32_t number = 0;
    assert_true(reference_id_parse(reference_id, charge_id, &number));
    return number;
}

bool go_on(struct world *world)
{
    enum care care = world->account.agreement.care;
    if (world->account.agreement.care_on_wire && care == CARE_SYNC) {
        world_found(world, AGREEMENT_OPEN);
    } else if (world->account.agreement.care_on_wire) {
        world_care(world, care, OUTCOME_DONE);
    } else if (world->account.agreement.wake_at.utc_ms != INSTANT_NEVER.utc_ms) {
        world_wake_when_due(world);
    } else {
        return false;
    }
    return true;
}
