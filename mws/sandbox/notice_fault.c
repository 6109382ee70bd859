/*
 * notice_fault.c - see notice_fault.h.
 */
#include "mws/sandbox/notice_fault.h"

#include <string.h>

static const char *const kinds[NOTICE_FAULT_COUNT] = {[NOTICE_FAULT_NONE] = "",
#define X(suffix, name) [NOTICE_FAULT_##suffix] = (name),
                                                      NOTICE_FAULTS(X)
#undef X
};

static const char *const wrong_names[WRONG_COUNT] = {
#define X(suffix, name) [WRONG_##suffix] = (name),
    WRONG_CERTIFICATES(X)
#undef X
};

/* What a URL is made of: before the region, after it, after the file. */
struct foreign_row {
    const char *name, *before, *after, *end;
};

static const struct foreign_row foreign[] = {
    {"http", "http://sns.", ".amazonaws.com/", ""},
    {"other_host", "https://sns.", ".fakecert.com/", ""},
    {"other_service", "https://sni.", ".amazonaws.com/", ""},
    {"suffix", "https://sns.", ".amazonaws.com.example.com/", ""},
    {"prefix", "https://example.sns.", ".amazonaws.com/", ""},
    {"user", "https://sns.", ".amazonaws.com@127.0.0.1/", ""},
    {"port", "https://sns.", ".amazonaws.com:8443/", ""},
    {"not_pem", "https://sns.", ".amazonaws.com/", ".exe"},
    {"query", "https://sns.", ".amazonaws.com/", "?x=.pem"},
    {"file", "file:///etc/ssl/", "/", ""},
    {"short_label", "https://sns.us.amazonaws.com/", "/", ""},
};

const char *notice_fault_name(enum notice_fault_kind kind)
{
    return kinds[kind];
}

size_t foreign_url_count(void)
{
    return sizeof foreign / sizeof foreign[0];
}

void foreign_url_write(struct text *out, size_t which, const char *file, const char *region)
{
    const struct foreign_row *row = &foreign[which % foreign_url_count()];

    text_add(out, row->before);
    text_add(out, strcmp(row->name, "short_label") != 0 ? region : "");
    text_add(out, row->after);
    text_add(out, file);
    text_add(out, row->end);
}

static enum status read_kind(const struct json *json, struct notice_fault_rule *rule,
                             struct problem *problem)
{
    const char *fault = json_as_string(json_get(json, "fault"));
    const char *type = json_as_string(json_get(json, "notification_type"));

    for (int kind = 1; kind < NOTICE_FAULT_COUNT && fault != NULL; kind++) {
        if (strcmp(kinds[kind], fault) == 0) {
            rule->fault.kind = (enum notice_fault_kind)kind;
        }
    }
    if (rule->fault.kind == NOTICE_FAULT_NONE) {
        return problem_set(problem, ST_INVALID, "unknown fault \"%.60s\"",
                           fault != NULL ? fault : "");
    }
    if (type != NULL && strcmp(type, "*") != 0) {
        rule->type = notice_type_parse(type);
        if (rule->type == NOTICE_UNKNOWN) {
            return problem_set(problem, ST_INVALID, "unknown notification type \"%.60s\"", type);
        }
    }
    return ST_OK;
}

static bool read_variant(const char *variant, struct notice_fault_rule *rule)
{
    for (int i = 0; rule->fault.kind == NOTICE_FAULT_WRONG_CERTIFICATE && i < WRONG_COUNT; i++) {
        if (strcmp(wrong_names[i], variant) == 0) {
            rule->fault.certificate = (enum wrong_certificate)i;
            return true;
        }
    }
    for (size_t i = 0; rule->fault.kind == NOTICE_FAULT_FOREIGN_URL && i < foreign_url_count();
         i++) {
        if (strcmp(foreign[i].name, variant) == 0) {
            rule->fault.url = i;
            rule->every_url = false;
            return true;
        }
    }
    return false;
}

static enum status read_rule(const struct json *json, struct notice_fault_rule *rule,
                             struct problem *problem)
{
    static const char *const known[] = {"fault",    "probability",       "seed",    "count",
                                        "delay_ms", "notification_type", "variant", NULL};
    const char *variant = json_as_string(json_get(json, "variant"));
    enum status status;

    *rule = (struct notice_fault_rule){.every_url = true};
    status = fault_keys_check(json, known, problem);
    if (status == ST_OK) {
        status = fault_chance_read(json, &rule->chance, &rule->fault.delay_ms, problem);
    }
    if (status == ST_OK) {
        status = read_kind(json, rule, problem);
    }
    if (status == ST_OK && variant != NULL && !read_variant(variant, rule)) {
        status = problem_set(problem, ST_INVALID, "the fault has no variant \"%.60s\"", variant);
    }
    return status;
}

enum status notice_fault_rules_add(struct notice_fault_rules *rules, const struct json *array,
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

struct notice_fault notice_fault_draw(struct notice_fault_rules *rules, enum notice_type type)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct notice_fault_rule *rule = &rules->rules[i];
        struct notice_fault fault = rule->fault;
        if ((rule->type == NOTICE_UNKNOWN || rule->type == type) &&
            fault_chance_fires(&rule->chance)) {
            rules->played[fault.kind]++;
            if (fault.kind == NOTICE_FAULT_FOREIGN_URL && rule->every_url) {
                rule->fault.url = (fault.url + 1) % foreign_url_count();
            }
            return fault;
        }
    }
    return (struct notice_fault){.kind = NOTICE_FAULT_NONE};
}
