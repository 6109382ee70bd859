/*
 * step_parts.h - private to billing/step*.c: the step in progress, and the moves it is made of.
 *
 *     step.c           the door: applies an event, then lets the account advance
 *     step_catch_up.c  opening cycles, on time or late; approve and reject
 *     step_charge.c    trying charges, and what they wait for
 *     step_retry.c     what follows an attempt without its money
 *     step_attempt.c   what an attempt asks Amazon, and what the answers make of it
 *     step_capture.c   an authorization that is captured on the shop's word, or given up
 *     step_word.c      the shop's word: ship it, or give it up
 *     step_refund.c    money back, by a command, or because Amazon told of it
 *     step_refund_settle.c what a refund asks Amazon, and what the answers make of it
 *     step_notice.c    what a notice of Amazon's changes
 *     step_limit.c     what the limit means, and what Amazon tells of it
 *     step_agreement.c what Amazon says about the agreement; sync, confirm, validate, close
 *     step_subscription.c operators' commands about a subscription: pause to change, and stop
 *     step_replace.c   a subscription that another agreement takes over
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
/* The seller's hold says that the clock is doubted: what time alone would bring - a cycle, the end
 * of a pause, a cancellation, a retry - does not come until an operator has looked. */
bool clock_is_doubted(const struct step *step);
/* When the latest send ended at `ended_at` (never = that is not known), and Amazon was asked at
 * `asked_at`: would it surely have shown what became of all of them? Not by a clock that is
 * doubted, or has made a step since. */
bool sends_are_old(const struct step *step, const struct policy *policy, struct instant ended_at,
                   struct instant asked_at);
/* The policy that the charge froze; that a subscription names. */
const struct policy *charge_policy(const struct step *step, const struct charge *charge);
const struct policy *subscription_policy(const struct step *step,
                                         const struct subscription *subscription);
void call(struct step *step, enum call_kind kind, const char *reference_id);

/* step_charge.c */
void charges_advance(struct step *step);
/* Nothing new may be charged for it. */
bool charge_is_canceled(const struct step *step, const struct charge *charge);
/* Why nothing new may be sent for it until something changes that has no time: the agreement is not
 * Open, a stop switch, a pause, ... NONE = nothing stands in the way. */
enum reason charge_obstacle(const struct step *step, const struct charge *charge);
/* Why, and until when, nothing new may be sent for it: held back, or outside of hours. */
struct hold charge_held_back(const struct step *step, const struct charge *charge);
/* WAITING, until nothing stands in its way. */
void charge_wait(struct step *step, struct charge *charge, enum reason reason);
/* WAITING, HELD or RETRYING until then; nothing is told when nothing changes. */
void charge_put_off(struct step *step, struct charge *charge, enum charge_state to,
                    enum reason reason, struct instant until);
/* When the cycle after the charge's is, or was, due; never when there is none. */
struct instant charge_next_due_at(const struct step *step, const struct charge *charge);
/* Its attempt was captured. */
void charge_paid(struct step *step, struct charge *charge);
/* It will not be paid: the policy's final action. */
void charge_fail(struct step *step, struct charge *charge, enum reason reason);
/* Makes the charge CANCELED unless an open attempt must be finished first. */
void charge_give_up(struct step *step, struct charge *charge, enum reason reason);
/* A charge that was just made (state DUE) enters the account. NULL when there is no room. */
struct charge *charge_add(struct step *step, const struct charge *charge);

/* step_retry.c */
/* What a charge does after its attempt ended without a capture: what policy_map.h says. */
void charge_not_paid(struct step *step, struct charge *charge, enum reason reason);
/* Amazon shows the agreement Open right after a hard decline: it did not suspend it. The charges
 * then follow the list of soft declines instead of being tried at once, and again, and again. */
void charges_not_suspended(struct step *step);

/* step_attempt.c */
/* Makes the next attempt of the charge, whose amount is reserved, and sends it. */
void attempt_start(struct step *step, struct charge *charge, uint32_t timeout_minutes);
/* An open attempt that nobody holds and whose time has come is asked for again. */
void attempt_advance(struct step *step, struct charge *charge);
void attempt_answered(struct step *step, const struct attempt_answer *answer);
void attempt_noticed(struct step *step, struct charge *charge, const struct notice_event *notice);
/* The money was taken; it never will be. */
void attempt_captured(struct step *step, struct charge *charge);
void attempt_refused(struct step *step, struct charge *charge, enum reason reason);
/* Asked for again after the waits of what is pending, or of silence and errors. */
void attempt_wait(struct step *step, struct charge *charge, bool is_pending);
/* Ends an attempt of which Amazon said that nothing happened, before it is sent again. */
void attempt_give_up(struct step *step, struct charge *charge, enum reason reason);

