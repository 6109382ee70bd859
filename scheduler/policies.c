/* policies.c - see policies.h. */
#include "scheduler/policies.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/policy_text.h"

#define VIEWS_A_TIME 16

struct policy_text {
    char name[POLICY_NAME_MAX];
    char text[POLICY_TEXT_MAX];
};

struct seller_texts {
    char seller_id[SELLER_ID_MAX];
    uint32_t count; /* configured, the default first */
    struct policy_text *texts;
    uint32_t default_version;
    uint32_t view_count; /* kept, oldest first */
    struct policy_view *views;
};

struct policy_texts {
    uint32_t seller_count;
    struct seller_texts sellers[];
};

/* ---- on the loop, before ---- */

static void write_text(struct policy_text *text, const struct policy *policy)
{
    memcpy(text->name, policy->name, sizeof text->name);
    /* config_policy.c let no other policy in. */
    bool is_written = policy_format(policy, text->text);
    ENSURE(is_written);
}

struct policy_texts *policy_texts_new(const struct config *config)
{
    struct policy_texts *texts =
        calloc(1, sizeof *texts + config->seller_count * sizeof texts->sellers[0]);
    ENSURE(texts != NULL);
    texts->seller_count = config->seller_count;
    for (uint32_t i = 0; i < config->seller_count; i++) {
        const struct seller_config *seller = &config->sellers[i];
        struct seller_texts *of = &texts->sellers[i];
        memcpy(of->seller_id, seller->mws.seller_id, sizeof of->seller_id);
        of->count = 1 + seller->policy_count;
        of->texts = calloc(of->count, sizeof *of->texts);
        ENSURE(of->texts != NULL);
        write_text(&of->texts[0], &seller->policy);
        for (uint32_t k = 0; k < seller->policy_count; k++) {
            write_text(&of->texts[1 + k], &seller->policies[k]);
        }
    }
    return texts;
}

void policy_texts_free(struct policy_texts *texts)
{
    if (texts == NULL) {
        return;
    }
    for (uint32_t i = 0; i < texts->seller_count; i++) {
        free(texts->sellers[i].texts);
        free(texts->sellers[i].views);
    }
    free(texts);
}

/* ---- on the store's thread ---- */

static enum status save(struct seller_texts *seller, struct store *store, struct instant now,
                        struct problem *problem)
{
    for (uint32_t i = 0; i < seller->count; i++) {
        uint32_t version = 0;
        enum status status =
            store->ops->save_policy(store, seller->seller_id, seller->texts[i].name,
                                    seller->texts[i].text, now, &version, problem);
        if (status != ST_OK) {
            return status;
        }
        if (i == 0) {
            seller->default_version = version;
        }
    }
    return ST_OK;
}

static enum status read_all(struct seller_texts *seller, struct store *store,
                            struct problem *problem)
{
    uint32_t after = 0;
    uint32_t count = VIEWS_A_TIME;
    while (count == VIEWS_A_TIME) {
        struct policy_view *grown =
            reallocarray(seller->views, seller->view_count + VIEWS_A_TIME, sizeof *seller->views);
        ENSURE(grown != NULL);
        seller->views = grown;
        enum status status =
            store->ops->list_policies(store, seller->seller_id, after, VIEWS_A_TIME,
                                      seller->views + seller->view_count, &count, problem);
        if (status != ST_OK) {
            return status;
        }
        seller->view_count += count;
        after = seller->view_count > 0 ? seller->views[seller->view_count - 1].version : 0;
    }
    return ST_OK;
}

enum status policy_texts_save(struct policy_texts *texts, struct store *store, struct instant now,
                              struct problem *problem)
{
    enum status status = ST_OK;
    for (uint32_t i = 0; i < texts->seller_count && status == ST_OK; i++) {
        struct seller_texts *seller = &texts->sellers[i];
        seller->view_count = 0;
        status = save(seller, store, now, problem);
        if (status == ST_OK) {
            status = read_all(seller, store, problem);
        }
    }
    return status;
}

/* ---- on the loop, after ---- */

struct policy_list {
    uint32_t count;
    struct policy policies[];
};

static bool read_view(const struct policy_view *view, const char *seller_id, struct zones *zones,
                      struct log *log, struct policy *policy)
{
    struct problem problem;
    if (policy_parse(view->text, policy, &problem) != ST_OK) {
        log_write(log, LOG_ERROR, "policy_unreadable", LOG_STRING("seller", seller_id),
                  LOG_STRING("policy", view->name), LOG_INTEGER("version", view->version),
                  LOG_STRING("problem", problem.text), LOG_END);
        return false;
    }
    policy->version = view->version;
    if (policy->zone_name[0] != '\0' &&
        zones_get(zones, policy->zone_name, &policy->zone, &problem) != ST_OK) {
        policy->zone = NULL;
        log_write(log, LOG_ERROR, "zone_missing", LOG_STRING("seller", seller_id),
                  LOG_STRING("policy", view->name), LOG_INTEGER("version", view->version),
                  LOG_STRING("zone", policy->zone_name), LOG_STRING("problem", problem.text),
                  LOG_END);
    }
    return true;
}

struct policy_list *policy_list_new(const struct policy_texts *texts, const char *seller_id,
                                    struct zones *zones, struct log *log)
{
    const struct seller_texts *seller = NULL;
    for (uint32_t i = 0; i < texts->seller_count && seller == NULL; i++) {
        seller = strcmp(texts->sellers[i].seller_id, seller_id) == 0 ? &texts->sellers[i] : NULL;
    }
    if (seller == NULL) {
        return NULL;
    }
    struct policy_list *list =
        calloc(1, sizeof *list + (size_t)seller->view_count * sizeof list->policies[0]);
    ENSURE(list != NULL);
    list->count = 1; /* room for the default in force */
    bool has_default = false;
    for (uint32_t i = seller->view_count; i > 0; i--) {
        const struct policy_view *view = &seller->views[i - 1];
        bool is_default = view->version == seller->default_version;
        struct policy *policy = &list->policies[is_default ? 0 : list->count];
        if (read_view(view, seller_id, zones, log, policy)) {
            has_default = has_default || is_default;
            list->count += !is_default;
        }
    }
    ENSURE(has_default); /* it was written by us just now */
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        list->policies[i].next = &list->policies[i + 1];
    }
    return list;
}

void policy_list_free(struct policy_list *list)
{
    free(list);
}

const struct policy *policy_list_head(const struct policy_list *list)
{
    return &list->policies[0];
}
