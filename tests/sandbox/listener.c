/*
 * listener.c - see listener.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/sandbox/payment.h"
#include "tests/sandbox/listener.h"

void listen_to_all(struct scenario *s)
{
    assert_int_equal(driver_control(s->driver, "PUT", "/control/notifications",
                                    "{\"url\":\"" LISTENER_URL "\"}"),
                     200);
}

static void replace(struct text *text, const char *name, const char *value)
{
    char *at = strstr(text->bytes, name);
    struct text changed = {0};

    if (at != NULL) {
        text_add_bytes(&changed, text->bytes, (size_t)(at - text->bytes));
        text_add(&changed, value);
        text_add(&changed, at + strlen(name));
        text_free(text);
        *text = changed;
    }
}

static void post(struct scenario *s, const char *line)
{
    struct text copy = {0};
    char *body;
    char *status;

    text_add(&copy, line);
    replace(&copy, "{agreement}", s->agreement);
    replace(&copy, "{order}", s->order);
    replace(&copy, "{capture}", s->capture);
    body = strchr(copy.bytes, ' ');
    status = strstr(copy.bytes, " -> ");
    assert_non_null(body);
    assert_non_null(status);
    if (body == NULL || status == NULL) {
        return;
    }
    *body = '\0';
    *status = '\0';
    body += body < status;
    if (driver_control(s->driver, "POST", copy.bytes, body) != (int)strtol(status + 4, NULL, 10)) {
        fail_msg("%s: %s", line, s->driver->control.bytes);
    }
    text_free(&copy);
}

void listener_play(struct scenario *s, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *const one[] = {lines[i], NULL};
        if (lines[i][0] == '/') {
            post(s, lines[i]);
        } else {
            scenario_lines(s, one);
        }
    }
}

void notice_element(const struct notice *notice, const char *name, char *value, size_t room)
{
    char tag[80];
    const char *from;

    (void)snprintf(tag, sizeof tag, "<%s>", name);
    from = strstr(notice->data, tag);
    value[0] = '\0';
    if (from != NULL) {
        from += strlen(tag);
        (void)snprintf(value, room, "%.*s", (int)strcspn(from, "<"), from);
    }
}

const char *listener_told(struct scenario *s, struct text *told)
{
    struct world *world = &s->driver->sandbox.world;
    struct notice *notice;

    text_clear(told);
    text_add(told, "");
    world_advance(world, instant_plus(s->driver->now, world->clock_ahead_ms));
    while ((notice = notice_queue_take(&world->notices)) != NULL) {
        char reason[64];
        char line[200];
        notice_element(notice, "ReasonCode", reason, sizeof reason);
        (void)snprintf(line, sizeof line, "%s%s%s%s%s%s%s%s", told->length > 0 ? "; " : "",
                       notice->type_name, notice->event != NOTICE_EVENT_NONE ? " " : "",
                       notice_event_name(notice->event),
                       notice->state != MWS_STATE_UNKNOWN ? " " : "", mws_state_name(notice->state),
                       reason[0] != '\0' ? "/" : "", reason);
        text_add(told, line);
        notice_release(notice);
    }
    return told->bytes;
}
