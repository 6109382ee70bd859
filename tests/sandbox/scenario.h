/*
 * scenario.h - little plays, one line a step, against a sandbox in the same process.
 *
 *     "set amount=1000 -> 200 State=Draft"       a request, the HTTP status, elements of the answer
 *     "authorize ref=a1 amount=100 TransactionTimeout=0 -> 200 State=Open"
 *     "get-capture -> 200 CaptureStatus/State=Completed"     the first State within CaptureStatus
 *     "wait 3h" "wait 29999ms"                   time passes (ms, s, m, h, d)
 *     "POST decline {...} -> 200"                the control API of the order reference at hand
 *     "AGREEMENT decline {...} -> 200"           that of the agreement
 *     "rule repeat=duplicate-request"            another reading, by POST /control/rules
 *
 * `ref`, `amount` and `note` stand for the parameters that the operation has; the currency is JPY;
 * every other name is the parameter's own. Requests go to the object at hand: the order reference,
 * authorization, capture, refund or credit that was answered last. Values have no spaces; "X=~y"
 * expects an element X that contains y.
 */
#ifndef TESTS_SANDBOX_SCENARIO_H
#define TESTS_SANDBOX_SCENARIO_H

#include "tests/sandbox/driver.h"

/* Ids of the objects at hand. */
struct scenario {
    struct driver *driver;
    char agreement[64], order[64], authorization[64], capture[64], refund[64], credit[64],
        reversal[64], by_order_id[64]; /* the last one: how "list" asks */
};

#define SCENARIO_LINES_MAX 40

/* A new sandbox with an Open agreement and a Draft order reference (`members`: further JSON members
 * of it, or "") plays the lines up to NULL. A step that turns out otherwise fails the test and
 * prints itself. */
void scenario_play(const char *members, const char *const *lines);

/* For tests that look behind the scene: begin, play some lines, end. */
void scenario_begin(struct scenario *scenario, const char *members);
void scenario_lines(struct scenario *scenario, const char *const *lines);
void scenario_end(struct scenario *scenario);

#endif
