/*
 * test_reference_id.c - identities: Amazon's bounds at the extremes, and no text read twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "billing/recurrence.h"
#include "billing/reference_id.h"

static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "abcdefghijklmnopqrstuvwxyz0123456789_-";

static void keys_of_bytes(void **state)
{
    (void)state;
    char key[KEY_MAX];
    key_from_bytes((const uint8_t[KEY_BYTES]){0}, key);
    assert_string_equal(key, "AAAAAAAAAAAAAAAA");
    uint8_t bytes[KEY_BYTES];
    memset(bytes, 0xff, sizeof bytes);
    key_from_bytes(bytes, key);
    assert_string_equal(key, "7777777777777777");
    /* RFC 4648's own vector: "foobar" is MZXW6YTBOI */
    key_from_bytes((const uint8_t[KEY_BYTES]){'f', 'o', 'o', 'b', 'a', 'f', 'o', 'o', 'b', 'a'},
                   key);
    assert_string_equal(key, "MZXW6YTBMZXW6YTB");
    assert_true(key_is_valid(key));
}

/* Every bit of the bytes counts: changing one changes the key. */
static void every_bit_counts(void **state)
{
    (void)state;
    char none[KEY_MAX];
    char seen[KEY_BYTES * 8][KEY_MAX];
    key_from_bytes((const uint8_t[KEY_BYTES]){0}, none);
    for (unsigned bit = 0; bit < KEY_BYTES * 8; bit++) {
        uint8_t bytes[KEY_BYTES] = {0};
        bytes[bit / 8] = (uint8_t)(1u << bit % 8);
        key_from_bytes(bytes, seen[bit]);
        assert_true(key_is_valid(seen[bit]));
        assert_string_not_equal(seen[bit], none);
        for (unsigned other = 0; other < bit; other++) {
            assert_string_not_equal(seen[bit], seen[other]);
        }
    }
}

static void keys_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "AAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAA",
        "aAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAA0",
        "AAAAAAAAAAAAAAA1",
        "AAAAAAAAAAAAAAA8",
        "AAAAAAAA-AAAAAAA",
        "AAAAAAAAAAAAAAA ",
        "AAAAAAAAAAAAAA\xc3\x84",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (key_is_valid(bad[i])) {
            fail_msg("'%s' is no key", bad[i]);
        }
    }
}

static const uint32_t cycles[] = {0, 1, 9, 10, 12, 99, 100, 99999, 999999, RECUR_CYCLE_MAX};
static const uint32_t numbers[] = {1, 9, 10, 999, 1000, ATTEMPT_NUMBER_MAX};

static void within_amazons_bounds(void **state)
{
    (void)state;
    char charge_id[CHARGE_ID_MAX];
    char id[REFERENCE_ID_MAX];
    size_t longest = 0;
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        charge_id_format("K7QW3K7QW3K7QW3K", cycles[i], charge_id);
        assert_true(strspn(charge_id, legal) == strlen(charge_id));
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
            reference_id_format(charge_id, numbers[k], id);
            assert_true(strlen(id) <= 32);
            assert_true(strspn(id, legal) == strlen(id));
            longest = strlen(id) > longest ? strlen(id) : longest;
        }
    }
    assert_int_equal(longest, 16 + 1 + 7 + 1 + 4);
    assert_string_equal(id, "K7QW3K7QW3K7QW3K-1000000-9999");
}

static void charge_ids_are_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        char id[CHARGE_ID_MAX];
        char key[KEY_MAX];
        uint32_t cycle = 77;
        charge_id_format("K7QW3K7QW3K7QW3K", cycles[i], id);
        assert_true(charge_id_parse(id, key, &cycle));
        assert_string_equal(key, "K7QW3K7QW3K7QW3K");
        assert_int_equal(cycle, cycles[i]);
    }
}

static void what_is_no_charge_id(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "K7QW3K7QW3K7QW3K",
        "K7QW3K7QW3K7QW3K-",
        "K7QW3K7QW3K7QW3K--1",
        "K7QW3K7QW3K7QW3K-01",
        "K7QW3K7QW3K7QW3K-00",
        "K7QW3K7QW3K7QW3K-1 ",
        "K7QW3K7QW3K7QW3K- 1",
        "K7QW3K7QW3K7QW3K-+1",
        "K7QW3K7QW3K7QW3K-1-1",
        "K7QW3K7QW3K7QW3K-1000001",
        "K7QW3K7QW3K7QW3K-9999999",
        "K7QW3K7QW3K7QW3K-10000000",
        "K7QW3K7QW3K7QW3K-4294967297",
        "K7QW3K7QW3K7QW3K-99999999999999999999999999",
        "K7QW3K7QW3K7QW3K_1",
        "k7qw3k7qw3k7qw3k-1",
        "K7QW3K7QW3K7QW3-1",
        "AAAAAAAAAAAAAAAAA-1",
        "K7QW3K7QW3K7QW30-1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char key[KEY_MAX] = "untouched";
        uint32_t cycle = 77;
        if (charge_id_parse(bad[i], key, &cycle)) {
            fail_msg("'%s' is no charge id", bad[i]);
        }
        assert_string_equal(key, "untouched");
        assert_int_equal(cycle, 77);
    }
}

