/*
 * migration.h - the numbered SQL files that are compiled in (see embed.cmake). Append-only: a file
 * that was released is never edited.
 */
#ifndef SCHEMA_MIGRATION_H
#define SCHEMA_MIGRATION_H

struct migration {
    unsigned number;
    const char *title;
    const char *sql;
};

extern const struct migration sqlite_migrations[];
extern const unsigned sqlite_migration_count;

#endif
