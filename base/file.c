/* SPDX-License-Identifier: MPL-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/linux/error_text.h"
#include "base/linux/path.h"

enum { FIRST_BYTES = 4 * 1024, NAMES_MAX = 100 /* of files beside the one that is replaced */ };

static void close_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static bool refuse(struct arena *arena, struct str path, int number, struct err *err)
{
    struct str shown = str_printable(arena, path);
    return err_set(err, number == ENOENT || number == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "%.*s: %s", STR_ARG(shown),
                   os_error_text(number));
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

/* What a path may name that is no file. */
struct other {
    mode_t type;
    const char *name, *remedy;
};

#define CONTENT_REMEDY "Write the content to a file and give its path. A shell's <(...) is a pipe."

static const struct other others[] = {
    { S_IFDIR, "a folder",
     "Give the path of a file. Docker makes such a folder where the file that -v names is missing." },
    { S_IFIFO, "a pipe",   CONTENT_REMEDY                                                           },
    { S_IFCHR, "a device", CONTENT_REMEDY                                                           },
    { S_IFBLK, "a device", CONTENT_REMEDY                                                           },
};
static const struct other descriptor_of_ours = { .name = "an open descriptor", .remedy = CONTENT_REMEDY };
static const struct other not_opened = { .name = "a socket or a device", .remedy = CONTENT_REMEDY };

/* NULL for a file. /dev/null counts as one: people name it for "none". */
static const struct other *find_other(const struct stat *status)
{
    if (os_is_null_device(status))
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        if ((status->st_mode & S_IFMT) == others[i].type)
            return &others[i];
    return NULL;
}

static bool refuse_other(struct arena *arena, struct str path, const struct other *other, struct err *err)
{
    struct str shown = str_printable(arena, path);
    err_set(err, ERR_CONFLICT, "%.*s is %s, not a file", STR_ARG(shown), other->name);
    err_set_remedy(err, "%s", other->remedy);
    return false;
}

/* These are other files in each process: what the user means by them is not there. */
static bool is_descriptor(struct str path)
{
    for (const char *const *beginning = os_descriptor_paths; *beginning; beginning++)
        if (str_starts_with(path, str_from(*beginning)))
            return true;
    return false;
}

/* A pipe without a writer is opened at once, and refused. For a file whose lease another process must give back
 * first, the flag makes an error (fcntl(2), "Leases"): that one is waited for. */
static int open_path(const char *path)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    struct stat status;
    int descriptor = open(path, flags | O_NONBLOCK);
    const int problem = errno;
    if (descriptor < 0 && problem == EWOULDBLOCK && stat(path, &status) == 0 && S_ISREG(status.st_mode))
        return open(path, flags);
    errno = problem;
    return descriptor;
}

/* All of it, or one byte more than `max_bytes`. Files of /proc do not say how long they are: their memory
 * grows with what comes. False and errno on failure. */
static bool read_content(int descriptor, struct arena *arena, size_t stated_bytes, size_t max_bytes, struct str *out)
{
    const char *before = NULL;
    size_t used = 0;
    for (size_t size = stated_bytes ? stated_bytes + 1 : FIRST_BYTES;; size *= 2) {
        if (size > max_bytes)
            size = max_bytes + 1;
        char *bytes = arena_alloc(arena, size);
        if (used)
            memcpy(bytes, before, used);
        ssize_t got = read_all(descriptor, bytes + used, size - used);
        if (got < 0)
            return false;
        used += (size_t)got;
        if (used < size || used > max_bytes) {
            *out = (struct str){ bytes, used };
            return true;
        }
        before = bytes;
    }
}

static bool real_read(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    (void)self;
    if (is_descriptor(path))
        return refuse_other(arena, path, &descriptor_of_ours, err);
    CLEANUP(close_descriptor) int descriptor = open_path(str_c(arena, path));
    struct stat status;
    struct str content;
    if (descriptor < 0 && errno == ENXIO)
        return refuse_other(arena, path, &not_opened, err);
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return refuse(arena, path, errno, err);
    const struct other *other = find_other(&status);
    if (other)
        return refuse_other(arena, path, other, err);
    if (!read_content(descriptor, arena, (size_t)status.st_size, max_bytes, &content))
        return refuse(arena, path, errno, err);
    struct str shown = str_printable(arena, path);
    if (content.len > max_bytes)
        return err_set(err, ERR_INVALID, "%.*s has more than %zu bytes", STR_ARG(shown), max_bytes);
    *out = content;
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

/* ---- Writing ---- */

/* A new file beside `path`. One that another process, or a thread of this one, is writing has its own name; so has one
 * that was left behind. -1 and errno on failure. */
static int open_beside(struct arena *arena, struct str path, const char **out_name)
{
    int descriptor = -1;
    for (int number = 0; number < NAMES_MAX; number++) {
        *out_name = str_format(arena, "%.*s.tmp-%ld-%d", STR_ARG(path), (long)getpid(), number).ptr;
        descriptor = open(*out_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
        if (descriptor >= 0 || errno != EEXIST)
            break;
    }
    return descriptor;
}

/* False and errno on failure. */
static bool write_all(int descriptor, struct str content)
{
    while (content.len) {
        const ssize_t written = write(descriptor, content.ptr, content.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content = str_slice(content, (size_t)written, content.len);
    }
    return true;
}

static bool real_write(void *self, struct arena *arena, struct str path, struct str content, struct err *err)
{
    (void)self;
    const char *beside = NULL;
    CLEANUP(close_descriptor) int descriptor = open_beside(arena, path, &beside);
    if (descriptor < 0)
        return refuse(arena, path, errno, err);
    /* Through the disk before it counts: after a power failure an empty file would be in the old one's place. */
    if (write_all(descriptor, content) && fsync(descriptor) == 0 && rename(beside, str_c(arena, path)) == 0)
        return true;
    const int problem = errno;
    unlink(beside);
    return refuse(arena, path, problem, err);
}

struct file_writer file_writer_real(void)
{
    return (struct file_writer){ .write = real_write };
}

bool file_write_private(const struct file_writer *writer, struct arena *arena, struct str path, struct str content,
                        struct err *err)
{
    return writer->write(writer->self, arena, path, content, err);
}
