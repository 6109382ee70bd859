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

#include "mws/edge/certificate.h"
#include "mws/edge/crypto.h"
#include "mws/edge/text_file.h"
#include "mws/sandbox/text.h"

#define PATH_BYTES_MAX 4096
#define VALID_DAYS     3650

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
    status = text_file_read(certificate, &files->certificate_pem, problem);
    if (status == ST_OK) {
        status = text_file_read(key, &files->key_pem, problem);
    }
    if (status != ST_OK) {
        tls_files_free(files);
    }
    return status;
}

/* --- a directory of them -----------------------------------------------------------------------
 */

struct file {
    char **text;
    const char *name;
    unsigned mode;
};

enum { FILES = 10, FILE_CERTIFICATE = FILES - 1 };

/* What is made and read with the files, but not kept in memory. */
struct passing {
    char *ca;
    char *names; /* of the server certificate, a line each: an older set has others, or no list */
};

/* The certificate last: it is what says that the set is whole. */
static void list_files(struct tls_files *files, struct passing *passing, struct file list[FILES])
{
    const struct file all[FILES] = {
        {&passing->ca, "ca.pem", 0644},
        {&passing->names, "names.txt", 0644},
        {&files->key_pem, "key.pem", 0600},
        {&files->notice.certificate_pem, "notice.pem", 0644},
        {&files->notice.key_pem, "notice-key.pem", 0600},
        {&files->notice_wrong_name.certificate_pem, "notice-wrong-name.pem", 0644},
        {&files->notice_wrong_name.key_pem, "notice-wrong-name-key.pem", 0600},
        {&files->notice_expired.certificate_pem, "notice-expired.pem", 0644},
        {&files->notice_expired.key_pem, "notice-expired-key.pem", 0600},
        {&files->certificate_pem, "certificate.pem", 0644},
    };

    memcpy(list, all, sizeof all);
}

/* With the key of the authority at hand. */
static enum status make_signers(const struct certificate_set *set, struct tls_files *files,
                                struct problem *problem)
{
    enum status status =
        signing_pair_new(set, "sns.amazonaws.com", VALID_DAYS, &files->notice, problem);

    if (status == ST_OK) {
        status = signing_pair_new(set, "sns.example.com", VALID_DAYS, &files->notice_wrong_name,
                                  problem);
    }
    if (status == ST_OK) {
        status = signing_pair_new(set, "sns.amazonaws.com", 0, &files->notice_expired, problem);
    }
    return status;
}

static char *join_lines(const char *const *names, size_t count)
{
    struct text lines = {0};

    for (size_t i = 0; i < count; i++) {
        text_format(&lines, "%s\n", names[i]);
    }
    return lines.bytes;
}

static enum status make_texts(const char *address, struct tls_files *files, struct passing *passing,
                              struct problem *problem)
{
    const char *const names[] = {"localhost",
                                 "127.0.0.1",
                                 "::1",
                                 address,
                                 "sns.ap-northeast-1.amazonaws.com",
                                 "sns.us-west-2.amazonaws.com",
                                 "sns.us-east-1.amazonaws.com",
                                 "sns.eu-west-1.amazonaws.com"};
    struct certificate_set set;
    enum status status =
        certificate_set_new(names, sizeof names / sizeof names[0], VALID_DAYS, &set, problem);

    if (status != ST_OK) {
        return status;
    }
    status = make_signers(&set, files, problem);
    wipe(set.ca_key_pem, strlen(set.ca_key_pem));
    free(set.ca_key_pem);
    passing->ca = set.ca_pem;
    passing->names = join_lines(names, sizeof names / sizeof names[0]);
    files->certificate_pem = set.certificate_pem;
    files->key_pem = set.key_pem;
    return status;
}

static enum status path_of(const char *directory, const char *name, char path[PATH_BYTES_MAX],
                           struct problem *problem)
{
    return snprintf(path, PATH_BYTES_MAX, "%s/%s", directory, name) < PATH_BYTES_MAX
               ? ST_OK
               : problem_set(problem, ST_STORE, "the path %.200s is too long", directory);
}

static bool is_whole(const char *directory, const struct file list[FILES])
{
    char path[PATH_BYTES_MAX];
    struct problem problem;
    bool whole = true;

    for (size_t i = 0; i < FILES; i++) {
        whole = whole && path_of(directory, list[i].name, path, &problem) == ST_OK &&
                access(path, F_OK) == 0;
    }
    return whole;
}

/* An old certificate goes first: a set that is half new is not to be taken for whole. */
static enum status write_files(const char *directory, const struct file list[FILES],
                               struct problem *problem)
{
    char path[PATH_BYTES_MAX];
    enum status status = path_of(directory, list[FILE_CERTIFICATE].name, path, problem);

    if (status == ST_OK) {
        (void)unlink(path);
    }
    for (size_t i = 0; i < FILES && status == ST_OK; i++) {
        status = path_of(directory, list[i].name, path, problem);
        if (status == ST_OK) {
            status = file_replace(path, *list[i].text, list[i].mode, problem);
        }
    }
    return status;
}

static enum status read_files(const char *directory, const struct file list[FILES],
                              struct problem *problem)
{
    char path[PATH_BYTES_MAX];
    enum status status = ST_OK;

    for (size_t i = 0; i < FILES && status == ST_OK; i++) {
        status = path_of(directory, list[i].name, path, problem);
        if (status == ST_OK) {
            status = text_file_read(path, list[i].text, problem);
        }
    }
    return status;
}

enum status tls_files_keep(const char *directory, const char *address, struct tls_files *files,
                           struct problem *problem)
{
    struct file list[FILES];
    struct passing passing = {0};
    enum status status;

    *files = (struct tls_files){0};
    list_files(files, &passing, list);
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        return problem_set(problem, ST_STORE, "cannot make the directory %.200s: %s", directory,
                           strerror(errno));
    }
    if (is_whole(directory, list)) {
        status = read_files(directory, list, problem);
    } else {
        status = make_texts(address, files, &passing, problem);
        if (status == ST_OK) {
            status = write_files(directory, list, problem);
        }
    }
    free(passing.ca);
    free(passing.names);
    if (status != ST_OK) {
        tls_files_free(files);
    }
    return status;
}

static void free_key(char *key_pem)
{
    if (key_pem != NULL) {
        wipe(key_pem, strlen(key_pem));
        free(key_pem);
    }
}

void tls_files_free(struct tls_files *files)
{
    free(files->certificate_pem);
    free_key(files->key_pem);
    free(files->notice.certificate_pem);
    free_key(files->notice.key_pem);
    free(files->notice_wrong_name.certificate_pem);
    free_key(files->notice_wrong_name.key_pem);
    free(files->notice_expired.certificate_pem);
    free_key(files->notice_expired.key_pem);
    *files = (struct tls_files){0};
}
