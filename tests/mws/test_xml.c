/*
 * test_xml.c - reading by name, and every way in which a document is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/xml.h"

static int make_xml(void **state)
{
    *state = xml_new();
    return 0;
}

static int free_xml(void **state)
{
    xml_free(*state);
    return 0;
}

static enum status read_bytes(struct xml *xml, const char *bytes, size_t length,
                              struct problem *problem)
{
    /* A copy of exact size lets the sanitizer see a read beyond the end. */
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    enum status status = xml_read(xml, copy, length, problem);
    free(copy);
    return status;
}

static const struct xml_node *must_read(struct xml *xml, const char *text)
{
    struct problem problem = {""};
    if (read_bytes(xml, text, strlen(text), &problem) != ST_OK) {
        fail_msg("refused: %s: %s", problem.text, text);
    }
    assert_non_null(xml_root(xml));
    return xml_root(xml);
}

static void must_refuse(struct xml *xml, const char *text, size_t length, const char *part)
{
    struct problem problem = {""};
    if (read_bytes(xml, text, length, &problem) != ST_INVALID) {
        fail_msg("accepted: %s", text);
    }
    if (strstr(problem.text, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", problem.text, part);
    }
    assert_null(xml_root(xml));
}

static void elements_are_found_by_name_and_path(void **state)
{
    const struct xml_node *root =
        must_read(*state, "<?xml version=\"1.0\"?>\n<R xmlns=\"urn:x\" a=\"1\">\n"
                          "  <B><C>two</C></B><A> one </A>\n  <B><C>other</C></B><E/></R>\n");
    assert_string_equal(xml_name(root), "R");
    assert_string_equal(xml_text_at(root, "A"), "one");
    assert_string_equal(xml_text_at(root, "B/C"), "two");
    assert_string_equal(xml_text_at(root, "E"), "");
    assert_string_equal(xml_text_at(root, "B/missing"), "");
    assert_null(xml_at(root, "b"));
    assert_null(xml_at(root, "Bx"));
    assert_null(xml_at(NULL, "A"));
    assert_string_equal(xml_text(root), "");
    assert_ptr_equal(xml_at(root, ""), root);

    const struct xml_node *second = xml_next(xml_at(root, "B"));
    assert_non_null(second);
    assert_string_equal(xml_text_at(second, "C"), "other");
    assert_null(xml_next(second));
}

static void prefixes_do_not_count(void **state)
{
    const struct xml_node *root =
        must_read(*state, "<n:R xmlns:n=\"urn:x\"><n:A>1</n:A><A>2</A></n:R>");
    assert_string_equal(xml_name(root), "R");
    assert_string_equal(xml_text_at(root, "A"), "1");
}

static void text_comes_whole_however_it_is_written(void **state)
{
    const struct xml_node *root = must_read(
        *state, "<R><A>a&amp;b&#x30;&lt;</A><B><![CDATA[<x> & ]]>y</B><C>1<!-- no -->2<?p q?>3</C>"
                "<D>\n \t\n</D><E>  inner  space  </E><F>\xe6\x97\xa5\xe6\x9c\xac</F></R>");
    assert_string_equal(xml_text_at(root, "A"), "a&b0<");
    assert_string_equal(xml_text_at(root, "B"), "<x> & y");
    assert_string_equal(xml_text_at(root, "C"), "123");
    assert_string_equal(xml_text_at(root, "D"), "");
    assert_string_equal(xml_text_at(root, "E"), "inner  space");
    assert_string_equal(xml_text_at(root, "F"), "\xe6\x97\xa5\xe6\x9c\xac");
}

static void other_character_sets_become_utf_8(void **state)
{
    const struct xml_node *root =
        must_read(*state, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><R>\xe9</R>");
    assert_string_equal(xml_text(root), "\xc3\xa9");
}

static void one_reader_reads_many_documents(void **state)
{
    for (int i = 0; i < 50; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "<R><A>%d</A></R>", i);
        char expected[16];
        (void)snprintf(expected, sizeof expected, "%d", i);
        assert_string_equal(xml_text_at(must_read(*state, text), "A"), expected);
        must_refuse(*state, "<R><A>", 6, "");
    }
}

/* Goal: names of foreign documents cannot pile up in the reader for ever. */
static void many_different_names_do_not_pile_up(void **state)
{
    static char text[XML_BYTES_MAX];
    for (int round = 0; round < 4; round++) {
        size_t used = (size_t)snprintf(text, sizeof text, "<R>");
        for (int i = 0; i < 4000; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "<n%d-%d/>", round, i);
        }
        (void)snprintf(text + used, sizeof text - used, "</R>");
        const struct xml_node *root = must_read(*state, text);
        assert_string_equal(xml_name(root), "R");
    }
    assert_string_equal(xml_text_at(must_read(*state, "<R><A>1</A></R>"), "A"), "1");
}

