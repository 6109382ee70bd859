#include "tests/sim/witness.h"
struct witness *witness_new(struct sim *sim)
{
    (void)sim;
    return 0;
}
void witness_free(struct witness *witness)
{
    (void)witness;
}
void witness_watches(struct witness *witness, struct store *store)
{
    (void)witness;
    (void)store;
}
void witness_leaves(struct witness *witness)
{
    (void)witness;
}
void witness_dies(struct witness *witness)
{
    (void)witness;
}
void witness_sends(struct witness *witness, uint64_t packet, const char *form, size_t length)
{
    (void)witness;
    (void)packet;
    (void)form;
    (void)length;
}
void witness_answered(struct witness *witness)
{
    (void)witness;
}
void witness_acknowledged(struct witness *witness, const char *key)
{
    (void)witness;
    (void)key;
}
void witness_judges(struct witness *witness)
{
    (void)witness;
}
