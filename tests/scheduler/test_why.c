/*
 * test_why.c - the sentences of scheduler/why.h.
 *
 * why_stories.txt has the stories: facts in, text out, in the order in which an operator would meet
 * them. Its words are those of the fact_*() functions below; times are seconds from the due
 * instant, 2026-03-31 09:00 in Tokyo. A line that begins with '>' is what is said; nothing more may
 * be said. Besides, every state with every reason: no reason may be without a sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/why.h"
#include "scheduler/zones.h"

#define KEY         "K7QW3M2AAAAAAAAA"
#define AGREEMENT   "C03-1234567-1234567"
#define CYCLE       3
#define DUE_MS      INT64_C(1774915200000) /* 2026-03-31T00:00:00Z */
#define CHANGES_MAX 40
#define WORDS_MAX   16

struct world {
    struct zones *zones;
    const struct zone *tokyo;
    struct why_facts facts;
    struct agreement agreement;
    struct subscription subscription;
    struct charge charge;
    struct attempt attempts[4];
    struct refund refunds[2];
    struct account successor;
    struct change_view changes[CHANGES_MAX];
};

/* One line's words, taken one after another. */
struct words {
    int line;
    uint32_t count, next;
    char *word[WORDS_MAX];
};

static struct instant at_s(int64_t seconds)
{
    return (struct instant){DUE_MS + seconds * 1000};
}

static void world_reset(struct world *world)
{
    struct zones *zones = world->zones;
    const struct zone *tokyo = world->tokyo;
    memset(world, 0, sizeof *world);
    world->zones = zones;
    world->tokyo = tokyo;
    world->agreement =
        (struct agreement){.id = AGREEMENT, .state = AGREEMENT_OPEN, .synced_at = INSTANT_NEVER};
    world->subscription = (struct subscription){
        .key = KEY,
        .state = SUBSCRIPTION_ACTIVE,
        .rule = {.unit = RECUR_MONTH,
                 .every = 1,
                 .last_day_of_month = true,
                 .anchor = {2026, 1, 31},
                 .second_of_day = 32400},
        .zone = tokyo,
        .first_cycle = 1,
        .next_cycle = CYCLE + 1,
        .resume_at = INSTANT_NEVER,
        .cancel_at = INSTANT_NEVER,
        .created_at = at_s(-6000000),
    };
    world->subscription.due_at =
        recurrence_due(&world->subscription.rule, tokyo, world->subscription.next_cycle);
    world->charge = (struct charge){
        .id = KEY "-3",
        .subscription_key = KEY,
        .cycle = CYCLE,
        .amount = money_of(1200, "JPY"),
        .due_at = at_s(0),
        .retry_at = INSTANT_NEVER,
        .created_at = at_s(1),
        .final_at = INSTANT_NEVER,
        .policy_version = 4,
    };
    world->facts = (struct why_facts){
        .now = at_s(7200),
        .zone = tokyo,
        .agreement = &world->agreement,
        .subscription = &world->subscription,
        .cycle = CYCLE,
        .attempts = world->attempts,
        .refunds = world->refunds,
        .changes = world->changes,
        .quiet_since = INSTANT_NEVER,
        .quiet_until = INSTANT_NEVER,
    };
}

/* --- words ----------------------------------------------------------------------------------- */

static void cut(char *line, int number, struct words *words)
{
    *words = (struct words){.line = number};
    char *rest = NULL;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest)) {
        if (words->count == WORDS_MAX) {
            fail_msg("why_stories.txt:%d: too many words", number);
        }
        words->word[words->count++] = word;
    }
}

static const char *take(struct words *words)
{
    if (words->next == words->count) {
        fail_msg("why_stories.txt:%d: a word is missing", words->line);
    }
    return words->word[words->next++];
}

/* Takes `word` if it is the next. */
static bool took(struct words *words, const char *word)
{
    bool is_next = words->next < words->count && strcmp(words->word[words->next], word) == 0;
    words->next += is_next;
    return is_next;
}

static int64_t take_number(struct words *words)
{
    char *end = NULL;
    const char *word = take(words);
    int64_t value = strtoll(word, &end, 10);
    if (*end != '\0') {
        fail_msg("why_stories.txt:%d: %s is no number", words->line, word);
    }
    return value;
}

