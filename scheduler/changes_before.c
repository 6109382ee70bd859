/* changes_before.c - see changes_before.h. */
#include "scheduler/changes_before.h"

/* Is there an event of that number, and was it before `at`? */
static enum status look(struct store *store, const char *seller_id, uint64_t number,
                        struct instant at, bool *is_before, struct instant *when,
                        struct problem *problem)
{
    struct change_view view;
    uint32_t count = 0;
    enum status status =
        store->ops->list_changes(store, seller_id, number - 1, 1, &view, &count, problem);
    *is_before = status == ST_OK && count == 1 && instant_before(view.at, at);
    if (*is_before && when != NULL) {
        *when = view.at;
    }
    return status;
}

enum status changes_before(struct store *store, const char *seller_id, struct instant at,
                           uint64_t *number, struct instant *when, struct problem *problem)
{
    uint64_t low = 0; /* before `at`, or 0 */
    uint64_t high = 1;
    bool is_before = false;
    enum status status = look(store, seller_id, high, at, &is_before, when, problem);
    while (status == ST_OK && is_before) {
        low = high;
        high *= 2;
        status = look(store, seller_id, high, at, &is_before, when, problem);
    }
    while (status == ST_OK && high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        status = look(store, seller_id, middle, at, &is_before, when, problem);
        low = is_before ? middle : low;
        high = is_before ? high : middle;
    }
    *number = low;
    return status;
}
