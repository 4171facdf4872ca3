/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/vectors.h"

#include "base/file.h"
#include "tests/support/harness.h"

enum { VECTOR_MAX_BYTES = 1024 * 1024 };

struct str vector_read(struct arena *arena, const char *name)
{
    const struct file_reader files = file_reader_real();
    struct str text = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    if (!file_read(&files, arena, str_format(arena, "tests/vectors/%s", name), VECTOR_MAX_BYTES, &text, &err))
        fail_msg("%s", err_text(&err));
    return text;
}
