/*
 * zones.c - reads TZif files by name and keeps them. Contract and invariants: zones.h.
 *
 * The cache is a plain array searched from the front: a shop uses a handful of zones, and even all
 * of the database is some 600 names. Read billing/zone.c for what is in the bytes.
 */
#include "scheduler/zones.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "billing/ensure.h"

#define ZONES_MAX           1024
#define ZONE_FILE_BYTES_MAX 65536 /* the largest of the database is under 4 KiB */
#define ZONE_PATH_MAX       512

struct entry {
    struct zone zone;
    uint8_t *bytes;
};

struct zones {
    char *directory;
    uint32_t count;
    struct entry *entries[ZONES_MAX]; /* each on its own: addresses are handed out */
};

struct zones *zones_new(const char *directory)
{
    struct zones *zones = calloc(1, sizeof *zones);
    ENSURE(zones != NULL);
    zones->directory = strdup(directory);
    ENSURE(zones->directory != NULL);
    return zones;
}

static void entry_free(struct entry *entry)
{
    free(entry->bytes);
    free(entry);
}

void zones_free(struct zones *zones)
{
    if (zones == NULL) {
        return;
    }
    for (uint32_t i = 0; i < zones->count; i++) {
        entry_free(zones->entries[i]);
    }
    free(zones->directory);
    free(zones);
}

/* Names that are in the directory without being a place: copies with another meaning of a second
 * (right/), plain copies (posix/), and whatever this machine is set to. */
static bool is_foreign_name(const char *name)
{
    return strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0 ||
           strcmp(name, "localtime") == 0 || strcmp(name, "posixrules") == 0;
}

/* IANA's characters only (no dot, so no ".."), no empty segment, no leading or trailing slash. */
static bool is_zone_name(const char *name)
{
    size_t length = strlen(name);
    size_t allowed = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/");
    return length > 0 && length < ZONE_NAME_MAX && allowed == length && name[0] != '/' &&
           name[length - 1] != '/' && strstr(name, "//") == NULL && !is_foreign_name(name);
}

static enum status read_descriptor(int fd, const char *name, uint8_t *bytes, size_t *length,
                                   struct problem *problem)
{
    *length = 0;
    while (*length < ZONE_FILE_BYTES_MAX) {
        ssize_t got = read(fd, bytes + *length, ZONE_FILE_BYTES_MAX - *length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return problem_set(problem, ST_INVALID, "time zone \"%s\" cannot be read: %s", name,
                               strerror(errno));
        }
        if (got == 0) {
            return ST_OK;
        }
        *length += (size_t)got;
    }
    return problem_set(problem, ST_INVALID, "the file of time zone \"%s\" is larger than %d bytes",
                       name, ZONE_FILE_BYTES_MAX);
}

/* The whole file into a new allocation. */
static enum status read_file(const char *directory, const char *name, uint8_t **bytes,
                             size_t *length, struct problem *problem)
{
    char path[ZONE_PATH_MAX];
    int written = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (written < 0 || (size_t)written >= sizeof path) {
        return problem_set(problem, ST_INVALID, "the path of time zone \"%s\" is too long", name);
    }
    /* O_NONBLOCK: a FIFO under that name must not stop the daemon */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (fd >= 0) {
            close(fd);
        }
        return problem_set(problem, ST_NOT_FOUND,
                           "there is no time zone \"%s\" on this machine (names are those of the "
                           "IANA database, like \"Asia/Tokyo\"; is tzdata installed?)",
                           name);
    }
    *bytes = malloc(ZONE_FILE_BYTES_MAX);
    ENSURE(*bytes != NULL);
    enum status status = read_descriptor(fd, name, *bytes, length, problem);
    close(fd);
    if (status != ST_OK) {
        free(*bytes);
        return status;
    }
    uint8_t *fitting = realloc(*bytes, *length > 0 ? *length : 1);
    *bytes = fitting != NULL ? fitting : *bytes;
    return ST_OK;
}

static enum status entry_load(const char *directory, const char *name, struct entry **entry,
                              struct problem *problem)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    enum status status = read_file(directory, name, &bytes, &length, problem);
    if (status != ST_OK) {
        return status;
    }
    *entry = calloc(1, sizeof **entry);
    ENSURE(*entry != NULL);
    (*entry)->bytes = bytes;
    status = zone_read(&(*entry)->zone, name, bytes, length, problem);
    if (status != ST_OK) {
        entry_free(*entry);
    }
    return status;
}

enum status zones_get(struct zones *zones, const char *name, const struct zone **zone,
                      struct problem *problem)
{
    for (uint32_t i = 0; i < zones->count; i++) {
        if (strcmp(zones->entries[i]->zone.name, name) == 0) {
            *zone = &zones->entries[i]->zone;
            return ST_OK;
        }
    }
    if (!is_zone_name(name)) {
        return problem_set(problem, ST_INVALID,
                           "\"%.60s\" is not a time zone's name (write one of the IANA database, "
                           "like \"Asia/Tokyo\")",
                           name);
    }
    if (zones->count == ZONES_MAX) {
        return problem_set(problem, ST_BUSY, "more than %d time zones are in use", ZONES_MAX);
    }
    struct entry *entry = NULL;
    enum status status = entry_load(zones->directory, name, &entry, problem);
    if (status != ST_OK) {
        return status;
    }
    zones->entries[zones->count++] = entry;
    *zone = &entry->zone;
    return ST_OK;
}
