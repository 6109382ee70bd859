/*
 * reference_id.c - writing and reading the identities of subscriptions, charges and attempts.
 */
#include "billing/reference_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/recurrence.h"

/* RFC 4648 base32: no 0/O or 1/I to be confused when read aloud. */
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void key_from_bytes(const uint8_t bytes[static KEY_BYTES], char key[static KEY_MAX])
{
    for (unsigned i = 0; i < KEY_MAX - 1; i++) {
        unsigned value = 0;
        for (unsigned bit = i * 5; bit < i * 5 + 5; bit++) {
            value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1u);
        }
        key[i] = base32[value];
    }
    key[KEY_MAX - 1] = '\0';
}

bool key_is_valid(const char *key)
{
    return strlen(key) == KEY_MAX - 1 && strspn(key, base32) == KEY_MAX - 1;
}

void charge_id_format(const char *key, uint32_t cycle, char id[static CHARGE_ID_MAX])
{
    ENSURE(key_is_valid(key));
    ENSURE(cycle <= RECUR_CYCLE_MAX);
    (void)snprintf(id, CHARGE_ID_MAX, "%s-%" PRIu32, key, cycle);
}

void reference_id_format(const char *charge_id, uint32_t attempt_number,
                         char id[static REFERENCE_ID_MAX])
{
    ENSURE(attempt_number >= 1);
    ENSURE(attempt_number <= ATTEMPT_NUMBER_MAX);
    int length = snprintf(id, REFERENCE_ID_MAX, "%s-%" PRIu32, charge_id, attempt_number);
    ENSURE(length < REFERENCE_ID_MAX);
}

void capture_reference_id_format(const char *reference_id, uint32_t number,
                                 char id[static REFERENCE_ID_MAX])
{
    ENSURE(number >= 1);
    ENSURE(number <= CAPTURE_NUMBER_MAX);
    int length = snprintf(id, REFERENCE_ID_MAX, "%s-C%" PRIu32, reference_id, number);
    ENSURE(length < REFERENCE_ID_MAX);
}

void refund_reference_id_format(const char *charge_id, uint32_t number,
                                char id[static REFERENCE_ID_MAX])
{
    ENSURE(number >= 1);
    int length = snprintf(id, REFERENCE_ID_MAX, "%s-R%" PRIu32, charge_id, number);
    ENSURE(length < REFERENCE_ID_MAX);
}

/* A number of at most `digits_max` digits as snprintf writes it, and nothing after it. */
static bool read_number(const char *digits, size_t digits_max, uint32_t *number)
{
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > digits_max || digits[count] != '\0' ||
        (digits[0] == '0' && count > 1)) {
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        *number = *number * 10 + (uint32_t)(digits[i] - '0');
    }
    return true;
}

bool charge_id_parse(const char *id, char key[static KEY_MAX], uint32_t *cycle)
{
    if (strlen(id) < KEY_MAX + 1 || id[KEY_MAX - 1] != '-') {
        return false;
    }
    uint32_t value;
    char candidate[KEY_MAX];
    memcpy(candidate, id, KEY_MAX - 1);
    candidate[KEY_MAX - 1] = '\0';
    if (!read_number(id + KEY_MAX, 7, &value) || !key_is_valid(candidate) ||
        value > RECUR_CYCLE_MAX) {
        return false;
    }
    memcpy(key, candidate, KEY_MAX);
    *cycle = value;
    return true;
}

bool reference_id_parse(const char *id, char charge_id[static CHARGE_ID_MAX], uint32_t *number)
{
    const char *dash = strrchr(id, '-');
    char candidate[CHARGE_ID_MAX];
    if (dash == NULL || dash - id >= CHARGE_ID_MAX) {
        return false;
    }
    size_t length = (size_t)(dash - id);
    memcpy(candidate, id, length);
    candidate[length] = '\0';
    char key[KEY_MAX];
    uint32_t cycle;
    uint32_t value;
    if (!charge_id_parse(candidate, key, &cycle) || !read_number(dash + 1, 4, &value) ||
        value == 0) {
        return false;
    }
    memcpy(charge_id, candidate, length + 1);
    *number = value;
    return true;
}

/* Splits at `mark`, a dash and a letter; the number behind it has at most `digits_max`
 * digits. `head` gets what is before it, if it has room. */
static bool split_at_mark(const char *id, const char *mark, size_t digits_max, char *head,
                          size_t head_size, uint32_t *number)
{
    const char *at = strstr(id, mark);
    if (at == NULL || (size_t)(at - id) >= head_size) {
        return false;
    }
    uint32_t value;
    if (!read_number(at + strlen(mark), digits_max, &value) || value == 0) {
        return false;
    }
    size_t length = (size_t)(at - id);
    memcpy(head, id, length);
    head[length] = '\0';
    *number = value;
    return true;
}

bool capture_reference_id_parse(const char *id, char reference_id[static REFERENCE_ID_MAX],
                                uint32_t *number)
{
    char head[REFERENCE_ID_MAX];
    char charge_id[CHARGE_ID_MAX];
    uint32_t capture;
    uint32_t attempt;
    if (!split_at_mark(id, "-C", 1, head, sizeof head, &capture) ||
        !reference_id_parse(head, charge_id, &attempt)) {
        return false;
    }
    memcpy(reference_id, head, strlen(head) + 1);
    *number = capture;
    return true;
}

bool refund_reference_id_parse(const char *id, char charge_id[static CHARGE_ID_MAX],
                               uint32_t *number)
{
    char head[CHARGE_ID_MAX];
    char key[KEY_MAX];
    uint32_t refund;
    uint32_t cycle;
    if (!split_at_mark(id, "-R", 4, head, sizeof head, &refund) ||
        !charge_id_parse(head, key, &cycle)) {
        return false;
    }
    memcpy(charge_id, head, strlen(head) + 1);
    *number = refund;
    return true;
}
