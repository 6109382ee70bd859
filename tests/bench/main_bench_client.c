/*
 * main_bench_client.c - what it costs to sign a request and to read an answer, beside the bare
 * primitives on the same bytes: the HMAC with its key prepared, and libxml2's SAX parser, reused,
 * with handlers that do nothing.
 *
 *     bench_client ANSWER.xml [MILLISECONDS]
 *
 * ANSWER.xml is an answer to AuthorizeOnBillingAgreement. Subject and floor take turns, each for
 * MILLISECONDS at a time; the medians of the turns are printed, one JSON object per measure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "billing/ensure.h"
#include "mws/client.h"
#include "mws/edge/crypto.h"
#include "mws/edge/xml.h"
#include "mws/operation.h"

#define TURNS      9
#define BATCH      200
#define BODY_MAX   8192
#define URL        "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01"
#define SECRET     "an example of a secret key, 40 characters"
#define ANSWER_MAX 65536

struct bench {
    struct secret *secret;
    struct mws_seller seller;
    struct sign_endpoint endpoint; /* taken apart once, as the client does */
    struct hmac_key *key;
    char signed_text[BODY_MAX]; /* what the HMAC covers */
    size_t signed_length;
    char answer[ANSWER_MAX];
    size_t answer_length;
    struct xml *xml;
    xmlParserCtxtPtr parser;
    struct mws_reply reply;
    unsigned long parser_events;
};

typedef void once(struct bench *bench);

/* ---- requests ---- */

/* What mws_call does with a request before it hands the bytes to the network. */
static size_t sign_into(struct bench *bench, char buffer[static BODY_MAX])
{
    struct signed_body body;
    struct problem problem;
    struct mws_request request = {
        .action = MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
        .authorize_on_billing_agreement = {.amazon_billing_agreement_id = "C03-0000001-0000001",
                                           .authorization_reference_id = "AEAAAAAAAAAAAAAA-1-1",
                                           .authorization_amount = money_of(1000, "JPY"),
                                           .capture_now = true,
                                           .seller_order_id = "AEAAAAAAAAAAAAAA-1"},
    };
    const struct instant now = {INT64_C(1795312800123)};
    ENSURE(mws_sign(&bench->seller, &bench->endpoint, &request, now, buffer, BODY_MAX, &body,
                    &problem) == ST_OK);
    return (size_t)(body.bytes + body.length - buffer);
}

static void sign_once(struct bench *bench)
{
    char buffer[BODY_MAX];
    ENSURE(sign_into(bench, buffer) > 0);
}

static void hmac_once(struct bench *bench)
{
    uint8_t mac[HMAC_SHA256_BYTES];
    hmac_sha256(bench->key, bench->signed_text, bench->signed_length, mac);
}

/* ---- answers ---- */

static void read_once(struct bench *bench)
{
    mws_reply_read(&bench->reply, MWS_AUTHORIZE_ON_BILLING_AGREEMENT, 200, bench->answer,
                   bench->answer_length, bench->xml);
    ENSURE(bench->reply.authorization.capture_id[0] != '\0');
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces, const xmlChar **namespace_list, int attributes, int defaulted,
                     const xmlChar **attribute_list)
{
    struct bench *bench = ((xmlParserCtxtPtr)arg)->_private;
    (void)name;
    (void)prefix;
    (void)uri;
    (void)namespaces;
    (void)namespace_list;
    (void)attributes;
    (void)defaulted;
    (void)attribute_list;
    bench->parser_events++;
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)arg;
    (void)name;
    (void)prefix;
    (void)uri;
}

static void on_text(void *arg, const xmlChar *text, int length)
{
    (void)arg;
    (void)text;
    (void)length;
}

static void sax_once(struct bench *bench)
{
    xmlCtxtReset(bench->parser);
    xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
        bench->answer, (int)bench->answer_length, XML_CHAR_ENCODING_NONE);
    ENSURE(buffer != NULL);
    xmlParserInputPtr input = xmlNewIOInputStream(bench->parser, buffer, XML_CHAR_ENCODING_NONE);
    ENSURE(input != NULL);
    ENSURE(inputPush(bench->parser, input) >= 0);
    ENSURE(xmlParseDocument(bench->parser) == 0);
}

/* ---- turns ---- */

static double now_s(void)
{
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double per_second(struct bench *bench, once *work, double seconds)
{
    double start = now_s();
    double passed;
    unsigned long count = 0;
    do {
        for (int i = 0; i < BATCH; i++) {
            work(bench);
        }
        count += BATCH;
        passed = now_s() - start;
    } while (passed < seconds);
    return (double)count / passed;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *bench, const char *name, once *subject, once *bare,
                    double seconds)
{
    double subjects[TURNS];
    double floors[TURNS];
    for (int turn = 0; turn < TURNS; turn++) {
        subjects[turn] = per_second(bench, subject, seconds);
        floors[turn] = per_second(bench, bare, seconds);
    }
    qsort(subjects, TURNS, sizeof subjects[0], by_value);
    qsort(floors, TURNS, sizeof floors[0], by_value);
    (void)printf("{\"part\": \"%s\", \"per_s\": %.0f, \"floor_per_s\": %.0f, \"bytes\": %zu}\n",
                 name, subjects[TURNS / 2], floors[TURNS / 2],
                 subject == sign_once ? bench->signed_length : bench->answer_length);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_client ANSWER.xml [MILLISECONDS]\n");
        return 64;
    }
    double seconds = (argc > 2 ? strtod(argv[2], NULL) : 100) / 1000;
    struct bench *bench = calloc(1, sizeof *bench);
    ENSURE(bench != NULL);
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "bench_client: %s cannot be read\n", argv[1]);
        free(bench);
        return 66;
    }
    bench->answer_length = fread(bench->answer, 1, sizeof bench->answer, file);
    (void)fclose(file);

    bench->secret = secret_new(SECRET, strlen(SECRET));
    bench->key = hmac_key_new(SECRET, strlen(SECRET));
    bench->seller = (struct mws_seller){.region = MWS_REGION_JP,
                                        .environment = MWS_SANDBOX,
                                        .seller_id = "A1EXAMPLESELLER",
                                        .access_key = "AKIAEXAMPLE123456789",
                                        .secret = bench->secret};
    struct problem problem;
    ENSURE(sign_endpoint_read(URL, &bench->endpoint, &problem) == ST_OK);
    (void)sign_into(bench, bench->signed_text);
    const char *signature = memmem(bench->signed_text, BODY_MAX, "&Signature=", 11);
    ENSURE(signature != NULL);
    bench->signed_length = (size_t)(signature - bench->signed_text);
    measure(bench, "sign", sign_once, hmac_once, seconds);

    bench->xml = xml_new();
    bench->parser = xmlNewParserCtxt();
    ENSURE(bench->parser != NULL);
    *bench->parser->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                                          .startElementNs = on_start,
                                          .endElementNs = on_end,
                                          .characters = on_text};
    bench->parser->_private = bench;
    measure(bench, "read", read_once, sax_once, seconds);
    ENSURE(bench->parser_events > 0);

    xmlFreeParserCtxt(bench->parser);
    xml_free(bench->xml);
    hmac_key_free(bench->key);
    secret_free(bench->secret);
    free(bench);
    return 0;
}
