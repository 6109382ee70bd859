/*
 * step_parts.h - private to billing/step*.c: the step in progress, and the moves it is made of.
 *
 *     step.c           the door: applies an event, then lets the account advance
 *     step_charge.c    opening cycles, trying charges, retrying or ending them
 *     step_attempt.c   what an attempt asks Amazon, and what the answers make of it
 *     step_notice.c    what a notice of Amazon's changes
 *     step_agreement.c what Amazon says about the agreement; sync, confirm, close
 *     step_command.c   operators' commands
 *
 * Moves change the account, note the rows to record and the changes to tell. A state is only
 * changed through the move_*() functions, which ask the lifecycle tables.
 */
#ifndef BILLING_STEP_PARTS_H
#define BILLING_STEP_PARTS_H

#include "billing/step.h"

struct step {
    struct account *account;
    const struct event *event;
    const struct policy *policy;
    struct effects *effects;
    struct instant at;
};

/* step.c */
void move_agreement(struct step *step, enum agreement_state to, enum reason reason);
void move_subscription(struct step *step, struct subscription *subscription,
                       enum subscription_state to, enum reason reason);
void move_charge(struct step *step, struct charge *charge, enum charge_state to,
                 enum reason reason);
void move_attempt(struct step *step, struct charge *charge, enum attempt_state to,
                  enum reason reason);
void touch(struct step *step, enum row_kind kind, uint32_t index);
void touch_subscription(struct step *step, const struct subscription *subscription);
void touch_charge(struct step *step, const struct charge *charge);
void touch_attempt(struct step *step, const struct charge *charge);
void tell(struct step *step, enum change_kind kind, const char *subject, int from, int to,
          enum reason reason);
void call(struct step *step, enum call_kind kind, const char *reference_id);
/* The k-th wait of a list; beyond its end the last one. 0 for an empty list. */
int64_t nth_wait_ms(const struct policy_waits *waits, uint32_t n);

/* step_charge.c */
void charges_advance(struct step *step);
/* Nothing new may be charged for it. */
bool charge_is_canceled(const struct step *step, const struct charge *charge);
/* The agreement is not Open: until it is. */
void charge_wait(struct step *step, struct charge *charge, enum reason reason);
/* What a charge does after its attempt was captured, or ended without a capture. */
void charge_paid(struct step *step, struct charge *charge);
void charge_not_paid(struct step *step, struct charge *charge, enum reason reason);
/* Makes the charge CANCELED unless an open attempt must be finished first. */
void charge_give_up(struct step *step, struct charge *charge, enum reason reason);
/* Amazon shows the agreement Open right after a hard decline: it did not suspend it. The charges
 * then follow the list of soft declines instead of being tried at once, and again, and again. */
void charges_not_suspended(struct step *step);
/* A charge that was just made (state DUE) enters the account. NULL when there is no room. */
struct charge *charge_add(struct step *step, const struct charge *charge);

/* step_attempt.c */
/* Makes the next attempt of the charge, whose amount is reserved, and sends it. */
void attempt_start(struct step *step, struct charge *charge, uint32_t timeout_minutes);
/* An open attempt that nobody holds and whose time has come is asked for again. */
void attempt_advance(struct step *step, struct charge *charge);
void attempt_answered(struct step *step, const struct attempt_answer *answer);
void attempt_noticed(struct step *step, struct charge *charge, const struct notice_event *notice);
/* Ends an attempt of which Amazon said that nothing happened, before it is sent again. */
void attempt_give_up(struct step *step, struct charge *charge, enum reason reason);

/* step_notice.c */
void notice_told(struct step *step, const struct notice_event *notice);

/* step_agreement.c */
void agreement_advance(struct step *step);
void care_answered(struct step *step, const struct care_answer *answer);
void care_want(struct step *step, enum care care, struct instant at);
/* Until when a charge waits that the limit is short for, by our ledger or by Amazon's word. */
struct instant hold_until(const struct step *step, enum reason reason);
/* Ends a subscription: its charges are given up; the last one closes the agreement. */
void subscription_cancel(struct step *step, struct subscription *subscription);

/* step_command.c */
enum status command_register(struct step *step, struct problem *problem);
enum status command_sync(struct step *step, struct problem *problem);
enum status command_subscribe(struct step *step, struct problem *problem);
enum status command_cancel(struct step *step, struct problem *problem);
enum status command_charge_once(struct step *step, struct problem *problem);

#endif
