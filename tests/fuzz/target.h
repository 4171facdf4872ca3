/* SPDX-License-Identifier: MPL-2.0
 *
 * What a fuzz target is: libFuzzer's name, one input, always 0. It must survive
 * anything; the sanitizers and its own assertions judge.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
