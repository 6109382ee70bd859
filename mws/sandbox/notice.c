/*
 * notice.c - see notice.h.
 */
#include "mws/sandbox/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

struct type_row {
    const char *name, *root;
    enum mws_event_type event;
};

static const struct type_row types[NOTICE_TYPE_COUNT] = {
    [NOTICE_UNKNOWN] = {"", "", MWS_EVENT_TYPE_UNKNOWN},
#define X(suffix, name, root, event) [NOTICE_##suffix] = {name, root, MWS_EVENT_##event},
    NOTICE_TYPES(X)
#undef X
};

static const char *const events[NOTICE_EVENT_COUNT] = {[NOTICE_EVENT_NONE] = "",
#define X(suffix, name) [NOTICE_##suffix] = (name),
                                                       NOTICE_EVENTS(X)
#undef X
};

const char *notice_type_name(enum notice_type type)
{
    return types[type].name;
}

const char *notice_type_root(enum notice_type type)
{
    return types[type].root;
}

enum mws_event_type notice_type_event(enum notice_type type)
{
    return types[type].event;
}

enum notice_type notice_type_parse(const char *name)
{
    for (int type = NOTICE_UNKNOWN + 1; type < NOTICE_TYPE_COUNT; type++) {
        if (strcmp(types[type].name, name) == 0) {
            return (enum notice_type)type;
        }
    }
    return strcmp(name, CHARGEBACK_WITHOUT_SPACES) == 0 ? NOTICE_CHARGEBACK : NOTICE_UNKNOWN;
}

const char *notice_event_name(enum notice_event event)
{
    return events[event];
}

void uuid_make(char text[static UUID_TEXT_MAX])
{
    uint8_t b[16];

    random_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0FU) | 0x40U);
    b[8] = (uint8_t)((b[8] & 0x3FU) | 0x80U);
    (void)snprintf(text, UUID_TEXT_MAX,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                   b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                   b[14], b[15]);
}

struct notice *notice_new(enum notice_type type, char *data)
{
    struct notice *notice = calloc(1, sizeof *notice);

    ENSURE(notice != NULL);
    notice->holders = 1;
    notice->type = type;
    notice->type_name = notice_type_name(type);
    notice->object_id = "";
    notice->data = data;
    uuid_make(notice->message_id);
    uuid_make(notice->reference_id);
    return notice;
}

struct notice *notice_hold(struct notice *notice)
{
    notice->holders++;
    return notice;
}

void notice_release(struct notice *notice)
{
    if (notice == NULL) {
        return;
    }
    ENSURE(notice->holders > 0);
    if (--notice->holders == 0) {
        free(notice->data);
        free(notice);
    }
}

void notice_queue_add(struct notice_queue *queue, struct notice *notice)
{
    queue->made++;
    if (queue->count >= NOTICES_MAX) {
        queue->overflowed++;
        notice_release(notice);
        return;
    }
    *(queue->last != NULL ? &queue->last->next : &queue->first) = notice;
    queue->last = notice;
    queue->count++;
}

struct notice *notice_queue_take(struct notice_queue *queue)
{
    struct notice *notice = queue->first;

    if (notice != NULL) {
        queue->first = notice->next;
        queue->last = queue->first != NULL ? queue->last : NULL;
        queue->count--;
        notice->next = NULL;
    }
    return notice;
}

void notice_queue_free(struct notice_queue *queue)
{
    struct notice *notice;

    while ((notice = notice_queue_take(queue)) != NULL) {
        notice_release(notice);
    }
    free(queue->url_of_all);
    queue->url_of_all = NULL;
}

/* "localhost", "127.x.y.z" or "[::1]", up to the port or the path. */
static bool is_loopback(const char *host)
{
    size_t length = strcspn(host, "/?#");
    const char *colon = host[0] == '[' ? strchr(host, ']') : memchr(host, ':', length);

    if (host[0] == '[') {
        length = colon != NULL ? (size_t)(colon - host) + 1 : 0;
        return length == 5 && memcmp(host, "[::1]", 5) == 0 && strchr(":/?#", host[5]) != NULL;
    }
    length = colon != NULL ? (size_t)(colon - host) : length;
    return (length == 9 && memcmp(host, "localhost", 9) == 0) ||
           (length >= 7 && memcmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length);
}

bool notice_url_is_allowed(const char *url)
{
    const char *host;
    size_t length;

    for (const char *c = url; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~') {
            return false;
        }
    }
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0) {
        return false;
    }
    host = strstr(url, "//") + 2;
    length = strcspn(host, "/?#");
    if (length == 0 || memchr(host, '@', length) != NULL || memchr(host, '\\', length) != NULL) {
        return false;
    }
    return url[4] == 's' || is_loopback(host);
}
