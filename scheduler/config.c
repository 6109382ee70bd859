/*
 * config.c - reads the configuration file. Contract: config.h.
 *
 * Three stages, each of which adds to the same list of problems:
 *   1. here, libConfuse reads the file into settings: the text of a value and the line it stood on.
 *      Every key is a text to libConfuse, so that a wrong value does not stop it;
 *   2. config_options.c and config_policy.c turn settings into fields, by tables with bounds and
 *      defaults;
 *   3. config_seller.c checks what no single key can know: secret, endpoint, zone, currency.
 *
 * libConfuse stops at an unknown key and at a repeated seller. To tell everything in one run, such
 * a finding is noted, allowed for, and the file is read again from the start (at most once for each
 * problem that fits the list). A syntax error does end the reading: what follows it has no meaning.
 */
#include "scheduler/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "billing/ensure.h"
#include "scheduler/config_file.h"
#include "scheduler/config_options.h"
#include "scheduler/config_seller.h"

#define FILE_BYTES_MAX (INT64_C(4) << 20)
#define KEY_BYTES_MAX  64

/* ---- What is wrong ------------------------------------------------------------------------- */

enum level { LEVEL_FILE, LEVEL_SELLER, LEVEL_POLICY };

struct unknown_key {
    enum level level;
    char key[KEY_BYTES_MAX];
};

struct config_reader {
    const char *path;
    struct config_problems *problems;
    bool is_parsing;
    bool has_stepped_over;  /* this round ended at something that the next one allows for */
    bool allows_duplicates; /* a repeated seller was found: sections replace each other now */
    uint32_t unknown_count;
    struct unknown_key unknown[CONFIG_PROBLEMS_MAX];
    enum config_secrets secrets;
};

/* One line each, whatever the file held. */
static void text_clean(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == '\x7f') {
            *text = '?';
        }
    }
}

void config_problems_add(struct config_problems *problems, const struct problem *problem)
{
    for (uint32_t i = 0; i < problems->count; i++) {
        if (strcmp(problems->list[i].text, problem->text) == 0) {
            return; /* found again by a later round */
        }
    }
    if (problems->count == CONFIG_PROBLEMS_MAX) {
        problems->left_out++;
        return;
    }
    problems->list[problems->count++] = *problem;
}

void config_problem(struct config_reader *reader, struct config_place place, const char *format,
                    ...)
{
    char sentence[PROBLEM_TEXT_MAX];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    char line[16] = "";
    if (place.line > 0) {
        (void)snprintf(line, sizeof line, ":%d", place.line);
    }
    struct problem problem;
    (void)problem_set(&problem, ST_INVALID, "%s%s: %.40s%s%s%.40s%s%s%s%s", reader->path, line,
                      place.seller != NULL ? place.seller : "", place.seller != NULL ? ": " : "",
                      place.policy != NULL ? "policy " : "",
                      place.policy != NULL ? place.policy : "", place.policy != NULL ? ": " : "",
                      place.key != NULL ? place.key : "", place.key != NULL ? ": " : "", sentence);
    text_clean(problem.text);
    config_problems_add(reader->problems, &problem);
}

/* ---- Stage 1: libConfuse ------------------------------------------------------------------- */

/* A key that carries our reader through libConfuse, which has no argument for its callbacks. A
 * section with a simple value cannot be set from a file. */
#define CONTEXT_KEY " reader"

/* A key that is put behind the file's text and must be found outside sellers: libConfuse takes the
 * end of the file as the end of an open section or comment, so that a file cut short would pass. */
#define END_KEY "end-of-file"

/* What libConfuse keeps for us as a value. */
struct value {
    struct config_setting setting; /* names are libConfuse's own; its tree outlives its values */
    struct config_reader *reader;
};

static struct config_reader *reader_of(cfg_t *cfg)
{
    cfg_opt_t *context = cfg_getopt(cfg, CONTEXT_KEY);
    ENSURE(context != NULL);
    return (struct config_reader *)(void *)context->simple_value.ptr;
}

static enum level level_of(cfg_t *cfg)
{
    if (strcmp(cfg_name(cfg), "policy") == 0) {
        return LEVEL_POLICY;
    }
    return cfg_title(cfg) != NULL ? LEVEL_SELLER : LEVEL_FILE;
}

