/*
 * sides.c - see sides.h.
 *
 * Agreements are listed in the order of their ids, and ids of one side begin alike ("C03-"). So the
 * first id is looked at, then the first behind all that begin like it, and so on: a look-up for
 * each kind of id that is there, however many agreements there are.
 */
#include "scheduler/sides.h"

#include <string.h>

#include "mws/region.h"

#define BEGINNING 3 /* "C03", before the hyphen */

/* Writes what is greater than every id that begins like `id`, and not than any other id. */
static void step_over(const char *id, char after[static AGREEMENT_ID_MAX])
{
    size_t length = strlen(id);
    memcpy(after, id, length + 1);
    if (mws_is_id(id)) {
        after[BEGINNING] = '-' + 1;
        after[BEGINNING + 1] = '\0';
    }
}

static enum status seller_check(struct store *store, const struct mws_seller *seller,
                                struct problem *problem)
{
    char after[AGREEMENT_ID_MAX] = "";
    for (;;) {
        struct agreement agreement;
        struct problem elsewhere;
        uint32_t count = 0;
        struct page page = {.after = after, .max = 1};
        enum status status = store->ops->list_agreements(store, seller->seller_id, page, &agreement,
                                                         &count, problem);
        if (status != ST_OK || count == 0) {
            return status;
        }
        if (mws_is_id(agreement.id) &&
            mws_id_check(agreement.id, seller->region, seller->environment, &elsewhere) != ST_OK) {
            return problem_set(problem, ST_CONFLICT,
                               "seller %s: in the database %s; a database never changes sides: "
                               "name another file as \"store\"",
                               seller->seller_id, elsewhere.text);
        }
        step_over(agreement.id, after);
    }
}

enum status sides_check(struct store *store, const struct config *config, struct problem *problem)
{
    enum status status = ST_OK;
    for (uint32_t i = 0; i < config->seller_count && status == ST_OK; i++) {
        status = seller_check(store, &config->sellers[i].mws, problem);
    }
    return status;
}
