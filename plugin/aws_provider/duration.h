/* SPDX-License-Identifier: MPL-2.0
 *
 * Durations as Go writes them ("90s", "2h45m", "1.5h"): the syntax of
 * assume_role.duration and of `timeouts` blocks. Whole milliseconds; a finer
 * rest is dropped.
 */
#ifndef PLUGIN_AWS_PROVIDER_DURATION_H
#define PLUGIN_AWS_PROVIDER_DURATION_H

#include "base/str.h"

/* Without a sign, up to 100 years. Errors: ERR_INVALID saying what is allowed. */
MUST_USE bool duration_parse(struct str text, int64_t *out_ms, struct err *err);

#endif
