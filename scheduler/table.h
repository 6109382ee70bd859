/*
 * table.h - tables for a person's eyes. The only face of libsmartcols.
 *
 * Columns are as wide as their widest cell and never cut: an id that is not whole is no id. Control
 * characters in a cell are shown escaped, so that a label cannot drive the terminal.
 */
#ifndef SCHEDULER_TABLE_H
#define SCHEDULER_TABLE_H

#include <stdbool.h>

struct table;

struct table_column {
    const char *heading; /* of none of the columns, or of all */
    bool is_number;      /* aligned to the right */
};

struct table *table_new(const struct table_column *columns, unsigned column_count);
/* One row of `column_count` cells, copied. */
void table_row(struct table *table, const char *const *cells);
/* To standard output. */
void table_print(struct table *table);
void table_free(struct table *table);

#endif
