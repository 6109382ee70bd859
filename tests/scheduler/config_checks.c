/* config_checks.c - see config_checks.h. */
#include "tests/scheduler/config_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void write_file(const char *path, const char *text, size_t length, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

int config_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    (void)snprintf(f->directory, sizeof f->directory, "/tmp/test_config.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->file, sizeof f->file, "%s/autopayd.conf", f->directory);
    (void)snprintf(f->secret, sizeof f->secret, "%s/A1SELLERID.secret", f->directory);
    write_file(f->secret, SECRET_KEY "\n", strlen(SECRET_KEY "\n"), 0600);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->directory, 1), 0);
    assert_int_equal(setenv("TEST_CONFIG_SECRET", SECRET_KEY, 1), 0);
    f->zones = zones_new(ZONES_DIRECTORY);
    *state = f;
    return 0;
}

int config_teardown(void **state)
{
    struct fixture *f = *state;
    config_free(f->config);
    zones_free(f->zones);
    (void)unlink(f->file);
    (void)unlink(f->secret);
    assert_int_equal(rmdir(f->directory), 0);
    free(f);
    return 0;
}

enum status load_bytes(struct fixture *f, const char *text, size_t length)
{
    config_free(f->config);
    f->config = NULL;
    write_file(f->file, text, length, 0600);
    enum status status = config_load(f->file, f->zones, &f->config, &f->problems);
    assert_true((status == ST_OK) == (f->config != NULL));
    assert_true((status == ST_OK) == (f->problems.count == 0));
    for (uint32_t i = 0; i < f->problems.count; i++) {
        const char *problem = f->problems.list[i].text;
        if (strstr(problem, SECRET_KEY) != NULL || strchr(problem, '\n') != NULL) {
            fail_msg("a problem holds the secret or a newline: %s", problem);
        }
    }
    return status;
}

enum status load(struct fixture *f, const char *text)
{
    return load_bytes(f, text, strlen(text));
}

void load_well(struct fixture *f, const char *text)
{
    if (load(f, text) != ST_OK) {
        fail_msg("refused: %s", f->problems.list[0].text);
    }
}

void assert_problem(const struct fixture *f, const char *place, const char *sentence)
{
    char begin[256];
    (void)snprintf(begin, sizeof begin, "%s%s", f->file, place);
    for (uint32_t i = 0; i < f->problems.count; i++) {
        const char *text = f->problems.list[i].text;
        if (strncmp(text, begin, strlen(begin)) == 0 && strstr(text, sentence) != NULL) {
            return;
        }
    }
    for (uint32_t i = 0; i < f->problems.count; i++) {
        print_error("problem: %s\n", f->problems.list[i].text);
    }
    fail_msg("no problem \"%s...%s\"", begin, sentence);
}

void one_mistake_each(struct fixture *f, const struct mistake *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (load(f, cases[i].text) != ST_INVALID) {
            fail_msg("accepted: %s", cases[i].text);
        }
        assert_problem(f, cases[i].place, cases[i].sentence);
        if (f->problems.count != 1) {
            fail_msg("%u problems, the second: %s", f->problems.count, f->problems.list[1].text);
        }
    }
}
