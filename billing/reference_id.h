/*
 * reference_id.h - the identity of subscriptions, charges and attempts.
 *
 *     key        16 characters of base32, fixed at creation         K7QW3...
 *     charge     key '-' cycle      (SellerOrderId; one-off: cycle 0) K7QW3...-12
 *     attempt    charge '-' number  (AuthorizationReferenceId)        K7QW3...-12-1
 *     capture    attempt "-C" digit (CaptureReferenceId; with CaptureNow the attempt's own)
 *     refund     charge "-R" number (RefundReferenceId)               K7QW3...-12-R1
 *
 * Keys are random, or made from the shop's idempotency key, so that a rebuilt or restored database
 * never reuses another one's ids, but what is ordered again is the same at Amazon. Fixed before the
 * first byte is sent. At most 32 characters of [A-Z2-7-], inside Amazon's [A-Za-z0-9_-].
 */
#ifndef BILLING_REFERENCE_ID_H
#define BILLING_REFERENCE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define KEY_BYTES          10 /* random bytes that become a key */
#define KEY_MAX            17 /* 16 characters and the NUL */
#define CHARGE_ID_MAX      28
#define REFERENCE_ID_MAX   33 /* Amazon's 32 characters and the NUL */
#define ATTEMPT_NUMBER_MAX 9999

void key_from_bytes(const uint8_t bytes[static KEY_BYTES], char key[static KEY_MAX]);
bool key_is_valid(const char *key);

void charge_id_format(const char *key, uint32_t cycle, char id[static CHARGE_ID_MAX]);
void reference_id_format(const char *charge_id, uint32_t attempt_number,
                         char id[static REFERENCE_ID_MAX]);

#define CAPTURE_NUMBER_MAX 9
/* The `number`-th (1..CAPTURE_NUMBER_MAX) capture of an attempt. */
void capture_reference_id_format(const char *reference_id, uint32_t number,
                                 char id[static REFERENCE_ID_MAX]);
void refund_reference_id_format(const char *charge_id, uint32_t number,
                                char id[static REFERENCE_ID_MAX]);

/* Splits "KEY-CYCLE"; false when the text is not a charge id. */
bool charge_id_parse(const char *id, char key[static KEY_MAX], uint32_t *cycle);
/* Splits "KEY-CYCLE-NUMBER" into the charge's id and the number; false when the text is not a
 * reference id, that is not what reference_id_format() writes. */
bool reference_id_parse(const char *id, char charge_id[static CHARGE_ID_MAX], uint32_t *number);
/* The same of what capture_reference_id_format() and refund_reference_id_format() write. */
bool capture_reference_id_parse(const char *id, char reference_id[static REFERENCE_ID_MAX],
                                uint32_t *number);
bool refund_reference_id_parse(const char *id, char charge_id[static CHARGE_ID_MAX],
                               uint32_t *number);

#endif
