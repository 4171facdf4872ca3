/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/docgen/pages.h"

#include <string.h>

#include "plugin/runtime/limits.h"
#include "tests/support/fake_files.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static struct fake_file all_examples[] = {
    { .path = "x/provider/provider.tf", .text = TEXT("provider \"toy\" {\n}\n") },
    { .path = "x/resources/toy_thing/resource.tf",
     .text = TEXT("# SPDX-License-Identifier: MPL-2.0\n\nresource \"toy_thing\" \"a\" {\n}\n") },
    { .path = "x/resources/toy_thing/import-by-string-id.tf", .text = TEXT("import {}\n") },
    { .path = "x/resources/toy_thing/import.sh", .text = TEXT("terraform import\n") },
    { .path = "x/data-sources/toy_echo/data-source.tf", .text = TEXT("data \"toy_echo\" \"a\" {\n}\n") },
    { .path = "x/functions/join/function.tf", .text = TEXT("output \"a\" {\n}\n") },
    { .path = "x/functions/split_dash/function.tf", .text = TEXT("output \"b\" {\n}\n") },
    { .path = NULL },
};

static bool make(struct arena *arena, struct fake_file *files, struct docs_pages *out, struct err *err)
{
    const struct docs_source source = {
        .provider = &toy_provider,
        .files = fake_files_reader(files),
        .examples = STR("x"),
    };
    return docs_make(arena, &source, out, err);
}

static struct str page_of(const struct docs_pages *pages, const char *path)
{
    for (size_t i = 0; i < pages->count; i++)
        if (str_equal(pages->items[i].path, str_from(path)))
            return pages->items[i].text;
    fail_msg("no page %s", path);
    return STR("");
}

static void assert_says(struct str page, const char *text)
{
    if (str_find(page, str_from(text)) < 0)
        fail_msg("the page does not say %s\n%.*s", text, STR_ARG(page));
}

static void each_thing_offered_has_a_page(void **state)
{
    struct arena *arena = arena_new();
    struct docs_pages pages = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    bool ok = make(arena, all_examples, &pages, &err);
    if (!ok)
        fail_msg("%s", err_text(&err));
    assert_says(page_of(&pages, "index.md"), "# toy Provider\n");
    assert_says(page_of(&pages, "data-sources/echo.md"), "# toy_echo (Data Source)\n");
    struct str thing = page_of(&pages, "resources/thing.md");
    assert_says(thing, "---\npage_title: \"toy_thing Resource - toy\"\n");
    assert_says(thing, "```terraform\nresource \"toy_thing\" \"a\" {\n}\n```\n");
    assert_says(thing, "\n### Required\n\n- `name` (String) Name.\n\n### Optional\n");
    assert_says(thing, "- `labels` (Set of String) In no order.\n");
    assert_says(thing, "- `password` (String, Sensitive) Secret.\n");
    assert_says(thing, "- `part` (Block List, at most 3) Parts in order. Its arguments are [below]");
    assert_says(thing, "\n### Block `part`\n\nRequired:\n\n- `name` (String) Name of the part.\n");
    assert_says(thing, "\n### Read-Only\n\n- `id` (String) Identity.\n");
    assert_says(thing, "```shell\nterraform import\n```\n");
    assert_says(thing, "\n## Moving\n");
    assert_says(thing, "\n- `old_thing` of tests/older\n");
    assert_int_equal(str_find(thing, STR("SPDX")), -1);
    assert_int_equal(str_find(thing, STR("outcome")), -1); /* has no description */
    arena_free(arena);
}

static void functions_say_what_they_take_and_give(void **state)
{
    struct arena *arena = arena_new();
    struct docs_pages pages = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_true(make(arena, all_examples, &pages, &err));
    struct str join = page_of(&pages, "functions/join.md");
    assert_says(join, "\n## Signature\n\n```text\njoin(parts list of string, separator string) string\n```\n");
    assert_says(join,
                "1. `parts` (List of String) What to join.\n1. `separator` (String, may be null) What goes between.");
    assert_says(join, "\n## Result\n\nThe text.\n");
    struct str split = page_of(&pages, "functions/split_dash.md");
    assert_says(split, "split_dash(text string) object\n");
    assert_says(split, "\n## Result\n\n- `head` (String) Before the dash.\n- `tail` (String)");
    arena_free(arena);
}

