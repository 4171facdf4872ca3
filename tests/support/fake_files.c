/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_files.h"

static struct fake_file *find(struct fake_file *table, struct str path)
{
    while (table->path && !str_equal(path, str_from(table->path)))
        table++;
    return table;
}

static bool fake_read(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    const struct fake_file *file = find(self, path);
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

static bool fake_write(void *self, struct arena *arena, struct str path, struct str content, struct err *err)
{
    struct fake_writer *fake = self;
    struct fake_file *file = find(fake->table, path);
    (void)arena;
    if (!file->path)
        return err_set(err, ERR_NOT_FOUND, "%.*s: no such folder", STR_ARG(path));
    if (fake->failure != ERR_NONE)
        return err_set(err, fake->failure, "%.*s: refused", STR_ARG(path));
    file->text = str_copy(fake->arena, content);
    fake->written++;
    return true;
}

void fake_writer_init(struct fake_writer *fake, struct fake_file *table, struct arena *arena)
{
    *fake = (struct fake_writer){
        .writer = { .write = fake_write, .self = fake },
          .table = table, .arena = arena
    };
}
