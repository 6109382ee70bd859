/*
 * http_answer.h - what a request over the HTTPS client came to, kept for a test to look at.
 */
#ifndef TESTS_MWS_HTTP_ANSWER_H
#define TESTS_MWS_HTTP_ANSWER_H

#include "mws/edge/http_client.h"
#include "mws/edge/loop.h"

struct http_answer {
    struct loop *loop; /* stopped when the answer has come; NULL = not */
    unsigned count;    /* of calls back: one, in the end */
    enum http_failure failure;
    int status;
    size_t body_length;
    char body[2048];
    char problem[256];
};

/* An http_done whose argument is a struct http_answer. */
void http_answer_take(void *arg, const struct http_result *result);

/* Runs the loop until the request that was started with this answer has ended. */
void http_answer_wait(struct http_answer *answer, struct loop *loop);

#endif