static void reference_ids_are_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
            char charge_id[CHARGE_ID_MAX];
            char id[REFERENCE_ID_MAX];
            char read[CHARGE_ID_MAX];
            uint32_t number = 77;
            charge_id_format("K7QW3K7QW3K7QW3K", cycles[i], charge_id);
            reference_id_format(charge_id, numbers[k], id);
            assert_true(reference_id_parse(id, read, &number));
            assert_string_equal(read, charge_id);
            assert_int_equal(number, numbers[k]);
        }
    }
}

static void what_is_no_reference_id(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "1",
        "K7QW3K7QW3K7QW3K-1",
        "K7QW3K7QW3K7QW3K-1-",
        "K7QW3K7QW3K7QW3K-1-0",
        "K7QW3K7QW3K7QW3K-1-01",
        "K7QW3K7QW3K7QW3K-01-1",
        "K7QW3K7QW3K7QW3K-1-10000",
        "K7QW3K7QW3K7QW3K-1-1 ",
        "K7QW3K7QW3K7QW3K-1--1",
        "K7QW3K7QW3K7QW3K-1-1-1",
        "K7QW3K7QW3K7QW3K-1000001-1",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-1-1",
        "invoice-2026-1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char charge_id[CHARGE_ID_MAX] = "untouched";
        uint32_t number = 77;
        if (reference_id_parse(bad[i], charge_id, &number)) {
            fail_msg("'%s' is no reference id", bad[i]);
        }
        assert_string_equal(charge_id, "untouched");
        assert_int_equal(number, 77);
    }
}

static void capture_and_refund_ids_are_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        for (uint32_t number = 1; number <= CAPTURE_NUMBER_MAX; number++) {
            char charge_id[CHARGE_ID_MAX];
            char reference_id[REFERENCE_ID_MAX];
            char id[REFERENCE_ID_MAX];
            char read[REFERENCE_ID_MAX];
            uint32_t read_number = 77;
            charge_id_format("K7QW3K7QW3K7QW3K", cycles[i], charge_id);
            reference_id_format(charge_id, ATTEMPT_NUMBER_MAX, reference_id);
            capture_reference_id_format(reference_id, number, id);
            assert_true(strlen(id) <= 32);
            assert_true(capture_reference_id_parse(id, read, &read_number));
            assert_string_equal(read, reference_id);
            assert_int_equal(read_number, number);
            assert_false(refund_reference_id_parse(id, read, &read_number));
            assert_false(reference_id_parse(id, read, &read_number));

            refund_reference_id_format(charge_id, number * 11, id);
            assert_true(refund_reference_id_parse(id, read, &read_number));
            assert_string_equal(read, charge_id);
            assert_int_equal(read_number, number * 11);
            assert_false(capture_reference_id_parse(id, read, &read_number));
            assert_false(reference_id_parse(id, read, &read_number));
        }
    }
}

static void what_is_no_capture_or_refund_id(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-C",
        "-R1",
        "-C1",
        "K7QW3K7QW3K7QW3K-1",
        "K7QW3K7QW3K7QW3K-1-1",
        "K7QW3K7QW3K7QW3K-1-C1",
        "K7QW3K7QW3K7QW3K-1-1-C",
        "K7QW3K7QW3K7QW3K-1-1-C0",
        "K7QW3K7QW3K7QW3K-1-1-C01",
        "K7QW3K7QW3K7QW3K-1-1-C10",
        "K7QW3K7QW3K7QW3K-1-1-C1-C1",
        "K7QW3K7QW3K7QW3K-1-1-c1",
        "K7QW3K7QW3K7QW3K-1-01-C1",
        "K7QW3K7QW3K7QW3K-1-1-R1",
        "K7QW3K7QW3K7QW3K-1-R",
        "K7QW3K7QW3K7QW3K-1-R0",
        "K7QW3K7QW3K7QW3K-1-R10000",
        "K7QW3K7QW3K7QW3K-1-R1x",
        "K7QW3K7QW3K7QW3K-1-R1-R1",
        "K7QW3K7QW3K7QW3K-R1",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-1-1-C1",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-1-R1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char id[REFERENCE_ID_MAX] = "untouched";
        uint32_t number = 77;
        if (capture_reference_id_parse(bad[i], id, &number) ||
            refund_reference_id_parse(bad[i], id, &number)) {
            fail_msg("'%s' is neither a capture's nor a refund's id", bad[i]);
        }
        assert_string_equal(id, "untouched");
        assert_int_equal(number, 77);
    }
}

/* Two different (cycle, attempt) never give the same text: 1-11 is not 11-1. */
static void no_two_share_an_id(void **state)
{
    (void)state;
    static char ids[40 * 40][REFERENCE_ID_MAX];
    size_t count = 0;
    for (uint32_t cycle = 0; cycle < 40; cycle++) {
        for (uint32_t number = 1; number <= 40; number++) {
            char charge_id[CHARGE_ID_MAX];
            charge_id_format("K7QW3K7QW3K7QW3K", cycle, charge_id);
            reference_id_format(charge_id, number, ids[count]);
            for (size_t i = 0; i < count; i++) {
                assert_string_not_equal(ids[i], ids[count]);
            }
            count++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_bytes),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(keys_that_are_none),
        cmocka_unit_test(within_amazons_bounds),
        cmocka_unit_test(charge_ids_are_read_back),
        cmocka_unit_test(what_is_no_charge_id),
        cmocka_unit_test(reference_ids_are_read_back),
        cmocka_unit_test(what_is_no_reference_id),
        cmocka_unit_test(capture_and_refund_ids_are_read_back),
        cmocka_unit_test(what_is_no_capture_or_refund_id),
        cmocka_unit_test(no_two_share_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
