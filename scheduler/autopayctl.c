/*
 * autopayctl.c - the operator's command line: words and options into a command, then run it.
 *
 *     autopayctl [common options] NOUN VERB [ARGUMENT] [options]
 *
 * Three small parsers in a row: of the program (up to the noun), of the noun (up to the verb), of
 * the command. Each has its own --help. Options common to all may stand anywhere.
 *
 * Read ctl.h for what a command is.
 */
#include <argp.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/config_value.h"
#include "scheduler/ctl.h"

#define OPTIONS_MAX    24
#define NAME_TEXT_MAX  64
#define DOC_TEXT_MAX   4096
#define KEY_SOCKET     's'
#define KEY_SELLER     'S'
#define KEY_JSON       'j'
#define KEY_VERSION    'V'
#define KEY_OF_COMMAND 1000 /* + the option's index */

static const struct ctl_command *const command_lists[] = {
    ctl_agreement_commands, ctl_subscription_commands, ctl_subscription_orders, ctl_charge_commands,
    ctl_charge_orders,      ctl_policy_commands,       ctl_stop_commands,       ctl_status_commands,
    ctl_why_commands,       ctl_verify_commands,
};

#define LIST_COUNT (sizeof command_lists / sizeof command_lists[0])

/* --- common options ------------------------------------------------------------------------ */

static const struct argp_option common_options[] = {
    {"socket", KEY_SOCKET, "PATH", 0,
     "The daemon's admin socket ($AUTOPAY_SOCKET, " CTL_SOCKET_DEFAULT ")", 0},
    {"seller", KEY_SELLER, "ID", 0,
     "The Amazon merchant id ($AUTOPAY_SELLER, or the only one there is)", 0},
    {"json", KEY_JSON, NULL, 0, "Print the daemon's JSON", 0},
    {0},
};

/* NOLINTNEXTLINE(readability-non-const-parameter): argp's type of a parser */
static error_t parse_common(int key, char *text, struct argp_state *state)
{
    struct ctl *ctl = state->input;
    if (text != NULL && text[0] == '\0') {
        argp_error(state, "the value of --socket or --seller is empty");
    }
    switch (key) {
    case KEY_SOCKET:
        ctl->socket_path = text;
        return 0;
    case KEY_SELLER:
        ctl->seller_id = text;
        ctl->names_seller = true;
        return 0;
    case KEY_JSON:
        ctl->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp common_argp = {common_options, parse_common, NULL, NULL, NULL, NULL, NULL};
static const struct argp_child common_child[] = {{&common_argp, 0, "Common options:", 10}, {0}};

/* --- the program and the noun: up to the next word ----------------------------------------- */

struct words {
    struct ctl *ctl;
    int count; /* the word that was met and all that follows it */
    char **rest;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): argp's type of a parser */
static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct words *words = state->input;
    (void)text;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = words->ctl;
        return 0;
    case KEY_VERSION:
        (void)printf("autopayctl %s\n", AUTOPAY_VERSION);
        exit(CTL_OK);
    case ARGP_KEY_ARG:
        words->rest = &state->argv[state->next - 1];
        words->count = state->argc - state->next + 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a word is missing");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char program_doc[] =
    "Talks to autopayd, the daemon that charges Amazon Pay subscriptions.\v"
    "Commands:\n"
    "  agreement register | show | list | sync | close | stop | start\n"
    "  subscription create | show | list | cancel | uncancel | pause | resume |\n"
    "      skip | move | change | replace | stop | start\n"
    "  charge once | show | list | approve | reject | ship | void | refund\n"
    "  refunds\n"
    "  policy list | show\n"
    "  stop, start (of a seller, or of all)\n"
    "  events\n"
    "  notices\n"
    "  status\n"
    "  why (a charge was made, late, or not; reads the database itself)\n"
    "  verify (adds the books again; reads the database itself)\n"
    "\n"
    "Examples:\n"
    "  autopayctl status\n"
    "  autopayctl agreement register C03-1234567-1234567 --wait\n"
    "  autopayctl subscription create --help\n"
    "\n"
    "Exit codes: 0 done; 1 refused by a rule or the object's state; 2 not found; 3 the daemon is "
    "busy or not reachable; 64 wrong command line; 70 an answer that is not understood.";

static void parse_words(struct words *words, const struct argp *argp, int argc, char **argv)
{
    error_t failed = argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, words);
    ENSURE(failed == 0);
    ENSURE(words->count > 0);
}

static void parse_program(struct words *words, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"version", KEY_VERSION, NULL, 0, "Print the version", 0},
        {0},
    };
    static const struct argp argp = {
        options, parse_word, "NOUN [VERB] [ARGUMENT]", program_doc, common_child, NULL, NULL};
    parse_words(words, &argp, argc, argv);
}

