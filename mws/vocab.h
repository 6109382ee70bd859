/*
 * vocab.h - Amazon's words: names of actions, states, reason codes and error codes, as they stand
 * on the wire. Shared by the client and the sandbox; nothing else of the protocol is.
 *
 * Each list is one table with the number used in code and the wire spelling. A word that is not in
 * a table parses to 0 (unknown), which callers must treat as unknown and never as success. Source:
 * OffAmazonPayments 2013-01-01 API reference.
 */
#ifndef MWS_VOCAB_H
#define MWS_VOCAB_H

#define MWS_API_VERSION "2013-01-01"
#define MWS_NAMESPACE   "http://mws.amazonservices.com/schema/OffAmazonPayments/2013-01-01"

/* ACTION(enum suffix, wire name). The class of throttling is in the operation tables. */
#define MWS_ACTIONS(X)                                                                             \
    X(GET_BILLING_AGREEMENT_DETAILS, "GetBillingAgreementDetails")                                 \
    X(SET_BILLING_AGREEMENT_DETAILS, "SetBillingAgreementDetails")                                 \
    X(CONFIRM_BILLING_AGREEMENT, "ConfirmBillingAgreement")                                        \
    X(VALIDATE_BILLING_AGREEMENT, "ValidateBillingAgreement")                                      \
    X(AUTHORIZE_ON_BILLING_AGREEMENT, "AuthorizeOnBillingAgreement")                               \
    X(CLOSE_BILLING_AGREEMENT, "CloseBillingAgreement")                                            \
    X(GET_AUTHORIZATION_DETAILS, "GetAuthorizationDetails")                                        \
    X(GET_ORDER_REFERENCE_DETAILS, "GetOrderReferenceDetails")                                     \
    X(LIST_ORDER_REFERENCE, "ListOrderReference")                                                  \
    X(LIST_ORDER_REFERENCE_BY_NEXT_TOKEN, "ListOrderReferenceByNextToken")                         \
    X(CREATE_ORDER_REFERENCE_FOR_ID, "CreateOrderReferenceForId")                                  \
    X(SET_ORDER_REFERENCE_DETAILS, "SetOrderReferenceDetails")                                     \
    X(SET_ORDER_ATTRIBUTES, "SetOrderAttributes")                                                  \
    X(CONFIRM_ORDER_REFERENCE, "ConfirmOrderReference")                                            \
    X(CANCEL_ORDER_REFERENCE, "CancelOrderReference")                                              \
    X(CLOSE_ORDER_REFERENCE, "CloseOrderReference")                                                \
    X(AUTHORIZE, "Authorize")                                                                      \
    X(CLOSE_AUTHORIZATION, "CloseAuthorization")                                                   \
    X(CAPTURE, "Capture")                                                                          \
    X(GET_CAPTURE_DETAILS, "GetCaptureDetails")                                                    \
    X(REFUND, "Refund")                                                                            \
    X(GET_REFUND_DETAILS, "GetRefundDetails")                                                      \
    X(GET_SERVICE_STATUS, "GetServiceStatus")                                                      \
    X(GET_MERCHANT_ACCOUNT_STATUS, "GetMerchantAccountStatus")                                     \
    X(GET_MERCHANT_NOTIFICATION_CONFIGURATION, "GetMerchantNotificationConfiguration")             \
    X(SET_MERCHANT_NOTIFICATION_CONFIGURATION, "SetMerchantNotificationConfiguration")             \
    X(GET_PROVIDER_CREDIT_DETAILS, "GetProviderCreditDetails")                                     \
    X(GET_PROVIDER_CREDIT_REVERSAL_DETAILS, "GetProviderCreditReversalDetails")                    \
    X(REVERSE_PROVIDER_CREDIT, "ReverseProviderCredit")

enum mws_action {
    MWS_ACTION_UNKNOWN = 0,
#define X(suffix, wire) MWS_##suffix,
    MWS_ACTIONS(X)
#undef X
        MWS_ACTION_COUNT
};