/* step_capture.c */
/* Is the open attempt past its authorization: being captured or voided? */
bool capture_is_begun(const struct attempt *attempt);
/* ... or authorized, without CaptureNow? Then what becomes of it is step_capture.c's. */
bool capture_decides(const struct attempt *attempt);
/* Amazon holds the money: the charge waits for the shop's word, or has it already. */
void attempt_authorized(struct step *step, struct charge *charge, struct instant expires_at);
/* An AUTHORIZED charge, or one that is being captured or voided, goes on when its time has come. */
void capture_advance(struct step *step, struct charge *charge);
/* Any answer about an attempt that is authorized, or that is found to be captured. What it shows is
 * as it was at `asked_at` or later. */
void capture_answered(struct step *step, struct charge *charge, const struct attempt_answer *answer,
                      struct instant asked_at);
void capture_noticed(struct step *step, struct charge *charge);

/* step_word.c */
enum status command_ship(struct step *step, struct problem *problem);
enum status command_void(struct step *step, struct problem *problem);

/* step_refund.c */
enum status command_refund(struct step *step, struct problem *problem);
/* ST_BUSY: what Amazon told of finds no room among the open refunds, now. */
enum status refund_noticed(struct step *step, const struct notice_event *notice,
                           struct problem *problem);

/* step_refund_settle.c */
/* The request goes out. */
void refund_send(struct step *step, struct refund *refund);
void refund_answered(struct step *step, const struct refund_answer *answer);
void refunds_advance(struct step *step);

/* step_notice.c */
enum status notice_told(struct step *step, const struct notice_event *notice,
                        struct problem *problem);

/* step_agreement.c */
void agreement_advance(struct step *step);
void care_answered(struct step *step, const struct care_answer *answer);
void care_want(struct step *step, enum care care, struct instant at);
/* Amazon's word is wanted now; once more after an answer that is on its way, which may be older
 * than the news. */
void sync_want_now(struct step *step);
/* Whatever is still owed on the agreement is given up, but for what leaves with its subscription.
 */
void give_up_all(struct step *step, enum reason reason);
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
/* Amazon refused with PeriodicAmountExceeded: this period is used up, unless Amazon may have meant
 * the one before. */
void limit_refused(struct step *step);
/* Asks for Amazon's numbers before they are needed. */
void limit_advance(struct step *step);
/* The limit is short for the charge, by our ledger or by Amazon's word: what the policy says. */
void charge_limit_short(struct step *step, struct charge *charge, enum reason reason);

/* step_subscription.c */
enum status command_pause(struct step *step, struct problem *problem);
enum status command_resume(struct step *step, struct problem *problem);
enum status command_skip(struct step *step, struct problem *problem);
enum status command_move(struct step *step, struct problem *problem);
enum status command_change(struct step *step, struct problem *problem);
enum status command_stop(struct step *step, struct problem *problem);
/* The live subscription of that key; NULL, and `problem` says so, when there is none. */
struct subscription *subscription_wanted(const struct step *step, const char *key,
                                         struct problem *problem);
/* ST_CONFLICT while another agreement is taking it over. */
enum status refuse_leaving(const struct subscription *subscription, struct problem *problem);
/* Pauses that end by themselves, hand-overs that are to be asked (again). */
void subscriptions_advance(struct step *step);

/* step_replace.c */
enum status command_replace(struct step *step, struct problem *problem);
/* The hand-over of a LEAVING subscription will not be: what becomes of it is the caller's. ST_BUSY
 * while the other agreement may have it, because it is being asked, or its answer was lost. */
enum status hand_over_take_back(struct step *step, struct subscription *subscription,
                                struct problem *problem);
void hand_over_advance(struct step *step, struct subscription *subscription);
void hand_over_answered(struct step *step, const struct hand_over_answer *answer);

/* step_catch_up.c */
/* Opens the cycles that are due, and ends subscriptions whose time has come. */
void cycles_open(struct step *step);
/* Would that, or the end of a pause, change anything? */
bool cycles_are_due(const struct step *step);
enum status command_decide(struct step *step, struct problem *problem);

/* step_command.c */
enum status command_register(struct step *step, struct problem *problem);
enum status command_sync(struct step *step, struct problem *problem);
enum status command_close(struct step *step, struct problem *problem);
enum status command_subscribe(struct step *step, struct problem *problem);
enum status command_cancel(struct step *step, struct problem *problem);
enum status command_uncancel(struct step *step, struct problem *problem);
enum status command_charge_once(struct step *step, struct problem *problem);
/* ST_INVALID for an amount that can never be charged: not above zero, above the agreement's limit
 * where that is known, outside of the policy's bounds, in another currency than these. */
enum status amount_check(const struct step *step, const struct policy *policy, struct money amount,
                         struct problem *problem);
/* The policy of that name, "" = the default; NULL, and `problem` says so, when there is none. */
const struct policy *policy_wanted(const struct step *step, const char *name,
                                   struct problem *problem);

#endif
