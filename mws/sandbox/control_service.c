/*
 * control_service.c - how Amazon's service is (POST /control/service) and whether a seller's
 * account is ACTIVE (POST /control/sellers/{id}/account). See control.h; operation_service.c tells
 * them.
 */
#include <stdio.h>
#include <string.h>

#include "mws/sandbox/control_parts.h"
#include "mws/sandbox/ledger.h"

#define MESSAGE_BYTES_MAX 500

static int show_service(const struct service *service, struct text *out)
{
    struct json *object = json_new_object();

    json_set_string(object, "status", mws_service_status_name(service->status));
    if (service->message != NULL) {
        json_set_string(object, "message", service->message);
    }
    text_add_json(out, object);
    text_add(out, "\n");
    return 200;
}

int control_service(struct world *world, const struct control_request *request,
                    const struct json *body, struct text *out)
{
    const char *status = json_as_string(json_get(body, "status"));
    const struct json *said = json_get(body, "message");
    const char *message = said != NULL ? json_as_string(said) : "";
    enum mws_service_status parsed =
        status != NULL ? mws_service_status_parse(status) : MWS_SERVICE_STATUS_UNKNOWN;

    if (strcmp(request->method, "GET") == 0) {
        return show_service(&world->service, out);
    }
    if (strcmp(request->method, "POST") != 0) {
        return control_fail(out, 405, "use GET or POST");
    }
    if (parsed == MWS_SERVICE_STATUS_UNKNOWN) {
        return control_fail(out, 400, "\"status\" must be GREEN, GREEN_I, YELLOW or RED");
    }
    if (message == NULL || strlen(message) > MESSAGE_BYTES_MAX) {
        return control_fail(out, 400, "\"message\" must be a text of at most 500 bytes");
    }
    world->service.status = parsed;
    world->service.set_at = request->now;
    text_replace(&world->service.message, message);
    return show_service(&world->service, out);
}

static int show_account(const struct seller *seller, struct text *out)
{
    struct json *object = json_new_object();

    json_set_string(object, "seller", seller->id);
    json_set_string(
        object, "status",
        mws_account_status_name(seller->inactive ? MWS_ACCOUNT_INACTIVE : MWS_ACCOUNT_ACTIVE));
    text_add_json(out, object);
    text_add(out, "\n");
    return 200;
}

static int on_account(struct seller *seller, const struct control_request *request,
                      const struct json *body, struct text *out)
{
    const char *status = json_as_string(json_get(body, "status"));
    enum mws_account_status parsed =
        status != NULL ? mws_account_status_parse(status) : MWS_ACCOUNT_STATUS_UNKNOWN;

    if (strcmp(request->method, "GET") == 0) {
        return show_account(seller, out);
    }
    if (strcmp(request->method, "POST") != 0) {
        return control_fail(out, 405, "use GET or POST");
    }
    if (parsed == MWS_ACCOUNT_STATUS_UNKNOWN) {
        return control_fail(out, 400, "\"status\" must be ACTIVE or INACTIVE");
    }
    seller->inactive = parsed == MWS_ACCOUNT_INACTIVE;
    return show_account(seller, out);
}

int control_sellers(struct world *world, const struct control_request *request, const char *rest,
                    const struct json *body, struct text *out)
{
    const char *slash = rest[0] == '/' ? strchr(rest + 1, '/') : NULL;
    char id[OBJECT_ID_MAX];
    struct seller *seller;

    if (slash == NULL || strcmp(slash, "/account") != 0 || slash - rest > (ptrdiff_t)sizeof id) {
        return control_fail(out, 404, "there is no such request");
    }
    (void)snprintf(id, sizeof id, "%.*s", (int)(slash - rest - 1), rest + 1);
    seller = world_find_seller(world, id);
    if (seller == NULL) {
        return control_fail(out, 404, "there is no such seller");
    }
    return on_account(seller, request, body, out);
}