static struct instant take_at(struct words *words)
{
    return took(words, "never") ? INSTANT_NEVER : at_s(take_number(words));
}

static enum reason take_reason(struct words *words)
{
    const char *word = take(words);
    enum reason reason = strcmp(word, "-") == 0 ? REASON_NONE : reason_parse(word);
    if (reason == REASON_COUNT) {
        fail_msg("why_stories.txt:%d: %s is no reason", words->line, word);
    }
    return reason;
}

/* The names of each lifecycle as one function of a number. */
static const char *charge_name(int state)
{
    return charge_state_name((enum charge_state)state);
}
static const char *attempt_name(int state)
{
    return attempt_state_name((enum attempt_state)state);
}
static const char *refund_name(int state)
{
    return refund_state_name((enum refund_state)state);
}
static const char *subscription_name(int state)
{
    return subscription_state_name((enum subscription_state)state);
}
static const char *agreement_name(int state)
{
    return agreement_state_name((enum agreement_state)state);
}

typedef const char *name_of(int state);

/* The number of a state's name; of a number itself; of "-" 0. */
static int take_state(struct words *words, name_of *name, int count)
{
    const char *word = take(words);
    for (int state = 1; name != NULL && state <= count; state++) {
        if (strcmp(name(state), word) == 0) {
            return state;
        }
    }
    if (strcmp(word, "-") == 0) {
        return 0;
    }
    words->next--;
    return (int)take_number(words);
}

/* --- facts ----------------------------------------------------------------------------------- */

static void fact_charge(struct world *world, struct words *words)
{
    struct charge *charge = &world->charge;
    world->facts.charge = charge;
    charge->state = (enum charge_state)take_state(words, charge_name, CHARGE_ASKING);
    charge->reason = take_reason(words);
    while (words->next < words->count) {
        if (took(words, "created")) {
            charge->created_at = take_at(words);
        } else if (took(words, "final")) {
            charge->final_at = take_at(words);
        } else if (took(words, "retry")) {
            charge->retry_at = take_at(words);
        } else if (took(words, "policy")) {
            charge->policy_version = (uint32_t)take_number(words);
        } else if (took(words, "ships")) {
            charge->word = WORD_SHIP;
        } else if (took(words, "once")) {
            world->facts.subscription = NULL;
            memcpy(charge->id, KEY "-0", sizeof KEY "-0");
            charge->subscription_key[0] = '\0';
        } else {
            fail_msg("why_stories.txt:%d: charge %s", words->line, take(words));
        }
    }
}

/* The last one is the charge's latest. */
static void fact_attempt(struct world *world, struct words *words)
{
    uint32_t number = (uint32_t)take_number(words);
    struct attempt *attempt = &world->attempts[number - 1];
    *attempt = (struct attempt){.number = number,
                                .created_at = at_s(1),
                                .resend_at = INSTANT_NEVER,
                                .answered_at = INSTANT_NEVER,
                                .expires_at = INSTANT_NEVER};
    reference_id_format(world->charge.id, number, attempt->reference_id);
    attempt->state = (enum attempt_state)take_state(words, attempt_name, ATTEMPT_VOIDING);
    attempt->reason = take_reason(words);
    while (words->next < words->count) {
        if (took(words, "created")) {
            attempt->created_at = take_at(words);
        } else if (took(words, "answered")) {
            attempt->answered_at = take_at(words);
        } else if (took(words, "resend")) {
            attempt->resend_at = take_at(words);
        } else if (took(words, "expires")) {
            attempt->expires_at = take_at(words);
        } else {
            fail_msg("why_stories.txt:%d: attempt %s", words->line, take(words));
        }
    }
    world->facts.attempt_count = number;
    world->charge.attempt = *attempt;
}

static void fact_refund(struct world *world, struct words *words)
{
    struct refund *refund = &world->refunds[world->facts.refund_count++];
    (void)snprintf(refund->id, sizeof refund->id, "%s", take(words));
    world->facts.refunded = money_of(take_number(words), "JPY");
}

