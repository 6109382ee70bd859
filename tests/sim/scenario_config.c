/* scenario_config.c - see scenario_config.h. */
#include "tests/sim/scenario_config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"

void scenario_config_set(struct scenario_config *config, const char *section, const char *key,
                         const char *value)
{
    struct scenario_setting *setting = NULL;
    for (size_t i = 0; i < config->count && setting == NULL; i++) {
        bool is_it =
            strcmp(config->list[i].section, section) == 0 && strcmp(config->list[i].key, key) == 0;
        setting = is_it ? &config->list[i] : NULL;
    }
    if (setting == NULL) {
        ENSURE(config->count < SCENARIO_CONFIG_MAX);
        setting = &config->list[config->count++];
    }
    (void)snprintf(setting->section, sizeof setting->section, "%s", section);
    (void)snprintf(setting->key, sizeof setting->key, "%s", key);
    (void)snprintf(setting->value, sizeof setting->value, "%s", value);
}

static void put(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
    ENSURE(length >= 0 && used + (size_t)length < size);
}

/* Keys that stand outside of the sellers' sections. */
static bool is_daemons(const char *key)
{
    static const char *const keys[] = {"clock_jump_max", "clock_back_max", "downtime_max",
                                       "total_deadline"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* The section of a policy, written where its first key is met. */
static void put_policy(struct scenario_config *config, size_t first)
{
    const char *name = config->list[first].section;
    for (size_t i = 0; i < first; i++) {
        if (strcmp(config->list[i].section, name) == 0) {
            return;
        }
    }
    put(config->seller_text, sizeof config->seller_text, "  policy \"%s\" {\n", name);
    for (size_t i = first; i < config->count; i++) {
        if (strcmp(config->list[i].section, name) == 0) {
            put(config->seller_text, sizeof config->seller_text, "    %s = %s\n",
                config->list[i].key, config->list[i].value);
        }
    }
    put(config->seller_text, sizeof config->seller_text, "  }\n");
}

void scenario_config_write(struct scenario_config *config)
{
    config->daemon_text[0] = '\0';
    config->seller_text[0] = '\0';
    for (size_t i = 0; i < config->count; i++) {
        const struct scenario_setting *setting = &config->list[i];
        if (setting->section[0] == '\0' && is_daemons(setting->key)) {
            put(config->daemon_text, sizeof config->daemon_text, "%s = %s\n", setting->key,
                setting->value);
        } else if (setting->section[0] == '\0') {
            put(config->seller_text, sizeof config->seller_text, "  %s = %s\n", setting->key,
                setting->value);
        }
    }
    for (size_t i = 0; i < config->count; i++) {
        if (config->list[i].section[0] != '\0') {
            put_policy(config, i);
        }
    }
}