/* A policy's seller is known by the line only: a section does not know what it stands in. */
static struct config_place place_in(cfg_t *cfg, const char *key)
{
    bool in_policy = level_of(cfg) == LEVEL_POLICY;
    return (struct config_place){.line = cfg->line,
                                 .seller = in_policy ? NULL : cfg_title(cfg),
                                 .policy = in_policy ? cfg_title(cfg) : NULL,
                                 .key = key};
}

/* cfg_callback_t */
static int setting_parse(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    struct value *kept = calloc(1, sizeof *kept);
    ENSURE(kept != NULL);
    kept->reader = reader_of(cfg);
    kept->setting.place = place_in(cfg, cfg_opt_name(opt));
    kept->setting.text = strdup(value);
    ENSURE(kept->setting.text != NULL);
    *(struct value **)result = kept;
    return 0;
}

/* cfg_free_func_t. While the file is still being read, libConfuse drops a value only because the
 * same key came again. */
static void setting_free(void *value)
{
    struct value *kept = value;
    if (kept->reader->is_parsing && !kept->reader->allows_duplicates) {
        config_problem(kept->reader, kept->setting.place, "is set again further down");
    }
    free(kept->setting.text);
    free(kept);
}

static bool quoted_name(const char *message, const char *beginning, char name[KEY_BYTES_MAX])
{
    size_t length = strlen(beginning);
    if (strncmp(message, beginning, length) != 0) {
        return false;
    }
    (void)snprintf(name, KEY_BYTES_MAX, "%.*s", KEY_BYTES_MAX - 1, message + length);
    char *end = strrchr(name, '\'');
    if (end == NULL) {
        return false; /* longer than any key: not worth another round */
    }
    *end = '\0';
    return true;
}

/* A word that was stepped over and is a section in truth ("sellr "A1" {"): said already. */
static bool is_about_unknown(const struct config_reader *reader, const char *message)
{
    char name[KEY_BYTES_MAX];
    if (!quoted_name(message, "missing equal sign after option '", name)) {
        return false;
    }
    for (uint32_t i = 0; i < reader->unknown_count; i++) {
        if (strcmp(reader->unknown[i].key, name) == 0) {
            return true;
        }
    }
    return false;
}

static void parse_error(cfg_t *cfg, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

/* cfg_errfunc_t */
static void parse_error(cfg_t *cfg, const char *format, va_list list)
{
    struct config_reader *reader = reader_of(cfg);
    struct config_place place = place_in(cfg, NULL);
    char message[PROBLEM_TEXT_MAX];
    char name[KEY_BYTES_MAX];
    (void)vsnprintf(message, sizeof message, format, list);
    if (quoted_name(message, "no such option '" END_KEY, name)) {
        config_problem(reader, place, "the section is not closed");
    } else if (quoted_name(message, "no such option '", name)) {
        place.key = name;
        config_problem(reader, place, "there is no such key");
        if (reader->unknown_count < CONFIG_PROBLEMS_MAX) {
            struct unknown_key *unknown = &reader->unknown[reader->unknown_count++];
            unknown->level = level_of(cfg);
            memcpy(unknown->key, name, sizeof name);
            reader->has_stepped_over = true;
        }
    } else if (quoted_name(message, "found duplicate title '", name)) {
        if (level_of(cfg) == LEVEL_FILE) {
            place.seller = name;
        } else {
            place.policy = name;
        }
        config_problem(reader, place, "stands twice in this %s",
                       level_of(cfg) == LEVEL_FILE ? "file" : "section");
        reader->allows_duplicates = true;
        reader->has_stepped_over = true;
    } else if (!is_about_unknown(reader, message)) {
        config_problem(reader, place, "%s", message);
    }
}

static size_t schema_keys(cfg_opt_t *schema, const struct config_options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        cfg_opt_t one =
            CFG_PTR_CB(options->list[i].key, NULL, CFGF_NODEFAULT, setting_parse, setting_free);
        one.flags |= config_option_is_list(&options->list[i]) ? CFGF_LIST : 0;
        schema[i] = one;
    }
    return options->count;
}

/* libConfuse's form of a level's tables, with the keys to step over; to be freed. `inner` is the
 * level of the sections within it, NULL for a policy. */
