/*
 * main_ipn_sender.c - posts notifications as Amazon SNS would, over kept connections, and tells how
 * fast they were taken.
 *
 *     ipn_sender URL KEY CERTIFICATE_URL SELLERS COUNT RATE
 *
 * Every body is made and signed before the first one is sent. Each is about another authorization,
 * under a reference id that a charge could have, so that a receiver has to look for it. RATE a
 * second are begun, 0 = as fast as CONNECTIONS at once allow. Prints "ready", waits
 * for a line, and in the end prints one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/certificate.h"
#include "mws/edge/crypto.h"
#include "mws/edge/http_client.h"
#include "mws/edge/json.h"

#define CONNECTIONS 128
#define KEY_MAX     8192
#define US_PER_S    INT64_C(1000000)

struct sender;

struct letter {
    struct sender *sender;
    char *body;
    int64_t began_us;
    int64_t took_us;
    bool is_taken;
};

struct sender {
    struct loop *loop;
    struct timer *timer;
    struct http_client *client;
    const char *url;
    struct letter *letters;
    size_t count, begun, ended;
    int64_t rate;
    int64_t began_us, ended_us;
};

/* ---- letters ---- */

static char *message_new(unsigned seller, size_t number)
{
    char data[1024];
    char seller_id[32];
    struct json *root = json_new_object();
    (void)snprintf(seller_id, sizeof seller_id, "SELLER%04u", seller + 1);
    (void)snprintf(data, sizeof data,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AuthorizationNotification xmlns="
                   "\"https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01\">"
                   "<AuthorizationDetails><AmazonAuthorizationId>S03-%07zu-0000000-A000001"
                   "</AmazonAuthorizationId><AuthorizationReferenceId>AEAAAAAAAAAAAAAA-%zu-1"
                   "</AuthorizationReferenceId><AuthorizationAmount><Amount>1000.0</Amount>"
                   "<CurrencyCode>JPY</CurrencyCode></AuthorizationAmount><IdList/>"
                   "<AuthorizationStatus><State>Closed</State><LastUpdateTimestamp>"
                   "2026-11-22T01:00:00.000Z</LastUpdateTimestamp><ReasonCode>MaxCapturesProcessed"
                   "</ReasonCode></AuthorizationStatus></AuthorizationDetails>"
                   "</AuthorizationNotification>",
                   number, number + 1);
    json_set_string(root, "ReleaseEnvironment", "Sandbox");
    json_set_string(root, "NotificationType", "PaymentAuthorize");
    json_set_string(root, "SellerId", seller_id);
    json_set_string(root, "NotificationData", data);
    char *text = json_print(root, false);
    json_free(root);
    return text;
}

static void sign(const struct signing_key *key, struct json *root)
{
    static const char *const names[] = {"Message", "MessageId", "Timestamp", "TopicArn", "Type"};
    char text[4096] = "";
    uint8_t signature[SIGNATURE_BYTES_MAX];
    char base64[BASE64_LENGTH(SIGNATURE_BYTES_MAX) + 1];
    size_t used = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n%s\n", names[i],
                                 json_as_string(json_get(root, names[i])));
        ENSURE(used < sizeof text);
    }
    size_t length = signing_key_sign(key, DIGEST_SHA1, text, used, signature);
    base64_encode(signature, length, base64);
    json_set_string(root, "Signature", base64);
}

static char *body_new(const struct signing_key *key, const char *certificate_url, unsigned seller,
                      size_t number, struct instant now)
{
    char id[32];
    char topic[128];
    char time[INSTANT_TEXT_MAX];
    struct json *root = json_new_object();
    char *message = message_new(seller, number);
    (void)snprintf(id, sizeof id, "message-%zu", number);
    (void)snprintf(topic, sizeof topic,
                   "arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSPSELLER%04u", seller + 1);
    instant_format(now, time);
    json_set_string(root, "Type", "Notification");
    json_set_string(root, "MessageId", id);
    json_set_string(root, "TopicArn", topic);
    json_set_string(root, "Message", message);
    json_set_string(root, "Timestamp", time);
    json_set_string(root, "SignatureVersion", "1");
    json_set_string(root, "SigningCertURL", certificate_url);
    sign(key, root);
    char *text = json_print(root, false);
    free(message);
    json_free(root);
    return text;
}

/* ---- sending ---- */

static void send_more(void *arg);

static void sent(void *arg, const struct http_result *result)
{
    struct letter *letter = arg;
    struct sender *sender = letter->sender;
    sender->ended_us = loop_ticks(sender->loop).us;
    letter->took_us = sender->ended_us - letter->began_us;
    letter->is_taken = result->failure == HTTP_OK && result->status == 200;
    sender->ended++;
    if (sender->ended == sender->count) {
        loop_stop(sender->loop);
    } else if (sender->rate == 0) {
        send_more(sender);
    }
}

