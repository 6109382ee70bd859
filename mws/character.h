/*
 * character.h - what a byte may be part of. Asked for every byte that is sent, hence a table.
 */
#ifndef MWS_CHARACTER_H
#define MWS_CHARACTER_H

#include <stdbool.h>
#include <stdint.h>

enum character_kind {
    CHARACTER_PLAIN = 1, /* RFC 3986, "unreserved": stands for itself in a form. A-Z a-z 0-9 -_.~ */
    CHARACTER_ID = 2,    /* of an id that a seller gives, which is plain: A-Z a-z 0-9 - _ */
    CHARACTER_AMAZON_ID = 4, /* of an id that Amazon gives: A-Z 0-9 - */
};

extern const uint8_t character_kinds[256];

static inline bool character_is(char c, enum character_kind kind)
{
    return (character_kinds[(unsigned char)c] & kind) != 0;
}

#endif
