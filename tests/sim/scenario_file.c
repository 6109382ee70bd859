/* scenario_file.c - see scenario_file.h. */
#include "tests/sim/scenario_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

void script_texts_add(struct script_texts *texts, const char *text)
{
    if (texts->count == texts->room) {
        texts->room = texts->room == 0 ? 8 : 2 * texts->room;
        texts->texts = realloc(texts->texts, texts->room * sizeof *texts->texts);
        ENSURE(texts->texts != NULL);
    }
    texts->texts[texts->count] = strdup(text);
    ENSURE(texts->texts[texts->count] != NULL);
    texts->count++;
}

static void texts_free(struct script_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->texts[i]);
    }
    free(texts->texts);
}

static void add_line(struct script_file *file, const char *text, size_t number)
{
    if (file->count == file->room) {
        file->room = file->room == 0 ? 32 : 2 * file->room;
        file->lines = realloc(file->lines, file->room * sizeof *file->lines);
        ENSURE(file->lines != NULL);
    }
    file->lines[file->count] = (struct script_line){.text = strdup(text), .number = number};
    ENSURE(file->lines[file->count].text != NULL);
    file->count++;
}

struct script_file *script_read(const char *path)
{
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        (void)fprintf(stderr, "scenario: %s cannot be read\n", path);
        return NULL;
    }
    struct script_file *file = calloc(1, sizeof *file);
    ENSURE(file != NULL);
    file->path = strdup(path);
    ENSURE(file->path != NULL);
    char *text = NULL;
    size_t room = 0;
    size_t number = 0;
    while (getline(&text, &room, stream) >= 0) {
        text[strcspn(text, "\r\n")] = '\0';
        number++;
        if (text[0] == '>' && file->count > 0) {
            script_texts_add(&file->lines[file->count - 1].golden, text + (text[1] == ' ' ? 2 : 1));
        } else {
            add_line(file, text, number);
        }
    }
    free(text);
    (void)fclose(stream);
    return file;
}

void script_free(struct script_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        free(file->lines[i].text);
        texts_free(&file->lines[i].golden);
        texts_free(&file->lines[i].told);
    }
    free(file->lines);
    free(file->path);
    free(file);
}

static bool is_same(const struct script_line *line)
{
    bool same = line->golden.count == line->told.count;
    for (size_t i = 0; i < line->told.count && same; i++) {
        same = strcmp(line->golden.texts[i], line->told.texts[i]) == 0;
    }
    return same;
}

/* The longest beginning and end that are alike are left out. */
static void print_difference(const struct script_file *file, const struct script_line *line)
{
    const struct script_texts *golden = &line->golden;
    const struct script_texts *told = &line->told;
    size_t first = 0;
    size_t last = 0;
    while (first < golden->count && first < told->count &&
           strcmp(golden->texts[first], told->texts[first]) == 0) {
        first++;
    }
    while (last + first < golden->count && last + first < told->count &&
           strcmp(golden->texts[golden->count - 1 - last], told->texts[told->count - 1 - last]) ==
               0) {
        last++;
    }
    (void)printf("%s:%zu: %s\n", file->path, line->number, line->text);
    for (size_t i = first; i + last < golden->count; i++) {
        (void)printf("  - %s\n", golden->texts[i]);
    }
    for (size_t i = first; i + last < told->count; i++) {
        (void)printf("  + %s\n", told->texts[i]);
    }
}

bool script_compare(const struct script_file *file)
{
    bool is_well = true;
    for (size_t i = 0; i < file->count; i++) {
        if (!is_same(&file->lines[i])) {
            print_difference(file, &file->lines[i]);
            is_well = false;
        }
    }
    return is_well;
}

bool script_bless(const struct script_file *file)
{
    FILE *stream = fopen(file->path, "w");
    if (stream == NULL) {
        (void)fprintf(stderr, "scenario: %s cannot be written\n", file->path);
        return false;
    }
    for (size_t i = 0; i < file->count; i++) {
        const struct script_line *line = &file->lines[i];
        (void)fprintf(stream, "%s\n", line->text);
        for (size_t j = 0; j < line->told.count; j++) {
            (void)fprintf(stream, "> %s\n", line->told.texts[j]);
        }
    }
    return fclose(stream) == 0;
}

const char *script_title(const struct script_file *file)
{
    const char *text = file->count > 0 ? file->lines[0].text : "";
    return strncmp(text, "# ", 2) == 0 ? text + 2 : "";
}
