/* test_log.c - log lines: both formats, and that no value can break or forge a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mws/edge/json.h"
#include "scheduler/log.h"

static struct instant test_clock(void *arg)
{
    return *(const struct instant *)arg;
}

#define AT ((struct instant){1795309323004}) /* 2026-11-22T01:02:03.004Z */

/* What one log_write gives, without its newline. */
struct written {
    char text[2 * LOG_LINE_MAX];
    size_t length;
};

struct pipe_log {
    int ends[2];
    struct instant now;
    struct log log;
};

static int setup(void **state)
{
    struct pipe_log *p = calloc(1, sizeof *p);
    assert_int_equal(pipe(p->ends), 0);
    p->now = AT;
    p->log = log_open(p->ends[1], LOG_KEYVALUE, LOG_INFO, test_clock, &p->now);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct pipe_log *p = *state;
    (void)close(p->ends[0]);
    (void)close(p->ends[1]);
    free(p);
    return 0;
}

static struct written line_read(struct pipe_log *p)
{
    struct written w;
    ssize_t got = read(p->ends[0], w.text, sizeof w.text - 1);
    assert_true(got > 0);
    w.length = (size_t)got;
    assert_int_equal(w.text[w.length - 1], '\n');
    w.text[--w.length] = '\0';
    assert_null(strchr(w.text, '\n')); /* one line */
    assert_int_equal(strlen(w.text), w.length);
    return w;
}

static void test_both_formats(void **state)
{
    struct pipe_log *p = *state;
    log_write(&p->log, LOG_INFO, "charge_paid", LOG_STRING("seller", "A1"),
              LOG_STRING("charge", "KABC-3"), LOG_INTEGER("attempt", -2),
              LOG_MONEY("amount", money_of(1200, "JPY")), LOG_INSTANT("due", AT),
              LOG_BOOLEAN("late", true), LOG_STRING("absent", NULL), LOG_END);
    assert_string_equal(line_read(p).text,
                        "time=2026-11-22T01:02:03.004Z level=info event=charge_paid seller=A1 "
                        "charge=KABC-3 attempt=-2 amount=1200 currency=JPY "
                        "due=2026-11-22T01:02:03.004Z late=true");
    p->log.format = LOG_JSON;
    log_write(&p->log, LOG_ERROR, "charge_paid", LOG_STRING("seller", "A1"),
              LOG_INTEGER("attempt", INT64_MIN), LOG_MONEY("amount", money_of(1234, "USD")),
              LOG_BOOLEAN("late", false), LOG_END);
    assert_string_equal(line_read(p).text,
                        "{\"time\":\"2026-11-22T01:02:03.004Z\",\"level\":\"error\","
                        "\"event\":\"charge_paid\",\"seller\":\"A1\","
                        "\"attempt\":-9223372036854775808,\"amount\":\"12.34\","
                        "\"currency\":\"USD\",\"late\":false}");
}

static void test_levels(void **state)
{
    struct pipe_log *p = *state;
    log_write(&p->log, LOG_DEBUG, "hidden", LOG_END);
    log_write(NULL, LOG_ERROR, "nowhere", LOG_END);
    log_write(&p->log, LOG_WARNING, "shown", LOG_END);
    assert_string_equal(line_read(p).text,
                        "time=2026-11-22T01:02:03.004Z level=warning event=shown");
    p->log.level = LOG_DEBUG;
    log_write(&p->log, LOG_DEBUG, "now_shown", LOG_END);
    assert_non_null(strstr(line_read(p).text, "now_shown"));
    enum log_level level;
    assert_true(log_level_parse("warning", &level) && level == LOG_WARNING);
    assert_false(log_level_parse("WARNING", &level));
    assert_false(log_level_parse("", &level));
}

static void test_values_are_quoted_and_escaped(void **state)
{
    static const struct {
        const char *value, *keyvalue;
    } cases[] = {
        {"plain-1.2:3/+@,%_", "plain-1.2:3/+@,%_"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""},
        {"x\nlevel=error event=forged", "\"x\\nlevel=error event=forged\""},
        {"x\r\t\x1b[31m\x7f", "\"x\\u000d\\u0009\\u001b[31m\\u007f\""},
        {"\xc2\x85\xc2\x9b", "\"\\u0085\\u009b\""},                   /* C1 */
        {"\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\""},           /* line separators */
        {"\xe5\xba\x97", "\"\xe5\xba\x97\""},                         /* kept */
        {"\xf0\x9f\x8d\xa3", "\"\xf0\x9f\x8d\xa3\""},                 /* kept */
        {"\xff", "\"\xef\xbf\xbd\""},                                 /* not UTF-8 */
        {"\xe5\xba", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* cut short */
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
        {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"a\xe0\x80\x80z", "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""},
    };
    struct pipe_log *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[512];
        log_write(&p->log, LOG_INFO, "e", LOG_STRING("v", cases[i].value), LOG_END);
        (void)snprintf(expected, sizeof expected,
                       "time=2026-11-22T01:02:03.004Z level=info event=e v=%s", cases[i].keyvalue);
        assert_string_equal(line_read(p).text, expected);
    }
}

/* Our own JSON reader must take every JSON line and give the value back where it was UTF-8. */
static void test_json_lines_are_json(void **state)
{
    struct pipe_log *p = *state;
    p->log.format = LOG_JSON;
    for (int first = 1; first < 256; first++) {
        for (int second = 0; second < 256; second += 5) {
            char value[3] = {(char)first, (char)second, '\0'};
            log_write(&p->log, LOG_INFO, "e", LOG_STRING("v", value), LOG_INTEGER("n", first),
                      LOG_END);
            struct written w = line_read(p);
            struct problem problem = {""};
            struct json *json = NULL;
            if (json_parse(w.text, w.length, &json, &problem) != ST_OK) {
                fail_msg("%s: %s", problem.text, w.text);
            }
            json_free(json);
        }
    }
}

static void test_long_lines_lose_whole_fields(void **state)
{
    struct pipe_log *p = *state;
    char value[LOG_LINE_MAX + 100];
    for (size_t length = LOG_LINE_MAX - 200; length < sizeof value; length++) {
        memset(value, 'v', length);
        value[length] = '\0';
        for (enum log_format format = LOG_KEYVALUE; format <= LOG_JSON; format++) {
            p->log.format = format;
            log_write(&p->log, LOG_INFO, "e", LOG_INTEGER("kept", 1), LOG_STRING("long", value),
                      LOG_INTEGER("last", 2), LOG_END);
            struct written w = line_read(p);
            assert_true(w.length < LOG_LINE_MAX);
            bool has_all = strstr(w.text, "last") != NULL;
            bool has_long = strstr(w.text, "long") != NULL;
            bool says = strstr(w.text, "truncated") != NULL;
            assert_non_null(strstr(w.text, "kept"));
            assert_true(has_all != says);
            assert_true(!has_long || strstr(w.text, value) != NULL); /* whole or not there */
            assert_int_equal(w.text[w.length - 1] == '}', format == LOG_JSON);
        }
    }
}

static void test_lost_lines_are_counted(void **state)
{
    struct pipe_log *p = *state;
    p->log.fd = -1;
    log_write(&p->log, LOG_INFO, "e", LOG_END);
    log_write(&p->log, LOG_INFO, "e", LOG_END);
    assert_int_equal(p->log.lines_lost, 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_both_formats),
        CASE(test_levels),
        CASE(test_values_are_quoted_and_escaped),
        CASE(test_json_lines_are_json),
        CASE(test_long_lines_lose_whole_fields),
        CASE(test_lost_lines_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
