/*
 * request_checks.h - assertions on the parameters that a request writes, or refuses to write.
 */
#ifndef TESTS_MWS_REQUEST_CHECKS_H
#define TESTS_MWS_REQUEST_CHECKS_H

#include "mws/operation.h"

/* The request is written, and as `expected` unless that is NULL. */
void must_write(const struct mws_request *request, const char *expected);
/* The request is refused with a sentence that begins with the name of that parameter. */
void must_refuse(const struct mws_request *request, const char *parameter);

#endif
