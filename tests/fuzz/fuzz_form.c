/*
 * fuzz_form.c - bodies of requests to the sandbox, and the string that their signature is made
 * over.
 *
 * What holds: the parameters are sorted, each found by its name; and the last line of the string to
 * sign is a form again, which gives the same parameters (without Signature) and the same string.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/form.h"
#include "mws/sandbox/signature.h"
#include "tests/fuzz/fuzz.h"

#define HOST "MWS.example:8443"
#define HEAD "POST\nmws.example:8443\n/path\n"

static void check_sorted(const struct form *form)
{
    ENSURE(form->count <= FORM_PARAMETERS_MAX);
    for (size_t i = 0; i < form->count; i++) {
        const struct parameter *here = &form->parameters[i];
        ENSURE(IMPLIES(i > 0, strcmp(here[i > 0 ? -1 : 0].name, here->name) < 0));
        ENSURE(form_get(form, here->name) == here->value);
        ENSURE(text_is_utf8(here->name, strlen(here->name)));
        ENSURE(text_is_utf8(here->value, strlen(here->value)));
    }
}

static void check_same_but_signature(const struct form *form, const struct form *again)
{
    size_t k = 0;
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->parameters[i].name, "Signature") != 0) {
            ENSURE(k < again->count);
            ENSURE(strcmp(form->parameters[i].name, again->parameters[k].name) == 0);
            ENSURE(strcmp(form->parameters[i].value, again->parameters[k].value) == 0);
            k++;
        }
    }
    ENSURE(k == again->count);
}

static void check_canonical(const struct form *form)
{
    struct text string = {0};
    struct text second = {0};
    struct form again = {.count = 0};
    const size_t head = strlen(HEAD);
    signature_string(&string, "POST", HOST, strlen(HOST), "/path", form);
    ENSURE(string.length >= head);
    ENSURE(memcmp(string.bytes, HEAD, head) == 0);
    ENSURE(form_read(&again, string.bytes + head, string.length - head, NULL) == ST_OK);
    check_same_but_signature(form, &again);
    signature_string(&second, "POST", HOST, strlen(HOST), "/path", &again);
    ENSURE(strcmp(string.bytes, second.bytes) == 0);
    form_free(&again);
    text_free(&string);
    text_free(&second);
}

/* The form's own signature is not right; made right in its place, if it has one, it is. */
static void check_signature(struct form *form)
{
    struct text string = {0};
    uint8_t mac[HMAC_SHA256_BYTES];
    char right[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    const char *method = form_get(form, "SignatureMethod");
    struct signing_keys keys = signing_keys_new("key");
    ENSURE(!signature_is_right(&keys, "POST", HOST, "/path", form, &string));
    signature_string(&string, "POST", HOST, strlen(HOST), "/path", form);
    if (method != NULL && strcmp(method, "HmacSHA1") == 0) {
        hmac_sha1(keys.sha1, string.bytes, string.length, mac);
        base64_encode(mac, HMAC_SHA1_BYTES, right);
    } else {
        hmac_sha256(keys.sha256, string.bytes, string.length, mac);
        base64_encode(mac, sizeof mac, right);
    }
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->parameters[i].name, "Signature") == 0) {
            const char *own = form->parameters[i].value;
            form->parameters[i].value = right;
            ENSURE(signature_is_right(&keys, "POST", HOST, "/path", form, &string));
            form->parameters[i].value = own;
        }
    }
    signing_keys_free(&keys);
    text_free(&string);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct form form = {.count = 0};
    struct problem problem = {""};
    enum status status = form_read(&form, (const char *)data, size, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE(IMPLIES(status == ST_INVALID, problem.text[0] != '\0'));
    if (status == ST_OK) {
        check_sorted(&form);
        check_canonical(&form);
        check_signature(&form);
    }
    form_free(&form);
    return 0;
}
