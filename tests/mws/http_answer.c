/*
 * http_answer.c - see http_answer.h.
 */
#include "tests/mws/http_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void http_answer_take(void *arg, const struct http_result *result)
{
    struct http_answer *answer = arg;
    answer->count++;
    answer->failure = result->failure;
    answer->status = result->status;
    answer->body_length = result->body_length;
    assert_true(result->body_length < sizeof answer->body);
    assert_int_equal(result->body[result->body_length], '\0');
    memcpy(answer->body, result->body, result->body_length + 1);
    (void)snprintf(answer->problem, sizeof answer->problem, "%s", result->problem);
    assert_int_equal(result->failure == HTTP_OK, result->problem[0] == '\0');
    if (answer->loop != NULL) {
        loop_stop(answer->loop);
    }
}

void http_answer_wait(struct http_answer *answer, struct loop *loop)
{
    answer->loop = loop;
    loop_run(loop);
    assert_int_equal(answer->count, 1);
}
