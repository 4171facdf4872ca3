/* SPDX-License-Identifier: MPL-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { NULL_DEVICE_MAJOR = 1, NULL_DEVICE_MINOR = 3 }; /* Linux, Documentation/admin-guide/devices.txt */

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

/* What a path may name that is no file; NULL for a file. /dev/null counts as one: people name it for "none". */
static const char *kind_of_other(const struct stat *status)
{
    static const struct {
        mode_t type;
        const char *name;
    } kinds[] = {
        { S_IFDIR, "a folder" },
        { S_IFIFO, "a pipe"   },
        { S_IFCHR, "a device" },
        { S_IFBLK, "a device" },
    };
    if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(NULL_DEVICE_MAJOR, NULL_DEVICE_MINOR))
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if ((status->st_mode & S_IFMT) == kinds[i].type)
            return kinds[i].name;
    return NULL;
}

static bool refuse_other(struct arena *arena, struct str path, const char *kind, struct err *err)
{
    struct str shown = str_printable(arena, path);
    err_set(err, ERR_INVALID, "%.*s is %s, not a file", STR_ARG(shown), kind);
    err_set_remedy(err, "Write the content to a file and give its path. A shell's <(...) is a pipe.");
    return false;
}

/* These are other files in each process: what the user means by them is not there. */
static bool is_descriptor(struct str path)
{
    static const char *const beginnings[] = { "/dev/fd/", "/dev/stdin", "/proc/self/fd/" };
    for (size_t i = 0; i < ARRAY_LENGTH(beginnings); i++)
        if (str_starts_with(path, str_from(beginnings[i])))
            return true;
    return false;
}

/* Waits for nobody: a pipe without a writer is opened at once, and refused. */
static bool real_read(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    (void)self;
    if (is_descriptor(path))
        return refuse_other(arena, path, "an open descriptor", err);
    CLEANUP(close_descriptor)
    int descriptor = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (descriptor < 0 && errno == ENXIO)
        return refuse_other(arena, path, "a socket or a device", err);
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return refuse(arena, path, errno, err);
    const char *other = kind_of_other(&status);
    if (other)
        return refuse_other(arena, path, other, err);
    /* One byte more than is wanted tells a file that is too large; those of /proc do not say how long they are. */
    size_t size = max_bytes + 1;
    if (status.st_size > 0 && (size_t)status.st_size < size)
        size = (size_t)status.st_size + 1;
    char *bytes = arena_alloc(arena, size);
    ssize_t length = read_all(descriptor, bytes, size);
    if (length < 0)
        return refuse(arena, path, errno, err);
    struct str shown = str_printable(arena, path);
    if ((size_t)length > max_bytes)
        return err_set(err, ERR_INVALID, "%.*s has more than %zu bytes", STR_ARG(shown), max_bytes);
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
