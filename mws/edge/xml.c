/*
 * xml.c - libxml2's SAX2 parser into one reusable block of elements and texts.
 *
 * A document is a tree in an array of XML_ELEMENTS_MAX elements, and its texts lie behind one
 * another in one buffer; both are allocated once and used again for every document, and so is the
 * parser with its dictionary of names (names are pointers into it). libxml2 asks for nothing from
 * outside: no handler for entities or external subsets is set, and a DOCTYPE stops the parser at
 * once.
 *
 * Invariants
 *   1. Until xml_read returned ST_OK the document is empty: xml_root is NULL.
 *   2. Only the innermost open element collects text; it is closed by a NUL when the element ends.
 *   3. An element has either text or elements. Amazon's documents are data; text beside elements
 *      means that this is something else (such as an HTML page), and it is refused, never cut.
 */
#include "mws/edge/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "billing/ensure.h"

/* A document in another character set grows when it becomes UTF-8, to twice its size at most. */
#define TEXT_BYTES_MAX (2 * XML_BYTES_MAX + XML_ELEMENTS_MAX)
/* The parser is replaced when foreign documents have filled its dictionary with their names. */
#define NAMES_MAX 4096

struct xml_node {
    const char *name;
    const char *text; /* NULL while the element is open */
    struct xml_node *parent;
    struct xml_node *first_child;
    struct xml_node *last_child;
    struct xml_node *next;
};

struct xml {
    xmlParserCtxtPtr parser;
    bool is_whole; /* the document was read to its end */
    uint32_t node_count;
    uint32_t depth;
    struct xml_node *open; /* the innermost open element */
    size_t text_start;     /* its text so far: text[text_start .. text_used) */
    size_t text_used;
    struct problem problem; /* the first thing that was wrong; "" = nothing */
    struct xml_node *nodes;
    char *text;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Keeps the first complaint only: those that follow are its consequences. */
static void refuse(struct xml *xml, const char *sentence)
{
    if (xml->problem.text[0] == '\0') {
        (void)problem_set(&xml->problem, ST_INVALID, "line %d: %s",
                          xmlSAX2GetLineNumber(xml->parser), sentence);
    }
    xmlStopParser(xml->parser);
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *external_id,
                       const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    refuse(arg, "a DOCTYPE is not allowed");
}

static void on_start(void *arg, const xmlChar *local_name, const xmlChar *prefix,
                     const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                     int attribute_count, int defaulted_count, const xmlChar **attributes)
{
    struct xml *xml = arg;
    (void)prefix;
    (void)uri;
    (void)namespace_count;
    (void)namespaces;
    (void)attribute_count;
    (void)defaulted_count;
    (void)attributes;

    if (xml->node_count == XML_ELEMENTS_MAX) {
        refuse(xml, "too many elements");
        return;
    }
    if (xml->depth == XML_DEPTH_MAX) {
        refuse(xml, "elements are nested too deep");
        return;
    }
    if (xml->text_used != xml->text_start) {
        refuse(xml, "text beside elements");
        return;
    }
    struct xml_node *node = &xml->nodes[xml->node_count++];
    struct xml_node *parent = xml->open;
    *node = (struct xml_node){.name = (const char *)local_name, .parent = parent};
    if (parent != NULL) {
        if (parent->last_child == NULL) {
            parent->first_child = node;
        } else {
            parent->last_child->next = node;
        }
        parent->last_child = node;
    }
    xml->open = node;
    xml->depth++;
}

static void on_end(void *arg, const xmlChar *local_name, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml *xml = arg;
    (void)local_name;
    (void)prefix;
    (void)uri;
    if (xml->open == NULL) {
        return; /* the end of an element whose start was refused */
    }
    while (xml->text_used > xml->text_start && is_space(xml->text[xml->text_used - 1])) {
        xml->text_used--;
    }
    xml->text[xml->text_used++] = '\0';
    xml->open->text = &xml->text[xml->text_start];
    xml->text_start = xml->text_used;
    xml->open = xml->open->parent;
    xml->depth--;
}

/* libxml2 hands a text over in pieces: at entities, at CDATA, at the end of a buffer. */
static void on_text(void *arg, const xmlChar *piece, int length)
{
    struct xml *xml = arg;
    const char *bytes = (const char *)piece;
    size_t count = (size_t)length;
    if (xml->text_used == xml->text_start) { /* white space before the text is not part of it */
        while (count > 0 && is_space(bytes[0])) {
            bytes++;
            count--;
        }
    }
    if (count == 0 || xml->open == NULL) {
        return;
    }
    if (xml->open->first_child != NULL) {
        refuse(xml, "text beside elements");
        return;
    }
    /* One byte per element stays free for its NUL. */
    if (xml->text_used + count > TEXT_BYTES_MAX - XML_ELEMENTS_MAX) {
        refuse(xml, "too much text");
        return;
    }
    memcpy(&xml->text[xml->text_used], bytes, count);
    xml->text_used += count;
}

static void on_error(void *arg, xmlErrorPtr error)
{
    struct xml *xml = arg;
    if (xml->problem.text[0] != '\0' || error->level == XML_ERR_WARNING) {
        return;
    }
    const char *sentence = error->message != NULL ? error->message : "not well-formed";
    (void)problem_set(&xml->problem, ST_INVALID, "line %d: %.*s", error->line,
                      (int)strcspn(sentence, "\n"), sentence);
}

/* About bytes that are not in the document's character set libxml2 also complains without saying in
 * which parser, by default on stderr; the parser then fails, and on_error hears of it. */
static void on_error_elsewhere(void *arg, xmlErrorPtr error)
{
    (void)arg;
    (void)error;
}

static void parser_new(struct xml *xml)
{
    xml->parser = xmlNewParserCtxt();
    ENSURE(xml->parser != NULL);
    *xml->parser->sax = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .internalSubset = on_doctype,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .serror = on_error,
    };
    (void)xmlCtxtUseOptions(xml->parser, XML_PARSE_NONET);
    xml->parser->userData = xml;
}

