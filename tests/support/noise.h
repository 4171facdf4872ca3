/* SPDX-License-Identifier: MPL-2.0
 *
 * Bytes for parsers that must survive anything: the same ones for the same
 * seed, so that a failure can be had again.
 */
#ifndef TESTS_SUPPORT_NOISE_H
#define TESTS_SUPPORT_NOISE_H

#include "base/str.h"

/* `count` bytes. With an alphabet they are drawn from it: text that gets deeper
 * into a grammar than arbitrary bytes do. */
struct str noise(struct arena *arena, uint64_t seed, size_t count, struct str alphabet);

typedef void noise_fn(void *self, struct str bytes);
/* A million such bytes to `decode`: all at once, then in pieces of 1 to 64. Each
 * time in memory of its own size, so that a sanitizer sees a read too far. */
void noise_feed(uint64_t seed, struct str alphabet, noise_fn *decode, void *self);

#endif
