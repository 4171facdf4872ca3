/* SPDX-License-Identifier: MPL-2.0 */
#include "base/env.h"

#include <string.h>

extern char **environ; /* POSIX: the program declares it */

struct env env_process(void)
{
    return (struct env){ .entries = (const char *const *)environ };
}

struct str env_get(const struct env *env, const char *name, struct str otherwise)
{
    size_t length = strlen(name);
    for (const char *const *entry = env->entries; entry && *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return str_from(*entry + length + 1);
    return otherwise;
}

bool env_find(const struct env *env, const char *name, struct str *out)
{
    struct str value = env_get(env, name, STR(""));
    if (str_is_empty(value))
        return false;
    *out = value;
    return true;
}
