/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/docgen/pages.h"

#include <stdarg.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/model/object.h"

/* A page being written. The first failure stays; what follows writes nothing. */
struct page {
    const struct docs_source *source;
    struct arena *arena;
    struct str_builder out;
    struct err *err;
    bool failed;
};

static void say(struct page *page, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct page *page, const char *format, ...)
{
    va_list arguments;
    if (page->failed)
        return;
    va_start(arguments, format);
    struct str text = str_format_list(page->arena, format, arguments);
    va_end(arguments);
    page->failed = !str_builder_add(&page->out, text, page->err);
}

/* ---- Examples --------------------------------------------------------------- */

/* Without the licence line, which is the file's and not the reader's. */
static struct str without_licence(struct str text)
{
    if (!str_starts_with(text, STR("# SPDX-License-Identifier:")))
        return str_trim(text);
    ptrdiff_t end = str_find_char(text, '\n');
    return end < 0 ? STR("") : str_trim(str_slice(text, (size_t)end, text.len));
}

static bool read_example(struct page *page, struct str path, struct str *out)
{
    const struct docs_source *source = page->source;
    struct str full = str_format(page->arena, "%.*s/%.*s", STR_ARG(source->examples), STR_ARG(path));
    struct str text;
    if (page->failed || !file_read(&source->files, page->arena, full, DOCS_EXAMPLE_MAX_BYTES, &text, page->err))
        return false;
    *out = without_licence(text);
    return true;
}

static void say_example(struct page *page, const char *language, struct str path)
{
    struct str text;
    if (read_example(page, path, &text))
        say(page, "```%s\n%.*s\n```\n", language, STR_ARG(text));
    else
        page->failed = true;
}

/* ---- Rows ------------------------------------------------------------------- */

static const char *const kind_names[] = {
    [TF_STRING] = "String",
    [TF_BOOL] = "Boolean",
    [TF_INT64] = "Number",
    [TF_STRING_LIST] = "List of String",
    [TF_STRING_SET] = "Set of String",
    [TF_STRING_MAP] = "Map of String",
    [TF_BLOCK_SINGLE] = "Block",
    [TF_BLOCK_LIST] = "Block List",
    [TF_BLOCK_SET] = "Block Set",
};

enum group { GROUP_REQUIRED, GROUP_OPTIONAL, GROUP_READ_ONLY, GROUP_COUNT };

static const char *const group_names[] = {
    [GROUP_REQUIRED] = "Required", [GROUP_OPTIONAL] = "Optional", [GROUP_READ_ONLY] = "Read-Only"
};

static enum group group_of(const struct tf_attribute *row)
{
    if ((row->flags & TF_REQUIRED) || row->min_items > 0)
        return GROUP_REQUIRED;
    return member_is_block(row) || (row->flags & TF_OPTIONAL) ? GROUP_OPTIONAL : GROUP_READ_ONLY;
}

static void say_row(struct page *page, const struct tf_attribute *row, struct str anchor)
{
    say(page, "- `%s` (%s", row->name, kind_names[row->kind]);
    if (row->max_items)
        say(page, ", at most %lld", (long long)row->max_items);
    say(page, "%s) ", row->flags & TF_SENSITIVE ? ", Sensitive" : "");
    if (row->deprecation)
        say(page, "**Deprecated:** %s ", row->deprecation);
    say(page, "%s", row->description);
    if (member_is_block(row))
        say(page, " Its arguments are [below](#nestedblock--%.*s%s).", STR_ARG(anchor), row->name);
    say(page, "\n");
}

static void say_groups(struct page *page, const struct tf_model *model, const char *heading, struct str anchor)
{
    for (enum group group = 0; group < GROUP_COUNT; group++) {
        bool is_first = true;
        for (const struct tf_attribute *row = model->attributes; row->name; row++) {
            if (group_of(row) != group || !row->description)
                continue;
            if (is_first)
                say(page, "\n%s%s%s\n\n", heading, group_names[group], *heading ? "" : ":");
            say_row(page, row, anchor);
            is_first = false;
        }
    }
}

/* Each block in a section of its own, which its row links to. */
static void say_blocks(struct page *page, const struct tf_model *model, struct str anchor)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        if (!member_is_block(row))
            continue;
        say(page, "\n<a id=\"nestedblock--%.*s%s\"></a>\n### Block `%s`\n", STR_ARG(anchor), row->name, row->name);
        struct str inside = str_format(page->arena, "%.*s%s--", STR_ARG(anchor), row->name);
        say_groups(page, row->element, "", inside);
        say_blocks(page, row->element, inside);
    }
}

