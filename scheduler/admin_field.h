/*
 * admin_field.h - private to the admin_body*.c files: a JSON object, key by key.
 *
 * A `struct body` remembers the first fault and goes on doing nothing, so that a reader is a plain
 * list of keys. A key that is absent or null leaves its value alone.
 */
#ifndef SCHEDULER_ADMIN_FIELD_H
#define SCHEDULER_ADMIN_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/civil.h"
#include "billing/instant.h"
#include "billing/money.h"
#include "billing/recurrence.h"
#include "mws/edge/json.h"

struct body {
    struct json *root;
    enum status status; /* ST_OK until the first fault */
    struct problem *problem;
};

#define BODY_FAULT(body, ...)                                                                      \
    ((body)->status = problem_set((body)->problem, ST_INVALID, __VA_ARGS__))

#define LETTERS_AND_DIGITS         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define AGREEMENT_ID_CHARACTERS    LETTERS_AND_DIGITS "-"
#define IDEMPOTENCY_KEY_CHARACTERS AGREEMENT_ID_CHARACTERS "_.:/+=@#"
#define POLICY_NAME_CHARACTERS     AGREEMENT_ID_CHARACTERS "_."

/* `keys` are all that are known, between spaces: " agreement_id confirm ". A request without
 * required keys may have no body at all. */
struct body body_open(const char *text, size_t length, const char *keys, struct problem *problem);
struct body body_open_optional(const char *text, size_t length, const char *keys,
                               struct problem *problem);
/* Frees it; the first fault, or ST_OK. */
enum status body_close(struct body *body);

/* The value; NULL when it is absent, or after a fault. */
const struct json *body_value(struct body *body, const char *key);
void body_require(struct body *body, const char *key);

/* The text, borrowed from the body; NULL when absent or faulty. */
const char *body_string(struct body *body, const char *key);
/* Into `out` of `size` bytes. */
void body_text(struct body *body, const char *key, char *out, size_t size);
/* A text of 1 or more `allowed` characters only. */
void body_id_if_any(struct body *body, const char *key, char *out, size_t size,
                    const char *allowed);
void body_id(struct body *body, const char *key, char *out, size_t size, const char *allowed);

void body_bool(struct body *body, const char *key, bool *out);
void body_count(struct body *body, const char *key, uint32_t minimum, uint32_t maximum,
                uint32_t *out);
void body_date(struct body *body, const char *key, struct civil_date *out);
void body_time(struct body *body, const char *key, int32_t *second_of_day);
void body_instant(struct body *body, const char *key, struct instant *out);
void body_unit(struct body *body, const char *key, enum recurrence_unit *unit);
/* "amount", above zero, and "currency", a check that may be left out. */
void body_amount_if_any(struct body *body, const char *seller_currency, struct money *amount);
void body_amount(struct body *body, const char *seller_currency, struct money *amount);

#endif
