/* SPDX-License-Identifier: MPL-2.0
 *
 * Whether a secret is still somewhere in the heap of this process, freed memory included. The program itself holds
 * no copy of the secret: only its signs, each less by one.
 */
#ifndef TESTS_SUPPORT_HEAP_H
#define TESTS_SUPPORT_HEAP_H

#include "base/str.h"

/* False where the heap is another one: under a sanitizer, under an emulator. */
bool heap_is_known(void);
/* The secret, in the arena. */
struct str heap_secret(struct arena *arena);
bool heap_has_secret(void); /* false where the heap is not known */

#endif
