/*
 * sim_network.c - see sim_network.h.
 *
 * Of a request there are two halves: what the daemon's side holds until it hears of it (of the
 * life, gone with it), and the packet on its way (of the world).
 */
#include "tests/sim/sim_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/http_client.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/trouble.h"
#include "tests/sim/witness.h"

#define USUAL_TRAVEL_MIN_US (SECOND_US * 15 / 1000)
#define USUAL_TRAVEL_MAX_US (SECOND_US * 150 / 1000)

struct network {
    struct sim *sim;
    struct network_faults faults;
    int64_t down_until_us;
    bool connects_while_down;
    uint64_t packets;
    struct http_client *client; /* of the latest life */
};

/* The daemon's half. */
struct open_request {
    struct queue_entry deadline; /* first */
    struct open_request *previous, *next;
    struct http_client *client;
    uint64_t packet;
    enum http_failure failure; /* at the deadline */
    http_done *done;
    void *arg;
};

struct http_client {
    struct sim *sim;
    struct open_request *open;
    size_t open_count;
    int64_t connect_deadline_us, total_deadline_us;
    size_t response_bytes_max;
};

/* The world's half. */
struct packet {
    struct sim *sim;
    uint64_t number;
    uint32_t life;
    int64_t back_us; /* how long the answer travels; -1 = it is lost */
    int64_t until_us;
    int status;
    size_t length;
    char *body; /* of the request, then of the answer */
};

struct network *network_new(struct sim *sim)
{
    struct network *network = calloc(1, sizeof *network);
    ENSURE(network != NULL);
    network->sim = sim;
    return network;
}

void network_free(struct network *network)
{
    free(network);
}

void network_set_faults(struct network *network, const struct network_faults *faults)
{
    network->faults = *faults;
}

void network_outage(struct network *network, int64_t until_us, bool connects)
{
    network->down_until_us = until_us;
    network->connects_while_down = connects;
}

/* --- the daemon's half --------------------------------------------------------------------- */

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options,
                                    struct problem *problem)
{
    struct http_client *client = calloc(1, sizeof *client);
    (void)loop;
    (void)problem;
    ENSURE(client != NULL);
    client->sim = sim_here();
    client->connect_deadline_us = (int64_t)options->connect_deadline_ms * 1000;
    client->total_deadline_us = (int64_t)options->total_deadline_ms * 1000;
    client->response_bytes_max = options->response_bytes_max;
    client->sim->network->client = client;
    return client;
}

void http_client_free(struct http_client *client)
{
    /* Only called when the daemon is dead or drained: nobody waits for an answer. */
    free(client);
}

size_t http_client_open_count(const struct http_client *client)
{
    return client->open_count;
}

static void request_end(struct open_request *request, const struct http_result *result)
{
    struct http_client *client = request->client;
    http_done *done = request->done;
    void *arg = request->arg;
    queue_remove(&client->sim->queue, &request->deadline);
    if (request->previous != NULL) {
        request->previous->next = request->next;
    } else {
        client->open = request->next;
    }
    if (request->next != NULL) {
        request->next->previous = request->previous;
    }
    client->open_count--;
    free(request);
    done(arg, result);
}

static void deadline_comes(void *arg)
{
    struct open_request *request = arg;
    struct http_result result = {.failure = request->failure, .body = "", .problem = "simulated"};
    sim_log(request->client->sim, "request %llu: %s", (unsigned long long)request->packet,
            request->failure == HTTP_NOT_SENT ? "not sent" : "no answer");
    request_end(request, &result);
}

/* --- on the way ---------------------------------------------------------------------------- */

static void packet_free(struct packet *packet)
{
    free(packet->body);
    free(packet);
}

struct hearing {
    struct http_client *client;
    const struct packet *packet;
};

/* Inside the daemon. */
static void hear(void *arg)
{
    const struct hearing *hearing = arg;
    const struct packet *packet = hearing->packet;
    struct open_request *request = hearing->client->open;
    while (request != NULL && request->packet != packet->number) {
        request = request->next;
    }
    if (request == NULL) {
        return; /* it has stopped waiting */
    }
    struct http_result result = {.failure = HTTP_OK,
                                 .status = packet->status,
                                 .body = packet->body,
                                 .body_length = packet->length,
                                 .problem = ""};
    if (packet->length > hearing->client->response_bytes_max) {
        result = (struct http_result){
            .failure = HTTP_TOO_LARGE, .status = packet->status, .body = "", .problem = "too long"};
    } else if (packet->status == 0) {
        result = (struct http_result){
            .failure = HTTP_NO_ANSWER, .body = "", .problem = "connection closed"};
    }
    request_end(request, &result);
}

static void answer_arrives(void *arg)
{
    struct packet *packet = arg;
    struct sim *sim = packet->sim;
    if (packet->life == life_number(sim)) {
        struct hearing hearing = {sim->network->client, packet};
        life_enter(sim, hear, &hearing);
    }
    packet_free(packet);
}

