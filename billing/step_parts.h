/*
 * step_parts.h - private to billing/step*.c: the step in progress, and the moves it is made of.
 *
 *     step.c           the door: applies an event, then lets the account advance
 *     step_charge.c    opening cycles, trying charges, retrying or ending them
 *     step_attempt.c   what an attempt asks Amazon, and what the answers make of it
 *     step_capture.c   an authorization that is captured on the shop's word, or given up
 *     step_refund.c    money back, and what Amazon told of
 *     step_notice.c    what a notice of Amazon's changes
 *     step_limit.c     what the limit means, and what Amazon tells of it
 *     step_agreement.c what Amazon says about the agreement; sync, confirm, validate, close
 *     step_subscription.c operators' commands about a subscription, and what they lead to
 *     step_command.c   operators' other commands
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
void move_refund(struct step *step, struct refund *refund, enum refund_state to,
                 enum reason reason);
void touch(struct step *step, enum row_kind kind, uint32_t index);
void touch_subscription(struct step *step, const struct subscription *subscription);
void touch_charge(struct step *step, const struct charge *charge);
void touch_attempt(struct step *step, const struct charge *charge);
void touch_refund(struct step *step, const struct refund *refund);
/* The change may be completed by the caller (amount, until) until the step ends. */
struct change *tell(struct step *step, enum change_kind kind, const char *subject, int from, int to,
                    enum reason reason);
/* The policy that the charge froze; that a subscription names. */
const struct policy *charge_policy(const struct step *step, const struct charge *charge);
const struct policy *subscription_policy(const struct step *step,
                                         const struct subscription *subscription);
void call(struct step *step, enum call_kind kind, const char *reference_id);

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

/* step_capture.c */
/* Is the open attempt past its authorization: being captured or voided? */
bool capture_is_begun(const struct attempt *attempt);
/* Amazon holds the money: the charge waits for the shop's word, or has it already. */
void attempt_authorized(struct step *step, struct charge *charge, struct instant expires_at);
/* An AUTHORIZED charge, or one that is being captured or voided, goes on when its time has come. */
void capture_advance(struct step *step, struct charge *charge);
/* The answer to CALL_CAPTURE, CALL_LOOK_UP_CAPTURE or CALL_VOID. */
void capture_answered(struct step *step, struct charge *charge,
                      const struct attempt_answer *answer);
enum status command_ship(struct step *step, struct problem *problem);
enum status command_void(struct step *step, struct problem *problem);

/* step_refund.c */
enum status command_refund(struct step *step, struct problem *problem);
void refund_answered(struct step *step, const struct refund_answer *answer);
void refund_noticed(struct step *step, const struct notice_event *notice);
void refunds_advance(struct step *step);

/* step_notice.c */
void notice_told(struct step *step, const struct notice_event *notice);

/* step_agreement.c */
void agreement_advance(struct step *step);
void care_answered(struct step *step, const struct care_answer *answer);
void care_want(struct step *step, enum care care, struct instant at);
/* Ends a subscription (CANCELED or REPLACED): its charges are given up for the reason `of_charges`;
 * the last one closes the agreement. */
void subscription_over(struct step *step, struct subscription *subscription,
                       enum subscription_state to, enum reason reason, enum reason of_charges);
/* ... CANCELED, because an operator (SUBSCRIPTION_CANCELED) or the policy (POLICY) says so. */
void subscription_cancel(struct step *step, struct subscription *subscription, enum reason reason);

/* step_limit.c */
/* False: numbers that cannot be meant; they are not taken over. */
bool limit_is_sane(const struct care_answer *answer, const struct limit *known);
/* Amazon's numbers, which are sane. */
void limit_told(struct step *step, const struct care_answer *answer);
/* Until when a charge waits that the limit is short for, by our ledger or by Amazon's word. */
struct instant hold_until(const struct step *step, enum reason reason);

/* step_subscription.c */
enum status command_pause(struct step *step, struct problem *problem);
enum status command_resume(struct step *step, struct problem *problem);
enum status command_skip(struct step *step, struct problem *problem);
enum status command_move(struct step *step, struct problem *problem);
enum status command_change(struct step *step, struct problem *problem);
enum status command_replace(struct step *step, struct problem *problem);
enum status command_stop(struct step *step, struct problem *problem);
void hand_over_answered(struct step *step, const struct hand_over_answer *answer);
/* Pauses that end by themselves, hand-overs that are to be asked (again). */
void subscriptions_advance(struct step *step);

/* step_catch_up.c */
enum status command_decide(struct step *step, struct problem *problem);

/* step_command.c */
enum status command_register(struct step *step, struct problem *problem);
enum status command_sync(struct step *step, struct problem *problem);
enum status command_subscribe(struct step *step, struct problem *problem);
enum status command_cancel(struct step *step, struct problem *problem);
enum status command_charge_once(struct step *step, struct problem *problem);

#endif
