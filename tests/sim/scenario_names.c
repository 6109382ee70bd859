/* scenario_names.c - see scenario_names.h. */
#include "tests/sim/scenario_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool scenario_name_is_valid(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < SCENARIO_NAME_BYTES && strchr(LETTERS, name[0]) != NULL &&
           strspn(name, LETTERS "0123456789") == length;
}

const struct scenario_name *scenario_names_find(const struct scenario_names *names,
                                                const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i].name, name) == 0) {
            return &names->list[i];
        }
    }
    return NULL;
}

const struct scenario_name *scenario_names_of(const struct scenario_names *names, const char *id)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i].id, id) == 0) {
            return &names->list[i];
        }
    }
    return NULL;
}

void scenario_names_add(struct scenario_names *names, const char *name, const char *id,
                        uint32_t seller)
{
    if (scenario_names_of(names, id) != NULL) {
        return;
    }
    ENSURE(names->count < SCENARIO_NAMES_MAX);
    struct scenario_name *added = &names->list[names->count++];
    added->seller = seller;
    (void)snprintf(added->name, sizeof added->name, "%s", name);
    (void)snprintf(added->id, sizeof added->id, "%s", id);
}

char *scenario_names_in(const struct scenario_names *names, const char *word)
{
    char head[SCENARIO_NAME_BYTES];
    size_t length = strcspn(word, "-");
    const struct scenario_name *found = NULL;
    if (length < sizeof head) {
        (void)snprintf(head, sizeof head, "%.*s", (int)length, word);
        found = scenario_names_find(names, head);
    }
    char *text = NULL;
    int made = found == NULL ? asprintf(&text, "%s", word)
                             : asprintf(&text, "%s%s", found->id, word + length);
    ENSURE(made >= 0);
    return text;
}

char *scenario_names_out(const struct scenario_names *names, const char *text)
{
    char *out = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&out, &length);
    ENSURE(stream != NULL);
    while (*text != '\0') {
        const struct scenario_name *found = NULL;
        for (size_t i = 0; i < names->count && found == NULL; i++) {
            const char *id = names->list[i].id;
            found = strncmp(text, id, strlen(id)) == 0 ? &names->list[i] : NULL;
        }
        if (found != NULL) {
            (void)fputs(found->name, stream);
            text += strlen(found->id);
        } else {
            (void)fputc(*text++, stream);
        }
    }
    int closed = fclose(stream);
    ENSURE(closed == 0);
    return out;
}