static void what_is_not_well_formed_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "<",
        "<R",
        "<R>",
        "<R></S>",
        "<R><A></R></A>",
        "<R/><R/>",
        "<R>&nosuch;</R>",
        "<R>&#0;</R>",
        "<R>\x01</R>",
        "<R>\xff\xfe</R>",
        "<R a=1/>",
        "<R a=\"1\" a=\"2\"/>",
        "<p:R/>",
        "<R><![CDATA[x</R>",
        "{\"json\":true}",
        "<?xml version=\"1.0\" encoding=\"no-such-set\"?><R/>",
        "<R/>trailing",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        must_refuse(*state, texts[i], strlen(texts[i]), "");
    }
    must_refuse(*state, "<R>a\0b</R>", 10, "");
}

static void a_doctype_is_refused(void **state)
{
    static const char *const texts[] = {
        "<!DOCTYPE R><R/>",
        "<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>",
        "<!DOCTYPE R [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><R>&x;</R>",
        "<!DOCTYPE R [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><R>&b;&b;</R>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        must_refuse(*state, texts[i], strlen(texts[i]), "DOCTYPE");
    }
}

static void text_beside_elements_is_refused(void **state)
{
    static const char *const texts[] = {
        "<R>text<A/></R>",
        "<R><A/>text</R>",
        "<html><body>Service <b>unavailable</b></body></html>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        must_refuse(*state, texts[i], strlen(texts[i]), "beside");
    }
}

static char *repeated(const char *head, const char *part, size_t times, const char *tail)
{
    char *text = malloc(strlen(head) + strlen(part) * times + strlen(tail) + 1);
    assert_non_null(text);
    char *end = stpcpy(text, head);
    for (size_t i = 0; i < times; i++) {
        end = stpcpy(end, part);
    }
    (void)stpcpy(end, tail);
    return text;
}

static void the_bounds_hold_exactly(void **state)
{
    char *text = repeated("<R>", "<a/>", XML_ELEMENTS_MAX - 1, "</R>");
    (void)must_read(*state, text);
    free(text);
    text = repeated("<R>", "<a/>", XML_ELEMENTS_MAX, "</R>");
    must_refuse(*state, text, strlen(text), "too many");
    free(text);

    char *opened = repeated("", "<a>", XML_DEPTH_MAX, "");
    text = repeated(opened, "</a>", XML_DEPTH_MAX, "");
    (void)must_read(*state, text);
    free(text);
    free(opened);
    text = repeated("", "<a>", XML_DEPTH_MAX + 1, "");
    must_refuse(*state, text, strlen(text), "deep");
    free(text);

    text = repeated("<R>", "x", XML_BYTES_MAX - 7, "</R>");
    assert_int_equal(strlen(xml_text(must_read(*state, text))), XML_BYTES_MAX - 7);
    free(text);
    text = repeated("<R>", "x", XML_BYTES_MAX - 6, "</R>");
    must_refuse(*state, text, strlen(text), "bytes");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(elements_are_found_by_name_and_path, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(prefixes_do_not_count, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(text_comes_whole_however_it_is_written, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(other_character_sets_become_utf_8, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(one_reader_reads_many_documents, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(many_different_names_do_not_pile_up, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(what_is_not_well_formed_is_refused, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(a_doctype_is_refused, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(text_beside_elements_is_refused, make_xml, free_xml),
        cmocka_unit_test_setup_teardown(the_bounds_hold_exactly, make_xml, free_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
