/*
 * ctl_show.h - answers of the daemon for a person's eyes.
 *
 * Ids are whole, amounts aligned to the right, instants shortened to "2026-11-22 03:04:05Z", what
 * is null is "-". Headings and fields have the names of the API.
 */
#ifndef SCHEDULER_CTL_SHOW_H
#define SCHEDULER_CTL_SHOW_H

#include <stdbool.h>

#include "mws/edge/json.h"

struct ctl_column {
    const char *key; /* "attempt.reason" is the key of an object within */
    bool is_number;
};

/* One line per key; objects within as "limit.amount"; lists within, and texts of several lines, are
 * left out. */
void ctl_show_fields(const struct json *object);

/* One row per item; nothing but the title and "none" for an empty list. NULL: no title. */
void ctl_show_list(const char *title, const struct json *list, const struct ctl_column *columns,
                   unsigned column_count);

/* A subscription with its next due instants and newest charges; a charge with its attempts and
 * refunds. */
void ctl_show_subscription(const struct json *subscription);
void ctl_show_charge(const struct json *charge);

/* A page of a list, and on standard error how to go on. */
void ctl_show_page(const struct json *page, const char *noun, const struct ctl_column *columns,
                   unsigned column_count);

#endif
