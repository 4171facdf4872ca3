/* SPDX-License-Identifier: MPL-2.0
 *
 * The doors to files that are read and written whole: configuration, tokens. Tests
 * bring their own. Nothing is appended, and no folder is made.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/str.h"

struct file_reader {
    /* The bytes live in the arena. Errors name the path: ERR_NOT_FOUND for a
     * missing file, ERR_IO for one that cannot be read, ERR_INVALID for more
     * than max_bytes, ERR_CONFLICT for what is no file (with a remedy). */
    bool (*read)(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out, struct err *err);
    void *self;
};

/* The file system's. A pipe, a device or a folder is refused at once: it would
 * block, never end, or hold nothing. So is a descriptor ("/dev/fd/63"), which is
 * another one in this process. /dev/null is an empty file. */
struct file_reader file_reader_real(void);

MUST_USE bool file_read(const struct file_reader *reader, struct arena *arena, struct str path, size_t max_bytes,
                        struct str *out, struct err *err);

struct file_writer {
    bool (*write)(void *self, struct arena *arena, struct str path, struct str content, struct err *err);
    void *self;
};

/* The file system's. */
struct file_writer file_writer_real(void);

/* A file for its owner's eyes (mode 0600) with this content, in place of the one at `path`, if any: whoever reads it
 * finds the old content or the new one, never a part. It is written beside its place, in the same folder. Errors name
 * the path: ERR_NOT_FOUND for a missing folder, ERR_IO otherwise; the old file is as it was. */
MUST_USE bool file_write_private(const struct file_writer *writer, struct arena *arena, struct str path,
                                 struct str content, struct err *err);

#endif
