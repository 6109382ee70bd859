/*
 * test_text_file.c - what is read whole, what is refused, and that the refusal names the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mws/edge/text_file.h"

struct file {
    char path[64];
    char bytes[TEXT_FILE_BYTES_MAX + 1];
};

static int setup(void **state)
{
    struct file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    (void)snprintf(file->path, sizeof file->path, "/tmp/test_text_file.XXXXXX");
    int fd = mkstemp(file->path);
    assert_true(fd >= 0);
    close(fd);
    memset(file->bytes, 'a', sizeof file->bytes);
    *state = file;
    return 0;
}

static int teardown(void **state)
{
    struct file *file = *state;
    assert_int_equal(unlink(file->path), 0);
    free(file);
    return 0;
}

static void write_bytes(const struct file *file, size_t length)
{
    FILE *stream = fopen(file->path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(file->bytes, 1, length, stream), length);
    assert_int_equal(fclose(stream), 0);
}

static void refused(const char *path, const char *why)
{
    struct problem problem = {""};
    char before[] = "something";
    char *text = before;
    assert_int_equal(text_file_read(path, &text, &problem), ST_STORE);
    assert_null(text);
    if (strstr(problem.text, path) == NULL || strstr(problem.text, why) == NULL) {
        fail_msg("\"%s\" does not name %s or say \"%s\"", problem.text, path, why);
    }
}

static void test_whole_files(void **state)
{
    struct file *file = *state;
    static const size_t lengths[] = {1, 4096, TEXT_FILE_BYTES_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct problem problem = {""};
        char *text = NULL;
        write_bytes(file, lengths[i]);
        if (text_file_read(file->path, &text, &problem) != ST_OK) {
            fail_msg("%zu bytes: %s", lengths[i], problem.text);
        }
        assert_int_equal(strlen(text), lengths[i]);
        assert_memory_equal(text, file->bytes, lengths[i]);
        free(text);
    }
}

static void test_refused(void **state)
{
    struct file *file = *state;
    refused("/nowhere.pem", "No such file");
    refused("/tmp", "directory");
    refused(file->path, "empty");
    write_bytes(file, TEXT_FILE_BYTES_MAX + 1);
    refused(file->path, "larger than 65536 bytes");
    file->bytes[1] = '\0';
    write_bytes(file, 3);
    refused(file->path, "NUL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name("text_file", tests, NULL, NULL);
}
