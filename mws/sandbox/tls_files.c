/*
 * tls_files.c - see tls_files.h.
 */
#include "mws/sandbox/tls_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/certificate.h"
#include "mws/edge/crypto.h"

#define FILE_BYTES_MAX 65536
#define PATH_BYTES_MAX 4096
#define VALID_DAYS     3650

static enum status read_file(const char *path, char **text, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    size_t length;

    if (file == NULL) {
        return problem_set(problem, ST_STORE, "cannot read %.200s: %s", path, strerror(errno));
    }
    *text = calloc(1, FILE_BYTES_MAX + 1);
    ENSURE(*text != NULL);
    length = fread(*text, 1, FILE_BYTES_MAX, file);
    (void)fclose(file);
    if (length == 0 || length == FILE_BYTES_MAX) {
        free(*text);
        *text = NULL;
        return problem_set(problem, ST_STORE, "%.200s is empty or larger than %d bytes", path,
                           FILE_BYTES_MAX);
    }
    return ST_OK;
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return true;
}

enum status file_replace(const char *path, const char *text, unsigned mode, struct problem *problem)
{
    char temporary[PATH_BYTES_MAX];
    bool good;
    int fd;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return problem_set(problem, ST_STORE, "the path %.200s is too long", path);
    }
    (void)unlink(temporary);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    good = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    if (!good || rename(temporary, path) != 0) {
        int error = errno;
        (void)unlink(temporary);
        return problem_set(problem, ST_STORE, "cannot write %.200s: %s", path, strerror(error));
    }
    return ST_OK;
}

enum status tls_files_read(const char *certificate, const char *key, struct tls_files *files,
                           struct problem *problem)
{
    enum status status;

    *files = (struct tls_files){0};
    status = read_file(certificate, &files->certificate_pem, problem);
    if (status == ST_OK) {
        status = read_file(key, &files->key_pem, problem);
    }
    if (status != ST_OK) {
        tls_files_free(files);
    }
    return status;
}

static enum status make_files(const char *address, const char *ca, const char *certificate,
                              const char *key, struct problem *problem)
{
    const char *const names[] = {"localhost", "127.0.0.1", "::1", address};
    struct certificate_set set;
    enum status status =
        certificate_set_new(names, sizeof names / sizeof names[0], VALID_DAYS, &set, problem);

    if (status != ST_OK) {
        return status;
    }
    /* The certificate last: it is what says that the set is whole. */
    status = file_replace(key, set.key_pem, 0600, problem);
    if (status == ST_OK) {
        status = file_replace(ca, set.ca_pem, 0644, problem);
    }
    if (status == ST_OK) {
        status = file_replace(certificate, set.certificate_pem, 0644, problem);
    }
    wipe(set.ca_key_pem, strlen(set.ca_key_pem));
    wipe(set.key_pem, strlen(set.key_pem));
    free(set.ca_key_pem);
    free(set.ca_pem);
    free(set.certificate_pem);
    free(set.key_pem);
    return status;
}

enum status tls_files_keep(const char *directory, const char *address, struct tls_files *files,
                           struct problem *problem)
{
    char ca[PATH_BYTES_MAX];
    char certificate[PATH_BYTES_MAX];
    char key[PATH_BYTES_MAX];

    *files = (struct tls_files){0};
    if (snprintf(certificate, sizeof certificate, "%s/certificate.pem", directory) >=
        (int)sizeof certificate) {
        return problem_set(problem, ST_STORE, "the path %.200s is too long", directory);
    }
    (void)snprintf(ca, sizeof ca, "%s/ca.pem", directory);
    (void)snprintf(key, sizeof key, "%s/key.pem", directory);
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        return problem_set(problem, ST_STORE, "cannot make the directory %.200s: %s", directory,
                           strerror(errno));
    }
    if (access(certificate, F_OK) != 0) {
        enum status status = make_files(address, ca, certificate, key, problem);
        if (status != ST_OK) {
            return status;
        }
    }
    return tls_files_read(certificate, key, files, problem);
}

void tls_files_free(struct tls_files *files)
{
    free(files->certificate_pem);
    if (files->key_pem != NULL) {
        wipe(files->key_pem, strlen(files->key_pem));
        free(files->key_pem);
    }
    *files = (struct tls_files){0};
}
