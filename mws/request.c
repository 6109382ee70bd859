/*
 * request.c - the kinds of parameters, each with its documented bound. Writers of operations
 * (request_<noun>.c) name them in byte order where they can: form.c is fastest then.
 *
 * A bound that is broken here would be an InvalidParameterValue at Amazon, that is, a refused
 * charge; it is our caller's mistake and must not cost the shop a charge, so nothing is sent.
 */
#include "mws/request.h"

#include <stdbool.h>
#include <string.h>

#include "mws/character.h"

/* The most that one authorization, capture or refund may be, in minor units: 10,000,000 yen, or
 * 150,000.00 of the others, which all have two digits behind the point. */
#define AMOUNT_MAX_JPY   INT64_C(10000000)
#define AMOUNT_MAX_OTHER INT64_C(15000000)

#define TIMEOUT_STEP_MIN 5
#define TIMEOUT_MAX_MIN  1440

static const char missing_text[] = "is missing";
static const char too_long_text[] = "is longer than Amazon takes";

void request_refuse(struct request_writer *writer, const char *name, const char *rule)
{
    if (writer->status == ST_OK) {
        writer->status = problem_set(writer->problem, ST_INVALID, "%s %s", name, rule);
    }
}

/* The length of a UTF-8 sequence by its first byte; 0 for a byte that cannot be first. */
static unsigned sequence_length(unsigned char first)
{
    if (first < 0x80) {
        return first >= ' ' || first == '\t' || first == '\n' || first == '\r';
    }
    if (first < 0xc2) {
        return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* Is the sequence a character that may travel: no surrogate, not longer than it needs to be? */
static bool is_sequence(const unsigned char *bytes, unsigned length)
{
    for (unsigned i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return false; /* the text's NUL ends here too */
        }
    }
    switch (bytes[0]) {
    case 0xe0:
        return bytes[1] >= 0xa0;
    case 0xed:
        return bytes[1] < 0xa0;
    case 0xf0:
        return bytes[1] >= 0x90;
    case 0xf4:
        return bytes[1] < 0x90;
    default:
        return true;
    }
}

struct text_size {
    size_t bytes;
    size_t characters;
};

/* False when the text is not UTF-8 or has control characters. */
static bool measure(const char *text, struct text_size *size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t characters = 0;
    for (; bytes[0] != '\0'; characters++) {
        if (bytes[0] >= ' ' && bytes[0] < 0x80) { /* nearly always */
            bytes++;
            continue;
        }
        unsigned length = sequence_length(bytes[0]);
        if (length == 0 || (length > 1 && !is_sequence(bytes, length))) {
            return false;
        }
        bytes += length;
    }
    *size = (struct text_size){(size_t)((const char *)bytes - text), characters};
    return true;
}

bool request_is_absent(const char *text)
{
    return text == NULL || text[0] == '\0';
}

void request_optional(struct request_writer *writer, const char *name, const char *text,
                      size_t characters_max)
{
    struct text_size size;
    if (request_is_absent(text)) {
        return;
    }
    if (!measure(text, &size)) {
        request_refuse(writer, name, "is not UTF-8 text without control characters");
    } else if (size.characters > characters_max) {
        request_refuse(writer, name, too_long_text);
    } else {
        form_add_bytes(writer->form, name, text, size.bytes);
    }
}

void request_text(struct request_writer *writer, const char *name, const char *text,
                  size_t characters_max)
{
    if (request_is_absent(text)) {
        request_refuse(writer, name, missing_text);
    } else {
        request_optional(writer, name, text, characters_max);
    }
}

void request_id(struct request_writer *writer, const char *name, const char *id, size_t length_max)
{
    size_t length = 0;
    if (request_is_absent(id)) {
        request_refuse(writer, name, missing_text);
        return;
    }
    while (character_is(id[length], CHARACTER_ID)) {
        length++;
    }
    if (id[length] != '\0') {
        request_refuse(writer, name, "has a character outside of A-Z a-z 0-9 - _");
    } else if (length > length_max) {
        request_refuse(writer, name, too_long_text);
    } else {
        form_add_plain(writer->form, name, id, length);
    }
}

void request_optional_id(struct request_writer *writer, const char *name, const char *id,
                         size_t length_max)
{
    if (!request_is_absent(id)) {
        request_id(writer, name, id, length_max);
    }
}

void request_amazon_id(struct request_writer *writer, const char *name, const char *id)
{
    request_id(writer, name, id, MWS_ID_MAX - 1);
}

void request_url(struct request_writer *writer, const char *name, const char *url)
{
    static const char scheme[] = "https://";
    size_t length = 0;
    if (request_is_absent(url)) {
        return;
    }
    while (url[length] > ' ' && url[length] < 0x7f) {
        length++;
    }
    if (url[length] != '\0' || length < sizeof scheme ||
        memcmp(url, scheme, sizeof scheme - 1) != 0) {
        request_refuse(writer, name, "is not an https URL");
    } else if (length > URL_CHARACTERS) {
        request_refuse(writer, name, too_long_text);
    } else {
        form_add_bytes(writer->form, name, url, length);
    }
}

void request_amount(struct request_writer *writer, const char *name, const struct money *amount)
{
    const char *currency = money_currency(amount);
    bool is_yen = strcmp(currency, "JPY") == 0;
    if (!money_is_positive(*amount)) {
        request_refuse(writer, name, "is not a positive amount");
    } else if (!money_at_most(*amount,
                              money_of(is_yen ? AMOUNT_MAX_JPY : AMOUNT_MAX_OTHER, currency))) {
        request_refuse(writer, name, "is more than Amazon takes at once");
    } else {
        form_add_amount(writer->form, name, amount);
    }
}

void request_optional_amount(struct request_writer *writer, const char *name,
                             const struct money *amount)
{
    if (money_is_valid(*amount)) {
        request_amount(writer, name, amount);
    }
}

void request_bool(struct request_writer *writer, const char *name, bool value)
{
    const char *text = value ? "true" : "false";
    form_add_plain(writer->form, name, text, strlen(text));
}

void request_flag(struct request_writer *writer, const char *name, enum mws_flag flag)
{
    if (flag != MWS_FLAG_ABSENT) {
        request_bool(writer, name, flag == MWS_FLAG_TRUE);
    }
}

void request_timeout(struct request_writer *writer, int32_t minutes)
{
    if (minutes < 0 || minutes > TIMEOUT_MAX_MIN || minutes % TIMEOUT_STEP_MIN != 0) {
        request_refuse(writer, "TransactionTimeout", "is neither 0 nor a multiple of 5 up to 1440");
    } else {
        form_add_integer(writer->form, "TransactionTimeout", (uint32_t)minutes);
    }
}

void request_tokens(struct request_writer *writer, const char *access_token,
                    const char *address_consent_token)
{
    if (!request_is_absent(access_token) && !request_is_absent(address_consent_token)) {
        request_refuse(writer, "AddressConsentToken", "is given beside AccessToken");
        return;
    }
    request_optional(writer, "AccessToken", access_token, TOKEN_CHARACTERS);
    request_optional(writer, "AddressConsentToken", address_consent_token, TOKEN_CHARACTERS);
}

void request_provider_shares(struct request_writer *writer, const char *list, const char *amount,
                             const struct mws_provider_shares *shares)
{
    struct form *form = writer->form;
    if (shares->count > MWS_PROVIDERS_MAX) {
        request_refuse(writer, list, "has too many members");
        return;
    }
    for (uint32_t i = 0; i < shares->count; i++) {
        const struct mws_provider_share *share = &shares->shares[i];
        request_amount(writer, form_name(form, "%s.member.%u.%s", list, i + 1, amount),
                       &share->amount);
        request_id(writer, form_name(form, "%s.member.%u.ProviderId", list, i + 1),
                   share->provider_id, REFERENCE_ID_CHARACTERS);
    }
}
