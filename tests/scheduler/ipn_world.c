/* ipn_world.c - see ipn_world.h. */
#include "tests/scheduler/ipn_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"
#include "tests/scheduler/waiting.h"

#define SETTLE_ROUNDS 12 /* jobs that follow each other at most, and some */

/* --- the store, counted -------------------------------------------------------------------- */

static struct ipn_store_counts *counts_of(struct store *store)
{
    return ((const struct ipn_hook *)(const void *)store->ops)->counts;
}

static const struct store_ops *real_of(struct store *store)
{
    return ((const struct ipn_hook *)(const void *)store->ops)->real;
}

static enum status keep_counted(struct store *store, struct notice *notices, uint32_t count,
                                struct problem *problem)
{
    struct ipn_store_counts *counts = counts_of(store);
    counts->keeps++;
    if (counts->fail_keep != ST_OK) {
        return problem_set(problem, counts->fail_keep, "as the test wants");
    }
    enum status status = real_of(store)->keep_notices(store, notices, count, problem);
    for (uint32_t i = 0; status == ST_OK && i < count; i++) {
        counts->kept += notices[i].is_known ? 0 : 1;
        counts->known += notices[i].is_known ? 1 : 0;
    }
    return status;
}

static enum status open_counted(struct store *store, uint64_t after, uint32_t max,
                                struct notice_work *works, uint32_t *count, struct problem *problem)
{
    struct ipn_store_counts *counts = counts_of(store);
    counts->reads++;
    if (counts->fail_others != ST_OK) {
        return problem_set(problem, counts->fail_others, "as the test wants");
    }
    return real_of(store)->open_notices(store, after, max, works, count, problem);
}

static enum status end_counted(struct store *store, const uint64_t *numbers, uint32_t count,
                               struct instant forget_before, struct problem *problem)
{
    struct ipn_store_counts *counts = counts_of(store);
    if (counts->fail_others != ST_OK) {
        return problem_set(problem, counts->fail_others, "as the test wants");
    }
    counts->ended += count;
    return real_of(store)->end_notices(store, numbers, count, forget_before, problem);
}

static enum status read_charge_shown(struct store *store, const char *seller_id,
                                     const char *charge_id, struct charge_view *view,
                                     struct attempt *attempts, uint32_t max, uint32_t *count,
                                     struct problem *problem)
{
    if (!counts_of(store)->shows_captured) {
        return real_of(store)->read_charge(store, seller_id, charge_id, view, attempts, max, count,
                                           problem);
    }
    memset(view, 0, sizeof *view);
    *count = counts_of(store)->shows_captured;
    for (uint32_t i = 0; i < *count && i < max; i++) {
        attempts[i] = (struct attempt){.number = i + 1};
        reference_id_format(charge_id, i + 1, attempts[i].reference_id);
        attempts[i].state = i + 1 == *count ? ATTEMPT_CAPTURED : ATTEMPT_DECLINED;
    }
    return ST_OK;
}

static void store_hook(struct ipn_world *world)
{
    world->hook = (struct ipn_hook){
        .ops = *world->store->ops, .real = world->store->ops, .counts = &world->counts};
    world->hook.ops.keep_notices = keep_counted;
    world->hook.ops.open_notices = open_counted;
    world->hook.ops.end_notices = end_counted;
    world->hook.ops.read_charge = read_charge_shown;
    world->store->ops = &world->hook.ops;
}

/* --- the host of certificates -------------------------------------------------------------- */

static void sns_handle(void *arg, struct http_exchange *exchange)
{
    struct ipn_world *world = arg;
    const char *path = http_path(exchange);
    size_t used = strlen(world->fetched);
    world->fetches++;
    (void)snprintf(world->fetched + used, sizeof world->fetched - used, "%s ", path);
    if (strncmp(path, "/good-", 6) == 0) { /* as many URLs of it as a test wants */
        path = "/good.pem";
    }
    for (unsigned i = 0; i < world->file_count; i++) {
        const struct ipn_file *file = &world->files[i];
        if (strcmp(file->path, path) == 0 && file->status == 0) {
            world->unanswered = exchange;
            return;
        }
        if (strcmp(file->path, path) == 0) {
            http_answer(exchange, file->status, "text/plain", file->body, file->length);
            return;
        }
    }
    http_answer(exchange, 404, "text/plain", "", 0);
}

void ipn_world_serve(struct ipn_world *world, const char *path, int status, const char *body,
                     size_t length)
{
    assert_true(world->file_count < IPN_FILES_MAX);
    world->files[world->file_count++] =
        (struct ipn_file){.path = path, .status = status, .body = body, .length = length};
}