static void a_missing_example_is_an_error_that_names_it(void **state)
{
    (void)state;
    for (size_t missing = 0; all_examples[missing].path; missing++) {
        struct arena *arena = arena_new();
        struct docs_pages pages = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        struct fake_file files[ARRAY_LENGTH(all_examples)];
        memcpy(files, all_examples, sizeof(files));
        files[missing].path = "x/elsewhere";
        assert_false(make(arena, files, &pages, &err));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        assert_non_null(strstr(err_text(&err), all_examples[missing].path));
        assert_int_equal(pages.count, 0);
        arena_free(arena);
    }
}

static void a_page_too_long_for_the_registry_is_refused(void **state)
{
    struct arena *arena = arena_new();
    struct docs_pages pages = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    static char text[DOCS_EXAMPLE_MAX_BYTES + 1];
    memset(text, 'x', sizeof(text));
    struct fake_file files[ARRAY_LENGTH(all_examples)];
    memcpy(files, all_examples, sizeof(files));
    files[0].text = (struct str){ text, sizeof(text) };
    assert_false(make(arena, files, &pages, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    arena_free(arena);
}

static void assert_wraps(const char *text, const char *wanted)
{
    struct arena *arena = arena_new();
    struct str wrapped;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(docs_wrap(arena, str_from(text), &wrapped, &err));
    assert_string_equal(str_c(arena, wrapped), wanted);
    arena_free(arena);
}

#define FIFTY "1234567890 234567890 234567890 234567890 234567890"

static void prose_is_wrapped_between_words(void **state)
{
    (void)state;
    assert_wraps(FIFTY " " FIFTY " and more", FIFTY " " FIFTY " and more");
    assert_wraps(FIFTY " " FIFTY " and much more\n", FIFTY " " FIFTY " and much\nmore\n");
    assert_wraps("- " FIFTY " " FIFTY " and then more", "- " FIFTY " " FIFTY " and then\n  more");
    assert_wraps("1. " FIFTY " " FIFTY " and more", "1. " FIFTY " " FIFTY " and\n   more");
    assert_wraps("", "");
    assert_wraps("two \n\n  blanks", "two \n\n  blanks");
}

static void a_wrap_makes_no_list_or_heading(void **state)
{
    (void)state;
    assert_wraps(FIFTY " " FIFTY " and then, - a list", FIFTY " " FIFTY " and then, -\na list");
    assert_wraps(FIFTY " " FIFTY " and then, 1. a list", FIFTY " " FIFTY " and then, 1.\na list");
    assert_wraps(FIFTY " " FIFTY " and then, # heading", FIFTY " " FIFTY " and then, #\nheading");
}

static void front_matter_code_headings_and_tables_stay_as_they_are(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "---\n" FIFTY " " FIFTY " " FIFTY "\n---\n",
        "```text\n" FIFTY " " FIFTY " " FIFTY "\n```\n",
        "# " FIFTY " " FIFTY " " FIFTY "\n",
        "| " FIFTY " " FIFTY " " FIFTY " |\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_wraps(texts[i], texts[i]);
    assert_wraps("---\na: b\n---\n```\n```\n" FIFTY " " FIFTY " and much more",
                 "---\na: b\n---\n```\n```\n" FIFTY " " FIFTY " and much\nmore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing_offered_has_a_page),
        cmocka_unit_test(functions_say_what_they_take_and_give),
        cmocka_unit_test(a_missing_example_is_an_error_that_names_it),
        cmocka_unit_test(a_page_too_long_for_the_registry_is_refused),
        cmocka_unit_test(prose_is_wrapped_between_words),
        cmocka_unit_test(a_wrap_makes_no_list_or_heading),
        cmocka_unit_test(front_matter_code_headings_and_tables_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
