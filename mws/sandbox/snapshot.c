/*
 * snapshot.c - see snapshot.h.
 */
#include "mws/sandbox/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/json.h"
#include "mws/sandbox/payment.h"

#define FORMAT "mws-sandbox-1"

/* --- writing
 * --------------------------------------------------------------------------------------- */

static void write_line(FILE *file, struct json *object)
{
    char *line = json_print(object, false);

    (void)fputs(line, file);
    (void)fputc('\n', file);
    free(line);
    json_free(object);
}

static void set_text(struct json *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_set_string(object, key, text);
    }
}

static struct json *agreement_line(const struct agreement *a)
{
    struct json *object = json_new_object();
    struct json *periods = json_new_array();

    for (size_t i = 0; i < a->period_count; i++) {
        json_append(periods, json_new_integer(a->periods[i].month));
        json_append(periods, json_new_integer(a->periods[i].authorized_units));
    }
    json_set_string(object, "agreement", a->id);
    json_set_string(object, "seller", a->seller->id);
    json_set_bool(object, "live", a->environment == ENVIRONMENT_LIVE);
    json_set_string(object, "currency", a->currency->code);
    json_set_string(object, "state", mws_state_name(a->state));
    set_text(object, "reason", mws_reason_name(a->reason));
    json_set_integer(object, "created_ms", a->created_at.utc_ms);
    json_set_integer(object, "updated_ms", a->updated_at.utc_ms);
    json_set_integer(object, "reopen_ms", a->reopen_at.utc_ms);
    json_set_bool(object, "consent", a->consent);
    json_set_bool(object, "payment_plan", a->payment_plan);
    json_set_bool(object, "shipping_address", a->shipping_address);
    json_set_bool(object, "confirmed", a->confirmed);
    json_set_bool(object, "payment_method_valid", a->payment_method_valid);
    json_set_integer(object, "limit_units", a->limit_units);
    json_set(object, "periods", periods);
    set_text(object, "decline_reason", mws_reason_name(a->decline.reason));
    json_set_bool(object, "decline_soft", a->decline.soft);
    json_set_integer(object, "decline_count", a->decline.count);
    set_text(object, "closure_reason", a->closure_reason);
    set_text(object, "seller_note", a->seller_note);
    set_text(object, "platform_id", a->platform_id);
    set_text(object, "seller_agreement_id", a->seller_agreement_id);
    set_text(object, "store_name", a->store_name);
    set_text(object, "custom_information", a->custom_information);
    return object;
}

static void set_charge(struct json *object, const struct charge *charge)
{
    json_set_integer(object, "units", charge->units);
    json_set_string(object, "currency", charge->currency->code);
    json_set_integer(object, "timeout_minutes", charge->timeout_minutes);
    json_set_bool(object, "capture_now", charge->capture_now);
    set_text(object, "note", charge->note);
    set_text(object, "soft_descriptor", charge->soft_descriptor);
    set_text(object, "seller_note", charge->seller_note);
    set_text(object, "platform_id", charge->platform_id);
    set_text(object, "seller_order_id", charge->seller_order_id);
    set_text(object, "store_name", charge->store_name);
    set_text(object, "custom_information", charge->custom_information);
}

static struct json *authorization_line(const struct authorization *a)
{
    struct json *object = json_new_object();

    json_set_string(object, "authorization", a->id);
    json_set_string(object, "order", a->order_id);
    set_text(object, "capture", a->capture_id);
    json_set_string(object, "reference", a->reference);
    json_set_string(object, "of", a->agreement->id);
    json_set_string(object, "state", mws_state_name(a->state));
    set_text(object, "reason", mws_reason_name(a->reason));
    json_set_bool(object, "soft_decline", a->soft_decline);
    json_set_integer(object, "created_ms", a->created_at.utc_ms);
    json_set_integer(object, "updated_ms", a->updated_at.utc_ms);
    json_set_integer(object, "expires_ms", a->expires_at.utc_ms);
    json_set_integer(object, "settles_ms", a->settles_at.utc_ms);
    set_text(object, "fate_state", mws_state_name(a->fate.state));
    set_text(object, "fate_reason", mws_reason_name(a->fate.reason));
    json_set_bool(object, "fate_soft", a->fate.soft);
    json_set_integer(object, "fate_reopen_minutes", a->fate.reopen_minutes);
    json_set_integer(object, "fate_expire_minutes", a->fate.expire_minutes);
    set_charge(object, &a->charge);
    return object;
}

