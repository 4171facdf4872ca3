/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/config_parser.h"

#include "tests/support/harness.h"
#include "tests/support/noise.h"

enum { NOISE_BYTES = 1000 * 1000 };

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

/* One line per thing: "[name]", "[services:name]", "key=value", " child=value". */
static struct str outline(struct arena *arena, enum aws_config_kind kind, struct str text)
{
    struct aws_config_sections sections;
    struct str shown = STR("");
    aws_config_parse(arena, kind, text, &sections);
    for (const struct aws_config_section *s = sections.first; s; s = s->next) {
        shown = str_format(arena, "%.*s[%s%.*s]\n", STR_ARG(shown), s->kind == AWS_CONFIG_SERVICES ? "services:" : "",
                           STR_ARG(s->name));
        for (const struct aws_config_property *p = s->properties; p; p = p->next) {
            shown = str_format(arena, "%.*s%.*s=%.*s\n", STR_ARG(shown), STR_ARG(p->key), STR_ARG(p->value));
            for (const struct aws_config_property *c = p->children; c; c = c->next)
                shown = str_format(arena, "%.*s %.*s=%.*s\n", STR_ARG(shown), STR_ARG(c->key), STR_ARG(c->value));
        }
    }
    return shown;
}

static void assert_outline(struct arena *arena, enum aws_config_kind kind, struct str text, const char *expected)
{
    assert_str_equal(outline(arena, kind, text), expected);
}

static void a_config_file_has_default_and_prefixed_profiles(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT,
                   STR("[default]\nregion = eu-west-1\n[profile prod]\nregion=us-east-1\n[prod]\nregion = nowhere\n"
                       "[sso-session s]\nsso_region = x\n[services dev]\n"),
                   "[default]\nregion=eu-west-1\n[prod]\nregion=us-east-1\n[services:dev]\n");
}

static void a_credentials_file_has_plain_names(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[prod]\nregion=a\n[profile x]\nregion=b\n[default]\nregion=c\n"),
                   "[prod]\nregion=a\n[default]\nregion=c\n");
}

static void headings_tolerate_white_space_and_comments(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT,
                   STR("[ profile \t prod ] ; mine\na=1\n  [default]# x\nb=2\n[profile a_b-c/d.e%f@g:h+i]\n"),
                   "[prod]\na=1\n[default]\nb=2\n[a_b-c/d.e%f@g:h+i]\n");
}

static void nothing_counts_below_a_heading_that_does_not(void **state)
{
    /* An unclosed one above all: its keys must not fall to the profile before it. */
    assert_outline(
        *state, AWS_CONFIG_TEXT,
        STR("[default]\na=1\n[profile prod\naws_access_key_id=AKIA\n[profile b c]\nx=1\n[]\ny=2\n[profile ]\nz=3\n"
            "[profile q\"]\nw=4\n"),
        "[default]\na=1\n");
}

static void skipped_headings_are_counted(void **state)
{
    struct aws_config_sections sections;
    aws_config_parse(*state, AWS_CONFIG_TEXT, STR("\n[first]\n[profile ok]\n[plugins]\n[open"), &sections);
    assert_int_equal(sections.skipped, 3);
    assert_int_equal(sections.skipped_line, 2);
}

static void properties_are_split_at_the_first_sign(void **state)
{
    assert_outline(
        *state, AWS_CREDENTIALS_TEXT,
        STR("[a]\nKey = va=lue\nother:x\nurl = http://h:1/p\nempty =\n=nokey\nnothing\nspaced \t=\t two words \r\n"),
        "[a]\nkey=va=lue\nother=x\nurl=http://h:1/p\nempty=\nspaced=two words\n");
}

static void a_comment_needs_white_space_before_it(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT,
                   STR("# first\n ; second\n[a]\nx = 1#2\ny = 1 # 2\nz = 1\t; 2\nw = # all\n#c = 3\n"),
                   "[a]\nx=1#2\ny=1\nz=1\nw=\n");
}

static void one_pair_of_quotes_is_taken_off(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[a]\nw=\"q\"\nx='q'\ny=\"q'\nz=\"\"q\"\"\nv=\"\n"),
                   "[a]\nw=q\nx=q\ny=\"q'\nz=\"q\"\nv=\"\n");
}

static void an_indented_line_continues_a_value(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[a]\nx = 1\n\n  # note\n   two # kept\n\tthree\ny = 2\n"),
                   "[a]\nx=1\ntwo # kept\nthree\ny=2\n");
}

static void an_indented_property_after_a_value_is_a_property(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[a]\n  x = 1\n  y = 2\n"), "[a]\nx=1\ny=2\n");
}

static void an_empty_value_opens_a_block(void **state)
{
    assert_outline(
        *state, AWS_CONFIG_TEXT,
        STR("[services dev]\nrds =\n  endpoint_url = http://h ; here\n  Other = 2\nkms = \n endpoint_url=k\nlast=1\n"),
        "[services:dev]\nrds=\n endpoint_url=http://h\n other=2\nkms=\n endpoint_url=k\nlast=1\n");
}

static void lines_before_any_section_are_skipped(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("x = 1\n  y\n[a]\n  lonely\nz=1"), "[a]\nz=1\n");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR(""), "");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, (struct str){ 0 }, "");
}

static void bytes_of_every_value_are_kept_as_they_are(void **state)
{
    struct aws_config_sections sections;
    aws_config_parse(*state, AWS_CREDENTIALS_TEXT, STR("[a]\nx = \0\xff\x01\n[\xff]\ny=1\n"), &sections);
    assert_true(str_equal(sections.first->properties->value, STR("\0\xff\x01")));
    assert_null(sections.first->next);
}

static void noise_is_survived(void **state)
{
    const struct str alphabets[] = { STR(""), STR("[]\n= ax#"), STR("[a]\n"), STR(" \n x"), STR("\n a=") };
    (void)state;
    for (uint64_t seed = 0; seed < ARRAY_LENGTH(alphabets); seed++) {
        struct arena *arena = arena_new();
        struct str text = noise(arena, seed, NOISE_BYTES, alphabets[seed]);
        struct str in_section = str_format(arena, "[a]\nx=1\n%.*s", STR_ARG(text));
        struct aws_config_sections sections;
        aws_config_parse(arena, AWS_CONFIG_TEXT, text, &sections);
        aws_config_parse(arena, AWS_CREDENTIALS_TEXT, in_section, &sections);
        assert_non_null(sections.first);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_file_has_default_and_prefixed_profiles),
        cmocka_unit_test(a_credentials_file_has_plain_names),
        cmocka_unit_test(headings_tolerate_white_space_and_comments),
        cmocka_unit_test(nothing_counts_below_a_heading_that_does_not),
        cmocka_unit_test(skipped_headings_are_counted),
        cmocka_unit_test(properties_are_split_at_the_first_sign),
        cmocka_unit_test(a_comment_needs_white_space_before_it),
        cmocka_unit_test(one_pair_of_quotes_is_taken_off),
        cmocka_unit_test(an_indented_line_continues_a_value),
        cmocka_unit_test(an_indented_property_after_a_value_is_a_property),
        cmocka_unit_test(an_empty_value_opens_a_block),
        cmocka_unit_test(lines_before_any_section_are_skipped),
        cmocka_unit_test(bytes_of_every_value_are_kept_as_they_are),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
