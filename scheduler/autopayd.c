/*
 * autopayd.c - the daemon's command line: read and check the configuration, then run.
 *
 *     autopayd --config FILE           run in the foreground until SIGTERM
 *     autopayd --config FILE --check   say everything that is wrong with FILE, or else what it
 *                                      comes to for each seller, and end
 *
 * The way from here: daemon.c (start, reload, stop), runner.h (what it does all day).
 */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "scheduler/config_show.h"
#include "scheduler/daemon.h"

#define CONFIG_PATH_DEFAULT "/etc/autopayd/autopayd.conf"

struct arguments {
    const char *config_path;
    bool check_only;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->config_path = value;
        return 0;
    case 't':
        arguments->check_only = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "there is nothing to be done with \"%s\"", value);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    (void)fprintf(stream, "autopayd %s\n", AUTOPAY_VERSION);
}

static int print_problems(const struct config_problems *problems)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        (void)fprintf(stderr, "%s\n", problems->list[i].text);
    }
    if (problems->left_out > 0) {
        (void)fprintf(stderr, "and %u more\n", problems->left_out);
    }
    return DAEMON_EXIT_CONFIG;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"config", 'c', "FILE", 0, "The configuration (default " CONFIG_PATH_DEFAULT ")", 0},
        {"check", 't', NULL, 0,
         "Check the configuration, say every mistake or what it comes to, and end", 0},
        {0},
    };
    static const struct argp parser = {
        .options = options,
        .parser = parse_option,
        .doc = "Charges what is due through Amazon Pay's Auto Pay, exactly once.\v"
               "SIGTERM: finish what is on the wire, then end. SIGHUP: read the configuration "
               "again.\n\nExit codes: 0 ended as asked; 64 command line; 69 a socket or "
               "certificate file cannot be used; 73 the database cannot be used; 75 stopped before "
               "every answer could be recorded (the next start settles them); 78 configuration.",
    };
    argp_program_version_hook = print_version;
    struct arguments arguments = {.config_path = CONFIG_PATH_DEFAULT};
    argp_err_exit_status = DAEMON_EXIT_USAGE;
    (void)argp_parse(&parser, argc, argv, 0, NULL, &arguments);

    struct zones *zones = zones_new(ZONES_DIRECTORY);
    struct config *config = NULL;
    struct config_problems problems;
    enum config_secrets secrets =
        arguments.check_only ? CONFIG_SECRETS_IN_REACH : CONFIG_SECRETS_ALL;
    if (config_load_with(arguments.config_path, zones, secrets, &config, &problems) != ST_OK) {
        zones_free(zones);
        return print_problems(&problems);
    }
    if (arguments.check_only) {
        (void)printf("%s: %u seller%s, no mistakes\n", arguments.config_path, config->seller_count,
                     config->seller_count == 1 ? "" : "s");
        config_show(stdout, config);
        config_free(config);
        zones_free(zones);
        return DAEMON_EXIT_OK;
    }
    return daemon_run(arguments.config_path, config, zones);
}
