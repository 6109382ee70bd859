/*
 * fuzz_certificate.c - what is fetched from a certificate's URL: PEM texts, and anything else,
 * against one certificate authority that is trusted.
 *
 * What holds for all of them: a certificate that is given out is valid at the time asked for, and
 * has not signed what nobody signed; one that is not given out has a sentence. The authority's key
 * is thrown away: corpus/certificate has what it signed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "mws/edge/trust.h"
#include "tests/fuzz/fuzz.h"

static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIDBzCCAe+gAwIBAgIUJwVH1KdeH+yw4xEcms1KFj2BffswDQYJKoZIhvcNAQEL\n"
                                "BQAwEjEQMA4GA1UEAwwHRnV6eiBDQTAgFw0yNjExMjIwNjA0MjZaGA8yMTI2MTAy\n"
                                "OTA2MDQyNlowEjEQMA4GA1UEAwwHRnV6eiBDQTCCASIwDQYJKoZIhvcNAQEBBQAD\n"
                                "ggEPADCCAQoCggEBAL31j/x4e9NlMRMAlsDXyc8qz2nkowgBCM4mjyqMfPYMA9wy\n"
                                "5SJqcWLjrT1Tm8UIGVq5/zLcHShrxj82yevabCfsU4jC/uhwvXDetKvn7VnBB9HB\n"
                                "25ScQQMlSL4agvMrrnt0x50wk5XIpmzSGGFiJ5uMsstyN49oZtNyEUsRp0JmP9lo\n"
                                "T3oZBYQFN3VCs9wCxQg1VCmJVX7M+ryWTMtnQBcxFFXDu46m7rbRsgRQ7Njl8YjT\n"
                                "laugC/Qhal6ilLcw9uboh5m/jHhyxRPVPZxYhSV3f5Fd1lUj9X1DmAdq2tzaI/Gd\n"
                                "bs5lM7qjByz1ps3qKiLvkLP8xjLENYlrD8B9GSECAwEAAaNTMFEwHQYDVR0OBBYE\n"
                                "FCieBs4p62xGkLRkSjg9f7cpbH1sMB8GA1UdIwQYMBaAFCieBs4p62xGkLRkSjg9\n"
                                "f7cpbH1sMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAKkmypBK\n"
                                "ZjYXjSxIXJ9HiTasYFR28iYMGA/UssB6NgmjI106Srtf/E95CmDPwXItl+7fSpcZ\n"
                                "rQxm94N0/6FV2wPHaQ8ShEyPkTGiItCi2ZC4ZyTzHrhRF5SLLkuiSdf3Di03h0lc\n"
                                "/QJkWtkKri5WUQk8EI/vghCRBwAFUNHslSXpF0xrw+25M+/98Ri9jByAJPhvkqey\n"
                                "9QH7C0MWPooLrguDEADDaNlbsxLL7iGe0Ea5mQfdNYQIMbV5lvxOZqRUoRkViDrb\n"
                                "QQbB8U9UpooaVjQiW3lY7RRAw5ZeolzcrWA/DnlfiZyZO4MLEoFCNZk29HLnzfXA\n"
                                "q6uX6bOEIQmDuw4=\n"
                                "-----END CERTIFICATE-----\n";

#define NOW ((struct instant){INT64_C(1800000000000)}) /* January 2027 */

/* Made once: it is never changed. */
static const struct trust *trust_get(void)
{
    static struct trust *trust;
    if (trust == NULL) {
        char path[64];
        int fd = memfd_create("authority", MFD_CLOEXEC);
        ENSURE(fd >= 0);
        ssize_t written = write(fd, authority, sizeof authority - 1);
        ENSURE(written == (ssize_t)sizeof authority - 1);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        enum status status = trust_new(path, &trust, NULL);
        ENSURE(status == ST_OK);
        (void)close(fd);
    }
    return trust;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate *certificate = NULL;
    struct problem problem = {""};
    uint8_t signature[256] = {1};
    char *text = fuzz_text(data, size);
    enum status status = certificate_check(trust_get(), text, size, "sns.amazonaws.com", NOW,
                                           &certificate, &problem);
    ENSURE((status == ST_OK) == (certificate != NULL));
    ENSURE((status == ST_OK) == (problem.text[0] == '\0'));
    if (certificate != NULL) {
        ENSURE(certificate_is_valid_at(certificate, NOW));
        ENSURE(!certificate_signed(certificate, DIGEST_SHA1, "", 0, signature, sizeof signature));
        ENSURE(!certificate_signed(certificate, DIGEST_SHA256, text, size, signature, size % 300));
    }
    certificate_free(certificate);
    free(text);
    return 0;
}
