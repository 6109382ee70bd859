/* log_bound.c - see log_bound.h. */
#include "scheduler/log_bound.h"

void log_bound_init(struct log_bound *bound, int64_t at_once_milli, int64_t milli_per_s,
                    struct ticks now)
{
    bucket_init(&bound->bucket, at_once_milli, milli_per_s, true, now);
    bound->left_out = 0;
}

bool log_bound_take(struct log_bound *bound, struct ticks now, int64_t *left_out)
{
    if (!bucket_take(&bound->bucket, now)) {
        bound->left_out++;
        return false;
    }
    *left_out = bound->left_out;
    bound->left_out = 0;
    return true;
}
