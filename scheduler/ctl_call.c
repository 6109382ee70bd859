/*
 * ctl_call.c - requests of autopayctl: where they go, and what an answer means for the exit code.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/loop.h"
#include "scheduler/ctl.h"
#include "scheduler/ctl_http.h"
#include "scheduler/ctl_show.h"

static int exit_code_of(int http_status)
{
    switch (http_status) {
    case 400:
    case 409:
    case 413:
        return CTL_REFUSED;
    case 404:
        return CTL_NOT_FOUND;
    case 429:
    case 503:
        return CTL_UNAVAILABLE;
    default:
        return http_status >= 200 && http_status < 300 ? CTL_OK : CTL_BUG;
    }
}

static int complain(const struct ctl_reply *reply, const struct json *answer)
{
    const char *message = json_as_string(json_get(answer, "message"));
    if (message != NULL) {
        (void)fprintf(stderr, "autopayctl: %s\n", message);
    } else {
        (void)fprintf(stderr, "autopayctl: the daemon answers with HTTP %d: %.200s\n",
                      reply->status, reply->body);
    }
    return exit_code_of(reply->status);
}

static int request(const struct ctl *ctl, const char *method, const char *path, const char *body,
                   struct json **answer)
{
    struct ctl_reply reply;
    struct problem problem;
    *answer = NULL;
    enum status status = ctl_http(ctl->socket_path, method, path, body, &reply, &problem);
    if (status != ST_OK) {
        (void)fprintf(stderr, "autopayctl: %s\n", problem.text);
        return status == ST_NETWORK ? CTL_UNAVAILABLE : CTL_BUG;
    }
    int exit_code = CTL_OK;
    bool is_json = json_parse(reply.body, reply.length, answer, &problem) == ST_OK;
    if (exit_code_of(reply.status) != CTL_OK) {
        exit_code = complain(&reply, *answer);
    } else if (!is_json) {
        (void)fprintf(stderr, "autopayctl: the daemon's answer is not JSON: %s\n", problem.text);
        exit_code = CTL_BUG;
    }
    if (exit_code != CTL_OK) {
        json_free(*answer);
        *answer = NULL;
    }
    ctl_reply_free(&reply);
    return exit_code;
}

/* As --json does. */
static void print_json(const struct json *answer)
{
    char *text = json_print(answer, false);
    (void)puts(text);
    free(text);
}

int ctl_get_quietly(const struct ctl *ctl, const char *path, struct json **answer)
{
    return request(ctl, "GET", path, NULL, answer);
}

int ctl_get(const struct ctl *ctl, const char *path, struct json **answer)
{
    int exit_code = request(ctl, "GET", path, NULL, answer);
    if (exit_code == CTL_OK && ctl->json) {
        print_json(*answer);
    }
    return exit_code;
}

int ctl_post(const struct ctl *ctl, const char *path, const struct json *body, struct json **answer)
{
    char *text = body != NULL ? json_print(body, false) : NULL;
    int exit_code = request(ctl, "POST", path, text != NULL ? text : "", answer);
    free(text);
    if (exit_code == CTL_OK && ctl->json) {
        print_json(*answer);
    }
    return exit_code;
}

/* The only seller that the daemon has. */
static int find_seller(struct ctl *ctl)
{
    struct json *status;
    int exit_code = ctl_get_quietly(ctl, "/v1/status", &status);
    if (exit_code != CTL_OK) {
        return exit_code;
    }
    const struct json *sellers = json_get(status, "sellers");
    const char *only = json_as_string(json_get(json_at(sellers, 0), "seller_id"));
    if (json_length(sellers) == 1 && only != NULL) {
        ctl->seller_owned = strdup(only);
        ENSURE(ctl->seller_owned != NULL);
        ctl->seller_id = ctl->seller_owned;
    } else {
        (void)fprintf(stderr, "autopayctl: say which seller (--seller, or AUTOPAY_SELLER):");
        for (size_t i = 0; i < json_length(sellers); i++) {
            const char *id = json_as_string(json_get(json_at(sellers, i), "seller_id"));
            (void)fprintf(stderr, " %s", id != NULL ? id : "?");
        }
        (void)fputc('\n', stderr);
        exit_code = CTL_USAGE;
    }
    json_free(status);
    return exit_code;
}