void ipn_world_write(struct ipn_world *world, const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    (void)world;
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void sns_open(struct ipn_world *world)
{
    static const char *const names[] = {"sns.ap-northeast-1.amazonaws.com",
                                        "sns.eu-west-1.amazonaws.com"};
    struct problem problem = {""};
    assert_int_equal(certificate_set_new(names, 2, 2, &world->set, &problem), ST_OK);
    assert_int_equal(signing_pair_new(&world->set, IPN_COMMON_NAME, 2, &world->pair, &problem),
                     ST_OK);
    assert_int_equal(signing_key_read(world->pair.key_pem, &world->key, &problem), ST_OK);
    ipn_world_write(world, world->ca_file, world->set.ca_pem);
    struct http_server_options options = {.address = "127.0.0.1",
                                          .certificate_pem = world->set.certificate_pem,
                                          .key_pem = world->set.key_pem,
                                          .body_bytes_max = 1024,
                                          .connections_max = 64,
                                          .idle_seconds = 60,
                                          .handler = sns_handle,
                                          .arg = world};
    if (http_server_new(world->loop, &options, &world->sns, &problem) != ST_OK) {
        fail_msg("no server: %s", problem.text);
    }
    (void)snprintf(world->config.ipn_connect_to, sizeof world->config.ipn_connect_to,
                   "127.0.0.1:%u", (unsigned)http_server_port(world->sns));
    ipn_world_serve(world, "/good.pem", 200, world->pair.certificate_pem,
                    strlen(world->pair.certificate_pem));
}

/* --- the world ----------------------------------------------------------------------------- */

static struct instant log_time(void *arg)
{
    return loop_now(arg);
}

void ipn_world_settle(struct ipn_world *world)
{
    for (unsigned i = 0; i < SETTLE_ROUNDS || store_worker_open_count(world->store_worker) > 0;
         i++) {
        settle(world->loop, world->store_worker);
    }
}

static void start_failed(void *arg, const struct problem *problem)
{
    (void)arg;
    fail_msg("the runner does not start: %s", problem->text);
}

static void seller_fill(struct seller_config *seller, const char *id, struct secret *secret)
{
    *seller = (struct seller_config){
        .secret = secret,
        .currency = "JPY",
        .payment_domain = "FE_JPY",
        .zone = "Asia/Tokyo",
        .quota = CONFIG_QUOTA_OFF,
        .quota_milli = 1000,
        .policy = policy_default(),
    };
    seller->mws.region = MWS_REGION_JP;
    seller->mws.environment = MWS_SANDBOX;
    (void)snprintf(seller->mws.endpoint, sizeof seller->mws.endpoint,
                   "https://127.0.0.1:1/OffAmazonPayments_Sandbox/2013-01-01");
    (void)snprintf(seller->mws.seller_id, sizeof seller->mws.seller_id, "%s", id);
    (void)snprintf(seller->mws.access_key, sizeof seller->mws.access_key, "AK");
    seller->mws.secret = secret;
}

static void config_fill(struct ipn_world *world)
{
    world->secret = secret_new("secret", 6);
    seller_fill(&world->sellers[0], IPN_SELLER, world->secret);
    seller_fill(&world->sellers[1], "A2LIVE", world->secret);
    world->sellers[1].mws.region = MWS_REGION_EU;
    world->sellers[1].mws.environment = MWS_LIVE;
    world->config.sellers = world->sellers;
    world->config.seller_count = 2;
    world->config.in_flight_max = 64;
    world->config.total_deadline_ms = 1500;
    (void)snprintf(world->config.ipn_address, sizeof world->config.ipn_address, "127.0.0.1");
    (void)snprintf(world->config.ipn_path, sizeof world->config.ipn_path, "/ipn");
    (void)snprintf(world->config.ca_file, sizeof world->config.ca_file, "%s", world->ca_file);
}

static void commanded(void *arg, enum status status, const struct problem *problem,
                      const struct account *account)
{
    (void)arg;
    (void)account;
    if (status != ST_OK) {
        fail_msg("a command failed: %s", problem->text);
    }
}

/* An agreement with a charge that waits, because Amazon cannot be asked. */
static void account_make(struct ipn_world *world)
{
    struct event event = {.kind = EVENT_REGISTER};
    (void)snprintf(event.registered.seller_id, sizeof event.registered.seller_id, IPN_SELLER);
    (void)snprintf(event.registered.id, sizeof event.registered.id, IPN_AGREEMENT);
    runner_command(world->runner, IPN_SELLER, IPN_AGREEMENT, &event, commanded, world);
    ipn_world_settle(world);
    event = (struct event){.kind = EVENT_CHARGE_ONCE};
    event.charge_once.amount = money_of(1200, "JPY");
    (void)snprintf(event.charge_once.key, sizeof event.charge_once.key, "K7QW3ABCDEFGHIJK");
    (void)snprintf(event.charge_once.idempotency_key, sizeof event.charge_once.idempotency_key,
                   "one");
    runner_command(world->runner, IPN_SELLER, IPN_AGREEMENT, &event, commanded, world);
    ipn_world_settle(world);
}

int ipn_world_setup(void **state)
{
    struct ipn_world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    char store_path[128];
    assert_non_null(world);
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/test_ipn.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    (void)snprintf(store_path, sizeof store_path, "%s/autopay.db", world->directory);
    (void)snprintf(world->ca_file, sizeof world->ca_file, "%s/ca.pem", world->directory);
    (void)snprintf(world->log_file, sizeof world->log_file, "%s/log", world->directory);
    world->loop = loop_new();
    int fd = open(world->log_file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    world->log = log_open(fd, LOG_KEYVALUE, LOG_INFO, log_time, world->loop);
    config_fill(world);
    sns_open(world);
    if (store_sqlite_open(store_path, sha256, &world->store, &problem) != ST_OK) {
        fail_msg("no store: %s", problem.text);
    }
    store_hook(world);
    world->store_worker = store_worker_new(world->loop, world->store);
    world->zones = zones_new(ZONES_DIRECTORY);
    world->mws = impatient_client_new(world->loop);
    struct runner_parts parts = {.loop = world->loop,
                                 .store_worker = world->store_worker,
                                 .client = world->mws,
                                 .zones = world->zones};
    world->runner = runner_new(&parts, &world->config);
    runner_start(world->runner, start_failed, world);
    ipn_world_settle(world);
    account_make(world);
    *state = world;
    return 0;
}

int ipn_world_teardown(void **state)
{
    struct ipn_world *world = *state;
    char command[128];
    ipn_stop(world->ipn);
    drain_wait(world->runner, world->loop);
    ipn_free(world->ipn);
    http_server_free(world->sns);
    runner_free(world->runner);
    mws_client_free(world->mws);
    store_worker_free(world->store_worker);
    world->store->ops->close(world->store);
    zones_free(world->zones);
    secret_free(world->secret);
    signing_key_free(world->key);
    loop_free(world->loop);
    char *const texts[] = {world->set.ca_pem,  world->set.ca_key_pem, world->set.certificate_pem,
                           world->set.key_pem, world->pair.key_pem,   world->pair.certificate_pem};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(texts[i]);
    }
    (void)close(world->log.fd);
    (void)snprintf(command, sizeof command, "rm -r %s", world->directory);
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

void ipn_world_open(struct ipn_world *world)
{
    struct ipn_parts parts = {.loop = world->loop,
                              .runner = world->runner,
                              .store_worker = world->store_worker,
                              .log = &world->log};
    struct problem problem = {""};
    if (ipn_new(&parts, &world->config, &world->ipn, &problem) != ST_OK) {
        fail_msg("no listener: %s", problem.text);
    }
    memset(&world->counts, 0, sizeof world->counts);
    world->fetches = 0;
    world->fetched[0] = '\0';
    ipn_start(world->ipn);
    ipn_world_settle(world);
}

void ipn_world_close(struct ipn_world *world)
{
    ipn_stop(world->ipn);
    ipn_world_settle(world);
    ipn_free(world->ipn);
    world->ipn = NULL;
    if (world->unanswered != NULL) {
        http_drop(world->unanswered);
        world->unanswered = NULL;
    }
}

unsigned ipn_world_logged(struct ipn_world *world, const char *word)
{
    static char text[256 * 1024];
    unsigned count = 0;
    ssize_t length = pread(world->log.fd, text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        count++;
    }
    assert_int_equal(ftruncate(world->log.fd, 0), 0);
    return count;
}

void ipn_world_money(struct ipn_world *world, char text[static IPN_MONEY_MAX])
{
    static struct account account;
    static struct change_view changes[64];
    struct problem problem;
    uint32_t count = 0;
    size_t used = 0;
    enum status status = world->store->ops->load_account(world->store, IPN_SELLER, IPN_AGREEMENT,
                                                         &account, &problem);
    assert_int_equal(status, ST_OK);
    status =
        world->store->ops->list_changes(world->store, IPN_SELLER, 0, 64, changes, &count, &problem);
    assert_int_equal(status, ST_OK);
    const struct limit *limit = &account.agreement.limit;
    used += (size_t)snprintf(text, IPN_MONEY_MAX, "events %u, posted %lld, reserved %lld", count,
                             (long long)money_minor(limit->posted),
                             (long long)money_minor(limit->reserved));
    for (uint32_t i = 0; i < account.charge_count; i++) {
        const struct charge *charge = &account.charges[i];
        used += (size_t)snprintf(text + used, IPN_MONEY_MAX - used, ", %s %s %lld attempt %s %d",
                                 charge->id, charge_state_name(charge->state),
                                 (long long)money_minor(charge->amount),
                                 charge->attempt.reference_id, (int)charge->attempt.state);
    }
    assert_true(used < IPN_MONEY_MAX);
}

/* --- letters ------------------------------------------------------------------------------- */

static const char *or_else(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

static void set_text(struct json *object, const char *key, const char *text)
{
    if (text != IPN_ABSENT) {
        json_set_string(object, key, text);
    }
}

static char *message_text(struct ipn_world *world, const struct ipn_letter *letter)
{
    char data[2048];
    struct json *root = json_new_object();
    (void)snprintf(
        data, sizeof data,
        "<?xml version=\"1.0\"?><AuthorizationNotification xmlns=\"https://"
        "mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01\"><AuthorizationDetails>"
        "<AmazonAuthorizationId>S03-1234567-1234567-A%06u</AmazonAuthorizationId>"
        "<AuthorizationReferenceId>%s</AuthorizationReferenceId>"
        "<AuthorizationStatus><State>Declined</State><LastUpdateTimestamp>"
        "2026-11-22T01:00:00.000Z</LastUpdateTimestamp>"
        "<ReasonCode>AmazonRejected</ReasonCode></AuthorizationStatus>"
        "</AuthorizationDetails></AuthorizationNotification>",
        ++world->letter_count, or_else(letter->reference_id, "not-one-of-ours"));
    set_text(root, "NotificationType", or_else(letter->notification_type, "PaymentAuthorize"));
    set_text(root, "SellerId", or_else(letter->seller, IPN_SELLER));
    set_text(root, "ReleaseEnvironment", or_else(letter->environment, "Sandbox"));
    set_text(root, "NotificationData", or_else(letter->data, data));
    char *text = json_print(root, false);
    json_free(root);
    return text;
}

/* The string to sign, to be freed. */
static char *signed_text(const struct json *root)
{
    static const char *const of_notifications[] = {"Message",  "MessageId", "Subject", "Timestamp",
                                                   "TopicArn", "Type",      NULL};
    static const char *const of_confirmations[] = {
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type", NULL};
    const char *type = or_else(json_as_string(json_get(root, "Type")), "");
    bool is_notification = strcmp(type, "Notification") == 0;
    char *text = strdup("");
    for (const char *const *name = is_notification ? of_notifications : of_confirmations;
         *name != NULL; name++) {
        const char *value = json_as_string(json_get(root, *name));
        if (value != NULL) {
            char *longer = NULL;
            assert_true(asprintf(&longer, "%s%s\n%s\n", text, *name, value) > 0);
            free(text);
            text = longer;
        }
    }
    return text;
}

static void sign(struct ipn_world *world, const struct ipn_letter *letter, struct json *root)
{
    uint8_t signature[SIGNATURE_BYTES_MAX];
    char base64[BASE64_LENGTH(SIGNATURE_BYTES_MAX) + 1];
    enum digest digest = letter->is_signed_as_2 ? DIGEST_SHA256 : DIGEST_SHA1;
    char *text = signed_text(root);
    size_t length = letter->sign != NULL
                        ? letter->sign(letter->sign_arg, digest, text, strlen(text), signature)
                        : signing_key_sign(world->key, digest, text, strlen(text), signature);
    base64_encode(signature, length, base64);
    set_text(root, "Signature", or_else(letter->signature, base64));
    free(text);
}

static char *body_text(struct ipn_world *world, const struct ipn_letter *letter)
{
    char now[INSTANT_TEXT_MAX];
    uint8_t random[8];
    char message_id[32];
    struct json *root = json_new_object();
    char *message = message_text(world, letter);
    instant_format(loop_now(world->loop), now);
    random_bytes(random, sizeof random);
    base64_encode(random, sizeof random, message_id);
    set_text(root, "Type", or_else(letter->type, "Notification"));
    set_text(root, "MessageId", or_else(letter->message_id, message_id));
    set_text(root, "TopicArn", or_else(letter->topic, IPN_TOPIC));
    set_text(root, "Message", or_else(letter->message, message));
    set_text(root, "Timestamp", or_else(letter->timestamp, now));
    set_text(root, "Subject", or_else(letter->subject, IPN_ABSENT));
    set_text(root, "Token", or_else(letter->token, IPN_ABSENT));
    set_text(root, "SubscribeURL", or_else(letter->subscribe_url, IPN_ABSENT));
    set_text(root, "SignatureVersion", or_else(letter->version, "1"));
    set_text(root, "SigningCertURL", or_else(letter->url, IPN_HOST "/good.pem"));
    set_text(root, "UnsubscribeURL",
             "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe");
    sign(world, letter, root);
    if (letter->tampered != NULL) {
        json_set_string(root, letter->tampered, letter->tampered_to);
    }
    char *text = json_print(root, false);
    free(message);
    json_free(root);
    return text;
}

static void header(char *headers, size_t size, const char *name, const char *value)
{
    size_t used = strlen(headers);
    if (value != IPN_ABSENT) {
        (void)snprintf(headers + used, size - used, "%s: %s\r\n", name, value);
    }
}

char *ipn_letter_request(struct ipn_world *world, const struct ipn_letter *letter, size_t *length)
{
    char *body = letter->body != NULL ? strdup(letter->body) : body_text(world, letter);
    char headers[2048] = "";
    char *request = NULL;
    assert_non_null(body);
    header(headers, sizeof headers, "x-amz-sns-message-type",
           or_else(letter->header_type, "Notification"));
    header(headers, sizeof headers, "X-Amz-Sns-Topic-Arn",
           or_else(letter->header_topic, IPN_ABSENT));
    header(headers, sizeof headers, "x-amz-sns-message-id", or_else(letter->header_id, IPN_ABSENT));
    int made = asprintf(&request,
                        "%s %s HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                        "Content-Type: text/plain; charset=UTF-8\r\n%s%s",
                        or_else(letter->method, "POST"), or_else(letter->path, "/ipn"), headers,
                        or_else(letter->more_headers, ""));
    assert_true(made > 0);
    char *whole = NULL;
    made = letter->is_chunked
               ? asprintf(&whole, "%sTransfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                          request, strlen(body), body)
               : asprintf(&whole, "%sContent-Length: %zu\r\n\r\n%s", request, strlen(body), body);
    assert_true(made > 0);
    free(request);
    free(body);
    *length = (size_t)made;
    return whole;
}

/* --- clients ------------------------------------------------------------------------------- */

/* After an error the loop tells nothing more, so everything there is is read at once. */
static void client_read(void *arg, unsigned events)
{
    struct ipn_client *client = arg;
    ssize_t got = 1;
    (void)events;
    while (got > 0) {
        got = read(client->fd, client->text + client->length,
                   sizeof client->text - 1 - client->length);
        client->length += got > 0 ? (size_t)got : 0;
    }
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    client->text[client->length] = '\0';
    watch_free(client->watch);
    (void)close(client->fd);
    (void)sscanf(client->text, "HTTP/1.1 %d", &client->status);
    client->world->clients_open--;
    if (client->world->clients_open == 0) {
        loop_stop(client->world->loop);
    }
}

struct ipn_client *ipn_world_post(struct ipn_world *world, const struct ipn_letter *letter)
{
    assert_true(world->client_count < IPN_POSTS_MAX);
    struct ipn_client *client = &world->clients[world->client_count++];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(ipn_port(world->ipn)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int send_bytes = 4 * 1024 * 1024;
    size_t length;
    char *request = ipn_letter_request(world, letter, &length);
    *client = (struct ipn_client){.world = world};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(client->fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fcntl(client->fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(send(client->fd, request, length, MSG_NOSIGNAL), length);
    free(request);
    client->watch = watch_new(world->loop, client->fd, client_read, client);
    watch_start(client->watch, WATCH_READ);
    world->clients_open++;
    return client;
}

void ipn_world_wait(struct ipn_world *world)
{
    while (world->clients_open > 0) {
        loop_run(world->loop);
    }
    world->client_count = 0;
}

int ipn_world_ask(struct ipn_world *world, const struct ipn_letter *letter)
{
    const struct ipn_client *client = ipn_world_post(world, letter);
    ipn_world_wait(world);
    return client->status;
}
