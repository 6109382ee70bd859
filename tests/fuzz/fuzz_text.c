/*
 * fuzz_text.c - see fuzz.h.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/fuzz/fuzz.h"

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    ENSURE(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    return text;
}