static void fact_subscription(struct world *world, struct words *words)
{
    struct subscription *subscription = &world->subscription;
    subscription->state =
        (enum subscription_state)take_state(words, subscription_name, SUBSCRIPTION_REPLACED);
    while (words->next < words->count) {
        if (took(words, "first")) {
            subscription->first_cycle = (uint32_t)take_number(words);
        } else if (took(words, "next")) {
            subscription->next_cycle = (uint32_t)take_number(words);
            subscription->due_at =
                recurrence_due(&subscription->rule, world->tokyo, subscription->next_cycle);
        } else if (took(words, "cycles")) {
            subscription->rule.cycle_count = (uint32_t)take_number(words);
            subscription->due_at =
                recurrence_due(&subscription->rule, world->tokyo, subscription->next_cycle);
        } else if (took(words, "moved")) {
            subscription->due_is_moved = true;
            subscription->due_at = take_at(words);
        } else if (took(words, "created")) {
            subscription->created_at = take_at(words);
        } else if (took(words, "cancel")) {
            subscription->cancel_at = take_at(words);
        } else if (took(words, "resume")) {
            subscription->resume_at = take_at(words);
        } else if (took(words, "stopped")) {
            subscription->is_stopped = true;
        } else if (took(words, "tries")) {
            subscription->hand_over_tries = (uint32_t)take_number(words);
        } else if (took(words, "full")) {
            world->successor.agreement.state = AGREEMENT_OPEN;
            world->successor.subscription_count = ACCOUNT_SUBSCRIPTIONS_MAX;
            world->facts.successor = &world->successor;
        } else if (took(words, "successor")) {
            (void)snprintf(subscription->successor_agreement_id, AGREEMENT_ID_MAX, "%s",
                           take(words));
            memcpy(subscription->successor_key, "SUCCESSORAAAAAAA", KEY_MAX);
        } else {
            fail_msg("why_stories.txt:%d: subscription %s", words->line, take(words));
        }
    }
}

/* Who a change is of: its kind, the names of its states, and the subject that is meant. */
struct kind_word {
    const char *word;
    enum change_kind kind;
    name_of *name;
    int count;
};
static const struct kind_word kind_words[] = {
    {"charge", CHANGE_CHARGE, charge_name, CHARGE_ASKING},
    {"attempt", CHANGE_ATTEMPT, attempt_name, ATTEMPT_VOIDING},
    {"refund", CHANGE_REFUND, refund_name, REFUND_REFUSED},
    {"subscription", CHANGE_SUBSCRIPTION, subscription_name, SUBSCRIPTION_REPLACED},
    {"agreement", CHANGE_AGREEMENT, agreement_name, AGREEMENT_CLOSED},
    {"limit", CHANGE_LIMIT, NULL, 0},
    {"cycles", CHANGE_CYCLES, NULL, 0},
    {"price", CHANGE_PRICE, NULL, 0},
    {"schedule", CHANGE_SCHEDULE, NULL, 0},
    {"cancel", CHANGE_CANCEL, NULL, 0},
    {"stop", CHANGE_STOP, NULL, 0},
    {"word", CHANGE_WORD, NULL, 0},
    {"warning", CHANGE_WARNING, NULL, 0},
    {"policy", CHANGE_POLICY, NULL, 0},
};

static void take_subject(struct world *world, struct words *words, struct change_view *view)
{
    const char *word = take(words);
    const char *subject = word;
    char reference_id[REFERENCE_ID_MAX];
    if (strcmp(word, "it") == 0) {
        subject = world->charge.id;
    } else if (word[0] >= '1' && word[0] <= '9') {
        reference_id_format(world->charge.id, (uint32_t)strtoul(word, NULL, 10), reference_id);
        subject = reference_id;
    } else if (strcmp(word, "subscription") == 0) {
        subject = KEY;
    } else if (strcmp(word, "agreement") == 0) {
        subject = AGREEMENT;
    } else if (strcmp(word, "seller") == 0) {
        view->agreement_id[0] = '\0';
    } else if (strcmp(word, "all") == 0) {
        view->agreement_id[0] = '\0';
        subject = "";
    }
    (void)snprintf(view->change.subject, sizeof view->change.subject, "%s", subject);
}

