/*
 * step_random.h - reproducible dice: one seed is one run.
 */
#ifndef TESTS_BILLING_STEP_RANDOM_H
#define TESTS_BILLING_STEP_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline struct dice dice_of(uint64_t seed)
{
    return (struct dice){seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

/* 0..sides-1 (splitmix64) */
static inline uint32_t roll(struct dice *dice, uint32_t sides)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = dice->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % sides);
}

static inline bool one_in(struct dice *dice, uint32_t sides)
{
    return roll(dice, sides) == 0;
}

#endif
