/*
 * reply_samples.c - see reply_samples.h. The shapes are those of Amazon's API reference and of the
 * fixtures of its SDKs.
 */
#include "tests/mws/reply_samples.h"

/* When every status of STATUS was last updated, as it prints. */
#define THEN "@1795309323004"

#define AUTHORIZATION_ELEMENTS                                                                     \
    {"<AmazonAuthorizationId>S03-1-2-A000001</AmazonAuthorizationId>",                             \
     "<AmazonAuthorizationId>S03-1-2-A000002</AmazonAuthorizationId>", true},                      \
        {"<AuthorizationReferenceId>a-1</AuthorizationReferenceId>",                               \
         "<AuthorizationReferenceId>a-2</AuthorizationReferenceId>", true},                        \
        {PRICE("AuthorizationAmount", "1200.00"), PRICE("AuthorizationAmount", "1"), true},        \
        {STATUS("AuthorizationStatus", STATE("Closed") REASON("MaxCapturesProcessed")),            \
         STATUS("AuthorizationStatus", STATE("Open")), true},                                      \
        {PRICE("CapturedAmount", "0"), PRICE("CapturedAmount", "1"), false},                       \
        {PRICE("AuthorizationFee", "3.00"), PRICE("AuthorizationFee", "4"), false},                \
        {"<IdList><member>C1</member></IdList>", "<IdList><member>C2</member></IdList>", false},   \
        {"<SoftDecline>false</SoftDecline>", "<SoftDecline>true</SoftDecline>", false},            \
        {"<CaptureNow>true</CaptureNow>", "<CaptureNow>false</CaptureNow>", false},                \
        {"<SoftDescriptor>AMZ*x</SoftDescriptor>", "<SoftDescriptor/>", false},                    \
        {"<SellerAuthorizationNote>n</SellerAuthorizationNote>", "<SellerAuthorizationNote/>",     \
         false},                                                                                   \
        {"<CreationTimestamp>2026-11-22T01:02:03.004Z</CreationTimestamp>",                        \
         "<CreationTimestamp/>", false},                                                           \
        {"<ExpirationTimestamp>2026-12-22T01:02:03.004Z</ExpirationTimestamp>",                    \
         "<ExpirationTimestamp/>", false},                                                         \
    {                                                                                              \
        "<OrderItemCategories><OrderItemCategory>Antiques</OrderItemCategory>"                     \
        "</OrderItemCategories>",                                                                  \
            "<OrderItemCategories/>", false                                                        \
    }
#define AUTHORIZATION_PRINTED(order)                                                               \
    "authorization S03-1-2-A000001 a-1 [" order "] 1200 0 3 Closed/MaxCapturesProcessed" THEN      \
    " hard now C1"

