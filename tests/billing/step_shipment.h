/*
 * step_shipment.h - a world in which one-off X-0 is captured on the shop's word, told like a story.
 */
#ifndef TESTS_BILLING_STEP_SHIPMENT_H
#define TESTS_BILLING_STEP_SHIPMENT_H

#include "tests/billing/step_world.h"

#define AUTHORIZED "X-0-1 intent>authorized(on_shipment), X-0 attempting>authorized(on_shipment)"
#define CAPTURING  "X-0-1 authorized>capturing, X-0 authorized>attempting"
#define VOIDING    "X-0-1 authorized>voiding(voided), X-0 authorized>attempting(voided)"

/* A policy that captures on shipment, warns two days before the end, and tries a declined capture
 * again after an hour and a day. */
void shipment_world(struct world *w);
/* X-0-1 is on the wire; authorized; being captured on the shop's word. */
void shipment_attempt(struct world *w);
void shipment_authorized(struct world *w);
void shipment_capturing(struct world *w);

/* Any answer to the latest call. */
void shipment_told(struct world *w, const char *attempt, struct attempt_answer told);
/* ... that shows the authorization as Open, as closed without a capture; its capture; no object. */
void shipment_open(struct world *w, const char *attempt);
void shipment_closed(struct world *w, const char *attempt);
void shipment_captured(struct world *w, const char *attempt, enum outcome outcome);
void shipment_voided(struct world *w, const char *attempt);

/* EVENT_SHIP or EVENT_VOID about any charge ('X', "-0"), and about X-0. False: refused. */
bool shipment_say(struct world *w, enum event_kind kind, char letter, const char *rest);
bool shipment_ship(struct world *w);
bool shipment_void(struct world *w);

const struct attempt *shipment_attempt_of(struct world *w, const char *charge);

#endif
