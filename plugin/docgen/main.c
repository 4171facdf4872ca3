/* SPDX-License-Identifier: MPL-2.0
 *
 * `provider-docs EXAMPLES DOCS`, for developers of the provider: writes the pages of
 * pages.h, and, in the guide on troubleshooting, the part that lists the causes of AWS's
 * errors. The rest of the guides is written by hand and stays as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/linux/error_text.h"
#include "plugin/docgen/pages.h"
#include "plugin/runtime/limits.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/watch/cause.h"

static const char causes_begin[] = "<!-- Made by `provider-docs`: from here -->\n";
static const char causes_end[] = "<!-- to here -->\n";

/* ---- Files ------------------------------------------------------------------ */

static bool refuse(struct str path, const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "%.*s %s: %s", STR_ARG(path), what, os_error_text(errno));
}

static void close_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static bool write_all(int descriptor, struct str text)
{
    while (text.len > 0) {
        ssize_t written = write(descriptor, text.ptr, text.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = str_slice(text, (size_t)written, text.len);
    }
    return true;
}

static bool write_file(struct arena *arena, struct str path, struct str text, struct err *err)
{
    CLEANUP(close_descriptor)
    int descriptor = open(str_c(arena, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return (descriptor >= 0 && write_all(descriptor, text)) || refuse(path, "cannot be written", err);
}

static bool make_folder(struct arena *arena, struct str path, struct err *err)
{
    return mkdir(str_c(arena, path), 0777) == 0 || errno == EEXIST || refuse(path, "cannot be made", err);
}

static bool write_pages(struct arena *arena, const char *folder, const struct docs_pages *pages, struct err *err)
{
    static const char *const subfolders[] = { "", "/resources", "/data-sources", "/functions" };
    for (size_t i = 0; i < ARRAY_LENGTH(subfolders); i++)
        if (!make_folder(arena, str_format(arena, "%s%s", folder, subfolders[i]), err))
            return false;
    for (size_t i = 0; i < pages->count; i++) {
        const struct docs_page *page = &pages->items[i];
        if (!write_file(arena, str_format(arena, "%s/%.*s", folder, STR_ARG(page->path)), page->text, err))
            return false;
    }
    return true;
}

/* ---- Causes ----------------------------------------------------------------- */

/* A section per row. */
static bool add_errors(struct str_builder *out, struct err *err)
{
    const struct cause_row *row;
    for (size_t i = 0; (row = cause_row(i)) != NULL; i++) {
        const char *says = row->fragment[0] ? ", with the text \"" : "";
        if (!str_builder_format(out, err, "\n### %s%s%s%s\n\n%s\n", row->code, says, row->fragment,
                                row->fragment[0] ? "\"" : "", row->remedy))
            return false;
    }
    return true;
}

/* The same for copies that end as failed: the last cause is the one without a sign. */
static bool add_failures(struct str_builder *out, struct err *err)
{
    const struct cause_of_failure *row;
    unsigned sign = 1;
    if (!str_builder_format(out, err, "\n## A copy that AWS reports as failed\n"))
        return false;
    do {
        row = cause_of_failed_copy(sign);
        sign <<= 1;
        if (!str_builder_format(out, err, "\n### The likeliest cause: %s\n\n%s\n", row->cause, row->remedy))
            return false;
    } while (row->sign);
    return true;
}

static bool make_causes(struct arena *arena, struct str *out, struct err *err)
{
    struct str_builder causes;
    str_builder_init(&causes, arena, DOCS_PAGE_MAX_BYTES);
    return add_errors(&causes, err) && add_failures(&causes, err) && str_builder_add_char(&causes, '\n', err) &&
           docs_wrap(arena, str_builder_text(&causes), out, err);
}

static bool write_causes(struct arena *arena, const char *folder, struct err *err)
{
    const struct file_reader files = file_reader_real();
    struct str path = str_format(arena, "%s/guides/troubleshooting.md", folder);
    struct str text;
    struct str causes;
    if (!file_read(&files, arena, path, DOCS_PAGE_MAX_BYTES, &text, err))
        return false;
    ptrdiff_t begin = str_find(text, str_from(causes_begin));
    ptrdiff_t end = str_find(text, str_from(causes_end));
    if (begin < 0 || end < begin)
        return err_set(err, ERR_IO, "%.*s has no place for the causes of errors, between the lines\n%s%s",
                       STR_ARG(path), causes_begin, causes_end);
    struct str_builder out;
    str_builder_init(&out, arena, DOCS_PAGE_MAX_BYTES);
    return str_builder_add(&out, str_slice(text, 0, (size_t)begin + strlen(causes_begin)), err) &&
           make_causes(arena, &causes, err) && str_builder_add(&out, causes, err) &&
           str_builder_add(&out, str_slice(text, (size_t)end, text.len), err) &&
           write_file(arena, path, str_builder_text(&out), err);
}

static bool write_docs(struct arena *arena, const char *examples, const char *folder, struct err *err)
{
    const struct docs_source source = {
        .provider = &snapshot_provider,
        .files = file_reader_real(),
        .examples = str_from(examples),
    };
    struct docs_pages pages;
    return docs_make(arena, &source, &pages, err) && write_pages(arena, folder, &pages, err) &&
           write_causes(arena, folder, err);
}

int main(int argc, char **argv)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (argc != 3) {
        fprintf(stderr, "usage: provider-docs EXAMPLES DOCS\n");
        return 2;
    }
    struct arena *arena = arena_new();
    const bool is_done = write_docs(arena, argv[1], argv[2], &err);
    if (!is_done)
        fprintf(stderr, "provider-docs: %s\n", err_text(&err));
    arena_free(arena);
    return is_done ? 0 : 1;
}
