/*
 * test_character.c - the table of character.h against the words that describe it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mws/character.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL    "abcdefghijklmnopqrstuvwxyz"
#define DIGITS   "0123456789"

static void each_byte_is_of_the_kinds_that_are_written_down(void **state)
{
    (void)state;
    static const struct {
        enum character_kind kind;
        const char *members;
    } kinds[] = {
        {CHARACTER_PLAIN, CAPITALS SMALL DIGITS "-_.~"},
        {CHARACTER_ID, CAPITALS SMALL DIGITS "-_"},
        {CHARACTER_AMAZON_ID, CAPITALS DIGITS "-"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (int byte = 0; byte < 256; byte++) {
            bool is_member = byte != 0 && strchr(kinds[i].members, byte) != NULL;
            if (character_is((char)byte, kinds[i].kind) != is_member) {
                fail_msg("byte 0x%02x, kind %d", (unsigned)byte, (int)kinds[i].kind);
            }
        }
    }
}

/* Goal: an id that was checked goes out without being encoded. */
static void ids_stand_for_themselves(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool is_of_an_id = character_is(c, CHARACTER_ID) || character_is(c, CHARACTER_AMAZON_ID);
        assert_true(!is_of_an_id || character_is(c, CHARACTER_PLAIN));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_is_of_the_kinds_that_are_written_down),
        cmocka_unit_test(ids_stand_for_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