static void say_schema(struct page *page, const struct tf_model *model)
{
    say(page, "\n## Schema\n");
    say_groups(page, model, "### ", STR(""));
    say_blocks(page, model, STR(""));
}

/* ---- Pages ------------------------------------------------------------------ */

static struct str first_paragraph(const char *description)
{
    struct str text = str_from(description);
    ptrdiff_t end = str_find(text, STR("\n\n"));
    return end < 0 ? text : str_slice(text, 0, (size_t)end);
}

/* The registry reads what stands between the lines of dashes. */
static void say_head(struct page *page, const char *title, const char *description, bool has_subcategory)
{
    struct str summary = first_paragraph(description);
    say(page, "---\npage_title: \"%s\"\n%sdescription: |-\n  %.*s\n---\n\n", title,
        has_subcategory ? "subcategory: \"\"\n" : "", STR_ARG(summary));
    say(page, "<!-- Made by `provider-docs` of the tables in the source and of the examples: change those. -->\n\n");
}

static void say_import(struct page *page, const char *type_name)
{
    say(page, "\n## Import\n\nAdd an `import` block to the configuration above:\n\n");
    say_example(page, "terraform", str_format(page->arena, "resources/%s/import-by-string-id.tf", type_name));
    say(page, "\nOr run the command:\n\n");
    say_example(page, "shell", str_format(page->arena, "resources/%s/import.sh", type_name));
}

static void say_moves(struct page *page, const struct tf_move *moves)
{
    say(page, "\n## Moving\n\nWith a `moved` block (Terraform 1.8, OpenTofu 1.10, or newer) it takes over:\n\n");
    for (const struct tf_move *move = moves; move->source_type; move++)
        say(page, "- `%s` of %s\n", move->source_type, move->source_provider);
}

static void say_resource(struct page *page, const struct tf_resource *resource)
{
    const char *type = resource->type_name;
    const char *title = str_format(page->arena, "%s Resource - %s", type, page->source->provider->name).ptr;
    say_head(page, title, resource->description, true);
    say(page, "# %s (Resource)\n\n%s\n\n## Example Usage\n\n", type, resource->description);
    say_example(page, "terraform", str_format(page->arena, "resources/%s/resource.tf", type));
    say_schema(page, &resource->model);
    if (resource->import)
        say_import(page, type);
    if (resource->moves)
        say_moves(page, resource->moves);
}

static void say_data_source(struct page *page, const struct tf_data_source *data_source)
{
    const char *type = data_source->type_name;
    const char *title = str_format(page->arena, "%s Data Source - %s", type, page->source->provider->name).ptr;
    say_head(page, title, data_source->description, true);
    say(page, "# %s (Data Source)\n\n%s\n\n## Example Usage\n\n", type, data_source->description);
    say_example(page, "terraform", str_format(page->arena, "data-sources/%s/data-source.tf", type));
    say_schema(page, &data_source->model);
}

/* "set of string" where prose says "Set of String". */
static struct str type_in_signature(struct page *page, const struct tf_attribute *row)
{
    return str_lower(page->arena, str_from(kind_names[row->kind]));
}

static void say_signature(struct page *page, const struct tf_function *function)
{
    say(page, "\n## Signature\n\n```text\n%s(", function->name);
    for (const struct tf_attribute *row = function->parameters.attributes; row->name; row++) {
        const struct str type = type_in_signature(page, row);
        say(page, "%s%s %.*s", row == function->parameters.attributes ? "" : ", ", row->name, STR_ARG(type));
    }
    struct str result =
        model_rows(&function->result) == 1 ? type_in_signature(page, function->result.attributes) : STR("object");
    say(page, ") %.*s\n```\n", STR_ARG(result));
}

