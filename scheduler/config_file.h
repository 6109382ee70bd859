/*
 * config_file.h - private to the config_*.c files: what was found in the file, and what is wrong.
 *
 * A setting is the text of a value and the place where it stood; a section is the file outside
 * sellers, one seller, or one policy within it. Nothing here knows what a key means.
 */
#ifndef SCHEDULER_CONFIG_FILE_H
#define SCHEDULER_CONFIG_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "scheduler/config.h"

struct config_place {
    int line;           /* 0 = the file as a whole */
    const char *seller; /* NULL = outside sellers, or in one of its policies */
    const char *policy; /* NULL = outside policies */
    const char *key;    /* NULL = no single key    */
};

struct config_setting {
    struct config_place place; /* names borrowed for the life of the section */
    char *text;
};

struct config_section;
struct config_reader; /* one reading of one file */

/* The title of a seller's section or a policy's; NULL for the file outside sellers. */
const char *config_section_title(struct config_section *section);
/* The index-th policy within a seller's section, or NULL. */
struct config_section *config_policy_section(struct config_section *section, uint32_t index);
/* Does the file set that key here (a list perhaps to no value at all)? */
bool config_is_set(struct config_section *section, const char *key);
/* The index-th value of the key, or NULL. */
const struct config_setting *config_setting(struct config_section *section, const char *key,
                                            uint32_t index);
/* Where the key stands, or else where the section ends. */
struct config_place config_place_of(struct config_section *section, const char *key);

/* Adds "file:line: seller: key: sentence" to the problems of the reading; the same text only once.
 */
void config_problem(struct config_reader *reader, struct config_place place, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));
void config_problems_add(struct config_problems *problems, const struct problem *problem);

#endif
