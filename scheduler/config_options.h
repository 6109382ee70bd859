/*
 * config_options.h - private to the config_*.c files: the tables of keys, and how settings become
 * fields.
 */
#ifndef SCHEDULER_CONFIG_OPTIONS_H
#define SCHEDULER_CONFIG_OPTIONS_H

#include <stddef.h>

#include "scheduler/config_file.h"

enum config_option_kind {
    OPTION_TEXT,      /* char[size]: printable, not empty                        */
    OPTION_PATH,      /* char[size]: an absolute path                            */
    OPTION_INTEGER,   /* int32_t                                                 */
    OPTION_MILLI,     /* int32_t, thousandths of the fraction in the file        */
    OPTION_DURATION,  /* int64_t, milliseconds                                   */
    OPTION_DURATIONS, /* struct policy_waits; an empty list is a value, too      */
    OPTION_WORD,      /* an enum: one of `words`                                 */
    OPTION_FLAG,      /* bool: yes or no, or one of `words`                      */
    OPTION_PERCENT,   /* uint32_t: "10%"                                         */
    OPTION_SHARE,     /* struct config_share: "10" or "5%"                       */
    OPTION_RULE,      /* struct policy_rule: a path and waits                    */
    OPTION_HOURS,     /* struct policy_hours: "09:00-21:00"                      */
    OPTION_DAYS,      /* its days: a list of "mon" or "mon-fri"                  */
    OPTION_AMOUNT,    /* struct money: stored by config_options_store_amounts()  */
    OPTION_SECRET,    /* no field: see config_seller.c                           */
};

enum config_option_flags {
    REQUIRED = 1,
    RELOADS = 2, /* SIGHUP may change it */
};

struct config_word {
    const char *name; /* NULL ends a list */
    int value;
};

struct config_option {
    const char *key;
    enum config_option_kind kind;
    unsigned flags;
    size_t offset, size; /* of the field in struct config, seller_config or policy */
    const char *initial; /* NULL: required, or filled in before or after the table */
    int64_t min, max;    /* inclusive; of a list: of each member */
    const struct config_word *words;
};

struct config_options {
    const struct config_option *list;
    size_t count;
};

extern const struct config_options config_daemon_options; /* into struct config */
extern const struct config_options config_seller_options; /* into struct seller_config */
extern const struct config_options config_policy_options; /* into struct policy: config_policy.c */

/* May the key have several values? */
bool config_option_is_list(const struct config_option *option);

/* Fills the fields of one section; one without a setting and without a default stays as it is. */
void config_options_store(struct config_reader *reader, struct config_section *section,
                          const struct config_options *options, void *target);
/* The amounts of a section, once the currency is known. */
void config_options_store_amounts(struct config_reader *reader, struct config_section *section,
                                  const struct config_options *options, const char *currency,
                                  void *target);

/* config_options.c: one duration within the option's bounds; false: a problem was added. */
bool config_option_duration(struct config_reader *reader, struct config_place place,
                            const struct config_option *option, const char *text, int64_t *ms);
/* config_policy.c: a RULE, HOURS or DAYS. */
void config_policy_store(struct config_reader *reader, struct config_section *section,
                         const struct config_option *option, void *field);

#endif