static cfg_opt_t *schema_new(struct config_reader *reader, enum level level, cfg_opt_t *inner)
{
    size_t keys_max =
        config_daemon_options.count + config_seller_options.count + config_policy_options.count;
    cfg_opt_t *schema = calloc(keys_max + reader->unknown_count + 4, sizeof *schema);
    ENSURE(schema != NULL);
    size_t used = 0;
    cfg_opt_t context = CFG_SEC(CONTEXT_KEY, NULL, CFGF_NODEFAULT);
    context.simple_value.ptr = (void **)(void *)reader;
    schema[used++] = context;
    if (level == LEVEL_FILE) {
        used += schema_keys(schema + used, &config_daemon_options);
    } else {
        used += schema_keys(schema + used, &config_policy_options);
    }
    if (level == LEVEL_SELLER) {
        used += schema_keys(schema + used, &config_seller_options);
    }
    for (uint32_t i = 0; i < reader->unknown_count; i++) {
        if (reader->unknown[i].level == level) {
            cfg_opt_t ignored = CFG_STR_LIST(reader->unknown[i].key, NULL, CFGF_NODEFAULT);
            schema[used++] = ignored;
        }
    }
    if (inner != NULL) {
        cfg_opt_t section =
            CFG_SEC(level == LEVEL_FILE ? "seller" : "policy", inner, CFGF_MULTI | CFGF_TITLE);
        section.flags |= reader->allows_duplicates ? 0 : CFGF_NO_TITLE_DUPES;
        schema[used++] = section;
    }
    if (level == LEVEL_FILE) {
        cfg_opt_t end = CFG_STR(END_KEY, NULL, CFGF_NODEFAULT);
        schema[used++] = end;
    }
    return schema; /* the zeroed rest ends it */
}

/* One reading of the text from start to end; NULL when it ended early. */
static cfg_t *text_parse(struct config_reader *reader, char *text, size_t length)
{
    cfg_opt_t *policy = schema_new(reader, LEVEL_POLICY, NULL);
    cfg_opt_t *seller = schema_new(reader, LEVEL_SELLER, policy);
    cfg_opt_t *root = schema_new(reader, LEVEL_FILE, seller);
    cfg_t *cfg = cfg_init(root, CFGF_NONE); /* copies the schemas */
    FILE *stream = fmemopen(text, length, "r");
    ENSURE(cfg != NULL && stream != NULL);
    free(root);
    free(seller);
    free(policy);
    (void)cfg_set_error_function(cfg, parse_error);
    reader->is_parsing = true;
    int result = cfg_parse_fp(cfg, stream);
    reader->is_parsing = false;
    (void)fclose(stream);
    if (result != CFG_SUCCESS) {
        cfg_free(cfg);
        return NULL;
    }
    return cfg;
}