/* States of every object; which object may have which is in the reference, section 5. */
#define MWS_STATES(X)                                                                              \
    X(DRAFT, "Draft")                                                                              \
    X(OPEN, "Open")                                                                                \
    X(SUSPENDED, "Suspended")                                                                      \
    X(CANCELED, "Canceled")                                                                        \
    X(CLOSED, "Closed")                                                                            \
    X(PENDING, "Pending")                                                                          \
    X(DECLINED, "Declined")                                                                        \
    X(COMPLETED, "Completed")

enum mws_state {
    MWS_STATE_UNKNOWN = 0,
#define X(suffix, wire) MWS_STATE_##suffix,
    MWS_STATES(X)
#undef X
        MWS_STATE_COUNT
};

#define MWS_REASONS(X)                                                                             \
    X(INVALID_PAYMENT_METHOD, "InvalidPaymentMethod")                                              \
    X(AMAZON_REJECTED, "AmazonRejected")                                                           \
    X(PROCESSING_FAILURE, "ProcessingFailure")                                                     \
    X(TRANSACTION_TIMED_OUT, "TransactionTimedOut")                                                \
    X(MAX_CAPTURES_PROCESSED, "MaxCapturesProcessed")                                              \
    X(EXPIRED_UNUSED, "ExpiredUnused")                                                             \
    X(AMAZON_CLOSED, "AmazonClosed")                                                               \
    X(ORDER_REFERENCE_CANCELED, "OrderReferenceCanceled")                                          \
    X(SELLER_CLOSED, "SellerClosed")                                                               \
    X(BUYER_CLOSED, "BuyerClosed")                                                                 \
    X(SELLER_CANCELED, "SellerCanceled")                                                           \
    X(AMAZON_CANCELED, "AmazonCanceled")                                                           \
    X(STALE, "Stale")                                                                              \
    X(EXPIRED, "Expired")                                                                          \
    X(MAX_AUTHORIZATIONS_PROCESSED, "MaxAuthorizationsProcessed")                                  \
    X(STOP_SHIPMENT_ATYPICAL_AUTH, "StopShipmentAtypicalAuth")                                     \
    X(VALIDATION_TIMED_OUT, "ValidationTimedOut")                                                  \
    X(MAX_AMOUNT_CHARGED, "MaxAmountCharged")                                                      \
    X(MAX_AUTHORIZATIONS_CAPTURED, "MaxAuthorizationsCaptured")                                    \
    X(MAX_ORDER_REFERENCES_PROCESSED, "MaxOrderReferencesProcessed")                               \
    X(MAX_AMOUNT_REFUNDED, "MaxAmountRefunded")                                                    \
    X(MAX_REFUNDS_PROCESSED, "MaxRefundsProcessed")                                                \
    X(MAX_AMOUNT_REVERSED, "MaxAmountReversed")                                                    \
    X(AMAZON_A_Z_REFUND, "AmazonA-ZRefund")                                                        \
    X(BUYER_CANCELED, "BuyerCanceled")

enum mws_reason {
    MWS_REASON_UNKNOWN = 0, /* absent or not in the table */
#define X(suffix, wire) MWS_REASON_##suffix,
    MWS_REASONS(X)
#undef X
        MWS_REASON_COUNT
};

