/*
 * config_secret.c - see config_secret.h.
 *
 * A credential's mode is not looked at: its directory is the service manager's, made for this one
 * service, and systemd may give the file through an ACL, whose mask shows as a group's right.
 */
#include "scheduler/config_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

#define SECRET_BYTES_MAX 256 /* Amazon's keys have 40 characters */
#define PATH_BYTES_MAX   1024

/* A key is printable ASCII without spaces: anything else is a wrong file or a copying accident. */
static enum status secret_take(const char *source, const char *bytes, size_t length,
                               struct secret **secret, struct problem *problem)
{
    if (length > 0 && bytes[length - 1] == '\n') {
        length--;
    }
    if (length > 0 && bytes[length - 1] == '\r') {
        length--;
    }
    if (length == 0) {
        return problem_set(problem, ST_INVALID, "%s is empty", source);
    }
    if (length > SECRET_BYTES_MAX) {
        return problem_set(problem, ST_INVALID, "%s holds more than %d characters, so it is no key",
                           source, SECRET_BYTES_MAX);
    }
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] <= ' ' || bytes[i] > '~') {
            return problem_set(problem, ST_INVALID,
                               "%s must hold the key alone, in one line without spaces", source);
        }
    }
    *secret = secret_new(bytes, length);
    ENSURE(*secret != NULL);
    return ST_OK;
}

static enum status permissions_check(int fd, const char *path, struct problem *problem)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return problem_set(problem, ST_INVALID, "%s cannot be read: %s", path, strerror(errno));
    }
    if ((about.st_mode & 077) != 0) {
        return problem_set(problem, ST_INVALID,
                           "others may read %s (mode %04o): run chmod 600 on it", path,
                           (unsigned)(about.st_mode & 07777));
    }
    if (about.st_uid != geteuid() && about.st_uid != 0) {
        return problem_set(problem, ST_INVALID,
                           "%s belongs to another user (uid %u): run chown on it", path,
                           (unsigned)about.st_uid);
    }
    return ST_OK;
}

static enum status file_read(int fd, const char *path, struct secret **secret,
                             struct problem *problem)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return problem_set(problem, ST_INVALID, "%s is not a plain file", path);
    }
    char bytes[SECRET_BYTES_MAX + 3]; /* room for "\r\n" and for seeing that it is too long */
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < sizeof bytes) {
        got = read(fd, bytes + length, sizeof bytes - length);
        length += got > 0 ? (size_t)got : 0;
    }
    enum status status =
        got < 0 ? problem_set(problem, ST_INVALID, "%s cannot be read: %s", path, strerror(errno))
                : secret_take(path, bytes, length, secret, problem);
    wipe(bytes, sizeof bytes);
    return status;
}

static enum status path_read(const char *path, bool check_permissions, struct secret **secret,
                             struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return problem_set(problem, ST_INVALID, "%s cannot be opened: %s", path, strerror(errno));
    }
    enum status status = check_permissions ? permissions_check(fd, path, problem) : ST_OK;
    if (status == ST_OK) {
        status = file_read(fd, path, secret, problem);
    }
    close(fd);
    return status;
}

static enum status credential_read(const char *name, struct secret **secret,
                                   struct problem *problem)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_BYTES_MAX];
    if (name[0] == '.' || strchr(name, '/') != NULL) {
        return problem_set(problem, ST_INVALID, "\"%.60s\" is not a credential's name", name);
    }
    if (directory == NULL) {
        return problem_set(problem, ST_INVALID,
                           "there is no $CREDENTIALS_DIRECTORY: add LoadCredential=%.60s:/path to "
                           "the service, or use secret_file",
                           name);
    }
    int written = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (written < 0 || (size_t)written >= sizeof path) {
        return problem_set(problem, ST_INVALID, "$CREDENTIALS_DIRECTORY is too long");
    }
    return path_read(path, false, secret, problem);
}

static enum status environment_read(const char *name, struct secret **secret,
                                    struct problem *problem)
{
    const char *value = getenv(name);
    if (value == NULL) {
        return problem_set(problem, ST_INVALID, "there is no environment variable %.60s", name);
    }
    char source[PROBLEM_TEXT_MAX];
    (void)snprintf(source, sizeof source, "the environment variable %.60s", name);
    return secret_take(source, value, strlen(value), secret, problem);
}

bool config_secret_is_in_reach(enum secret_source source)
{
    return source != SECRET_FROM_CREDENTIAL || getenv("CREDENTIALS_DIRECTORY") != NULL;
}

enum status config_secret_read(enum secret_source source, const char *name, struct secret **secret,
                               struct problem *problem)
{
    *secret = NULL;
    switch (source) {
    case SECRET_FROM_FILE:
        return path_read(name, true, secret, problem);
    case SECRET_FROM_ENVIRONMENT:
        return environment_read(name, secret, problem);
    case SECRET_FROM_CREDENTIAL:
        return credential_read(name, secret, problem);
    }
    return problem_set(problem, ST_INVALID, "unknown source of a secret");
}