/* The file with the end mark behind it, to be freed; NULL: `problems` say why. */
static char *file_text(struct config_reader *reader, size_t *length)
{
    static const char end_mark[] = "\n" END_KEY " = here\n";
    FILE *file = fopen(reader->path, "re");
    struct stat about;
    char *text = NULL;
    if (file == NULL) {
        config_problem(reader, (struct config_place){0}, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    if (fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size > FILE_BYTES_MAX) {
        config_problem(reader, (struct config_place){0}, "is not a plain file of at most 4 MiB");
    } else {
        text = malloc((size_t)about.st_size + sizeof end_mark);
        ENSURE(text != NULL);
        *length = fread(text, 1, (size_t)about.st_size, file);
        memcpy(text + *length, end_mark, sizeof end_mark);
        *length += strlen(end_mark);
    }
    (void)fclose(file);
    return text;
}

/* NULL: `problems` say why. */
static cfg_t *file_read(struct config_reader *reader)
{
    size_t length = 0;
    char *text = file_text(reader, &length);
    cfg_t *cfg = NULL;
    if (text == NULL) {
        return NULL;
    }
    do {
        reader->has_stepped_over = false;
        cfg = text_parse(reader, text, length);
    } while (cfg == NULL && reader->has_stepped_over);
    free(text);
    if (cfg != NULL && cfg_size(cfg, END_KEY) == 0) {
        config_problem(reader, (struct config_place){0}, "ends within a comment");
    }
    if (cfg == NULL && reader->problems->count == 0) {
        config_problem(reader, (struct config_place){0}, "cannot be read");
    }
    return cfg;
}

/* ---- What config_file.h promises ----------------------------------------------------------- */

static struct config_section *section_of(cfg_t *cfg)
{
    return (struct config_section *)(void *)cfg;
}

static cfg_t *tree_of(struct config_section *section)
{
    return (cfg_t *)(void *)section;
}

const char *config_section_title(struct config_section *section)
{
    return cfg_title(tree_of(section));
}

struct config_section *config_policy_section(struct config_section *section, uint32_t index)
{
    cfg_t *tree = tree_of(section);
    return index < cfg_size(tree, "policy") ? section_of(cfg_getnsec(tree, "policy", index)) : NULL;
}

bool config_is_set(struct config_section *section, const char *key)
{
    return (cfg_getopt(tree_of(section), key)->flags & CFGF_MODIFIED) != 0;
}

const struct config_setting *config_setting(struct config_section *section, const char *key,
                                            uint32_t index)
{
    const struct value *kept = cfg_opt_getnptr(cfg_getopt(tree_of(section), key), index);
    return kept != NULL ? &kept->setting : NULL;
}

struct config_place config_place_of(struct config_section *section, const char *key)
{
    const struct config_setting *setting = key != NULL ? config_setting(section, key, 0) : NULL;
    return setting != NULL ? setting->place : place_in(tree_of(section), key);
}

static void ipn_check(struct config_reader *reader, struct config_section *section,
                      const struct config *config)
{
    bool has_certificate = config->ipn_certificate_file[0] != '\0';
    bool has_key = config->ipn_key_file[0] != '\0';
    if (has_certificate != has_key) {
        config_problem(reader,
                       config_place_of(section, has_key ? "ipn_key_file" : "ipn_certificate_file"),
                       "TLS needs both ipn_certificate_file and ipn_key_file");
    }
}

static void config_fill(struct config_reader *reader, cfg_t *cfg, struct zones *zones,
                        struct config *config)
{
    unsigned count = cfg_size(cfg, "seller");
    config_options_store(reader, section_of(cfg), &config_daemon_options, config);
    if (config->total_deadline_ms > 0 && config->connect_deadline_ms > config->total_deadline_ms) {
        config_problem(reader, config_place_of(section_of(cfg), "connect_deadline"),
                       "is longer than total_deadline");
    }
    ipn_check(reader, section_of(cfg), config);
    if (count == 0 || count > CONFIG_SELLERS_MAX) {
        config_problem(reader, (struct config_place){0},
                       "needs 1 to %d sections seller \"MERCHANTID\" { ... }", CONFIG_SELLERS_MAX);
        return;
    }
    config->sellers = calloc(count, sizeof *config->sellers);
    ENSURE(config->sellers != NULL);
    config->seller_count = count;
    for (unsigned i = 0; i < count; i++) {
        config_seller_read(reader, section_of(cfg_getnsec(cfg, "seller", i)), zones,
                           reader->secrets, &config->sellers[i]);
    }
}

/* ---- The public face ----------------------------------------------------------------------- */

enum status config_load_with(const char *path, struct zones *zones, enum config_secrets secrets,
                             struct config **config, struct config_problems *problems)
{
    struct config_reader reader = {.path = path, .problems = problems, .secrets = secrets};
    memset(problems, 0, sizeof *problems);
    *config = NULL;
    cfg_t *cfg = file_read(&reader);
    if (cfg == NULL) {
        return ST_INVALID;
    }
    struct config *filled = calloc(1, sizeof *filled);
    ENSURE(filled != NULL);
    config_fill(&reader, cfg, zones, filled);
    cfg_free(cfg);
    if (problems->count > 0) {
        config_free(filled);
        return ST_INVALID;
    }
    *config = filled;
    return ST_OK;
}

enum status config_load(const char *path, struct zones *zones, struct config **config,
                        struct config_problems *problems)
{
    return config_load_with(path, zones, CONFIG_SECRETS_ALL, config, problems);
}

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (uint32_t i = 0; i < config->seller_count; i++) {
        secret_free(config->sellers[i].secret);
        free(config->sellers[i].policies);
    }
    free(config->sellers);
    free(config);
}

const struct seller_config *config_seller(const struct config *config, const char *seller_id)
{
    for (uint32_t i = 0; i < config->seller_count; i++) {
        if (strcmp(config->sellers[i].mws.seller_id, seller_id) == 0) {
            return &config->sellers[i];
        }
    }
    return NULL;
}
