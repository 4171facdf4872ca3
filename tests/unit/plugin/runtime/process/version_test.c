/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/version.h"

#include <string.h>

#include "tests/support/harness.h"

static const struct tf_build build = {
    .commit = "0123456789abcdef",
    .libraries = (const struct tf_library[]){ { "one", "1.0-1+deb12u1" }, { "two", "2~rc1" }, { 0 } },
};
static const struct tf_provider known = { .name = "toy", .build = &build };
static const struct tf_provider unknown = { .name = "toy" };

static void text_has_a_line_for_each_fact(void **state)
{
    struct arena *arena = arena_new();
    struct str platform = str_from(version_platform);
    (void)state;
    struct str expected = str_format(arena,
                                     "terraform-provider-toy " PROJECT_VERSION "\n"
                                     "on %.*s, plugin protocol " PROTOCOL_VERSION "\n"
                                     "commit 0123456789abcdef\n"
                                     "libraries:\n"
                                     "  one 1.0-1+deb12u1\n"
                                     "  two 2~rc1\n",
                                     STR_ARG(platform));
    assert_str_equal(version_text(arena, &known), expected.ptr);
    arena_free(arena);
}

static void json_has_the_same_facts(void **state)
{
    struct arena *arena = arena_new();
    struct str platform = str_from(version_platform);
    (void)state;
    struct str expected = str_format(arena,
                                     "{\n"
                                     "  \"name\": \"terraform-provider-toy\",\n"
                                     "  \"version\": \"" PROJECT_VERSION "\",\n"
                                     "  \"platform\": \"%.*s\",\n"
                                     "  \"protocol\": \"" PROTOCOL_VERSION "\",\n"
                                     "  \"commit\": \"0123456789abcdef\",\n"
                                     "  \"libraries\": {\n"
                                     "    \"one\": \"1.0-1+deb12u1\",\n"
                                     "    \"two\": \"2~rc1\"\n"
                                     "  }\n"
                                     "}\n",
                                     STR_ARG(platform));
    assert_str_equal(version_json(arena, &known), expected.ptr);
    arena_free(arena);
}

static void build_that_is_not_known_is_said_so(void **state)
{
    struct arena *arena = arena_new();
    struct str text = version_text(arena, &unknown);
    struct str json = version_json(arena, &unknown);
    (void)state;
    assert_non_null(strstr(text.ptr, "\ncommit unknown\n"));
    assert_null(strstr(text.ptr, "libraries"));
    assert_non_null(strstr(json.ptr, "\"libraries\": {\n  }\n"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_a_line_for_each_fact),
        cmocka_unit_test(json_has_the_same_facts),
        cmocka_unit_test(build_that_is_not_known_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
