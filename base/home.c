/* SPDX-License-Identifier: MPL-2.0 */
#include "base/home.h"

/* The home in a row "name:password:user:group:comment:home:shell"; empty: another user's, or no such row. */
static struct str home_in_row(struct str row, struct str user)
{
    enum { USER = 2, HOME = 5 };
    struct str field;
    for (int i = 0; str_next(&row, ':', &field); i++) {
        if (i == USER && !str_equal(field, user))
            return STR("");
        if (i == HOME)
            return field;
    }
    return STR("");
}

static struct str find_home(struct arena *arena, const struct file_reader *reader, unsigned long user)
{
    enum { USERS_MAX_BYTES = 4 * 1024 * 1024 };
    CLEANUP(err_clear) struct err ignored = { 0 };
    const struct str number = str_format(arena, "%lu", user);
    struct str rows = { 0 };
    struct str row;
    struct str home = STR("");
    if (!file_read(reader, arena, STR("/etc/passwd"), USERS_MAX_BYTES, &rows, &ignored))
        return STR("");
    while (str_is_empty(home) && str_next(&rows, '\n', &row))
        home = home_in_row(row, number);
    return home;
}

struct env env_with_home(struct arena *arena, struct env env, const struct file_reader *reader, unsigned long user)
{
    struct str home;
    size_t count = 0;
    if (env_find(&env, "HOME", &home))
        return env;
    home = find_home(arena, reader, user);
    if (str_is_empty(home))
        return env;
    while (env.entries && env.entries[count])
        count++;
    const char **entries = arena_array(arena, count + 2, sizeof(*entries));
    entries[0] = str_format(arena, "HOME=%.*s", STR_ARG(home)).ptr; /* before an empty one: the first counts */
    for (size_t i = 0; i < count; i++)
        entries[i + 1] = env.entries[i];
    return (struct env){ .entries = entries };
}