char *ctl_seller_path(struct ctl *ctl, int *exit_code, const char *format, ...)
{
    char *rest = NULL;
    char *path = NULL;
    va_list args;
    *exit_code = ctl->seller_id == NULL ? find_seller(ctl) : CTL_OK;
    if (*exit_code != CTL_OK) {
        return NULL;
    }
    va_start(args, format);
    int rest_length = vasprintf(&rest, format, args);
    va_end(args);
    ENSURE(rest_length >= 0);
    char *seller = ctl_http_escape(ctl->seller_id);
    int length = asprintf(&path, "/v1/sellers/%s/%s", seller, rest);
    ENSURE(length >= 0);
    free(seller);
    free(rest);
    return path;
}

char *ctl_query(const char *path, const struct json *values)
{
    char *query = strdup(path);
    ENSURE(query != NULL);
    for (size_t i = 0; json_key(values, i) != NULL; i++) {
        const char *key = json_key(values, i);
        const struct json *value = json_get(values, key);
        char *plain = json_as_string(value) != NULL ? strdup(json_as_string(value))
                                                    : json_print(value, false);
        ENSURE(plain != NULL);
        char *escaped = ctl_http_escape(plain);
        char *longer = NULL;
        int length = asprintf(&longer, "%s%c%s=%s", query, i == 0 ? '?' : '&', key, escaped);
        ENSURE(length >= 0);
        free(plain);
        free(escaped);
        free(query);
        query = longer;
    }
    return query;
}

static void time_over(void *arg)
{
    loop_stop(arg);
}

void ctl_wait(int64_t ms)
{
    struct loop *loop = loop_new();
    struct timer *timer = timer_new(loop, time_over, loop);
    timer_start(timer, ms);
    loop_run(loop);
    timer_free(timer);
    loop_free(loop);
}

int ctl_make(struct ctl *ctl, const struct ctl_input *input, const char *noun, ctl_shower *show)
{
    struct json *answer = NULL;
    int exit_code;
    char *path = ctl_seller_path(ctl, &exit_code, "%s", noun);
    if (path != NULL) {
        json_set_string(input->values, "agreement_id", input->argument);
        exit_code = ctl_post(ctl, path, input->values, &answer);
    }
    if (exit_code == CTL_OK && !ctl->json) {
        show(answer);
    }
    json_free(answer);
    free(path);
    return exit_code;
}

int ctl_look(struct ctl *ctl, const struct ctl_input *input, const char *noun, ctl_shower *show)
{
    struct json *answer = NULL;
    int exit_code;
    char *id = ctl_http_escape(input->argument);
    char *path = ctl_seller_path(ctl, &exit_code, "%s/%s", noun, id);
    if (path != NULL) {
        exit_code = ctl_get(ctl, path, &answer);
    }
    if (exit_code == CTL_OK && !ctl->json) {
        show(answer);
    }
    json_free(answer);
    free(path);
    free(id);
    return exit_code;
}

int ctl_tell(struct ctl *ctl, const struct ctl_input *input, const char *noun, const char *verb,
             ctl_shower *show)
{
    struct json *answer = NULL;
    int exit_code;
    char *id = ctl_http_escape(input->argument);
    char *path = ctl_seller_path(ctl, &exit_code, "%s/%s/%s", noun, id, verb);
    if (path != NULL) {
        exit_code = ctl_post(ctl, path, input->values, &answer);
    }
    if (exit_code == CTL_OK && !ctl->json) {
        show(answer);
    }
    json_free(answer);
    free(path);
    free(id);
    return exit_code;
}

int ctl_list(struct ctl *ctl, const struct ctl_input *input, const char *noun,
             const struct ctl_column *columns, unsigned column_count)
{
    struct json *answer = NULL;
    int exit_code;
    char *path = ctl_seller_path(ctl, &exit_code, "%s", noun);
    if (path == NULL) {
        return exit_code;
    }
    char *query = ctl_query(path, input->values);
    exit_code = ctl_get(ctl, query, &answer);
    if (exit_code == CTL_OK && !ctl->json) {
        ctl_show_page(answer, noun, columns, column_count);
    }
    json_free(answer);
    free(query);
    free(path);
    return exit_code;
}