static void fact_event(struct world *world, struct words *words)
{
    struct change_view *view = &world->changes[world->facts.change_count];
    *view = (struct change_view){.number = 100 + ++world->facts.change_count,
                                 .agreement_id = AGREEMENT,
                                 .change = {.until = INSTANT_NEVER}};
    view->at = take_at(words);
    const char *word = take(words);
    const struct kind_word *kind = NULL;
    for (size_t i = 0; i < sizeof kind_words / sizeof kind_words[0]; i++) {
        kind = strcmp(kind_words[i].word, word) == 0 ? &kind_words[i] : kind;
    }
    if (kind == NULL) {
        fail_msg("why_stories.txt:%d: no change is called %s", words->line, word);
        return;
    }
    view->change.kind = kind->kind;
    take_subject(world, words, view);
    view->change.from = take_state(words, kind->name, kind->count);
    view->change.to = take_state(words, kind->name, kind->count);
    view->change.reason = take_reason(words);
    while (words->next < words->count) {
        if (took(words, "until")) {
            view->change.until = take_at(words);
        } else if (took(words, "JPY")) {
            view->change.amount = money_of(take_number(words), "JPY");
        } else if (took(words, "of")) {
            (void)snprintf(view->agreement_id, AGREEMENT_ID_MAX, "%s", take(words));
        } else {
            fail_msg("why_stories.txt:%d: event %s", words->line, take(words));
        }
    }
}

static void fact(struct world *world, struct words *words)
{
    if (took(words, "now")) {
        world->facts.now = take_at(words);
    } else if (took(words, "charge")) {
        fact_charge(world, words);
    } else if (took(words, "attempt")) {
        fact_attempt(world, words);
    } else if (took(words, "refund")) {
        fact_refund(world, words);
    } else if (took(words, "subscription")) {
        fact_subscription(world, words);
    } else if (took(words, "agreement")) {
        world->agreement.state =
            (enum agreement_state)take_state(words, agreement_name, AGREEMENT_CLOSED);
        world->agreement.synced_at = take_at(words);
    } else if (took(words, "quiet")) {
        world->facts.quiet_since = take_at(words);
        world->facts.quiet_until = take_at(words);
    } else if (took(words, "stopped")) {
        world->facts.stopped_for_seller = took(words, "seller") ? REASON_OPERATOR : REASON_NONE;
        world->facts.stopped_for_all = took(words, "clock") ? REASON_CLOCK
                                       : took(words, "all") ? REASON_OPERATOR
                                                            : REASON_NONE;
        world->agreement.stopped = took(words, "agreement") ? REASON_LIMIT_DIFFERS : REASON_NONE;
    } else if (took(words, "cycle")) {
        world->facts.cycle = (uint32_t)take_number(words);
    } else if (took(words, "zone")) {
        struct problem problem;
        assert_int_equal(zones_get(world->zones, take(words), &world->facts.zone, &problem), ST_OK);
    } else if (took(words, "event")) {
        fact_event(world, words);
    } else {
        fail_msg("why_stories.txt:%d: %s", words->line, take(words));
    }
}

/* --- stories --------------------------------------------------------------------------------- */

/* What is said, line by line, as the command prints it. */
struct said {
    uint32_t count;
    char line[CHANGES_MAX + 1][WHY_TEXT_MAX + 128];
};

static void say(struct world *world, struct said *said)
{
    struct why_story story;
    why_explain(&world->facts, &story);
    said->count = 0;
    (void)snprintf(said->line[said->count++], sizeof said->line[0], "%s", story.verdict.text);
    for (size_t i = 0; i < story.line_count; i++) {
        struct why_text at = {0};
        why_say_time(&at, story.lines[i].at, world->facts.zone);
        (void)snprintf(said->line[said->count++], sizeof said->line[0], "%.40s  #%d  %s", at.text,
                       (int)story.lines[i].number, story.lines[i].text.text);
    }
    why_story_free(&story);
}