#define AGREEMENT_ELEMENTS                                                                         \
    {"<AmazonBillingAgreementId>C03-1-2</AmazonBillingAgreementId>",                               \
     "<AmazonBillingAgreementId>C03-9-9</AmazonBillingAgreementId>", true},                        \
        {"<BillingAgreementStatus><State>Suspended</State><LastUpdatedTimestamp>"                  \
         "2026-11-22T01:02:03.004Z</LastUpdatedTimestamp><ReasonCode>InvalidPaymentMethod"         \
         "</ReasonCode></BillingAgreementStatus>",                                                 \
         STATUS("BillingAgreementStatus", STATE("Open")), true},                                   \
        {"<BillingAgreementConsent>true</BillingAgreementConsent>",                                \
         "<BillingAgreementConsent>false</BillingAgreementConsent>", false},                       \
        {"<BillingAgreementLimits>" PRICE(                                                         \
             "CurrentRemainingBalance", "48800.00") "<TimePeriodEndDate>2026-12-01T00:00:00Z</"    \
                                                    "TimePeriodEndDate>" PRICE("AmountLimitPerTim" \
                                                                               "ePeriod",          \
                                                                               "50000") "<TimePer" \
                                                                                        "iodStart" \
                                                                                        "Date>"    \
                                                                                        "2026-11-" \
                                                                                        "01T00:"   \
                                                                                        "00:00Z"   \
                                                                                        "</"       \
                                                                                        "TimePeri" \
                                                                                        "odStartD" \
                                                                                        "ate>"     \
                                                                                        "</"       \
                                                                                        "BillingA" \
                                                                                        "greement" \
                                                                                        "Limits>", \
         "<BillingAgreementLimits/>", false},                                                      \
        {"<Buyer><Email>a@example.com</Email><Phone>1</Phone><Name>n</Name></Buyer>", "<Buyer/>",  \
         false},                                                                                   \
        {"<Destination><PhysicalDestination><City>c</City><Name>m</Name></PhysicalDestination>"    \
         "</Destination>",                                                                         \
         "<Destination/>", false},                                                                 \
        {"<Constraints><Constraint><ConstraintId>PaymentPlanNotSet</ConstraintId></Constraint>"    \
         "<Constraint><Description>d</Description><ConstraintID>BuyerConsentNotSet</ConstraintID>" \
         "</Constraint></Constraints>",                                                            \
         "<Constraints/>", false},                                                                 \
        {"<SellerNote>n</SellerNote>", "<SellerNote/>", false},                                    \
        {"<PlatformId>p</PlatformId>", "<PlatformId/>", false},                                    \
        {"<OrderLanguage>ja-JP</OrderLanguage>", "<OrderLanguage/>", false},                       \
        {"<SellerBillingAgreementAttributes><StoreName>s</StoreName>"                              \
         "</SellerBillingAgreementAttributes>",                                                    \
         "<SellerBillingAgreementAttributes/>", false},                                            \
        {"<BillingAgreementType>MerchantInitiatedTransaction</BillingAgreementType>",              \
         "<BillingAgreementType/>", false},                                                        \
        {"<ReleaseEnvironment>Sandbox</ReleaseEnvironment>", "<ReleaseEnvironment/>", false},      \
    {                                                                                              \
        "<CreationTimestamp>2026-11-22T01:02:03.004Z</CreationTimestamp>", "<CreationTimestamp/>", \
            false                                                                                  \
    }
#define AGREEMENT_PRINTED                                                                          \
    "agreement C03-1-2 Suspended/InvalidPaymentMethod" THEN " consent 50000 48800 1793491200000 "  \
    "1796083200000 [PaymentPlanNotSet] [BuyerConsentNotSet] by n <a@example.com> to m <> c"

#define ORDER_ELEMENTS                                                                             \
    {                                                                                              \
        {"<AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>",                               \
         "<AmazonOrderReferenceId>S03-9-9</AmazonOrderReferenceId>", true},                        \
            {STATUS("OrderReferenceStatus", STATE("Closed") REASON("MaxAmountCharged")),           \
             STATUS("OrderReferenceStatus", STATE("Open")), true},                                 \
            {PRICE("OrderTotal", "1200.00"), PRICE("OrderTotal", "1"), false},                     \
            {"<SellerOrderAttributes><StoreName>s</StoreName><SellerOrderId>KEY-1</SellerOrderId>" \
             "</SellerOrderAttributes>",                                                           \
             "<SellerOrderAttributes><SellerOrderId>KEY-2</SellerOrderId></"                       \
             "SellerOrderAttributes>",                                                             \
             false},                                                                               \
            {"<ParentDetails><Type>BillingAgreement</Type><Id>C03-1-2</Id></ParentDetails>",       \
             "<ParentDetails><Id>C03-9-9</Id></ParentDetails>", false},                            \
            {"<IdList><member>A1</member><member>A2</member></IdList>",                            \
             "<IdList><member>A9</member></IdList>", false},                                       \
            {"<Constraints><Constraint><Description>d</Description><ConstraintID>AmountNotSet"     \
             "</ConstraintID></Constraint></Constraints>",                                         \
             "<Constraints/>", false},                                                             \
            {"<ExpirationTimestamp>2027-05-21T01:02:03.004Z</ExpirationTimestamp>",                \
             "<ExpirationTimestamp>2028-05-21T01:02:03.004Z</ExpirationTimestamp>", false},        \
            {"<Destination><DestinationType>Physical</"                                            \
             "DestinationType><PhysicalDestination><City>\xe5\x8c\xba</City></"                    \
             "PhysicalDestination></Destination>",                                                 \
             "<Destination/>", false},                                                             \
        {                                                                                          \
            "<Buyer><Name>\xe5\xb1\xb1</Name></Buyer>", "<Buyer/>", false                          \
        }                                                                                          \
    }
