/*
 * fuzz_config.c - texts of the configuration file, read from a file that is only in memory.
 *
 * What holds: the file is refused with at least one line that says why, or gives a complete
 * configuration that a running daemon may be given once more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "scheduler/config.h"
#include "tests/fuzz/fuzz.h"

static void check_config(struct config *config)
{
    struct config_problems problems = {0};
    ENSURE(config->seller_count >= 1);
    ENSURE(config->seller_count <= CONFIG_SELLERS_MAX);
    ENSURE(config->in_flight_max >= 1);
    ENSURE(config->total_deadline_ms >= 1);
    for (uint32_t i = 0; i < config->seller_count; i++) {
        const struct seller_config *seller = &config->sellers[i];
        ENSURE(seller->secret != NULL);
        ENSURE(money_currency_digits(seller->currency) >= 0);
        ENSURE(seller->quota_milli >= 100);
        ENSURE(seller->quota_milli <= 1000);
    }
    ENSURE(config_reload_check(config, config, &problems) == ST_OK);
    ENSURE(problems.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("autopayd.conf", MFD_CLOEXEC);
    char path[64];
    ENSURE(fd >= 0);
    ENSURE(size == 0 || write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ENSURE(setenv("FUZZ_SECRET", "0123456789abcdef", 1) == 0);

    struct zones *zones = zones_new(ZONES_DIRECTORY);
    struct config *config = NULL;
    struct config_problems problems = {0};
    enum status status = config_load(path, zones, &config, &problems);
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE((status == ST_OK) == (config != NULL));
    ENSURE((status == ST_OK) == (problems.count == 0));
    ENSURE(problems.count <= CONFIG_PROBLEMS_MAX);
    for (uint32_t i = 0; i < problems.count; i++) {
        ENSURE(problems.list[i].text[0] != '\0');
    }
    if (config != NULL) {
        check_config(config);
    }
    config_free(config);
    zones_free(zones);
    (void)close(fd);
    return 0;
}
