/* SPDX-License-Identifier: MPL-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static bool refuse(struct arena *arena, struct str path, int number, struct err *err)
{
    char reason[128];
    struct str shown = str_printable(arena, path);
    return err_set(err, number == ENOENT || number == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "%.*s: %s", STR_ARG(shown),
                   strerror_r(number, reason, sizeof(reason)));
}

/* Up to `size` bytes, fewer at the end of the file; -1 and errno on failure. */
static ssize_t read_all(int descriptor, char *bytes, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(descriptor, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static bool real_read(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    (void)self;
    CLEANUP(close_descriptor) int descriptor = open(str_c(arena, path), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(arena, path, errno, err);
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return refuse(arena, path, errno, err);
    /* One byte more than is wanted tells a file that is too large; a pipe does not say how much is coming. */
    size_t size = max_bytes + 1;
    if (S_ISREG(status.st_mode) && status.st_size > 0 && (size_t)status.st_size < size)
        size = (size_t)status.st_size + 1;
    char *bytes = arena_alloc(arena, size);
    ssize_t length = read_all(descriptor, bytes, size);
    if (length < 0)
        return refuse(arena, path, errno, err);
    struct str shown = str_printable(arena, path);
    if ((size_t)length > max_bytes)
        return err_set(err, ERR_INVALID, "%.*s: more than %zu bytes", STR_ARG(shown), max_bytes);
    *out = (struct str){ bytes, (size_t)length };
    return true;
}

struct file_reader file_reader_real(void)
{
    return (struct file_reader){ .read = real_read };
}

bool file_read(const struct file_reader *reader, struct arena *arena, struct str path, size_t max_bytes,
               struct str *out, struct err *err)
{
    return reader->read(reader->self, arena, path, max_bytes, out, err);
}