#define ORDER_PRINTED                                                                              \
    "order S03-1-2 KEY-1 C03-1-2 1200 Closed/MaxAmountCharged" THEN                                \
    " 1810861323004 [AmountNotSet] A1 "                                                            \
    "A2 by \xe5\xb1\xb1 <> to  <> \xe5\x8c\xba"

#define CAPTURE_ELEMENTS                                                                           \
    {                                                                                              \
        {"<AmazonCaptureId>S03-1-2-C000001</AmazonCaptureId>",                                     \
         "<AmazonCaptureId>S03-1-2-C000002</AmazonCaptureId>", true},                              \
            {"<CaptureReferenceId>c-1</CaptureReferenceId>",                                       \
             "<CaptureReferenceId>c-2</CaptureReferenceId>", true},                                \
            {PRICE("CaptureAmount", "1200.00"), PRICE("CaptureAmount", "1"), true},                \
            {STATUS("CaptureStatus", STATE("Completed")),                                          \
             STATUS("CaptureStatus", STATE("Declined")), true},                                    \
            {PRICE("RefundedAmount", "30"), PRICE("RefundedAmount", "0"), false},                  \
            {PRICE("CaptureFee", "0.00"), PRICE("CaptureFee", "1"), false},                        \
            {PRICE("ConvertedAmount", "7"), PRICE("ConvertedAmount", "8"), false},                 \
            {"<ConversionRate>1.25</ConversionRate>", "<ConversionRate>2</ConversionRate>",        \
             false},                                                                               \
            {"<IdList><member>R1</member></IdList>", "<IdList/>", false},                          \
            {"<ProviderCreditSummaryList><member><ProviderCreditId>P1</ProviderCreditId>"          \
             "<ProviderId>A1</ProviderId></member></ProviderCreditSummaryList>",                   \
             "<ProviderCreditSummaryList/>", false},                                               \
            {"<SoftDescriptor>AMZ*x</SoftDescriptor>", "<SoftDescriptor/>", false},                \
        {                                                                                          \
            "<CreationTimestamp>2026-11-22T01:02:03.004Z</CreationTimestamp>",                     \
                "<CreationTimestamp/>", false                                                      \
        }                                                                                          \
    }
#define CAPTURE_PRINTED "capture S03-1-2-C000001 c-1 1200 30 0 7 1.25 Completed/" THEN " R1 A1:P1"

#define REFUND_ELEMENTS                                                                            \
    {                                                                                              \
        {"<AmazonRefundId>S03-1-2-R000001</AmazonRefundId>",                                       \
         "<AmazonRefundId>S03-1-2-R000002</AmazonRefundId>", true},                                \
            {"<RefundReferenceId>r-1</RefundReferenceId>",                                         \
             "<RefundReferenceId>r-2</RefundReferenceId>", true},                                  \
            {PRICE("RefundAmount", "30"), PRICE("RefundAmount", "31"), true},                      \
            {STATUS("RefundStatus", STATE("Declined") REASON("ProcessingFailure")),                \
             STATUS("RefundStatus", STATE("Completed")), true},                                    \
            {"<RefundType>AmazonA-ZGuarantee</RefundType>",                                        \
             "<RefundType>SellerInitiated</RefundType>", false},                                   \
            {PRICE("FeeRefunded", "0.00"), PRICE("FeeRefunded", "1"), false},                      \
            {PRICE("ConvertedAmount", "7"), PRICE("ConvertedAmount", "8"), false},                 \
            {"<ConversionRate>0.5</ConversionRate>", "<ConversionRate>2</ConversionRate>", false}, \
        {                                                                                          \
            "<ProviderCreditReversalSummaryList><member><ProviderId>A1</ProviderId>"               \
            "<ProviderCreditReversalId>Q1</ProviderCreditReversalId></member>"                     \
            "</ProviderCreditReversalSummaryList>",                                                \
                "<ProviderCreditReversalSummaryList/>", false                                      \
        }                                                                                          \
    }