/* Error codes with the HTTP status the sandbox answers them with (reference, section 6). */
#define MWS_ERRORS(X)                                                                              \
    X(ACCESS_DENIED, "AccessDenied", 401)                                                          \
    X(AMBIGUOUS_TOKEN, "AmbiguousToken", 400)                                                      \
    X(BILLING_AGREEMENT_CONSTRAINTS_EXIST, "BillingAgreementConstraintsExist", 400)                \
    X(BILLING_AGREEMENT_NOT_MODIFIABLE, "BillingAgreementNotModifiable", 405)                      \
    X(CAPTURE_NOT_REFUNDABLE, "CaptureNotRefundable", 405)                                         \
    X(CONSTRAINTS_EXIST, "ConstraintsExist", 400)                                                  \
    X(CURRENCY_MISMATCH, "CurrencyMismatch", 400)                                                  \
    X(CURRENCY_UNSUPPORTED, "CurrencyUnsupported", 400)                                            \
    X(DUPLICATE_REFERENCE_ID, "DuplicateReferenceId", 400)                                         \
    X(DUPLICATE_REQUEST, "DuplicateRequest", 400)                                                  \
    X(INPUT_STREAM_DISCONNECTED, "InputStreamDisconnected", 400)                                   \
    X(INTERNAL_ERROR, "InternalError", 500)                                                        \
    X(INTERNAL_SERVER_ERROR, "InternalServerError", 500)                                           \
    X(INVALID_ACCESS_KEY_ID, "InvalidAccessKeyId", 403)                                            \
    X(INVALID_ACCOUNT_STATUS, "InvalidAccountStatus", 403)                                         \
    X(INVALID_ADDRESS, "InvalidAddress", 404)                                                      \
    X(INVALID_ADDRESS_CONSENT_TOKEN, "InvalidAddressConsentToken", 404)                            \
    X(INVALID_AUTHORIZATION_STATUS, "InvalidAuthorizationStatus", 405)                             \
    X(INVALID_BILLING_AGREEMENT_ID, "InvalidBillingAgreementId", 404)                              \
    X(INVALID_BILLING_AGREEMENT_STATUS, "InvalidBillingAgreementStatus", 405)                      \
    X(INVALID_CANCEL_ATTEMPT, "InvalidCancelAttempt", 405)                                         \
    X(INVALID_CLOSE_ATTEMPT, "InvalidCloseAttempt", 405)                                           \
    X(INVALID_ORDER_REFERENCE_ID, "InvalidOrderReferenceId", 404)                                  \
    X(INVALID_ORDER_REFERENCE_STATUS, "InvalidOrderReferenceStatus", 405)                          \
    X(INVALID_PARAMETER_VALUE, "InvalidParameterValue", 400)                                       \
    X(INVALID_SANDBOX_SIMULATION_SPECIFIED, "InvalidSandboxSimulationSpecified", 400)              \
    X(INVALID_TRANSACTION_ID, "InvalidTransactionId", 404)                                         \
    X(MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationToken", 403)                             \
    X(ORDER_REFERENCE_COUNT_EXCEEDED, "OrderReferenceCountExceeded", 405)                          \
    X(ORDER_REFERENCE_NOT_MODIFIABLE, "OrderReferenceNotModifiable", 405)                          \
    X(PAYMENT_METHOD_NOT_UPDATED, "PaymentMethodNotUpdated", 400)                                  \
    X(PERIODIC_AMOUNT_EXCEEDED, "PeriodicAmountExceeded", 400)                                     \
    X(QUOTA_EXCEEDED, "QuotaExceeded", 503)                                                        \
    X(REQUEST_THROTTLED, "RequestThrottled", 503)                                                  \
    X(SERVICE_UNAVAILABLE, "ServiceUnavailable", 503)                                              \
    X(SIGNATURE_DOES_NOT_MATCH, "SignatureDoesNotMatch", 403)                                      \
    X(TRANSACTION_AMOUNT_EXCEEDED, "TransactionAmountExceeded", 400)                               \
    X(TRANSACTION_COUNT_EXCEEDED, "TransactionCountExceeded", 400)                                 \
    X(UNAUTHORIZED_ACCESS, "UnauthorizedAccess", 401)                                              \
    X(UNAUTHORIZED_SOLUTION_PROVIDER, "UnauthorizedSolutionProvider", 401)

enum mws_error {
    MWS_ERROR_NONE = 0, /* absent or not in the table */
#define X(suffix, wire, http) MWS_ERROR_##suffix,
    MWS_ERRORS(X)
#undef X
        MWS_ERROR_COUNT
};

/* Who starts the charges of an agreement (strong customer authentication, EU and UK). */
#define MWS_AGREEMENT_TYPES(X)                                                                     \
    X(CUSTOMER_INITIATED, "CustomerInitiatedTransaction")                                          \
    X(MERCHANT_INITIATED, "MerchantInitiatedTransaction")

enum mws_agreement_type {
    MWS_AGREEMENT_TYPE_UNKNOWN = 0,
#define X(suffix, wire) MWS_AGREEMENT_##suffix,
    MWS_AGREEMENT_TYPES(X)
#undef X
        MWS_AGREEMENT_TYPE_COUNT
};

/* Who started a refund. */
#define MWS_REFUND_TYPES(X)                                                                        \
    X(SELLER_INITIATED, "SellerInitiated")                                                         \
    X(A_Z_REFUND, "AmazonA-ZRefund")                                                               \
    X(A_Z_GUARANTEE, "AmazonA-ZGuarantee")                                                         \
    X(A_Z_CANCEL, "AmazonA-ZCancel")                                                               \
    X(CHARGEBACK, "Chargeback")                                                                    \
    X(BUYER_CANCELED, "BuyerCanceled")

enum mws_refund_type {
    MWS_REFUND_TYPE_UNKNOWN = 0,
#define X(suffix, wire) MWS_REFUND_TYPE_##suffix,
    MWS_REFUND_TYPES(X)
#undef X
        MWS_REFUND_TYPE_COUNT
};

/* GetServiceStatus: GREEN_I is green with something to say. */
#define MWS_SERVICE_STATUSES(X)                                                                    \
    X(GREEN, "GREEN")                                                                              \
    X(GREEN_I, "GREEN_I")                                                                          \
    X(YELLOW, "YELLOW")                                                                            \
    X(RED, "RED")

enum mws_service_status {
    MWS_SERVICE_STATUS_UNKNOWN = 0,
#define X(suffix, wire) MWS_SERVICE_##suffix,
    MWS_SERVICE_STATUSES(X)
#undef X
        MWS_SERVICE_STATUS_COUNT
};

#define MWS_ACCOUNT_STATUSES(X)                                                                    \
    X(ACTIVE, "ACTIVE")                                                                            \
    X(INACTIVE, "INACTIVE")

enum mws_account_status {
    MWS_ACCOUNT_STATUS_UNKNOWN = 0,
#define X(suffix, wire) MWS_ACCOUNT_##suffix,
    MWS_ACCOUNT_STATUSES(X)
#undef X
        MWS_ACCOUNT_STATUS_COUNT
};

/* Kinds of notifications a merchant's URL can be told of. */
#define MWS_EVENT_TYPES(X)                                                                         \
    X(ALL, "ALL")                                                                                  \
    X(ORDER_REFERENCE, "ORDER_REFERENCE")                                                          \
    X(PAYMENT_AUTHORIZE, "PAYMENT_AUTHORIZE")                                                      \
    X(PAYMENT_CAPTURE, "PAYMENT_CAPTURE")                                                          \
    X(PAYMENT_REFUND, "PAYMENT_REFUND")                                                            \
    X(BILLING_AGREEMENT, "BILLING_AGREEMENT")                                                      \
    X(CHARGEBACK_DETAILED, "CHARGEBACK_DETAILED")

enum mws_event_type {
    MWS_EVENT_TYPE_UNKNOWN = 0,
#define X(suffix, wire) MWS_EVENT_##suffix,
    MWS_EVENT_TYPES(X)
#undef X
        MWS_EVENT_TYPE_COUNT
};

/* Wire spelling of a member; "" for 0. */
const char *mws_action_name(enum mws_action action);
const char *mws_state_name(enum mws_state state);
const char *mws_reason_name(enum mws_reason reason);
const char *mws_error_name(enum mws_error error);
int mws_error_http_status(enum mws_error error);
const char *mws_agreement_type_name(enum mws_agreement_type type);
const char *mws_refund_type_name(enum mws_refund_type type);
const char *mws_service_status_name(enum mws_service_status status);
const char *mws_account_status_name(enum mws_account_status status);
const char *mws_event_type_name(enum mws_event_type type);

/* The member of that exact spelling, or 0. */
enum mws_action mws_action_parse(const char *name);
enum mws_state mws_state_parse(const char *name);
enum mws_reason mws_reason_parse(const char *name);
enum mws_error mws_error_parse(const char *name);
enum mws_agreement_type mws_agreement_type_parse(const char *name);
enum mws_refund_type mws_refund_type_parse(const char *name);
enum mws_service_status mws_service_status_parse(const char *name);
enum mws_account_status mws_account_status_parse(const char *name);
enum mws_event_type mws_event_type_parse(const char *name);

#endif