struct xml *xml_new(void)
{
    struct xml *xml = calloc(1, sizeof *xml);
    ENSURE(xml != NULL);
    /* Pages that no document reaches are never touched, so the full size costs address space only.
     */
    xml->nodes = malloc(XML_ELEMENTS_MAX * sizeof xml->nodes[0]);
    ENSURE(xml->nodes != NULL);
    xml->text = malloc(TEXT_BYTES_MAX);
    ENSURE(xml->text != NULL);
    parser_new(xml);
    return xml;
}

void xml_free(struct xml *xml)
{
    if (xml == NULL) {
        return;
    }
    xmlFreeParserCtxt(xml->parser);
    free(xml->nodes);
    free(xml->text);
    free(xml);
}

/* Makes the parser ready for the bytes of a new document. */
static void parser_open(struct xml *xml, const char *bytes, size_t length)
{
    if (xmlDictSize(xml->parser->dict) > NAMES_MAX) {
        xmlFreeParserCtxt(xml->parser);
        parser_new(xml);
    }
    xmlCtxtReset(xml->parser);
    xmlParserInputBufferPtr buffer =
        xmlParserInputBufferCreateMem(bytes, (int)length, XML_CHAR_ENCODING_NONE);
    ENSURE(buffer != NULL);
    xmlParserInputPtr input = xmlNewIOInputStream(xml->parser, buffer, XML_CHAR_ENCODING_NONE);
    ENSURE(input != NULL);
    int depth = inputPush(xml->parser, input);
    ENSURE(depth >= 0);
}

enum status xml_read(struct xml *xml, const char *bytes, size_t length, struct problem *problem)
{
    xml->is_whole = false;
    xml->node_count = 0;
    xml->depth = 0;
    xml->open = NULL;
    xml->text_start = 0;
    xml->text_used = 0;
    xml->problem.text[0] = '\0';
    if (length == 0) {
        return problem_set(problem, ST_INVALID, "an empty document");
    }
    if (length > XML_BYTES_MAX) {
        return problem_set(problem, ST_INVALID, "a document of %zu bytes; at most %zu are read",
                           length, XML_BYTES_MAX);
    }
    parser_open(xml, bytes, length);
    xmlSetStructuredErrorFunc(NULL, on_error_elsewhere); /* of this thread */
    int result = xmlParseDocument(xml->parser);
    xmlSetStructuredErrorFunc(NULL, NULL);
    bool is_well_formed =
        result == 0 && xml->parser->wellFormed != 0 && xml->parser->nsWellFormed != 0;
    if (!is_well_formed || xml->problem.text[0] != '\0') {
        const char *sentence = xml->problem.text[0] != '\0' ? xml->problem.text : "not well-formed";
        return problem_set(problem, ST_INVALID, "not a readable XML document: %s", sentence);
    }
    ENSURE(xml->node_count > 0);
    ENSURE(xml->open == NULL);
    xml->is_whole = true;
    return ST_OK;
}

const struct xml_node *xml_root(const struct xml *xml)
{
    return xml->is_whole ? &xml->nodes[0] : NULL;
}

const char *xml_name(const struct xml_node *node)
{
    return node->name;
}

static const struct xml_node *child_named(const struct xml_node *node, const char *name,
                                          size_t length)
{
    const struct xml_node *child = node->first_child;
    while (child != NULL &&
           (strncmp(child->name, name, length) != 0 || child->name[length] != '\0')) {
        child = child->next;
    }
    return child;
}

const struct xml_node *xml_at(const struct xml_node *node, const char *path)
{
    while (node != NULL && path[0] != '\0') {
        size_t length = strcspn(path, "/");
        node = child_named(node, path, length);
        path += length;
        path += path[0] == '/';
    }
    return node;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    const struct xml_node *next = node->next;
    while (next != NULL && strcmp(next->name, node->name) != 0) {
        next = next->next;
    }
    return next;
}

const char *xml_text(const struct xml_node *node)
{
    return node != NULL ? node->text : "";
}

const char *xml_text_at(const struct xml_node *node, const char *path)
{
    return xml_text(xml_at(node, path));
}