/* --- the command --------------------------------------------------------------------------- */

struct parsed {
    struct ctl *ctl;
    const struct ctl_command *command;
    struct ctl_input input;
};

static void take_option(struct argp_state *state, const struct ctl_option *option, char *text)
{
    struct parsed *parsed = state->input;
    struct json *values = parsed->input.values;
    int64_t number = 0;
    switch (option->kind) {
    case CTL_TEXT:
        json_set_string(values, option->key, text);
        return;
    case CTL_COUNT:
        if (!config_integer_parse(text, &number)) {
            argp_error(state, "--%s: \"%s\" is not a whole number", option->name, text);
        }
        json_set_integer(values, option->key, number);
        return;
    case CTL_FLAG:
        json_set_bool(values, option->key, true);
        return;
    case CTL_LOCAL_FLAG:
        json_set_bool(parsed->input.local, option->key, true);
        return;
    }
}

/* Of "CHARGE [CYCLE]" two are allowed and one is needed; no command needs two. */
static int words_allowed(const struct ctl_command *command)
{
    return command->argument == NULL ? 0 : strchr(command->argument, ' ') == NULL ? 1 : 2;
}

static int words_needed(const struct ctl_command *command)
{
    return command->argument == NULL || command->argument[0] == '[' ? 0 : 1;
}

static void take_word(struct argp_state *state, char *text)
{
    struct parsed *parsed = state->input;
    const char **place =
        parsed->input.argument == NULL ? &parsed->input.argument : &parsed->input.second;
    int taken = (parsed->input.argument != NULL) + (parsed->input.second != NULL);
    if (taken == words_allowed(parsed->command)) {
        argp_error(state, "\"%s\" is one word too many", text);
    } else if (text[0] == '\0') {
        argp_error(state, "%s is empty", parsed->command->argument);
    }
    *place = text;
}

