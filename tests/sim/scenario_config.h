/*
 * scenario_config.h - what a scenario configures, as the file of the daemon has it: a key that is
 * set again takes the place of the first.
 */
#ifndef TESTS_SIM_SCENARIO_CONFIG_H
#define TESTS_SIM_SCENARIO_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define SCENARIO_CONFIG_MAX 64

struct scenario_setting {
    char section[32]; /* "" = every seller's; else the name of a policy */
    char key[48];
    char value[200]; /* as in the file */
};

struct scenario_config {
    struct scenario_setting list[SCENARIO_CONFIG_MAX];
    size_t count;
    char daemon_text[1024], seller_text[8192];
};

void scenario_config_set(struct scenario_config *config, const char *section, const char *key,
                         const char *value);
/* Makes the two texts. */
void scenario_config_write(struct scenario_config *config);

#endif
