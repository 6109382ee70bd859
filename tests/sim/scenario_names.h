/*
 * scenario_names.h - the short names of a scenario, and the ids they stand for: A for an agreement,
 * S for a subscription's key, so that S-1 is its first charge and S-1-1 the first attempt.
 */
#ifndef TESTS_SIM_SCENARIO_NAMES_H
#define TESTS_SIM_SCENARIO_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_NAME_BYTES 16
#define SCENARIO_ID_BYTES   48
#define SCENARIO_NAMES_MAX  128

struct scenario_name {
    char name[SCENARIO_NAME_BYTES];
    char id[SCENARIO_ID_BYTES];
    uint32_t seller; /* of an agreement */
};

struct scenario_names {
    struct scenario_name list[SCENARIO_NAMES_MAX];
    size_t count;
};

/* Capital letters, digits and dots, beginning with a letter. */
bool scenario_name_is_valid(const char *name);
/* The name must be new; a known id keeps its first name. */
void scenario_names_add(struct scenario_names *names, const char *name, const char *id,
                        uint32_t seller);
/* NULL when there is none. */
const struct scenario_name *scenario_names_find(const struct scenario_names *names,
                                                const char *name);
const struct scenario_name *scenario_names_of(const struct scenario_names *names, const char *id);
/* "S-1" becomes "K7..-1"; what has no name stays. To be freed. */
char *scenario_names_in(const struct scenario_names *names, const char *word);
/* Every id in the text becomes its name. To be freed. */
char *scenario_names_out(const struct scenario_names *names, const char *text);

#endif
