/* SPDX-License-Identifier: MPL-2.0
 *
 * The reference pages of a provider, in the layout of the Terraform and
 * OpenTofu registries: an index, and a page per resource, data source and
 * function. They are made of the rows that also make the schema, and of
 * examples that the tests run, so that neither can disagree with them. Guides
 * are written by hand and are none of this.
 */
#ifndef PLUGIN_DOCGEN_PAGES_H
#define PLUGIN_DOCGEN_PAGES_H

#include "base/file.h"
#include "plugin/runtime/provider.h"

struct docs_source {
    const struct tf_provider *provider;
    struct file_reader files;
    struct str examples; /* folder: provider/provider.tf, resources/TYPE/resource.tf and import.sh,
                          * data-sources/TYPE/data-source.tf, functions/NAME/function.tf */
};

struct docs_page {
    struct str path; /* "resources/share.md" */
    struct str text;
};

struct docs_pages {
    struct docs_page *items;
    size_t count;
};

/* All of them. An example that is missing is an error: ERR_NOT_FOUND. */
MUST_USE bool docs_make(struct arena *arena, const struct docs_source *source, struct docs_pages *out, struct err *err);

/* Markdown whose prose is wrapped between its words. Front matter, code, headings and tables stay as they are. */
MUST_USE bool docs_wrap(struct arena *arena, struct str text, struct str *out, struct err *err);

#endif
