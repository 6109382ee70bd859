/*
 * request.c - one writer per operation: its parameters in byte order of their names (form.c is
 * fastest then), each with its documented bound.
 *
 * A bound that is broken here would be an InvalidParameterValue at Amazon, that is, a refused
 * charge; it is our caller's mistake and must not cost the shop a charge, so nothing is sent.
 */
#include "mws/request.h"

#include <stdbool.h>
#include <string.h>

/* Characters, from the API reference's data types. */
#define REFERENCE_ID_CHARACTERS       32
#define NOTE_CHARACTERS               255
#define SELLER_NOTE_CHARACTERS        1024
#define CLOSURE_REASON_CHARACTERS     1024
#define CUSTOM_INFORMATION_CHARACTERS 1024
#define SELLER_ORDER_ID_CHARACTERS    127
#define STORE_NAME_CHARACTERS         50
#define SOFT_DESCRIPTOR_CHARACTERS    16

/* The most that one authorization may be, in units of the currency. */
#define AMOUNT_MAX_JPY   "10000000"
#define AMOUNT_MAX_OTHER "150000"

#define TIMEOUT_STEP_MIN 5
#define TIMEOUT_MAX_MIN  1440

static const char missing_text[] = "is missing";
static const char too_long_text[] = "is longer than Amazon takes";

static void refuse(struct request_writer *writer, const char *name, const char *rule)
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