#define REFUND_PRINTED                                                                             \
    "refund S03-1-2-R000001 r-1 AmazonA-ZGuarantee 30 0 7 0.5 Declined/ProcessingFailure" THEN     \
    " A1:Q1"

#define REVERSAL_ELEMENTS                                                                          \
    {                                                                                              \
        {"<AmazonProviderCreditReversalId>Q1</AmazonProviderCreditReversalId>",                    \
         "<AmazonProviderCreditReversalId>Q2</AmazonProviderCreditReversalId>", true},             \
            {"<CreditReversalReferenceId>q-1</CreditReversalReferenceId>",                         \
             "<CreditReversalReferenceId>q-2</CreditReversalReferenceId>", true},                  \
            {PRICE("CreditReversalAmount", "5"), PRICE("CreditReversalAmount", "6"), true},        \
            {STATUS("CreditReversalStatus", STATE("Completed")),                                   \
             STATUS("CreditReversalStatus", STATE("Pending")), true},                              \
            {"<ProviderId>A1</ProviderId>", "<ProviderId>A2</ProviderId>", false},                 \
        {                                                                                          \
            "<SellerId>S</SellerId>", "<SellerId/>", false                                         \
        }                                                                                          \
    }
#define REVERSAL_PRINTED "reversal Q1 q-1 A1 5 Completed/" THEN