/* The reader's place in the file. */
struct play {
    struct world *world;
    struct said *said;
    char name[WHY_TEXT_MAX + 128];
    uint32_t heard; /* lines of `said` that were expected */
    bool is_said;
    uint32_t stories, failures;
};

static void end_story(struct play *play, int number)
{
    if (play->name[0] == '\0') {
        return;
    }
    for (uint32_t i = play->heard; i < play->said->count; i++) {
        (void)fprintf(stderr, "why_stories.txt:%d: %s: not expected:\n> %s\n", number, play->name,
                      play->said->line[i]);
        play->failures++;
    }
    if (!play->is_said) {
        (void)fprintf(stderr, "why_stories.txt:%d: %s expects nothing\n", number, play->name);
        say(play->world, play->said);
        for (uint32_t i = 0; i < play->said->count; i++) {
            (void)fprintf(stderr, "> %s\n", play->said->line[i]);
        }
        play->failures++;
    }
    play->name[0] = '\0';
}

static void expect(struct play *play, int number, const char *line)
{
    if (!play->is_said) {
        say(play->world, play->said);
        play->is_said = true;
    }
    const char *got = play->heard < play->said->count ? play->said->line[play->heard] : "(nothing)";
    play->heard++;
    if (strcmp(got, line) != 0) {
        (void)fprintf(stderr,
                      "why_stories.txt:%d: %s:\n> %s\nwas expected, and this was said:\n> %s\n",
                      number, play->name, line, got);
        play->failures++;
    }
}

static void read_line(struct play *play, int number, char *line)
{
    struct words words;
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "story ", 6) == 0) {
        end_story(play, number);
        world_reset(play->world);
        (void)snprintf(play->name, sizeof play->name, "%s", line + 6);
        play->heard = 0;
        play->is_said = false;
        play->said->count = 0;
        play->stories++;
    } else if (line[0] == '>') {
        expect(play, number, line + 2);
    } else if (line[0] != '#' && line[0] != '\0') {
        cut(line, number, &words);
        fact(play->world, &words);
        assert_int_equal(words.next, words.count);
    }
}

static void stories_are_told(void **state)
{
    struct play play = {.world = *state, .said = calloc(1, sizeof *play.said)};
    assert_non_null(play.said);
    FILE *file = fopen(TESTS_DIR "/why_stories.txt", "r");
    assert_non_null(file);
    char line[WHY_TEXT_MAX + 128];
    int number = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        read_line(&play, ++number, line);
    }
    end_story(&play, number);
    assert_int_equal(fclose(file), 0);
    free(play.said);
    assert_int_equal(play.failures, 0); /* lines that are not what is said, see above */
    assert_true(play.stories >= 50);
}

/* --- every reason ---------------------------------------------------------------------------- */

static void each_reason_has_words(void **state)
{
    (void)state;
    for (int a = 0; a < REASON_COUNT; a++) {
        const char *because = why_because((enum reason)a);
        assert_true(because[0] != '\0');
        assert_true(because[strlen(because) - 1] != '.');
        assert_null(strstr(because, "does not know it"));
        assert_null(strstr(because, "this release"));
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(because, why_because((enum reason)b));
        }
    }
    assert_non_null(strstr(why_because((enum reason)REASON_COUNT), "this release"));
    assert_non_null(strstr(why_because((enum reason) - 1), "this release"));
}

static void add_change(struct world *world, enum change_kind kind, const char *subject, int from,
                       int to, enum reason reason)
{
    struct change_view *view = &world->changes[world->facts.change_count++];
    *view = (struct change_view){
        .number = world->facts.change_count,
        .at = at_s((int64_t)world->facts.change_count),
        .agreement_id = AGREEMENT,
        .change = {.kind = kind, .from = from, .to = to, .reason = reason, .until = INSTANT_NEVER}};
    (void)snprintf(view->change.subject, sizeof view->change.subject, "%s", subject);
}

