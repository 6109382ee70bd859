/* scenario_vocabulary.c - see scenario_vocabulary.h. */
#include "tests/sim/scenario_vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "scheduler/config_options.h"
#include "scheduler/ctl.h"
#include "tests/sim/scenario.h"

static const struct ctl_command *const command_lists[] = {
    ctl_agreement_commands, ctl_subscription_commands, ctl_subscription_orders,
    ctl_charge_commands,    ctl_charge_orders,         ctl_policy_commands,
    ctl_stop_commands,      ctl_status_commands,       ctl_why_commands,
};

const struct ctl_command *scenario_command(const char *noun, const char *verb)
{
    for (size_t i = 0; i < sizeof command_lists / sizeof command_lists[0]; i++) {
        for (const struct ctl_command *at = command_lists[i]; at->noun != NULL; at++) {
            bool is_it = strcmp(at->noun, noun) == 0;
            if (is_it && (verb == NULL || at->verb[0] == '\0' || strcmp(at->verb, verb) == 0)) {
                return at;
            }
        }
    }
    return NULL;
}

bool scenario_is_order(const char *noun)
{
    return scenario_command(noun, NULL) != NULL;
}

static void print_command(const struct ctl_command *command)
{
    const char *gap = command->verb[0] == '\0' ? "" : " ";
    (void)printf("command %s%s%s\n", command->noun, gap, command->verb);
    for (const struct ctl_option *option = command->options; option->name != NULL; option++) {
        (void)printf("option %s%s%s --%s\n", command->noun, gap, command->verb, option->name);
    }
}

void scenario_print_vocabulary(void)
{
    static const struct {
        const char *section;
        const struct config_options *options;
    } sections[] = {{"daemon", &config_daemon_options},
                    {"seller", &config_seller_options},
                    {"policy", &config_policy_options}};
    for (size_t i = 0; i < sizeof command_lists / sizeof command_lists[0]; i++) {
        for (const struct ctl_command *at = command_lists[i]; at->noun != NULL; at++) {
            print_command(at);
        }
    }
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        for (size_t j = 0; j < sections[i].options->count; j++) {
            (void)printf("%s %s\n", sections[i].section, sections[i].options->list[j].key);
        }
    }
}
