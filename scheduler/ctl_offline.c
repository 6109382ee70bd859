/*
 * ctl_offline.c - see ctl_offline.h.
 */
#include "scheduler/ctl_offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mws/edge/loop.h"

static int complain_about_config(const struct config_problems *problems)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        (void)fprintf(stderr, "autopayctl: %s\n", problems->list[i].text);
    }
    (void)fprintf(stderr,
                  "autopayctl: without the configuration, say --store and --seller instead\n");
    return CTL_REFUSED;
}

static struct instant clock_now(void)
{
    struct loop *loop = loop_new();
    struct instant now = loop_now(loop);
    loop_free(loop);
    return now;
}

int ctl_offline_begin(const struct ctl_input *input, enum config_secrets secrets,
                      struct ctl_offline *offline)
{
    const char *store_path = json_as_string(json_get(input->values, "store"));
    const char *config_path = json_as_string(json_get(input->values, "config"));
    struct config_problems problems;
    *offline = (struct ctl_offline){.zones = zones_new(ZONES_DIRECTORY), .now = clock_now()};
    if (store_path == NULL || config_path != NULL) {
        if (config_load_with(config_path != NULL ? config_path : CTL_CONFIG_DEFAULT, offline->zones,
                             secrets, &offline->config, &problems) != ST_OK) {
            ctl_offline_end(offline);
            return complain_about_config(&problems);
        }
        (void)snprintf(offline->store_path, sizeof offline->store_path, "%s",
                       offline->config->store_path);
    }
    if (store_path != NULL) {
        if (strlen(store_path) >= sizeof offline->store_path) {
            (void)fprintf(stderr, "autopayctl: --store: at most %zu characters\n",
                          sizeof offline->store_path - 1);
            ctl_offline_end(offline);
            return CTL_USAGE;
        }
        (void)snprintf(offline->store_path, sizeof offline->store_path, "%s", store_path);
    }
    return CTL_OK;
}

void ctl_offline_end(struct ctl_offline *offline)
{
    config_free(offline->config);
    zones_free(offline->zones);
    offline->config = NULL;
    offline->zones = NULL;
}

int ctl_offline_failed(enum status status, const struct problem *problem)
{
    (void)fprintf(stderr, "autopayctl: %s\n", problem->text);
    switch (status) {
    case ST_NOT_FOUND:
        return CTL_NOT_FOUND;
    case ST_INVALID:
    case ST_CONFLICT:
        return CTL_REFUSED;
    case ST_OK:
    case ST_BUSY:
    case ST_LOST:
    case ST_FULL:
    case ST_STORE:
    case ST_NETWORK:
    case ST_PEER:
        return CTL_UNAVAILABLE;
    }
    return CTL_BUG;
}

void ctl_offline_print(struct json *answer)
{
    char *text = json_print(answer, false);
    (void)puts(text);
    free(text);
    json_free(answer);
}