static void write_world(const struct world *world, FILE *file)
{
    struct json *head = json_new_object();

    json_set_string(head, "format", FORMAT);
    json_set_integer(head, "next_number", (int64_t)world->next_number);
    write_line(file, head);
    for (const struct agreement *a = world->first_agreement; a != NULL; a = a->next) {
        write_line(file, agreement_line(a));
    }
    for (const struct authorization *a = world->first_authorization; a != NULL; a = a->next) {
        write_line(file, authorization_line(a));
    }
}

enum status snapshot_save(struct world *world, const char *path, struct problem *problem)
{
    char temporary[4096];
    FILE *file;
    bool good;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return problem_set(problem, ST_STORE, "the path of the state file is too long");
    }
    file = fopen(temporary, "we");
    if (file == NULL) {
        return problem_set(problem, ST_STORE, "cannot write %.200s: %s", temporary,
                           strerror(errno));
    }
    write_world(world, file);
    good = fflush(file) == 0 && ferror(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    if (!good || rename(temporary, path) != 0) {
        int error = errno;
        (void)unlink(temporary);
        return problem_set(problem, ST_STORE, "cannot write %.200s: %s", path, strerror(error));
    }
    world->changed = false;
    return ST_OK;
}

/* --- reading
 * --------------------------------------------------------------------------------------- */

static const char *string_at(const struct json *line, const char *key)
{
    const char *text = json_as_string(json_get(line, key));

    return text != NULL ? text : "";
}

static int64_t integer_at(const struct json *line, const char *key)
{
    int64_t value = 0;

    (void)json_as_integer(json_get(line, key), &value);
    return value;
}

static bool bool_at(const struct json *line, const char *key)
{
    bool value = false;

    (void)json_as_bool(json_get(line, key), &value);
    return value;
}

static struct instant instant_at(const struct json *line, const char *key)
{
    return (struct instant){integer_at(line, key)};
}

static void read_periods(struct agreement *a, const struct json *periods)
{
    for (size_t i = 0; i + 1 < json_length(periods); i += 2) {
        int64_t month = 0;
        int64_t units = 0;
        (void)json_as_integer(json_at(periods, i), &month);
        (void)json_as_integer(json_at(periods, i + 1), &units);
        agreement_authorize(a, (int32_t)month, units);
    }
}

static enum status read_agreement(struct world *world, const struct json *line,
                                  struct problem *problem)
{
    struct agreement *a;
    struct seller *seller = world_seller(world, string_at(line, "seller"));
    const struct currency *currency = currency_find(string_at(line, "currency"));
    int environment = bool_at(line, "live") ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX;
    enum mws_state state = mws_state_parse(string_at(line, "state"));
    enum status status;

    if (seller == NULL || currency == NULL || state == MWS_STATE_UNKNOWN ||
        strlen(string_at(line, "agreement")) >= OBJECT_ID_MAX) {
        return problem_set(problem, ST_INVALID, "an agreement that makes no sense");
    }
    status = world_add_agreement(world, seller, environment, currency, string_at(line, "agreement"),
                                 instant_at(line, "created_ms"), &a, problem);
    if (status != ST_OK) {
        return status;
    }
    a->consent = bool_at(line, "consent");
    a->payment_plan = bool_at(line, "payment_plan");
    a->shipping_address = bool_at(line, "shipping_address");
    a->payment_method_valid = bool_at(line, "payment_method_valid");
    a->limit_units = integer_at(line, "limit_units");
    read_periods(a, json_get(line, "periods"));
    a->decline.reason = mws_reason_parse(string_at(line, "decline_reason"));
    a->decline.soft = bool_at(line, "decline_soft");
    a->decline.count = integer_at(line, "decline_count");
    text_replace(&a->closure_reason, string_at(line, "closure_reason"));
    text_replace(&a->seller_note, string_at(line, "seller_note"));
    text_replace(&a->platform_id, string_at(line, "platform_id"));
    text_replace(&a->seller_agreement_id, string_at(line, "seller_agreement_id"));
    text_replace(&a->store_name, string_at(line, "store_name"));
    text_replace(&a->custom_information, string_at(line, "custom_information"));
    agreement_move(world, a, state, mws_reason_parse(string_at(line, "reason")),
                   instant_at(line, "updated_ms"));
    agreement_suspend_until(world, a, instant_at(line, "reopen_ms"));
    a->confirmed = bool_at(line, "confirmed");
    return ST_OK;
}

static void read_charge(struct charge *charge, const struct json *line)
{
    charge->units = integer_at(line, "units");
    charge->timeout_minutes = integer_at(line, "timeout_minutes");
    charge->capture_now = bool_at(line, "capture_now");
    text_replace(&charge->note, string_at(line, "note"));
    text_replace(&charge->soft_descriptor, string_at(line, "soft_descriptor"));
    text_replace(&charge->seller_note, string_at(line, "seller_note"));
    text_replace(&charge->platform_id, string_at(line, "platform_id"));
    text_replace(&charge->seller_order_id, string_at(line, "seller_order_id"));
    text_replace(&charge->store_name, string_at(line, "store_name"));
    text_replace(&charge->custom_information, string_at(line, "custom_information"));
}

