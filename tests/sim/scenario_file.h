/*
 * scenario_file.h - the text of a scenario: what is done, line by line, and the golden lines under
 * each.
 *
 *     # title, and what it is about
 *     words of something that happens      # and a remark
 *     > a golden line
 *
 * Does not know any word. Written back, everything but the golden lines is as it was.
 */
#ifndef TESTS_SIM_SCENARIO_FILE_H
#define TESTS_SIM_SCENARIO_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct script_texts {
    char **texts;
    size_t count, room;
};

struct script_line {
    char *text; /* as it stands in the file; "" and comments do nothing */
    size_t number;
    struct script_texts golden; /* without "> " */
    struct script_texts told;   /* by the run */
};

struct script_file {
    char *path;
    struct script_line *lines;
    size_t count, room;
};

/* NULL after a sentence on standard error. */
struct script_file *script_read(const char *path);
void script_free(struct script_file *file);

void script_texts_add(struct script_texts *texts, const char *text);

/* Was told what is golden? If not, prints what differs. */
bool script_compare(const struct script_file *file);
/* Makes golden what was told; false when it cannot be written. */
bool script_bless(const struct script_file *file);

/* The first comment: what the scenario is called. */
const char *script_title(const struct script_file *file);

#endif
