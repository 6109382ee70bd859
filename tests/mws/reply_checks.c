/*
 * reply_checks.c - see reply_checks.h.
 */
#include "tests/mws/reply_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/xml.h"

int make_xml(void **state)
{
    *state = xml_new();
    return 0;
}

int free_xml(void **state)
{
    xml_free(*state);
    return 0;
}

struct mws_reply read_reply(void **state, enum mws_action action, int http_status, const char *text)
{
    struct mws_reply reply;
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1); /* exact: the sanitizer sees a read beyond */
    assert_non_null(copy);
    memset(&reply, 0xa5, sizeof reply); /* every field must be set */
    memcpy(copy, text, length); // NOLINT(bugprone-not-null-terminated-result): bytes, not a text
    mws_reply_read(&reply, action, http_status, copy, length, *state);
    free(copy);
    assert_int_equal(reply.action, action);
    assert_int_equal(reply.http_status, http_status);
    assert_false(reply.is_transport_failure);
    assert_false(reply.not_sent);
    return reply;
}

struct mws_reply must_read(void **state, enum mws_action action, const char *text)
{
    struct mws_reply reply = read_reply(state, action, 200, text);
    if (reply.is_unreadable || reply.is_error) {
        fail_msg("not read: %s", reply.message);
    }
    return reply;
}

void must_not_read(void **state, enum mws_action action, int http_status, const char *text,
                   const char *part)
{
    struct mws_reply reply = read_reply(state, action, http_status, text);
    static const struct mws_order_reference_list nothing;
    assert_true(reply.is_unreadable);
    assert_false(reply.is_error);
    if (strstr(reply.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", reply.message, part);
    }
    assert_memory_equal(&reply.order_list, &nothing, sizeof nothing); /* no half-read result */
}
