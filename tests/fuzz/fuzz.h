/*
 * fuzz.h - what each fuzz_<name>.c has: one function that takes any bytes and must come back.
 *
 * A target states with ENSURE what holds for every input, so that a wrong answer stops it just as a
 * wrong access does. It keeps nothing from one input to the next. libFuzzer calls it with bytes of
 * its own invention (tests/fuzz/run); replay_main.c calls it with the files of corpus/<name>/.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The name is libFuzzer's. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a text that ends at its NUL, to be freed; exactly as long, so that a sanitizer sees
 * each step outside. */
char *fuzz_text(const uint8_t *data, size_t size);

#endif