static bool may_begin(const struct sender *sender, int64_t now_us)
{
    if (sender->begun == sender->count) {
        return false;
    }
    if (sender->rate == 0) {
        return sender->begun - sender->ended < CONNECTIONS;
    }
    return (int64_t)sender->begun * US_PER_S <= (now_us - sender->began_us) * sender->rate;
}

static void send_more(void *arg)
{
    static const char *const headers[] = {"x-amz-sns-message-type: Notification",
                                          "Content-Type: text/plain; charset=UTF-8", NULL};
    struct sender *sender = arg;
    int64_t now_us = loop_ticks(sender->loop).us;
    while (may_begin(sender, now_us)) {
        struct letter *letter = &sender->letters[sender->begun++];
        ENSURE(letter->body != NULL); /* made before the first was sent */
        const struct http_request request = {.url = sender->url,
                                             .headers = headers,
                                             .body = letter->body,
                                             .body_length = strlen(letter->body)};
        letter->began_us = now_us;
        enum status status = http_send(sender->client, &request, sent, letter);
        ENSURE(status == ST_OK);
    }
    if (sender->rate > 0 && sender->begun < sender->count) {
        timer_start(sender->timer, 1);
    }
}

static int compare(const void *a, const void *b)
{
    const struct letter *left = a;
    const struct letter *right = b;
    return (left->took_us > right->took_us) - (left->took_us < right->took_us);
}

/* In milliseconds; the letters are sorted. */
static double took_ms(const struct sender *sender, size_t percent)
{
    size_t index = sender->count * percent / 100;
    return (double)sender->letters[index].took_us / 1000;
}

static void print(struct sender *sender)
{
    size_t taken = 0;
    for (size_t i = 0; i < sender->count; i++) {
        taken += sender->letters[i].is_taken ? 1 : 0;
    }
    double seconds = (double)(sender->ended_us - sender->began_us) / (double)US_PER_S;
    qsort(sender->letters, sender->count, sizeof sender->letters[0], compare);
    (void)printf("{\"sent\": %zu, \"taken\": %zu, \"taken_per_s\": %.0f, \"p50_ms\": %.2f, "
                 "\"p99_ms\": %.2f}\n",
                 sender->count, taken, (double)taken / seconds, took_ms(sender, 50),
                 took_ms(sender, 99));
}

static struct signing_key *key_read(const char *path)
{
    char text[KEY_MAX];
    struct problem problem = {""};
    struct signing_key *key = NULL;
    FILE *file = fopen(path, "re");
    ENSURE(file != NULL);
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    enum status status = signing_key_read(text, &key, &problem);
    ENSURE(status == ST_OK);
    return key;
}

int main(int argc, char **argv)
{
    struct problem problem = {""};
    struct http_client_options options = {.user_agent = "Amazon Simple Notification Service Agent",
                                          .connections_max = CONNECTIONS,
                                          .connect_deadline_ms = 15000,
                                          .total_deadline_ms = 60000,
                                          .response_bytes_max = 4096,
                                          .plain_allowed = true};
    if (argc != 7) {
        (void)fprintf(stderr, "usage: ipn_sender URL KEY CERTIFICATE_URL SELLERS COUNT RATE\n");
        return 64;
    }
    struct signing_key *key = key_read(argv[2]);
    unsigned sellers = (unsigned)strtoul(argv[4], NULL, 10);
    struct sender sender = {
        .url = argv[1], .count = strtoul(argv[5], NULL, 10), .rate = strtol(argv[6], NULL, 10)};
    sender.loop = loop_new();
    sender.timer = timer_new(sender.loop, send_more, &sender);
    sender.client = http_client_new(sender.loop, &options, &problem);
    sender.letters = calloc(sender.count, sizeof *sender.letters);
    ENSURE(sender.client != NULL);
    ENSURE(sender.letters != NULL);
    for (size_t i = 0; i < sender.count; i++) {
        sender.letters[i].sender = &sender;
        sender.letters[i].body =
            body_new(key, argv[3], (unsigned)(i % sellers), i, loop_now(sender.loop));
    }
    (void)puts("ready");
    (void)fflush(stdout);
    (void)getchar(); /* the measure says when */
    sender.began_us = loop_ticks(sender.loop).us;
    send_more(&sender);
    loop_run(sender.loop);
    print(&sender);
    for (size_t i = 0; i < sender.count; i++) {
        free(sender.letters[i].body);
    }
    free(sender.letters);
    signing_key_free(key);
    http_client_free(sender.client);
    timer_free(sender.timer);
    loop_free(sender.loop);
    return 0;
}
