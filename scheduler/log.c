/*
 * log.c - builds a log line and writes it. Contract and invariants: log.h.
 *
 * The line grows in a fixed buffer, field by field. A field that does not fit is taken back whole,
 * which is why LOG_TAIL bytes are kept free for saying so. Both formats share one way to escape:
 * the escapes of a JSON string, which also keep control characters (C0, DEL, C1) and the line
 * separators U+2028 and U+2029 out of terminals and line readers.
 */
#include "scheduler/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"

#define FIELDS_MAX 32
#define LOG_TAIL   32 /* ,"truncated":true} and the newline */

struct line {
    char *text;
    uint32_t length;
    uint32_t size; /* never filled above */
    enum log_format format;
    bool is_full;
};

static void put(struct line *line, const char *bytes, uint32_t length)
{
    if (line->is_full || length > line->size - line->length) {
        line->is_full = true;
        return;
    }
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, (uint32_t)strnlen(text, LOG_LINE_MAX));
}

/* Length of the valid UTF-8 sequence at `at` and its code point, or 0. Overlong forms, surrogates
 * and anything above U+10FFFF are not valid. The NUL that ends the text is no continuation byte. */
static uint32_t utf8_read(const char *at, uint32_t *code)
{
    const unsigned char *byte = (const unsigned char *)at;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t length = 1;
    if (byte[0] < 0x80) {
        *code = byte[0];
        return 1;
    }
    if (byte[0] >= 0xC2 && byte[0] <= 0xDF) {
        length = 2;
        *code = byte[0] & 0x1FU;
    } else if ((byte[0] & 0xF0) == 0xE0) {
        length = 3;
        *code = byte[0] & 0x0FU;
    } else if (byte[0] >= 0xF0 && byte[0] <= 0xF4) {
        length = 4;
        *code = byte[0] & 0x07U;
    } else {
        return 0;
    }
    for (uint32_t i = 1; i < length; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (byte[i] & 0x3FU);
    }
    bool is_surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < least[length] || *code > 0x10FFFF || is_surrogate ? 0 : length;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029;
}

static void put_quoted(struct line *line, const char *value)
{
    put_text(line, "\"");
    while (*value != '\0' && !line->is_full) {
        uint32_t code = 0;
        uint32_t length = utf8_read(value, &code);
        char escaped[8];
        if (length == 0) {
            put_text(line, "\xEF\xBF\xBD"); /* U+FFFD */
            length = 1;
        } else if (code == '"' || code == '\\') {
            put(line, (const char[]){'\\', (char)code}, 2);
        } else if (code == '\n') {
            put_text(line, "\\n");
        } else if (is_control(code)) {
            (void)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(code & 0xFFFF));
            put_text(line, escaped);
        } else {
            put(line, value, length);
        }
        value += length;
    }
    put_text(line, "\"");
}

/* May stand in a key=value line as it is? */
static bool is_bare(const char *value)
{
    return value[0] != '\0' &&
           value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789_-.:/+@,%")] == '\0';
}

static void put_string_value(struct line *line, const char *value)
{
    if (line->format == LOG_KEYVALUE && is_bare(value)) {
        put_text(line, value);
    } else {
        put_quoted(line, value);
    }
}

static void put_key(struct line *line, const char *key)
{
    bool is_first = line->length == 0;
    if (line->format == LOG_JSON) {
        put_text(line, is_first ? "{\"" : ",\"");
        put_text(line, key);
        put_text(line, "\":");
    } else {
        put_text(line, is_first ? "" : " ");
        put_text(line, key);
        put_text(line, "=");
    }
}

static void put_string(struct line *line, const char *key, const char *value)
{
    put_key(line, key);
    put_string_value(line, value);
}

static void put_instant(struct line *line, const char *key, struct instant at)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(at, text);
    put_string(line, key, text);
}

static void put_integer(struct line *line, const char *key, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    put_key(line, key);
    put_text(line, text);
}

static void put_money(struct line *line, const char *key, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    money_format(amount, text);
    put_string(line, key, text);
    put_string(line, "currency", money_currency(&amount));
}

static void put_boolean(struct line *line, const char *key, bool value)
{
    put_key(line, key);
    put_text(line, value ? "true" : "false");
}

static void put_field(struct line *line, const struct log_field *field)
{
    uint32_t before = line->length;
    switch (field->kind) {
    case LOG_KIND_END:
        break;
    case LOG_KIND_STRING:
        if (field->string != NULL) {
            put_string(line, field->key, field->string);
        }
        break;
    case LOG_KIND_INTEGER:
        put_integer(line, field->key, field->integer);
        break;
    case LOG_KIND_INSTANT:
        put_instant(line, field->key, field->instant);
        break;
    case LOG_KIND_MONEY:
        put_money(line, field->key, field->money);
        break;
    case LOG_KIND_BOOLEAN:
        put_boolean(line, field->key, field->boolean);
        break;
    }
    if (line->is_full) {
        line->length = before;
    }
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARNING:
        return "warning";
    case LOG_ERROR:
        return "error";
    }
    return "unknown";
}

uint32_t log_format_line(char text[static LOG_LINE_MAX], enum log_format format, struct instant at,
                         enum log_level level, const char *event, struct log_field_list fields)
{
    char *start = text;
    struct line line = {.text = start, .size = LOG_LINE_MAX - LOG_TAIL, .format = format};
    put_instant(&line, "time", at);
    put_string(&line, "level", level_name(level));
    put_string(&line, "event", event);
    for (uint32_t i = 0; i < fields.count && !line.is_full; i++) {
        put_field(&line, &fields.fields[i]);
    }
    bool was_truncated = line.is_full;
    line.is_full = false;
    line.size = LOG_LINE_MAX;
    if (was_truncated) {
        put_boolean(&line, "truncated", true);
    }
    put_text(&line, format == LOG_JSON ? "}\n" : "\n");
    ENSURE(!line.is_full);
    return line.length;
}

struct log log_open(int fd, enum log_format format, enum log_level level, log_clock *clock,
                    void *clock_arg)
{
    return (struct log){
        .fd = fd, .format = format, .level = level, .clock = clock, .clock_arg = clock_arg};
}

static void write_line(struct log *log, const char *line, uint32_t length)
{
    ssize_t written;
    do {
        written = write(log->fd, line, length);
    } while (written < 0 && errno == EINTR);
    if (written != (ssize_t)length) {
        log->lines_lost++; /* nobody to tell: this is how we tell */
    }
}

void log_write(struct log *log, enum log_level level, const char *event, ...)
{
    if (log == NULL || level < log->level) {
        return;
    }
    struct log_field fields[FIELDS_MAX];
    uint32_t count = 0;
    va_list list;
    va_start(list, event);
    for (;;) {
        struct log_field field = va_arg(list, struct log_field);
        if (field.kind == LOG_KIND_END) {
            break;
        }
        ENSURE(count < FIELDS_MAX);
        fields[count++] = field;
    }
    va_end(list);
    char line[LOG_LINE_MAX];
    uint32_t length = log_format_line(line, log->format, log->clock(log->clock_arg), level, event,
                                      (struct log_field_list){count, fields});
    write_line(log, line, length);
}

bool log_level_parse(const char *name, enum log_level *level)
{
    for (enum log_level l = LOG_DEBUG; l <= LOG_ERROR; l++) {
        if (strcmp(name, level_name(l)) == 0) {
            *level = l;
            return true;
        }
    }
    return false;
}
