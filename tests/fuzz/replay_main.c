/*
 * replay_main.c - gives each file of a folder to a fuzz target: the corpus as an ordinary test,
 * with any compiler.
 *
 *     fuzz_reply tests/fuzz/corpus/reply
 *
 * An input that ever hurt is a file there. What goes wrong ends the program; its last line then
 * names the file. A folder without files is an error, because nothing would be tested.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define FILE_BYTES_MAX ((size_t)1024 * 1024)

static int is_file_of_corpus(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In memory of exactly the file's length, so that a sanitizer sees each step outside. */
static int replay(const char *path)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *room = malloc(FILE_BYTES_MAX);
    if (stream == NULL || room == NULL) {
        perror(path);
        free(room);
        return 1;
    }
    size_t length = fread(room, 1, FILE_BYTES_MAX, stream);
    (void)fclose(stream);
    uint8_t *bytes = malloc(length > 0 ? length : 1);
    if (bytes != NULL) {
        memcpy(bytes, room, length);
    }
    free(room);
    printf("%s, %zu bytes\n", path, length);
    (void)fflush(stdout);
    int result = bytes != NULL ? LLVMFuzzerTestOneInput(bytes, length) : 1;
    free(bytes);
    return result;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count =
        argc == 2 ? scandir(argv[1], &entries, is_file_of_corpus, alphasort) : -1; /* in order */
    int failed = 0;
    if (count < 1) {
        (void)fprintf(stderr, "usage: %s FOLDER (with at least one file)\n", argv[0]);
        free(entries);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        failed += replay(path);
        free(entries[i]);
    }
    free(entries);
    return failed == 0 ? 0 : 1;
}
