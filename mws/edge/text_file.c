/* text_file.c - see text_file.h. */
#include "mws/edge/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

enum { ROOM = TEXT_FILE_BYTES_MAX + 1 }; /* one more, to see that it is too long; or the NUL */

/* Up to ROOM bytes; -1 with errno. */
static ssize_t read_whole(int fd, char *bytes)
{
    size_t length = 0;
    ssize_t got = 1;
    while (got != 0 && length < ROOM) {
        got = read(fd, bytes + length, ROOM - length);
        if (got < 0 && errno != EINTR) {
            return -1;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)length;
}

enum status text_file_read(const char *path, char **text, struct problem *problem)
{
    *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return problem_set(problem, ST_STORE, "cannot read %.200s: %s", path, strerror(errno));
    }
    char *bytes = calloc(1, ROOM);
    ENSURE(bytes != NULL);
    ssize_t length = read_whole(fd, bytes);
    enum status status = ST_OK;
    if (length < 0) {
        status = problem_set(problem, ST_STORE, "cannot read %.200s: %s", path, strerror(errno));
    } else if (length == 0 || length == ROOM) {
        status = problem_set(problem, ST_STORE, "%.200s is empty or larger than %d bytes", path,
                             TEXT_FILE_BYTES_MAX);
    } else if (memchr(bytes, '\0', (size_t)length) != NULL) {
        status = problem_set(problem, ST_STORE, "%.200s is no text: it has a NUL in it", path);
    }
    (void)close(fd);
    if (status != ST_OK) {
        wipe(bytes, ROOM);
        free(bytes);
        return status;
    }
    *text = bytes;
    return ST_OK;
}