static void read_fate(struct fate *fate, const struct json *line)
{
    fate->state = mws_state_parse(string_at(line, "fate_state"));
    fate->reason = mws_reason_parse(string_at(line, "fate_reason"));
    fate->soft = bool_at(line, "fate_soft");
    fate->reopen_minutes = (int)integer_at(line, "fate_reopen_minutes");
    fate->expire_minutes = (int)integer_at(line, "fate_expire_minutes");
}

static bool copy_id(char *to, size_t bytes, const struct json *line, const char *key)
{
    return snprintf(to, bytes, "%s", string_at(line, key)) < (int)bytes;
}

static enum status read_authorization(struct world *world, const struct json *line,
                                      struct problem *problem)
{
    struct agreement *agreement = world_find_agreement(world, string_at(line, "of"));
    const struct currency *currency = currency_find(string_at(line, "currency"));
    enum mws_state state = mws_state_parse(string_at(line, "state"));
    struct authorization *a;

    if (agreement == NULL || currency == NULL || state == MWS_STATE_UNKNOWN ||
        string_at(line, "reference")[0] == '\0' || string_at(line, "order")[0] == '\0' ||
        world_find_authorization(world, string_at(line, "authorization")) != NULL ||
        world_find_order(world, string_at(line, "order")) != NULL ||
        world_find_reference(agreement->seller, agreement->environment,
                             string_at(line, "reference")) != NULL) {
        return problem_set(problem, ST_INVALID, "an authorization that makes no sense");
    }
    a = calloc(1, sizeof *a);
    ENSURE(a != NULL);
    if (!copy_id(a->id, sizeof a->id, line, "authorization") ||
        !copy_id(a->order_id, sizeof a->order_id, line, "order") ||
        !copy_id(a->capture_id, sizeof a->capture_id, line, "capture") ||
        !copy_id(a->reference, sizeof a->reference, line, "reference")) {
        free(a);
        return problem_set(problem, ST_INVALID, "an authorization with an id that is too long");
    }
    a->agreement = agreement;
    a->state = state;
    a->reason = mws_reason_parse(string_at(line, "reason"));
    a->soft_decline = bool_at(line, "soft_decline");
    a->created_at = instant_at(line, "created_ms");
    a->updated_at = instant_at(line, "updated_ms");
    a->expires_at = instant_at(line, "expires_ms");
    a->settles_at = instant_at(line, "settles_ms");
    a->charge.currency = currency;
    read_charge(&a->charge, line);
    read_fate(&a->fate, line);
    world_add_authorization(world, a);
    world->totals.declined += state == MWS_STATE_DECLINED;
    if (a->capture_id[0] != '\0') {
        world_count_capture(world, a);
    }
    payment_resume(world, a);
    return ST_OK;
}

static enum status read_line(struct world *world, const char *text, size_t length,
                             struct problem *problem)
{
    struct json *line;
    enum status status = json_parse(text, length, &line, problem);

    if (status != ST_OK) {
        return status;
    }
    if (json_get(line, "agreement") != NULL) {
        status = read_agreement(world, line, problem);
    } else if (json_get(line, "authorization") != NULL) {
        status = read_authorization(world, line, problem);
    } else if (strcmp(string_at(line, "format"), FORMAT) == 0) {
        world->next_number = (uint64_t)integer_at(line, "next_number");
    } else {
        status = problem_set(problem, ST_INVALID, "neither agreement nor authorization");
    }
    json_free(line);
    return status;
}

enum status snapshot_load(struct world *world, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t bytes = 0;
    ssize_t length;
    int number = 0;
    enum status status = ST_OK;

    if (file == NULL) {
        return errno == ENOENT ? ST_OK
                               : problem_set(problem, ST_STORE, "cannot read %.200s: %s", path,
                                             strerror(errno));
    }
    while (status == ST_OK && (length = getline(&line, &bytes, file)) > 0) {
        struct problem inner;
        number++;
        status = read_line(world, line, (size_t)length, &inner);
        if (status != ST_OK) {
            (void)problem_set(problem, ST_INVALID, "%.120s, line %d: %.150s", path, number,
                              inner.text);
            status = ST_INVALID;
        }
    }
    if (status == ST_OK && ferror(file) != 0) {
        status = problem_set(problem, ST_STORE, "cannot read %.200s", path);
    }
    free(line);
    (void)fclose(file);
    world->changed = false;
    return status;
}