static error_t parse_command(int key, char *text, struct argp_state *state)
{
    struct parsed *parsed = state->input;
    const struct ctl_command *command = parsed->command;
    if (key >= KEY_OF_COMMAND && key < KEY_OF_COMMAND + OPTIONS_MAX) {
        take_option(state, &command->options[key - KEY_OF_COMMAND], text);
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = parsed->ctl;
        return 0;
    case ARGP_KEY_ARG:
        take_word(state, text);
        return 0;
    case ARGP_KEY_END:
        if (words_needed(command) > 0 && parsed->input.argument == NULL) {
            argp_error(state, "%s is missing", command->argument);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run_command(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
    struct argp_option options[OPTIONS_MAX + 1] = {{0}};
    struct parsed parsed = {.ctl = ctl, .command = command};
    struct argp argp = {options, parse_command, command->argument, command->doc, common_child,
                        NULL,    NULL};
    for (int i = 0; command->options[i].name != NULL; i++) {
        const struct ctl_option *option = &command->options[i];
        ENSURE(i < OPTIONS_MAX);
        options[i] = (struct argp_option){
            option->name, KEY_OF_COMMAND + i, option->value, 0, option->doc, 0};
    }
    if (command->options[0].name == NULL) {
        argp.options = NULL; /* glibc's help leaks a byte for an empty list */
    }
    parsed.input.values = json_new_object();
    parsed.input.local = json_new_object();
    error_t failed = argp_parse(&argp, argc, argv, 0, NULL, &parsed);
    ENSURE(failed == 0);
    int exit_code = command->run(ctl, &parsed.input);
    json_free(parsed.input.values);
    json_free(parsed.input.local);
    free(ctl->seller_owned);
    return exit_code;
}

/* --- from words to the command ------------------------------------------------------------- */

/* The `index`-th command of all lists; NULL after the last. */
static const struct ctl_command *command_at(size_t index)
{
    for (size_t i = 0; i < LIST_COUNT; i++) {
        for (const struct ctl_command *at = command_lists[i]; at->noun != NULL; at++) {
            if (index == 0) {
                return at;
            }
            index--;
        }
    }
    return NULL;
}

/* The first of that noun; or, with a verb, the only one. */
static const struct ctl_command *command_of(const char *noun, const char *verb)
{
    const struct ctl_command *at;
    for (size_t i = 0; (at = command_at(i)) != NULL; i++) {
        if (strcmp(at->noun, noun) == 0 && (verb == NULL || strcmp(at->verb, verb) == 0)) {
            return at;
        }
    }
    return NULL;
}

static void noun_doc(const struct ctl_command *first, char doc[static DOC_TEXT_MAX])
{
    const struct ctl_command *at;
    size_t used = (size_t)snprintf(doc, DOC_TEXT_MAX, "What can be done with %s %s:\v",
                                   first->noun[0] == 'a' ? "an" : "a", first->noun);
    for (size_t i = 0; (at = command_at(i)) != NULL; i++) {
        int length = (int)strcspn(at->doc, "\v");
        if (strcmp(at->noun, first->noun) == 0) {
            used += (size_t)snprintf(doc + used, DOC_TEXT_MAX - used, "  %s %s\n%.*s\n", at->verb,
                                     at->argument != NULL ? at->argument : "", length, at->doc);
            ENSURE(used < DOC_TEXT_MAX);
        }
    }
    (void)snprintf(doc + used, DOC_TEXT_MAX - used, "\nExample:\n  autopayctl %s %s --help",
                   first->noun, first->verb);
}

static int unknown_word(const char *program, const char *word)
{
    (void)fprintf(stderr, "%s: \"%s\" is not a command here; see %s --help\n", program, word,
                  program);
    return CTL_USAGE;
}

static int run_noun(struct words *words, const struct ctl_command *first)
{
    char name[NAME_TEXT_MAX];
    char doc[DOC_TEXT_MAX];
    const struct ctl_command *command = first;
    (void)snprintf(name, sizeof name, "autopayctl %s", first->noun);
    words->rest[0] = name;
    if (first->verb[0] != '\0') {
        noun_doc(first, doc);
        struct argp argp = {NULL, parse_word, "VERB [ARGUMENT]", doc, common_child, NULL, NULL};
        struct words verb = {.ctl = words->ctl};
        parse_words(&verb, &argp, words->count, words->rest);
        command = command_of(first->noun, verb.rest[0]);
        if (command == NULL) {
            return unknown_word(name, verb.rest[0]);
        }
        *words = verb;
        (void)snprintf(name, sizeof name, "autopayctl %s %s", command->noun, command->verb);
        words->rest[0] = name;
    }
    return run_command(words->ctl, command, words->count, words->rest);
}

int main(int argc, char **argv)
{
    const char *socket_path = getenv("AUTOPAY_SOCKET");
    const char *seller_id = getenv("AUTOPAY_SELLER");
    struct ctl ctl = {
        .socket_path =
            socket_path != NULL && socket_path[0] != '\0' ? socket_path : CTL_SOCKET_DEFAULT,
        .seller_id = seller_id != NULL && seller_id[0] != '\0' ? seller_id : NULL,
    };
    struct words words = {.ctl = &ctl};
    char name[] = "autopayctl"; /* in messages, however it was called */
    if (argc < 1) {
        return CTL_USAGE;
    }
    argv[0] = name;
    (void)setlocale(LC_ALL, "");
    parse_program(&words, argc, argv);
    const struct ctl_command *first = command_of(words.rest[0], NULL);
    if (first == NULL) {
        return unknown_word("autopayctl", words.rest[0]);
    }
    int exit_code = run_noun(&words, first);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "autopayctl: the output could not be written\n");
        return CTL_BUG;
    }
    return exit_code;
}
