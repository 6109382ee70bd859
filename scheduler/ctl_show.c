/*
 * ctl_show.c - see ctl_show.h.
 */
#include "scheduler/ctl_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/instant.h"
#include "scheduler/table.h"

#define COLUMNS_MAX  20
#define KEY_TEXT_MAX 80

/* "2026-11-22T03:04:05.678Z" without its T and milliseconds; any other text as it is. */
static char *shorten(const char *text)
{
    struct instant at;
    char *cell = strdup(text);
    ENSURE(cell != NULL);
    if (strlen(text) == 24 && instant_parse(text, &at)) {
        cell[10] = ' ';
        cell[19] = 'Z';
        cell[20] = '\0';
    }
    return cell;
}

/* The text of a value, to be freed. */
static char *cell_new(const struct json *value)
{
    int64_t number = 0;
    bool flag = false;
    char *cell = NULL;
    int length = 0;
    if (value == NULL || json_kind(value) == JSON_KIND_NULL) {
        length = asprintf(&cell, "-");
    } else if (json_as_string(value) != NULL) {
        cell = shorten(json_as_string(value));
    } else if (json_as_integer(value, &number)) {
        length = asprintf(&cell, "%" PRId64, number);
    } else if (json_as_bool(value, &flag)) {
        length = asprintf(&cell, "%s", flag ? "yes" : "no");
    } else {
        cell = json_print(value, false);
    }
    ENSURE(length >= 0);
    return cell;
}

static bool has_lines(const struct json *value)
{
    const char *text = json_as_string(value);
    return text != NULL && strchr(text, '\n') != NULL;
}

static void add_fields(struct table *table, const char *prefix, const struct json *object)
{
    for (size_t i = 0; json_key(object, i) != NULL; i++) {
        const char *key = json_key(object, i);
        const struct json *value = json_get(object, key);
        char name[KEY_TEXT_MAX];
        (void)snprintf(name, sizeof name, "%s%s", prefix, key);
        if (json_kind(value) == JSON_KIND_ARRAY || has_lines(value)) {
            continue;
        }
        if (json_kind(value) == JSON_KIND_OBJECT) {
            char longer[KEY_TEXT_MAX];
            (void)snprintf(longer, sizeof longer, "%.60s.", name);
            add_fields(table, longer, value); /* objects of the API are at most two deep */
            continue;
        }
        char *cell = cell_new(value);
        table_row(table, (const char *const[]){name, cell});
        free(cell);
    }
}

void ctl_show_fields(const struct json *object)
{
    static const struct table_column columns[2] = {{NULL, false}, {NULL, false}};
    struct table *table = table_new(columns, 2);
    add_fields(table, "", object);
    table_print(table);
    table_free(table);
}

/* "attempt.reason" of the item. */
static const struct json *value_at(const struct json *item, const char *path)
{
    const char *point = strchr(path, '.');
    if (point == NULL) {
        return json_get(item, path);
    }
    char first[KEY_TEXT_MAX];
    (void)snprintf(first, sizeof first, "%.*s", (int)(point - path), path);
    return json_get(json_get(item, first), point + 1);
}

void ctl_show_list(const char *title, const struct json *list, const struct ctl_column *columns,
                   unsigned column_count)
{
    struct table_column heads[COLUMNS_MAX];
    ENSURE(column_count <= COLUMNS_MAX);
    if (title != NULL) {
        (void)printf("\n%s%s\n", title, json_length(list) == 0 ? ": none" : "");
    }
    if (json_length(list) == 0) {
        return;
    }
    for (unsigned i = 0; i < column_count; i++) {
        heads[i] = (struct table_column){columns[i].key, columns[i].is_number};
    }
    struct table *table = table_new(heads, column_count);
    for (size_t row = 0; row < json_length(list); row++) {
        char *cells[COLUMNS_MAX] = {NULL};
        const char *borrowed[COLUMNS_MAX] = {NULL};
        for (unsigned i = 0; i < column_count; i++) {
            borrowed[i] = cells[i] = cell_new(value_at(json_at(list, row), columns[i].key));
        }
        table_row(table, borrowed);
        for (unsigned i = 0; i < column_count; i++) {
            free(cells[i]);
        }
    }
    table_print(table);
    table_free(table);
}

void ctl_show_page(const struct json *page, const char *noun, const struct ctl_column *columns,
                   unsigned column_count)
{
    const char *next = json_as_string(json_get(page, "next"));
    int64_t number = 0;
    const struct json *list = json_get(page, noun);
    ctl_show_list(NULL, list, columns, column_count);
    (void)fflush(stdout);
    if (json_length(list) == 0) {
        (void)fprintf(stderr, "no %s\n", noun);
    }
    if (next != NULL) {
        (void)fprintf(stderr, "there may be more: --after %s\n", next);
    }
    if (json_as_integer(json_get(page, "next"), &number)) {
        (void)fprintf(stderr, "go on with --after %" PRId64 "\n", number);
    }
}
