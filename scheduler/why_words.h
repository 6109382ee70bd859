/*
 * why_words.h - times, amounts, durations and reasons as a person would say them.
 */
#ifndef SCHEDULER_WHY_WORDS_H
#define SCHEDULER_WHY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "billing/instant.h"
#include "billing/lifecycle.h"
#include "billing/money.h"
#include "billing/zone.h"

#define WHY_TEXT_MAX 1600

/* A text that grows to its bound; what does not fit is cut. Zeroed memory is an empty one. */
struct why_text {
    size_t length;
    char text[WHY_TEXT_MAX];
};

void why_say(struct why_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "2026-03-31 09:00 +09:00", with seconds where they are not zero; "UTC" for +00:00. */
void why_say_time(struct why_text *text, struct instant at, const struct zone *zone);
/* The two largest units: "1 d 2 h", "5 min", "12 s"; at least "1 s". */
void why_say_duration(struct why_text *text, int64_t ms);
/* "JPY 1,200"; "an unknown amount" for poison. */
void why_say_money(struct why_text *text, struct money amount);

/* What the reason means, as the end of "it failed, because ...". Never empty. */
const char *why_because(enum reason reason);
/* The same of an attempt that is POSTPONED: nothing happened. */
const char *why_not_sent(enum reason reason);
/* What ends a wait for that reason, as the end of "it is tried ...". Never empty. */
const char *why_once(enum reason reason);
/* The clock is doubted: then nothing is opened, either. */
bool why_is_of_clock(enum reason reason);
#endif
