/*
 * outcome.h - the four answers: what is known after asking Amazon for something.
 *
 * mws/classify.c maps every reply to one of them; billing/step.c acts on nothing else. What the
 * table does not know is UNKNOWN, never success.
 */
#ifndef BILLING_OUTCOME_H
#define BILLING_OUTCOME_H

enum outcome {
    OUTCOME_DONE = 1, /* it happened                                              */
    OUTCOME_REFUSED,  /* it did not, and asking the same again will not help      */
    OUTCOME_LATER,    /* it did not, and the same request may be asked again      */
    OUTCOME_UNKNOWN,  /* it may have: ask again under the same reference id only  */
};

#endif