/* A charge in that state for that reason, its attempt ended so or open so. */
static void build(struct world *world, enum charge_state state, enum attempt_state attempt_state,
                  enum reason reason)
{
    world_reset(world);
    struct charge *charge = &world->charge;
    world->facts.charge = charge;
    charge->state = state;
    charge->reason = reason;
    charge->final_at = charge_is_final(state) ? at_s(7000) : INSTANT_NEVER;
    charge->retry_at = at_s(86400);
    charge->attempt = (struct attempt){.number = 1,
                                       .state = attempt_state,
                                       .reason = reason,
                                       .created_at = at_s(2),
                                       .resend_at = at_s(9000),
                                       .answered_at = INSTANT_NEVER,
                                       .expires_at = INSTANT_NEVER};
    reference_id_format(charge->id, 1, charge->attempt.reference_id);
    add_change(world, CHANGE_CHARGE, charge->id, 0, CHARGE_DUE, REASON_NONE);
    add_change(world, CHANGE_ATTEMPT, charge->attempt.reference_id, 0, ATTEMPT_INTENT, REASON_NONE);
    add_change(world, CHANGE_ATTEMPT, charge->attempt.reference_id, ATTEMPT_INTENT,
               (int)attempt_state, reason);
    add_change(world, CHANGE_CHARGE, charge->id, CHARGE_ATTEMPTING, (int)state, reason);
}

static void assert_is_a_sentence(const char *text, const char *what)
{
    size_t length = strlen(text);
    bool is_one = length > 10 && text[length - 1] == '.' && text[length - 2] != '.' &&
                  strstr(text, "  ") == NULL && strstr(text, "(null)") == NULL &&
                  strstr(text, " ,") == NULL && strstr(text, ": :") == NULL;
    if (!is_one) {
        fail_msg("%s: \"%s\"", what, text);
    }
}

/* Whether the verdict of that state tells the reason of the charge, or of its attempt. */
static bool tells_reason(enum charge_state state, enum attempt_state attempt, enum reason reason)
{
    switch (state) {
    case CHARGE_DUE:
        return reason == REASON_APPROVED;
    case CHARGE_ATTEMPTING:
        return attempt == ATTEMPT_POSTPONED ||
               (attempt == ATTEMPT_UNKNOWN && reason != REASON_PENDING);
    case CHARGE_RETRYING:
    case CHARGE_WAITING:
    case CHARGE_HELD:
    case CHARGE_FAILED:
    case CHARGE_CANCELED:
    case CHARGE_AUTHORIZED:
    case CHARGE_ASKING:
        return true;
    case CHARGE_PAID:
        return false;
    }
    return false;
}

static void each_state_with_each_reason_has_a_sentence(void **state)
{
    struct world *world = *state;
    uint32_t sentences = 0;
    for (int charge = CHARGE_DUE; charge < CHARGE_STATE_COUNT; charge++) {
        for (int attempt = ATTEMPT_INTENT; attempt <= ATTEMPT_VOIDING; attempt++) {
            for (int reason = 0; reason < REASON_COUNT; reason++) {
                char what[128];
                struct why_story story;
                (void)snprintf(what, sizeof what, "%s, %s, %s", charge_name(charge),
                               attempt_name(attempt), reason_name((enum reason)reason));
                build(world, (enum charge_state)charge, (enum attempt_state)attempt,
                      (enum reason)reason);
                why_explain(&world->facts, &story);
                assert_is_a_sentence(story.verdict.text, what);
                assert_true(story.verdict.length < WHY_TEXT_MAX - 200);
                if (tells_reason((enum charge_state)charge, (enum attempt_state)attempt,
                                 (enum reason)reason) &&
                    strstr(story.verdict.text, why_because((enum reason)reason)) == NULL &&
                    strstr(story.verdict.text, why_not_sent((enum reason)reason)) == NULL) {
                    fail_msg("%s: not told: \"%s\"", what, story.verdict.text);
                }
                why_story_free(&story);
                sentences++;
            }
        }
    }
    assert_int_equal(sentences, 10 * 9 * REASON_COUNT);
}