static void say_function(struct page *page, const struct tf_function *function)
{
    const char *title = str_format(page->arena, "%s Function - %s", function->name, page->source->provider->name).ptr;
    say_head(page, title, function->description, true);
    say(page,
        "# %s (Function)\n\n%s\n\nProvider functions need Terraform 1.8 or OpenTofu 1.7, or newer.\n\n"
        "## Example Usage\n\n",
        function->name, function->description);
    say_example(page, "terraform", str_format(page->arena, "functions/%s/function.tf", function->name));
    say_signature(page, function);
    say(page, "\n## Arguments\n\n");
    for (const struct tf_attribute *row = function->parameters.attributes; row->name; row++)
        say(page, "1. `%s` (%s%s) %s\n", row->name, kind_names[row->kind],
            row->flags & TF_OPTIONAL ? ", may be null" : "", row->description);
    say(page, "\n## Result\n\n");
    if (model_rows(&function->result) == 1)
        say(page, "%s\n", function->result.attributes->description);
    else
        for (const struct tf_attribute *row = function->result.attributes; row->name; row++)
            say_row(page, row, STR(""));
}

static void say_index(struct page *page, const struct tf_provider *provider)
{
    const char *title = str_format(page->arena, "%s Provider", provider->name).ptr;
    say_head(page, title, provider->description, false);
    say(page, "# %s Provider\n\n%s\n\n## Example Usage\n\n", provider->name, provider->description);
    say_example(page, "terraform", STR("provider/provider.tf"));
    if (provider->notes)
        say(page, "%s\n\n", provider->notes);
    say_schema(page, provider->model);
}

/* ---- All -------------------------------------------------------------------- */

struct making {
    struct arena *arena;
    const struct docs_source *source;
    struct docs_pages *pages;
    struct err *err;
};

static struct page begin(const struct making *making)
{
    struct page page = { .source = making->source, .arena = making->arena, .err = making->err };
    str_builder_init(&page.out, making->arena, DOCS_PAGE_MAX_BYTES);
    return page;
}

static bool keep(const struct making *making, const struct page *page, struct str path)
{
    struct str text;
    if (page->failed || !docs_wrap(making->arena, str_builder_text(&page->out), &text, making->err))
        return err_wrap(making->err, "the page %.*s", STR_ARG(path));
    making->pages->items[making->pages->count++] = (struct docs_page){ .path = path, .text = text };
    return true;
}

/* "share" of "snapshot_share": the registry's names of pages. */
static struct str page_name(const struct making *making, const char *type_name)
{
    struct str prefix = str_format(making->arena, "%s_", making->source->provider->name);
    struct str name = str_from(type_name);
    return str_starts_with(name, prefix) ? str_slice(name, prefix.len, name.len) : name;
}

static bool make_index(const struct making *making)
{
    struct page page = begin(making);
    say_index(&page, making->source->provider);
    return keep(making, &page, STR("index.md"));
}

static bool make_resource(const struct making *making, const struct tf_resource *resource)
{
    struct page page = begin(making);
    struct str name = page_name(making, resource->type_name);
    say_resource(&page, resource);
    return keep(making, &page, str_format(making->arena, "resources/%.*s.md", STR_ARG(name)));
}

static bool make_data_source(const struct making *making, const struct tf_data_source *data_source)
{
    struct page page = begin(making);
    struct str name = page_name(making, data_source->type_name);
    say_data_source(&page, data_source);
    return keep(making, &page, str_format(making->arena, "data-sources/%.*s.md", STR_ARG(name)));
}

static bool make_function(const struct making *making, const struct tf_function *function)
{
    struct page page = begin(making);
    say_function(&page, function);
    return keep(making, &page, str_format(making->arena, "functions/%s.md", function->name));
}

bool docs_make(struct arena *arena, const struct docs_source *source, struct docs_pages *out, struct err *err)
{
    const struct tf_provider *provider = source->provider;
    const size_t resources = model_list_length(provider->resources);
    const size_t data_sources = model_list_length(provider->data_sources);
    const size_t functions = model_list_length(provider->functions);
    struct docs_pages pages = { .items = arena_array(arena, 1 + resources + data_sources + functions,
                                                     sizeof(*pages.items)) };
    const struct making making = { .arena = arena, .source = source, .pages = &pages, .err = err };
    bool ok = make_index(&making);
    for (size_t i = 0; ok && i < resources; i++)
        ok = make_resource(&making, provider->resources[i]);
    for (size_t i = 0; ok && i < data_sources; i++)
        ok = make_data_source(&making, provider->data_sources[i]);
    for (size_t i = 0; ok && i < functions; i++)
        ok = make_function(&making, provider->functions[i]);
    if (ok)
        *out = pages;
    return ok;
}
