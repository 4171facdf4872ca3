/* SPDX-License-Identifier: MPL-2.0
 *
 * Files that exist only in a test: a table of paths and texts behind the file
 * seam. A path that is not in the table is missing.
 */
#ifndef TESTS_SUPPORT_FAKE_FILES_H
#define TESTS_SUPPORT_FAKE_FILES_H

#include "base/file.h"

struct fake_file {
    const char *path; /* NULL ends the table */
    struct str text;
    enum err_kind failure; /* ERR_NONE: readable */
};

/* Keeps the table, which the test may change between reads. */
struct file_reader fake_files_reader(struct fake_file *table);

/* Writes into the table, where the path must be. */
struct fake_writer {
    struct file_writer writer;
    struct fake_file *table;
    struct arena *arena; /* of what is written */
    unsigned written;
    enum err_kind failure; /* ERR_NONE: it can be written */
};

/* `fake` must stay where it is; keeps the others. */
void fake_writer_init(struct fake_writer *fake, struct fake_file *table, struct arena *arena);

#endif
