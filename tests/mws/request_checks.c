/*
 * request_checks.c - see request_checks.h.
 */
#include "tests/mws/request_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mws/form.h"

void must_write(const struct mws_request *request, const char *expected)
{
    struct form form;
    struct problem problem = {""};
    char out[32768];
    form_init(&form);
    if (mws_request_write(request, &form, &problem) != ST_OK) {
        fail_msg("refused: %s", problem.text);
    }
    *form_encode(&form, out) = '\0';
    if (expected != NULL) {
        assert_string_equal(out, expected);
    }
}

void must_refuse(const struct mws_request *request, const char *parameter)
{
    struct form form;
    struct problem problem = {""};
    form_init(&form);
    if (mws_request_write(request, &form, &problem) != ST_INVALID) {
        fail_msg("accepted, though %s is wrong", parameter);
    }
    if (strncmp(problem.text, parameter, strlen(parameter)) != 0) {
        fail_msg("\"%s\" does not name %s", problem.text, parameter);
    }
}
