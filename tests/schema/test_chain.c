/*
 * test_chain.c - the text of an event is what chain.h promises to outsiders, byte for byte, and SQL
 * gives the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "mws/edge/crypto.h"
#include "schema/chain.h"
#include "tests/schema/database.h"
#include "tests/schema/samples.h"

#define SELLER "A1SELLERONE"

static struct change_view sample_view(void)
{
    return (struct change_view){
        .number = 7,
        .at = {INT64_C(1795305600123)},
        .agreement_id = "C01-1234567-1234567",
        .change = {.kind = CHANGE_CHARGE,
                   .subject = "AAAAAAAAAAAAAAAA-12",
                   .from = CHARGE_RETRYING,
                   .to = CHARGE_HELD,
                   .reason = REASON_LIMIT_SHORT,
                   .amount = money_of(1200, "JPY"),
                   .until = {-5}},
    };
}

static void the_text_is_as_documented(void **state)
{
    (void)state;
    struct change_view view = sample_view();
    char text[CHAIN_TEXT_MAX];
    const char *expected = "A1SELLERONE\t7\t1795305600123\tC01-1234567-1234567\t3\t"
                           "AAAAAAAAAAAAAAAA-12\t3\t5\t9\t1200\tJPY\t-5\n";
    assert_int_equal(chain_text(SELLER, &view, text), strlen(expected));
    assert_string_equal(text, expected);

    view.agreement_id[0] = '\0';
    view.change.amount = money_of(0, "");
    view.change.until = INSTANT_NEVER;
    (void)chain_text(SELLER, &view, text);
    assert_string_equal(text, "A1SELLERONE\t7\t1795305600123\t\t3\tAAAAAAAAAAAAAAAA-12"
                              "\t3\t5\t9\t\t\t\n");
}

/* The first digest, computed by another program: printf '...' | sha256sum. */
static void the_digest_is_sha256_of_both(void **state)
{
    (void)state;
    static const uint8_t expected[DIGEST_BYTES] = {0xec, 0xe1, 0x3d, 0xe4, 0x2e, 0xf7, 0x68, 0x2a,
                                                   0xc2, 0x92, 0x37, 0xd7, 0xe1, 0xd4, 0x3c, 0xe7,
                                                   0x9e, 0xfe, 0x3b, 0x6b, 0x87, 0x49, 0xf7, 0xe9,
                                                   0xbe, 0x00, 0x91, 0xeb, 0x0b, 0x8f, 0x67, 0xad};
    static const uint8_t zeros[DIGEST_BYTES];
    struct change_view view = sample_view();
    uint8_t digest[DIGEST_BYTES];
    chain_digest(sha256, zeros, SELLER, &view, digest);
    assert_memory_equal(digest, expected, sizeof digest);
}

static void the_longest_fits(void **state)
{
    (void)state;
    struct change_view view = {
        .number = INT64_MAX,
        .at = {INT64_MIN},
        .change = {.kind = (enum change_kind)INT32_MIN,
                   .from = INT32_MIN,
                   .to = INT32_MIN,
                   .reason = (enum reason)INT32_MIN,
                   .amount = money_of(INT64_MIN, "JPY"),
                   .until = {INT64_MIN}},
    };
    char seller_id[SELLER_ID_MAX];
    char text[CHAIN_TEXT_MAX];
    snprintf(seller_id, sizeof seller_id, "%031d", 1);
    snprintf(view.agreement_id, sizeof view.agreement_id, "%035d", 2);
    snprintf(view.change.subject, sizeof view.change.subject, "%035d", 3);
    size_t length = chain_text(seller_id, &view, text);
    assert_int_equal(length, strlen(text));
    assert_int_equal(text[length - 1], '\n');
}

/* What an outsider with the file and SQLite computes. */
static void sql_gives_the_same_text(void **state)
{
    struct folder *folder = *state;
    static struct account account;
    static struct change_view views[8];
    struct problem problem = {""};
    uint32_t version = 0;
    uint32_t count = 0;
    struct store *store = open_ok(folder->database);
    sample_agreement(&account, SELLER, 1);
    record_new(store, &account);
    assert_int_equal(
        store->ops->save_policy(store, SELLER, "default", "a", SAMPLE_NOW, &version, &problem),
        ST_OK);
    assert_int_equal(store->ops->list_changes(store, SELLER, 0, 8, views, &count, &problem), ST_OK);
    assert_int_equal(count, 2);
    store->ops->close(store);

    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(folder->database, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            "SELECT seller_id || x'09' || number || x'09' || at || x'09' || agreement_id || x'09'"
            " || kind || x'09' || subject || x'09' || from_state || x'09' || to_state || x'09'"
            " || reason || x'09' || ifnull(amount_minor, '') || x'09' || ifnull(currency, '')"
            " || x'09' || ifnull(until_at, '') || x'0a' FROM event ORDER BY number",
            -1, &stmt, NULL),
        SQLITE_OK);
    for (uint32_t i = 0; i < count; i++) {
        char text[CHAIN_TEXT_MAX];
        (void)chain_text(SELLER, &views[i], text);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), text);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_as_documented),
        cmocka_unit_test(the_digest_is_sha256_of_both),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test_setup_teardown(sql_gives_the_same_text, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
