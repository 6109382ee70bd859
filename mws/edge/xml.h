/*
 * xml.h - one small XML document, read by name.
 *
 * The only face of libxml2. Reading is hardened: no network, no entity is replaced, a DOCTYPE is
 * refused, size, depth and the number of elements are capped. Elements are found by local name and
 * path, never by their order; of a repeated element the first counts, unless it is asked for by
 * index.
 */
#ifndef MWS_EDGE_XML_H
#define MWS_EDGE_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/status.h"

#define XML_BYTES_MAX    ((size_t)256 * 1024)
#define XML_DEPTH_MAX    32
#define XML_ELEMENTS_MAX 4096

struct xml;      /* a document read whole; reusable, so that a busy client allocates rarely */
struct xml_node; /* an element of it, borrowed until the next xml_read or xml_free */

struct xml *xml_new(void);
void xml_free(struct xml *xml);

/* ST_INVALID with a sentence when it is not well-formed XML within the bounds above. */
MUST_USE enum status xml_read(struct xml *xml, const char *bytes, size_t length,
                              struct problem *problem);

/* The outermost element; NULL when nothing was read, or not well. */
const struct xml_node *xml_root(const struct xml *xml);
/* The local name, without prefix. */
const char *xml_name(const struct xml_node *node);
/* The descendant at "A/B/C" below `node` (first match at each level), or NULL; NULL node gives
 * NULL. */
const struct xml_node *xml_at(const struct xml_node *node, const char *path);
/* The next sibling of the same local name, or NULL: for lists. */
const struct xml_node *xml_next(const struct xml_node *node);
/* The element's own text without surrounding white space; "" when empty, absent or NULL. */
const char *xml_text(const struct xml_node *node);
/* xml_text of xml_at. */
const char *xml_text_at(const struct xml_node *node, const char *path);

#endif
