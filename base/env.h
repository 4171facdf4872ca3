/* SPDX-License-Identifier: MPL-2.0
 *
 * The process environment, read once before the first thread starts and never
 * changed afterwards. Tests bring their own.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include "base/str.h"

struct env {
    const char *const *entries; /* "NAME=value", ended by NULL; borrowed */
};

/* The process's own. Call it once, from main. */
struct env env_process(void);
/* The value, or `otherwise` when the name is missing. */
struct str env_get(const struct env *env, const char *name, struct str otherwise);
/* The value; an empty variable counts as missing, as AWS's tools have it. */
bool env_find(const struct env *env, const char *name, struct str *out);

#endif
