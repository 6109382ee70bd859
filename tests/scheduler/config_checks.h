/*
 * config_checks.h - a configuration file of a test's own, what reading it gives, and what is said
 * about it. A test's state is a struct fixture.
 */
#ifndef TESTS_SCHEDULER_CONFIG_CHECKS_H
#define TESTS_SCHEDULER_CONFIG_CHECKS_H

#include <stddef.h>
#include <sys/types.h>

#include "scheduler/config.h"

#define SECRET_KEY "sEcReTkEy0123456789+/planted"

struct fixture {
    char directory[64];
    char file[128];   /* the configuration */
    char secret[128]; /* a secret file, mode 0600 */
    struct zones *zones;
    struct config *config;
    struct config_problems problems;
};

int config_setup(void **state);
int config_teardown(void **state);

void write_file(const char *path, const char *text, size_t length, mode_t mode);
enum status load_bytes(struct fixture *f, const char *text, size_t length);
enum status load(struct fixture *f, const char *text);
/* Fails the test when the text is refused. */
void load_well(struct fixture *f, const char *text);
/* Among the problems is one with that place and that sentence. */
void assert_problem(const struct fixture *f, const char *place, const char *sentence);

struct mistake {
    const char *text, *place, *sentence;
};

/* Each text is refused with exactly that problem. */
void one_mistake_each(struct fixture *f, const struct mistake *cases, size_t count);

/* A seller with all that is required, and `more`. */
#define SELLER(id, more)                                                                           \
    "seller \"" id "\" {\n"                                                                        \
    "  region = jp\n"                                                                              \
    "  environment = sandbox\n"                                                                    \
    "  access_key = AKIA1\n"                                                                       \
    "  secret_env = TEST_CONFIG_SECRET\n"                                                          \
    "  zone = \"Asia/Tokyo\"\n" more "\n}\n"
#define MORE_LINE ":7: A1: " /* where `more` stands when the seller comes first */

#endif