static void request_arrives(void *arg)
{
    struct packet *packet = arg;
    struct sim *sim = packet->sim;
    if (sim->now_us > packet->until_us) {
        packet_free(packet);
        return;
    }
    struct amazon_answer answer;
    amazon_request(sim->amazon, packet->body, packet->length, &answer);
    sim_log(sim, "amazon %llu: %s", (unsigned long long)packet->number, answer.note);
    witness_answered(sim->witness);
    trouble_post(sim->trouble);
    int64_t back_us = packet->back_us + answer.delay_us;
    if (packet->back_us < 0) {
        packet_free(packet);
        return;
    }
    free(packet->body);
    packet->status = answer.is_dropped ? 0 : answer.status;
    packet->length = answer.is_dropped ? 0 : answer.length;
    packet->body = malloc(packet->length + 1);
    ENSURE(packet->body != NULL);
    memcpy(packet->body, answer.body, packet->length);
    packet->body[packet->length] = '\0';
    queue_once(&sim->queue, sim->now_us + back_us, answer_arrives, packet);
}

static int64_t travel_us(struct sim *sim)
{
    return chance_range(&sim->chance, SITE_TRAVEL, USUAL_TRAVEL_MIN_US, USUAL_TRAVEL_MAX_US);
}

static void send_copy(struct network *network, const struct open_request *request,
                      const struct http_request *sent, int64_t there_us, int64_t back_us)
{
    struct sim *sim = network->sim;
    bool was = memory_inside(false);
    struct packet *packet = calloc(1, sizeof *packet);
    ENSURE(packet != NULL);
    *packet = (struct packet){.sim = sim,
                              .number = request->packet,
                              .life = life_number(sim),
                              .back_us = back_us,
                              .until_us = sim->now_us + request->client->total_deadline_us,
                              .length = sent->body_length,
                              .body = malloc(sent->body_length + 1)};
    ENSURE(packet->body != NULL);
    memcpy(packet->body, sent->body, sent->body_length);
    packet->body[packet->length] = '\0';
    (void)memory_inside(was);
    queue_once(&sim->queue, sim->now_us + there_us, request_arrives, packet);
}

/* Decides what becomes of a request that leaves now. */
static void travel(struct network *network, const struct open_request *request,
                   const struct http_request *sent)
{
    struct sim *sim = network->sim;
    const struct network_faults *faults = &network->faults;
    int64_t there_us = travel_us(sim);
    int64_t back_us = travel_us(sim);
    if (chance_strikes(&sim->chance, SITE_SLOW, faults->slow_ppm)) {
        struct detail detail = chance_detail(&sim->chance, SITE_SLOW);
        int64_t *slow = detail_chance(&detail, 50) ? &there_us : &back_us;
        *slow += detail_range(&detail, SECOND_US, 60 * SECOND_US);
    }
    if (chance_strikes(&sim->chance, SITE_ANSWER_LOST, faults->answer_lost_ppm)) {
        sim_log(sim, "network: the answer to %llu will be lost",
                (unsigned long long)request->packet);
        back_us = -1;
    }
    if (chance_strikes(&sim->chance, SITE_REQUEST_TWICE, faults->request_twice_ppm)) {
        struct detail detail = chance_detail(&sim->chance, SITE_REQUEST_TWICE);
        sim_log(sim, "network: %llu arrives twice", (unsigned long long)request->packet);
        send_copy(network, request, sent, detail_range(&detail, 0, 20 * SECOND_US), back_us);
    }
    if (chance_strikes(&sim->chance, SITE_REQUEST_LOST, faults->request_lost_ppm)) {
        sim_log(sim, "network: %llu is lost", (unsigned long long)request->packet);
        return;
    }
    send_copy(network, request, sent, there_us, back_us);
}

enum status http_send(struct http_client *client, const struct http_request *sent, http_done *done,
                      void *arg)
{
    struct sim *sim = client->sim;
    struct network *network = sim->network;
    if (sim->is_dead) {
        return ST_BUSY;
    }
    struct open_request *request = calloc(1, sizeof *request);
    ENSURE(request != NULL);
    *request = (struct open_request){.client = client,
                                     .packet = ++network->packets,
                                     .failure = HTTP_NO_ANSWER,
                                     .done = done,
                                     .arg = arg,
                                     .next = client->open};
    request->deadline.run = deadline_comes;
    request->deadline.arg = request;
    request->deadline.is_of_life = true;
    if (client->open != NULL) {
        client->open->previous = request;
    }
    client->open = request;
    client->open_count++;
    int64_t deadline_us = client->total_deadline_us;
    bool was = memory_inside(false);
    if (sim->now_us < network->down_until_us && !network->connects_while_down) {
        request->failure = HTTP_NOT_SENT;
        deadline_us = chance_draw(&sim->chance, SITE_TRAVEL) % 2 == 0 ? client->connect_deadline_us
                                                                      : USUAL_TRAVEL_MAX_US;
    } else {
        witness_sends(sim->witness, request->packet, sent->body, sent->body_length);
        if (sim->now_us >= network->down_until_us) {
            travel(network, request, sent);
        }
    }
    (void)memory_inside(was);
    queue_put(&sim->queue, &request->deadline, sim->now_us + deadline_us);
    return ST_OK;
}

enum status http_post(struct http_client *client, const char *url, const char *body,
                      size_t body_length, http_done *done, void *arg)
{
    struct http_request request = {.url = url, .body = body, .body_length = body_length};
    return http_send(client, &request, done, arg);
}
