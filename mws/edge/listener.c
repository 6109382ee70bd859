/*
 * listener.c - making the listening socket.
 *
 * The Unix socket is the admin door, so it must never be open to others, not even between bind and
 * chmod: the umask is narrowed around bind. What lies at the path is replaced only when it is a
 * socket that refuses a connection, that is, when its owner is dead.
 */
#include "mws/edge/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static int stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static enum status fail(int fd, struct problem *problem, enum status status, const char *what,
                        const char *where)
{
    const char *reason = strerror(errno);

    if (fd >= 0) {
        (void)close(fd);
    }
    return problem_set(problem, status, "cannot %s %s: %s", what, where, reason);
}

static int bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0177);
    int failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int error = errno;

    (void)umask(before);
    errno = error;
    return failed;
}

/* Whether the socket at `address` has an owner that is alive. */
static bool somebody_listens(const struct sockaddr_un *address)
{
    int fd = stream_socket(AF_UNIX);
    int failed = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)address, sizeof *address);
    bool alive = failed == 0 || errno != ECONNREFUSED;

    if (fd >= 0) {
        (void)close(fd);
    }
    return alive;
}

static enum status replace_stale(int fd, const struct sockaddr_un *address, struct problem *problem)
{
    struct stat there;

    if (lstat(address->sun_path, &there) == 0 && !S_ISSOCK(there.st_mode)) {
        return problem_set(problem, ST_INVALID,
                           "%s exists and is not a socket: remove it or choose another path",
                           address->sun_path);
    }
    if (somebody_listens(address)) {
        return problem_set(problem, ST_BUSY, "another process already listens on %s",
                           address->sun_path);
    }
    if (unlink(address->sun_path) != 0 || bind_private(fd, address) != 0) {
        return fail(-1, problem, ST_NETWORK, "replace the stale socket", address->sun_path);
    }
    return ST_OK;
}

enum status listener_unix(const char *path, struct listener *listener, struct problem *problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    struct stat made;
    int fd;

    *listener = (struct listener){.fd = -1};
    if (length == 0 || length >= sizeof address.sun_path) {
        return problem_set(problem, ST_INVALID,
                           "the socket path \"%.120s\" must have 1 to %zu characters", path,
                           sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path, length + 1);
    fd = stream_socket(AF_UNIX);
    if (fd < 0) {
        return fail(fd, problem, ST_NETWORK, "make a socket for", path);
    }
    if (bind_private(fd, &address) != 0) {
        enum status status;
        if (errno != EADDRINUSE) {
            return fail(fd, problem, ST_NETWORK, "bind the socket", path);
        }
        status = replace_stale(fd, &address, problem);
        if (status != ST_OK) {
            (void)close(fd);
            return status;
        }
    }
    if (listen(fd, BACKLOG) != 0 || lstat(path, &made) != 0) {
        return fail(fd, problem, ST_NETWORK, "listen on", path);
    }
    listener->fd = fd;
    memcpy(listener->unix_path, path, length + 1);
    listener->device = made.st_dev;
    listener->inode = made.st_ino;
    return ST_OK;
}

/* The two families behind one shape: `length` is that of the member in use. */
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t length;
};

static bool address_parse(const char *text, uint16_t port, struct address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        address->length = sizeof address->v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        address->length = sizeof address->v6;
        return true;
    }
    return false;
}

enum status listener_tcp(const char *text, uint16_t port, struct listener *listener,
                         struct problem *problem)
{
    struct address address;
    int on = 1;
    int fd;

    *listener = (struct listener){.fd = -1};
    if (!address_parse(text, port, &address)) {
        return problem_set(problem, ST_INVALID,
                           "\"%.120s\" is not a numeric address such as 127.0.0.1 or ::1", text);
    }
    fd = stream_socket(address.any.sa_family);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return fail(fd, problem, ST_NETWORK, "make a socket for", text);
    }
    if (bind(fd, &address.any, address.length) != 0 || listen(fd, BACKLOG) != 0) {
        return fail(fd, problem, errno == EADDRINUSE ? ST_BUSY : ST_NETWORK, "listen on", text);
    }
    if (getsockname(fd, &address.any, &address.length) != 0) {
        return fail(fd, problem, ST_NETWORK, "read the port of", text);
    }
    listener->fd = fd;
    listener->port =
        ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return ST_OK;
}

void listener_unlink(const struct listener *listener)
{
    struct stat there;

    if (listener->unix_path[0] != '\0' && lstat(listener->unix_path, &there) == 0 &&
        there.st_dev == listener->device && there.st_ino == listener->inode) {
        (void)unlink(listener->unix_path);
    }
}