/* Any change of any kind between any states is told in a sentence, or not at all. */
static void each_change_has_a_sentence(void **state)
{
    struct world *world = *state;
    for (int kind = CHANGE_AGREEMENT; kind <= CHANGE_POLICY; kind++) {
        for (int to = 0; to <= 11; to++) {
            for (int reason = 0; reason < REASON_COUNT; reason++) {
                char what[64];
                struct why_text text = {0};
                (void)snprintf(what, sizeof what, "kind %d to %d for %d", kind, to, reason);
                build(world, CHARGE_HELD, ATTEMPT_REFUSED, REASON_LIMIT_SHORT);
                const char *subject =
                    kind == CHANGE_ATTEMPT ? world->charge.attempt.reference_id : world->charge.id;
                add_change(world, (enum change_kind)kind, subject, to == 1 ? 0 : 1, to,
                           (enum reason)reason);
                why_event(&world->facts, &world->changes[world->facts.change_count - 1], &text);
                if (text.length > 0) {
                    assert_is_a_sentence(text.text, what);
                }
            }
        }
    }
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    struct why_text text = {0};
    for (int i = 0; i < 1000; i++) {
        why_say(&text, "%d times; ", i);
        assert_true(text.length < sizeof text.text);
        assert_int_equal(strlen(text.text), text.length);
    }
    assert_int_equal(text.length, sizeof text.text - 1);
}

static void assert_said(const struct why_text *text, const char *wanted)
{
    assert_string_equal(text->text, wanted);
}

static void amounts_and_durations(void **state)
{
    static const struct {
        int64_t units;
        const char *currency, *text;
    } amounts[] = {
        {0, "JPY", "JPY 0"},
        {999, "JPY", "JPY 999"},
        {1200, "JPY", "JPY 1,200"},
        {1234567, "JPY", "JPY 1,234,567"},
        {120050, "USD", "USD 1,200.50"},
        {-1200, "JPY", "JPY -1,200"},
        {-120, "JPY", "JPY -120"},
        {1, "???", "an unknown amount"},
    };
    static const struct {
        int64_t ms;
        const char *text;
    } durations[] = {
        {0, "1 s"},           {999, "1 s"},     {1999, "1 s"},         {60000, "1 min"},
        {61000, "1 min 1 s"}, {3600000, "1 h"}, {90061000, "1 d 1 h"}, {86400000, "1 d"},
        {86401000, "1 d"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        struct why_text text = {0};
        why_say_money(&text, money_of(amounts[i].units, amounts[i].currency));
        assert_said(&text, amounts[i].text);
    }
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        struct why_text text = {0};
        why_say_duration(&text, durations[i].ms);
        assert_said(&text, durations[i].text);
    }
}

static void times_in_zones(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *zone;
        int64_t seconds;
        const char *text;
    } times[] = {
        {"Asia/Tokyo", 0, "2026-03-31 09:00 +09:00"},
        {"Asia/Tokyo", 61, "2026-03-31 09:01:01 +09:00"},
        {"Europe/London", 0, "2026-03-31 01:00 +01:00"},
        {"Europe/London", -864000, "2026-03-21 00:00 UTC"},
        {"America/St_Johns", 0, "2026-03-30 21:30 -02:30"},
        {"Etc/UTC", 0, "2026-03-31 00:00 UTC"},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct why_text text = {0};
        const struct zone *zone = NULL;
        struct problem problem;
        assert_int_equal(zones_get(world->zones, times[i].zone, &zone, &problem), ST_OK);
        why_say_time(&text, at_s(times[i].seconds), zone);
        assert_said(&text, times[i].text);
    }
    struct why_text never = {0};
    why_say_time(&never, INSTANT_NEVER, NULL);
    assert_said(&never, "an unknown time");
    struct why_text ancient = {0};
    why_say_time(&ancient, (struct instant){INT64_C(-100000000000000)}, NULL);
    assert_true(ancient.length > 0);
}

static int begin(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem;
    assert_non_null(world);
    world->zones = zones_new(ZONES_DIRECTORY);
    assert_int_equal(zones_get(world->zones, "Asia/Tokyo", &world->tokyo, &problem), ST_OK);
    *state = world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    zones_free(world->zones);
    free(world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_words),
        cmocka_unit_test(stories_are_told),
        cmocka_unit_test(each_state_with_each_reason_has_a_sentence),
        cmocka_unit_test(each_change_has_a_sentence),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(amounts_and_durations),
        cmocka_unit_test(times_in_zones),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
