/*
 * reply_checks.h - answers as text, and assertions on how they are read. A test's state is the XML
 * reader (make_xml, free_xml).
 */
#ifndef TESTS_MWS_REPLY_CHECKS_H
#define TESTS_MWS_REPLY_CHECKS_H

#include "mws/operation.h"

#define NS "xmlns=\"" MWS_NAMESPACE "\""
#define ID                                                                                         \
    "<ResponseMetadata><RequestId>b4ab4bc3-c9ea-44f0-9a3d-67cccef565c6</RequestId></"              \
    "ResponseMetadata>"
#define ANSWER(action, result) "<" action "Response " NS ">" result ID "</" action "Response>"
#define RESULT(action, inner)  ANSWER(action, "<" action "Result>" inner "</" action "Result>")

int make_xml(void **state);
int free_xml(void **state);

/* Reads; every field is set, and what is not the answer's is as it must be. */
struct mws_reply read_reply(void **state, enum mws_action action, int http_status,
                            const char *text);
/* Reads a result. */
struct mws_reply must_read(void **state, enum mws_action action, const char *text);
/* Does not read, says `part`, and leaves nothing half-read. */
void must_not_read(void **state, enum mws_action action, int http_status, const char *text,
                   const char *part);

#endif
