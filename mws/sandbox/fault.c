/*
 * fault.c - see fault.h.
 */
#include "mws/sandbox/fault.h"

#include <string.h>

#define DELAY_MS_MAX 600000

enum work { NEVER, ALWAYS, RULE };

struct kind_row {
    const char *name;
    enum work work;
};

static const struct kind_row kinds[FAULT_COUNT] = {[FAULT_NONE] = {"", NEVER},
#define X(suffix, name, work) [FAULT_##suffix] = {name, work},
                                                   FAULT_KINDS(X)
#undef X
};

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

static enum fault_kind kind_of(const char *name)
{
    for (int kind = FAULT_NONE + 1; kind < FAULT_COUNT; kind++) {
        if (strcmp(kinds[kind].name, name) == 0) {
            return (enum fault_kind)kind;
        }
    }
    return FAULT_NONE;
}

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

enum status fault_array_check(const struct json *array, size_t present, struct problem *problem)
{
    if (array == NULL || json_kind(array) != JSON_KIND_ARRAY) {
        return problem_set(problem, ST_INVALID, "the fault rules must be a JSON array");
    }
    if (json_length(array) > FAULT_RULES_MAX - present) {
        return problem_set(problem, ST_INVALID, "more than %d fault rules", FAULT_RULES_MAX);
    }
    return ST_OK;
}

enum status fault_keys_check(const struct json *rule, const char *const *known,
                             struct problem *problem)
{
    for (size_t i = 0; json_key(rule, i) != NULL; i++) {
        const char *key = json_key(rule, i);
        bool found = false;
        for (size_t k = 0; known[k] != NULL; k++) {
            found = found || strcmp(known[k], key) == 0;
        }
        if (!found) {
            return problem_set(problem, ST_INVALID, "a fault rule has no key \"%.60s\"", key);
        }
    }
    return ST_OK;
}

enum status fault_chance_read(const struct json *rule, struct fault_chance *chance,
                              int64_t *delay_ms, struct problem *problem)
{
    int64_t seed = 1;

    *chance = (struct fault_chance){.probability = 1, .plays_left = -1};
    *delay_ms = 1000;
    (void)json_as_real(json_get(rule, "probability"), &chance->probability);
    (void)json_as_integer(json_get(rule, "seed"), &seed);
    (void)json_as_integer(json_get(rule, "count"), &chance->plays_left);
    (void)json_as_integer(json_get(rule, "delay_ms"), delay_ms);
    chance->random = (uint64_t)seed;
    if (!(chance->probability >= 0 && chance->probability <= 1)) {
        return problem_set(problem, ST_INVALID, "probability must be from 0 to 1");
    }
    if (*delay_ms < 0 || *delay_ms > DELAY_MS_MAX) {
        return problem_set(problem, ST_INVALID, "delay_ms must be from 0 to %d", DELAY_MS_MAX);
    }
    return ST_OK;
}

bool fault_chance_fires(struct fault_chance *chance)
{
    double draw;

    if (chance->plays_left == 0) {
        return false;
    }
    draw = (double)(random_next(&chance->random) >> 11) / (double)(1ULL << 53);
    if (draw >= chance->probability) {
        return false;
    }
    chance->plays_left -= chance->plays_left > 0;
    return true;
}

static enum status read_what(const struct json *json, struct fault_rule *rule,
                             struct problem *problem)
{
    const char *action = json_as_string(json_get(json, "action"));
    const char *fault = json_as_string(json_get(json, "fault"));
    const char *code = json_as_string(json_get(json, "code"));

    if (action != NULL && strcmp(action, "*") != 0) {
        rule->action = mws_action_parse(action);
        if (rule->action == MWS_ACTION_UNKNOWN) {
            return problem_set(problem, ST_INVALID, "unknown action \"%.60s\"", action);
        }
    }
    if (fault == NULL || kind_of(fault) == FAULT_NONE) {
        return problem_set(problem, ST_INVALID, "unknown fault \"%.60s\"",
                           fault != NULL ? fault : "");
    }
    rule->fault.kind = kind_of(fault);
    rule->fault.code = code != NULL ? mws_error_parse(code) : MWS_ERROR_NONE;
    if ((rule->fault.kind == FAULT_ERROR) != (rule->fault.code != MWS_ERROR_NONE)) {
        return problem_set(problem, ST_INVALID,
                           "\"code\" must be an error code of Amazon's, and goes with \"error\"");
    }
    rule->fault.after_work = kinds[rule->fault.kind].work == ALWAYS;
    if (kinds[rule->fault.kind].work == RULE) {
        (void)json_as_bool(json_get(json, "after_work"), &rule->fault.after_work);
    }
    return ST_OK;
}

static enum status read_rule(const struct json *json, struct fault_rule *rule,
                             struct problem *problem)
{
    static const char *const known[] = {"action",   "fault",      "probability", "seed", "count",
                                        "delay_ms", "after_work", "code",        NULL};
    enum status status = fault_keys_check(json, known, problem);

    *rule = (struct fault_rule){0};
    if (status == ST_OK) {
        status = read_what(json, rule, problem);
    }
    if (status == ST_OK) {
        status = fault_chance_read(json, &rule->chance, &rule->fault.delay_ms, problem);
    }
    return status;
}

enum status fault_rules_add(struct fault_rules *rules, const struct json *array,
                            struct problem *problem)
{
    size_t count = json_length(array);
    enum status status = fault_array_check(array, rules->count, problem);

    for (size_t i = 0; i < count && status == ST_OK; i++) {
        status = read_rule(json_at(array, i), &rules->rules[rules->count + i], problem);
    }
    if (status == ST_OK) {
        rules->count += count;
    }
    return status;
}

struct fault fault_draw(struct fault_rules *rules, enum mws_action action)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct fault_rule *rule = &rules->rules[i];
        if ((rule->action == MWS_ACTION_UNKNOWN || rule->action == action) &&
            fault_chance_fires(&rule->chance)) {
            rules->played[rule->fault.kind]++;
            return rule->fault;
        }
    }
    return (struct fault){.kind = FAULT_NONE};
}
