/* chance.c - see chance.h. */
#include "tests/sim/chance.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "tests/sim/sim_memory.h"

static const char *const names[SITE_COUNT] = {
#define X(suffix, name, is_strike) [SITE_##suffix] = (name),
    SITES(X)
#undef X
};

static const bool can_be_left_out[SITE_COUNT] = {
#define X(suffix, name, is_strike) [SITE_##suffix] = (is_strike),
    SITES(X)
#undef X
};

/* splitmix64's last steps: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint64_t value_of(uint64_t seed, enum site site, uint64_t k)
{
    return mix(mix(seed ^ ((uint64_t)site << 56)) + k);
}

uint64_t chance_draw(struct chance *chance, enum site site)
{
    return value_of(chance->seed, site, chance->drawn[site]++);
}

static int64_t within(uint64_t bits, int64_t low, int64_t high)
{
    ENSURE(low <= high);
    return low + (int64_t)(bits % (uint64_t)(high - low + 1));
}

int64_t chance_range(struct chance *chance, enum site site, int64_t low, int64_t high)
{
    uint64_t bits = chance_draw(chance, site);
    return chance->is_scripted ? low : within(bits, low, high);
}

static int compare(const void *a, const void *b)
{
    const struct strike *left = a;
    const struct strike *right = b;
    if (left->site != right->site) {
        return left->site < right->site ? -1 : 1;
    }
    return left->k < right->k ? -1 : left->k > right->k ? 1 : 0;
}

static bool is_allowed(const struct chance *chance, struct strike strike)
{
    return chance->allowed == NULL ||
           bsearch(&strike, chance->allowed, chance->allowed_count, sizeof strike, compare) != NULL;
}

static void note(struct chance *chance, struct strike strike)
{
    if (chance->struck_count == chance->struck_room) {
        bool was = memory_inside(false);
        chance->struck_room = chance->struck_room == 0 ? 256 : 2 * chance->struck_room;
        chance->struck = realloc(chance->struck, chance->struck_room * sizeof strike);
        ENSURE(chance->struck != NULL);
        (void)memory_inside(was);
    }
    chance->struck[chance->struck_count++] = strike;
}

bool chance_strikes(struct chance *chance, enum site site, uint32_t ppm)
{
    struct strike strike = {site, chance->drawn[site]};
    ENSURE(can_be_left_out[site]);
    bool strikes = chance_draw(chance, site) % 1000000 < ppm;
    if (!strikes || chance->is_quiet || !is_allowed(chance, strike)) {
        return false;
    }
    note(chance, strike);
    return true;
}

bool chance_acts(struct chance *chance, enum site site)
{
    return chance_strikes(chance, site, 1000000);
}

struct detail chance_detail(const struct chance *chance, enum site site)
{
    ENSURE(chance->drawn[site] > 0);
    return (struct detail){value_of(chance->seed ^ 0x64657461696cU, site, chance->drawn[site] - 1)};
}

uint64_t detail_draw(struct detail *detail)
{
    detail->state += 0x9e3779b97f4a7c15U;
    return mix(detail->state);
}

int64_t detail_range(struct detail *detail, int64_t low, int64_t high)
{
    return within(detail_draw(detail), low, high);
}

bool detail_chance(struct detail *detail, uint32_t percent)
{
    return detail_draw(detail) % 100 < percent;
}

const char *site_name(enum site site)
{
    return names[site];
}

bool strikes_parse(const char *text, struct strike **strikes, size_t *count)
{
    size_t room = 1;
    for (const char *at = text; *at != '\0'; at++) {
        room += *at == ',';
    }
    *strikes = calloc(room, sizeof **strikes);
    ENSURE(*strikes != NULL);
    *count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ":");
        enum site site = 0;
        while (site < SITE_COUNT &&
               (strlen(names[site]) != length || strncmp(names[site], text, length) != 0)) {
            site++;
        }
        char *end;
        if (site == SITE_COUNT || text[length] != ':') {
            return false;
        }
        uint64_t k = strtoull(text + length + 1, &end, 10);
        if (end == text + length + 1 || (*end != ',' && *end != '\0')) {
            return false;
        }
        (*strikes)[(*count)++] = (struct strike){site, k};
        text = *end == ',' ? end + 1 : end;
    }
    qsort(*strikes, *count, sizeof **strikes, compare);
    return true;
}
