/*
 * form.c - decoding of a form body or query. See form.h.
 */
#include "mws/sandbox/form.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes `in` to `out` (never longer) and ends it with NUL; the place behind the NUL, or NULL. */
static char *decode(const char *in, size_t length, char *out)
{
    char *start = out;

    for (size_t i = 0; i < length; i++) {
        if (in[i] == '+') {
            *out++ = ' ';
        } else if (in[i] == '%') {
            int high = i + 2 < length ? hex_digit(in[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(in[i + 2]) : -1;
            if (low < 0) {
                return NULL;
            }
            *out++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *out++ = in[i];
        }
    }
    if (!text_is_utf8(start, (size_t)(out - start))) {
        return NULL;
    }
    *out++ = '\0';
    return out;
}

static int by_name(const void *a, const void *b)
{
    const struct parameter *left = a;
    const struct parameter *right = b;

    return strcmp(left->name, right->name);
}

static enum status sort(struct form *form, struct problem *problem)
{
    qsort(form->parameters, form->count, sizeof form->parameters[0], by_name);
    for (size_t i = 1; i < form->count; i++) {
        if (strcmp(form->parameters[i - 1].name, form->parameters[i].name) == 0) {
            return problem_set(problem, ST_INVALID, "The parameter %.100s is given twice",
                               form->parameters[i].name);
        }
    }
    return ST_OK;
}

static void reserve(struct form *form, size_t bytes)
{
    if (bytes > form->scratch_bytes) {
        free(form->scratch);
        form->scratch = malloc(bytes);
        ENSURE(form->scratch != NULL);
        form->scratch_bytes = bytes;
    }
}

enum status form_read(struct form *form, const char *bytes, size_t length, struct problem *problem)
{
    const char *end = bytes + length;
    char *out;

    /* A pair without '=' still gets two NULs: at worst every byte is its own pair. */
    reserve(form, length * 2 + 2);
    out = form->scratch;
    form->count = 0;
    while (bytes < end) {
        const char *stop = memchr(bytes, '&', (size_t)(end - bytes));
        const char *equals;
        struct parameter parameter;
        stop = stop != NULL ? stop : end;
        if (stop == bytes) { /* "&&" */
            bytes++;
            continue;
        }
        equals = memchr(bytes, '=', (size_t)(stop - bytes));
        equals = equals != NULL ? equals : stop;
        if (form->count == FORM_PARAMETERS_MAX) {
            return problem_set(problem, ST_INVALID, "More than %d parameters", FORM_PARAMETERS_MAX);
        }
        parameter.name = out;
        out = decode(bytes, (size_t)(equals - bytes), out);
        parameter.value = out;
        if (out != NULL) {
            const char *value = equals < stop ? equals + 1 : stop;
            out = decode(value, (size_t)(stop - value), out);
        }
        if (out == NULL) {
            return problem_set(problem, ST_INVALID,
                               "A parameter is not percent-encoded UTF-8 text");
        }
        form->parameters[form->count++] = parameter;
        bytes = stop < end ? stop + 1 : end;
    }
    return sort(form, problem);
}

void form_free(struct form *form)
{
    free(form->scratch);
    form->scratch = NULL;
    form->scratch_bytes = 0;
    form->count = 0;
}

const char *form_get(const struct form *form, const char *name)
{
    const struct parameter wanted = {.name = name};
    const struct parameter *found =
        bsearch(&wanted, form->parameters, form->count, sizeof wanted, by_name);

    return found != NULL ? found->value : NULL;
}
