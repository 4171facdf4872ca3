/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_files.h"

static bool fake_read(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    const struct fake_file *file = self;
    while (file->path && !str_equal(path, str_from(file->path)))
        file++;
    if (!file->path)
        return err_set(err, ERR_NOT_FOUND, "%.*s: no such file", STR_ARG(path));
    if (file->failure != ERR_NONE)
        return err_set(err, file->failure, "%.*s: refused", STR_ARG(path));
    if (file->text.len > max_bytes)
        return err_set(err, ERR_INVALID, "%.*s: more than %zu bytes", STR_ARG(path), max_bytes);
    *out = str_copy(arena, file->text);
    return true;
}

struct file_reader fake_files_reader(struct fake_file *table)
{
    return (struct file_reader){ .read = fake_read, .self = table };
}
