/*
 * table.c - see table.h.
 */
#include "scheduler/table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#include "billing/ensure.h"

struct table {
    struct libscols_table *scols;
    unsigned column_count;
};

struct table *table_new(const struct table_column *columns, unsigned column_count)
{
    struct table *table = calloc(1, sizeof *table);
    ENSURE(table != NULL);
    table->scols = scols_new_table();
    ENSURE(table->scols != NULL);
    table->column_count = column_count;
    for (unsigned i = 0; i < column_count; i++) {
        const char *heading = columns[i].heading != NULL ? columns[i].heading : "";
        int flags = columns[i].is_number ? SCOLS_FL_RIGHT : 0;
        struct libscols_column *column = scols_table_new_column(table->scols, heading, 0, flags);
        ENSURE(column != NULL);
    }
    (void)scols_table_enable_noheadings(table->scols, columns[0].heading == NULL);
    /* Not the terminal's width: a long row wraps there, which beats a cut id. */
    (void)scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
    return table;
}

void table_row(struct table *table, const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line(table->scols, NULL);
    ENSURE(line != NULL);
    for (unsigned i = 0; i < table->column_count; i++) {
        int failed = scols_line_set_data(line, i, cells[i]);
        ENSURE(failed == 0);
    }
}

void table_print(struct table *table)
{
    (void)scols_print_table(table->scols);
}

void table_free(struct table *table)
{
    scols_unref_table(table->scols);
    free(table);
}
