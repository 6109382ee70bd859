/*
 * signature.c - the string to sign, and the comparison. See signature.h.
 */
#include "mws/sandbox/signature.h"

#include <ctype.h>
#include <string.h>

/* RFC 3986: what is not unreserved is %XX with upper-case digits. */
static void add_encoded(struct text *out, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";
    const char *plain = value; /* start of the run that is copied as it is */

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (!unreserved) {
            const char encoded[3] = {'%', hex[c >> 4], hex[c & 15]};
            text_add_bytes(out, plain, (size_t)(value - plain));
            text_add_bytes(out, encoded, sizeof encoded);
            plain = value + 1;
        }
    }
    text_add_bytes(out, plain, (size_t)(value - plain));
}

void signature_string(struct text *out, const char *method, const char *host, size_t host_length,
                      const char *path, const struct form *form)
{
    bool first = true;

    text_clear(out);
    text_add(out, method);
    text_add_bytes(out, "\n", 1);
    for (size_t i = 0; i < host_length; i++) {
        const char c = (char)tolower((unsigned char)host[i]);
        text_add_bytes(out, &c, 1);
    }
    text_add_bytes(out, "\n", 1);
    text_add(out, path[0] != '\0' ? path : "/");
    text_add_bytes(out, "\n", 1);
    for (size_t i = 0; i < form->count; i++) {
        const struct parameter *parameter = &form->parameters[i];
        if (strcmp(parameter->name, "Signature") == 0) {
            continue;
        }
        if (!first) {
            text_add_bytes(out, "&", 1);
        }
        first = false;
        add_encoded(out, parameter->name);
        text_add_bytes(out, "=", 1);
        add_encoded(out, parameter->value);
    }
}

/* --- keys and comparison -----------------------------------------------------------------------
 */

struct signing_keys signing_keys_new(const char *secret)
{
    return (struct signing_keys){.sha256 = hmac_key_new(secret, strlen(secret)),
                                 .sha1 = hmac_sha1_key_new(secret, strlen(secret))};
}

void signing_keys_free(struct signing_keys *keys)
{
    hmac_key_free(keys->sha256);
    hmac_key_free(keys->sha1);
    *keys = (struct signing_keys){0};
}

static bool has_method(const struct form *form, const char *method)
{
    const char *given = form_get(form, "SignatureMethod");

    return given != NULL && strcmp(given, method) == 0;
}

bool signature_method_is_known(const struct form *form)
{
    return has_method(form, "HmacSHA256") || has_method(form, "HmacSHA1");
}

static bool matches(const struct signing_keys *keys, const struct form *form,
                    const struct text *string, const char *signature)
{
    uint8_t mac[HMAC_SHA256_BYTES];
    size_t bytes = sizeof mac;
    char expected[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];

    if (has_method(form, "HmacSHA1")) {
        bytes = HMAC_SHA1_BYTES;
        hmac_sha1(keys->sha1, string->bytes, string->length, mac);
    } else {
        hmac_sha256(keys->sha256, string->bytes, string->length, mac);
    }
    base64_encode(mac, bytes, expected);
    return strlen(signature) == BASE64_LENGTH(bytes) &&
           equal_constant_time(expected, signature, BASE64_LENGTH(bytes));
}

bool signature_is_right(const struct signing_keys *keys, const char *method, const char *host,
                        const char *path, const struct form *form, struct text *scratch)
{
    const char *signature = form_get(form, "Signature");
    const char *port = strrchr(host, ':');

    if (signature == NULL) {
        return false;
    }
    signature_string(scratch, method, host, strlen(host), path, form);
    if (matches(keys, form, scratch, signature)) {
        return true;
    }
    if (port == NULL || strchr(port, ']') != NULL) {
        return false;
    }
    signature_string(scratch, method, host, (size_t)(port - host), path, form);
    return matches(keys, form, scratch, signature);
}