static bool is_absent(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static void add_optional(struct request_writer *writer, const char *name, const char *text,
                         size_t characters_max)
{
    struct text_size size;
    if (is_absent(text)) {
        return;
    }
    if (!measure(text, &size)) {
        refuse(writer, name, "is not UTF-8 text without control characters");
    } else if (size.characters > characters_max) {
        refuse(writer, name, too_long_text);
    } else {
        form_add_bytes(writer->form, name, text, size.bytes);
    }
}

static void add_text(struct request_writer *writer, const char *name, const char *text,
                     size_t characters_max)
{
    if (is_absent(text)) {
        refuse(writer, name, missing_text);
    } else {
        add_optional(writer, name, text, characters_max);
    }
}

static bool is_id_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static void add_id(struct request_writer *writer, const char *name, const char *id,
                   size_t length_max)
{
    size_t length = 0;
    if (is_absent(id)) {
        refuse(writer, name, missing_text);
        return;
    }
    while (is_id_character(id[length])) {
        length++;
    }
    if (id[length] != '\0') {
        refuse(writer, name, "has a character outside of A-Z a-z 0-9 - _");
    } else if (length > length_max) {
        refuse(writer, name, too_long_text);
    } else {
        form_add_bytes(writer->form, name, id, length);
    }
}

static void add_agreement_id(struct request_writer *writer, const char *id)
{
    add_id(writer, "AmazonBillingAgreementId", id, MWS_ID_MAX - 1);
}

static void add_authorization_amount(struct request_writer *writer, const struct money *amount)
{
    struct money most;
    bool is_yen = strcmp(money_currency(amount), "JPY") == 0;
    if (!money_is_positive(*amount)) {
        refuse(writer, "AuthorizationAmount", "is not a positive amount");
    } else if (!money_parse(is_yen ? AMOUNT_MAX_JPY : AMOUNT_MAX_OTHER, money_currency(amount),
                            &most) ||
               !money_at_most(*amount, most)) {
        refuse(writer, "AuthorizationAmount", "is more than Amazon takes in one authorization");
    } else {
        form_add_amount(writer->form, "AuthorizationAmount.Amount", *amount);
        form_add(writer->form, "AuthorizationAmount.CurrencyCode", money_currency(amount));
    }
}

static void add_timeout(struct request_writer *writer, int32_t minutes)
{
    if (minutes < 0 || minutes > TIMEOUT_MAX_MIN || minutes % TIMEOUT_STEP_MIN != 0) {
        refuse(writer, "TransactionTimeout", "is neither 0 nor a multiple of 5 up to 1440");
    } else {
        form_add_integer(writer->form, "TransactionTimeout", (uint32_t)minutes);
    }
}

void request_get_billing_agreement_details(struct request_writer *writer,
                                           const struct mws_request *request)
{
    add_agreement_id(writer, request->get_billing_agreement_details.amazon_billing_agreement_id);
}

void request_set_billing_agreement_details(struct request_writer *writer,
                                           const struct mws_request *request)
{
    const struct mws_set_billing_agreement_details *r = &request->set_billing_agreement_details;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    add_optional(writer,
                 "BillingAgreementAttributes.SellerBillingAgreementAttributes.CustomInformation",
                 r->custom_information, CUSTOM_INFORMATION_CHARACTERS);
    add_optional(
        writer,
        "BillingAgreementAttributes.SellerBillingAgreementAttributes.SellerBillingAgreementId",
        r->seller_billing_agreement_id, SELLER_ORDER_ID_CHARACTERS);
    add_optional(writer, "BillingAgreementAttributes.SellerBillingAgreementAttributes.StoreName",
                 r->store_name, STORE_NAME_CHARACTERS);
    add_optional(writer, "BillingAgreementAttributes.SellerNote", r->seller_note,
                 SELLER_NOTE_CHARACTERS);
}

void request_confirm_billing_agreement(struct request_writer *writer,
                                       const struct mws_request *request)
{
    add_agreement_id(writer, request->confirm_billing_agreement.amazon_billing_agreement_id);
}

void request_validate_billing_agreement(struct request_writer *writer,
                                        const struct mws_request *request)
{
    add_agreement_id(writer, request->validate_billing_agreement.amazon_billing_agreement_id);
}

void request_close_billing_agreement(struct request_writer *writer,
                                     const struct mws_request *request)
{
    const struct mws_close_billing_agreement *r = &request->close_billing_agreement;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    add_optional(writer, "ClosureReason", r->closure_reason, CLOSURE_REASON_CHARACTERS);
}

void request_authorize_on_billing_agreement(struct request_writer *writer,
                                            const struct mws_request *request)
{
    const struct mws_authorize_on_billing_agreement *r = &request->authorize_on_billing_agreement;
    add_agreement_id(writer, r->amazon_billing_agreement_id);
    add_authorization_amount(writer, &r->authorization_amount);
    add_id(writer, "AuthorizationReferenceId", r->authorization_reference_id,
           REFERENCE_ID_CHARACTERS);
    form_add(writer->form, "CaptureNow", r->capture_now ? "true" : "false");
    add_optional(writer, "SellerAuthorizationNote", r->seller_authorization_note, NOTE_CHARACTERS);
    add_optional(writer, "SellerNote", r->seller_note, SELLER_NOTE_CHARACTERS);
    add_optional(writer, "SellerOrderAttributes.SellerOrderId", r->seller_order_id,
                 SELLER_ORDER_ID_CHARACTERS);
    add_optional(writer, "SellerOrderAttributes.StoreName", r->store_name, STORE_NAME_CHARACTERS);
    add_optional(writer, "SoftDescriptor", r->soft_descriptor, SOFT_DESCRIPTOR_CHARACTERS);
    add_timeout(writer, r->transaction_timeout_min);
}

void request_get_authorization_details(struct request_writer *writer,
                                       const struct mws_request *request)
{
    add_id(writer, "AmazonAuthorizationId",
           request->get_authorization_details.amazon_authorization_id, MWS_ID_MAX - 1);
}

void request_get_order_reference_details(struct request_writer *writer,
                                         const struct mws_request *request)
{
    add_id(writer, "AmazonOrderReferenceId",
           request->get_order_reference_details.amazon_order_reference_id, MWS_ID_MAX - 1);
}

void request_list_order_reference(struct request_writer *writer, const struct mws_request *request)
{
    const struct mws_list_order_reference *r = &request->list_order_reference;
    add_id(writer, "PaymentDomain", r->payment_domain, REFERENCE_ID_CHARACTERS);
    add_text(writer, "QueryId", r->seller_order_id, SELLER_ORDER_ID_CHARACTERS);
    form_add(writer->form, "QueryIdType", "SellerOrderId");
}