const struct sample reply_samples[] = {
    {MWS_AUTHORIZE, "AuthorizationDetails", AUTHORIZATION_PRINTED(""), {AUTHORIZATION_ELEMENTS}},
    {MWS_GET_AUTHORIZATION_DETAILS,
     "AuthorizationDetails",
     AUTHORIZATION_PRINTED(""),
     {AUTHORIZATION_ELEMENTS}},
    {MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
     "",
     "authorization S03-1-2-A000001 a-1 [S03-1-2] 1200 poison poison Pending/@never hard",
     {
         {"<AuthorizationDetails>" PRICE(
              "AuthorizationAmount",
              "1200") "<AuthorizationStatus>"
                      "<State>Pending</State></AuthorizationStatus><AuthorizationReferenceId>a-1"
                      "</AuthorizationReferenceId><AmazonAuthorizationId>S03-1-2-A000001"
                      "</AmazonAuthorizationId></AuthorizationDetails>",
          "<AuthorizationDetails/>", true},
         {"<AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>",
          "<AmazonOrderReferenceId>S03-9-9</AmazonOrderReferenceId>", false},
     }},
    {MWS_GET_BILLING_AGREEMENT_DETAILS,
     "BillingAgreementDetails",
     AGREEMENT_PRINTED,
     {AGREEMENT_ELEMENTS}},
    {MWS_SET_BILLING_AGREEMENT_DETAILS,
     "BillingAgreementDetails",
     AGREEMENT_PRINTED,
     {AGREEMENT_ELEMENTS}},
    {MWS_VALIDATE_BILLING_AGREEMENT,
     "",
     "validation failure InvalidPaymentMethod Suspended/InvalidPaymentMethod" THEN,
     {
         {"<ValidationResult>Failure</ValidationResult>",
          "<ValidationResult>Success</ValidationResult>", true},
         {"<FailureReasonCode>InvalidPaymentMethod</FailureReasonCode>",
          "<FailureReasonCode>ValidationTimedOut</FailureReasonCode>", false},
         {STATUS("BillingAgreementStatus", STATE("Suspended") REASON("InvalidPaymentMethod")),
          STATUS("BillingAgreementStatus", STATE("Open")), false},
     }},
    {MWS_CREATE_ORDER_REFERENCE_FOR_ID, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_SET_ORDER_REFERENCE_DETAILS, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_SET_ORDER_ATTRIBUTES, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_GET_ORDER_REFERENCE_DETAILS, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_CAPTURE, "CaptureDetails", CAPTURE_PRINTED, CAPTURE_ELEMENTS},
    {MWS_GET_CAPTURE_DETAILS, "CaptureDetails", CAPTURE_PRINTED, CAPTURE_ELEMENTS},
    {MWS_REFUND, "RefundDetails", REFUND_PRINTED, REFUND_ELEMENTS},
    {MWS_GET_REFUND_DETAILS, "RefundDetails", REFUND_PRINTED, REFUND_ELEMENTS},
    {MWS_REVERSE_PROVIDER_CREDIT, "ProviderCreditReversalDetails", REVERSAL_PRINTED,
     REVERSAL_ELEMENTS},
    {MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS, "ProviderCreditReversalDetails", REVERSAL_PRINTED,
     REVERSAL_ELEMENTS},
    {MWS_GET_PROVIDER_CREDIT_DETAILS,
     "ProviderCreditDetails",
     "credit P1 k-1 A1 10 5 Closed/MaxAmountReversed" THEN " Q1 Q2",
     {
         {"<AmazonProviderCreditId>P1</AmazonProviderCreditId>",
          "<AmazonProviderCreditId>P2</AmazonProviderCreditId>", true},
         {PRICE("CreditAmount", "10"), PRICE("CreditAmount", "11"), true},
         {STATUS("CreditStatus", STATE("Closed") REASON("MaxAmountReversed")),
          STATUS("CreditStatus", STATE("Open")), true},
         {"<CreditReferenceId>k-1</CreditReferenceId>",
          "<CreditReferenceId>k-2</CreditReferenceId>", false},
         {"<ProviderId>A1</ProviderId>", "<ProviderId>A2</ProviderId>", false},
         {PRICE("CreditReversalAmount", "5"), PRICE("CreditReversalAmount", "6"), false},
         {"<CreditReversalIdList><member>Q1</member><member>Q2</member></CreditReversalIdList>",
          "<CreditReversalIdList/>", false},
     }},
    {MWS_GET_SERVICE_STATUS,
     "",
     "service GREEN_I 1795309323004 m-1 we are busy",
     {
         {"<Status>GREEN_I</Status>", "<Status>RED</Status>", true},
         {"<Timestamp>2026-11-22T01:02:03.004Z</Timestamp>",
          "<Timestamp>2027-11-22T01:02:03.004Z</Timestamp>", false},
         {"<MessageId>m-1</MessageId>", "<MessageId>m-2</MessageId>", false},
         {"<Messages><Message><Locale>en_US</Locale><Text>we are busy</Text></Message>"
          "<Message><Locale>ja_JP</Locale><Text>x</Text></Message></Messages>",
          "<Messages/>", false},
     }},
    {MWS_GET_MERCHANT_ACCOUNT_STATUS,
     "",
     "account INACTIVE",
     {{"<AccountStatus>INACTIVE</AccountStatus>", "<AccountStatus>ACTIVE</AccountStatus>", true}}},
    {MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION,
     "NotificationConfigurationList",
     "notifications https://a/1 2 https://a/2 24",
     {{"<member><NotificationUrl>https://a/1</NotificationUrl><EventTypes><member>ALL</member>"
       "</EventTypes></member><member><EventTypes><member>PAYMENT_AUTHORIZE</member>"
       "<member>PAYMENT_CAPTURE</member></EventTypes><NotificationUrl>https://a/2"
       "</NotificationUrl></member>",
       NULL, false}}},
    {MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN,
     "",
     "list S03-1-2:KEY-1:Open next eyJ",
     {
         {"<OrderReferenceList><OrderReference><OrderReferenceStatus><State>Open</State>"
          "</OrderReferenceStatus><SellerOrderAttributes><SellerOrderId>KEY-1</SellerOrderId>"
          "</SellerOrderAttributes><AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>"
          "</OrderReference></OrderReferenceList>",
          "<OrderReferenceList/>", false},
         {"<NextPageToken>eyJ</NextPageToken>", "<NextPageToken>fyJ</NextPageToken>", false},
     }},
    {MWS_LIST_ORDER_REFERENCE,
     "",
     "list S03-1-2:KEY-1:Open next eyJ",
     {
         {"<OrderReferenceList><OrderReference><OrderReferenceStatus><State>Open</State>"
          "</OrderReferenceStatus><SellerOrderAttributes><SellerOrderId>KEY-1</SellerOrderId>"
          "</SellerOrderAttributes><AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>"
          "</OrderReference></OrderReferenceList>",
          "<OrderReferenceList/>", false},
         {"<NextPageToken>eyJ</NextPageToken>", "<NextPageToken>fyJ</NextPageToken>", false},
     }},
    {.action = MWS_ACTION_UNKNOWN},
};
