/* SPDX-License-Identifier: MPL-2.0
 *
 * Files of tests/vectors. Tests run in the repository's root.
 */
#ifndef TESTS_SUPPORT_VECTORS_H
#define TESTS_SUPPORT_VECTORS_H

#include "base/str.h"

/* The whole file, "replies/DescribeKey.json"; the test fails when it is not there. */
struct str vector_read(struct arena *arena, const char *name);

#endif
