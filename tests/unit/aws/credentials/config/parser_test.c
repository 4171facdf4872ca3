/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/parser.h"

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

/* One line per thing: "[name]", "[services:name]", "[unused:name]", "key=value", " child=value". */
static struct str outline(struct arena *arena, enum aws_config_kind kind, struct str text)
{
    static const char *const kinds[] = {
        [AWS_CONFIG_SERVICES] = "services:", [AWS_CONFIG_SSO_SESSION] = "sso:", [AWS_CONFIG_UNUSED] = "unused:"
    };
    struct aws_config_sections sections;
    struct str shown = STR("");
    aws_config_parse(arena, kind, text, &sections);
    for (const struct aws_config_section *s = sections.first; s; s = s->next) {
        shown = str_format(arena, "%.*s[%s%.*s]\n", STR_ARG(shown), s->kind == AWS_CONFIG_PROFILE ? "" : kinds[s->kind],
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
                   STR("[default]\nregion = eu-west-1\n[profile prod]\nregion=us-east-1\n[services dev]\n"),
                   "[default]\nregion=eu-west-1\n[prod]\nregion=us-east-1\n[services:dev]\n");
}

static void a_credentials_file_has_plain_names(void **state)
{
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[prod]\nregion=a\n[My Team]\nregion=b\n[default]\nregion=c\n"),
                   "[prod]\nregion=a\n[My Team]\nregion=b\n[default]\nregion=c\n");
}

static void headings_of_the_other_file_are_kept_apart(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT, STR("[prod]\na=1\n[sso_session s]\n[plugins]\n[DEFAULT]\n[profilex]\n"),
                   "[unused:prod]\na=1\n[unused:sso_session s]\n[unused:plugins]\n[unused:DEFAULT]\n"
                   "[unused:profilex]\n");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[profile prod]\na=1\n"), "[unused:prod]\na=1\n");
}

static void a_config_file_has_sso_sessions(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT,
                   STR("[sso-session corp]\nsso_region = eu-west-1\n[ sso-session\t'my corp' ] # x\n[sso-session]\n"
                       "[sso-sessions]\n"),
                   "[sso:corp]\nsso_region=eu-west-1\n[sso:my corp]\n[unused:sso-session]\n[unused:sso-sessions]\n");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("[sso-session corp]\n"), "[sso-session corp]\n");
}

static void any_text_is_a_name(void **state)
{
    static const char *const names[] = { "Foo Bar",     "R&D",    "B\xc3\xbcro & S\xc3\xb6hne",
                                         "Someone's",   "a[1]b]", "dev #2",
                                         "team: read!", "x/y\\z", "B\xfcro",
                                         "a\"b",        "a  b",   "$HOME<%v>" };
    struct arena *arena = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct str expected = str_format(arena, "[%s]\na=1\n", names[i]);
        struct str heading = str_format(arena, "[profile %s]\na=1\n", names[i]);
        assert_outline(arena, AWS_CONFIG_TEXT, heading, expected.ptr);
        assert_outline(arena, AWS_CREDENTIALS_TEXT, expected, expected.ptr);
    }
}

static void quotes_around_a_name_are_taken_off(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT,
                   STR("[profile 'Foo Bar']\n[profile \"Someone's Mac\"]\n[services 'dev box']\n[profile ']\n"
                       "[profile 'a\"]\n"),
                   "[Foo Bar]\n[Someone's Mac]\n[services:dev box]\n[']\n['a\"]\n");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("['Foo Bar']\n"), "[Foo Bar]\n");
}

static void headings_tolerate_white_space_and_comments(void **state)
{
    assert_outline(
        *state, AWS_CONFIG_TEXT,
        STR("[ profile \t prod ] ; mine\na=1\n  [default]# x\nb=2\n[profile\tq] # see [r]\n\t[profile s];\r\n"),
        "[prod]\na=1\n[default]\nb=2\n[q]\n[s]\n");
}

static void nothing_counts_below_a_heading_that_does_not(void **state)
{
    /* An unclosed one above all: its keys must not fall to the profile before it. */
    assert_outline(
        *state, AWS_CONFIG_TEXT,
        STR("[default]\na=1\n[profile prod\naws_access_key_id=AKIA\n[]\ny=2\n[profile \"\"]\nw=3\n[q] r\nz=4\n"),
        "[default]\na=1\n");
}

static void headings_that_do_not_count_are_numbered(void **state)
{
    struct aws_config_sections sections;
    aws_config_parse(*state, AWS_CONFIG_TEXT, STR("\n[first]\n[profile ok]\n[plugins]\n[open\n[also\n"), &sections);
    assert_int_equal(sections.first->line, 2);
    assert_int_equal(sections.first->next->line, 3);
    assert_int_equal(sections.unreadable_line, 5);
    assert_int_equal(sections.foreign_line, 0);
    aws_config_parse(*state, AWS_CONFIG_TEXT, STR("# \xfc\n[default]\n[profile B\xfcro]\n[profile \xfc]\n"), &sections);
    assert_int_equal(sections.foreign_line, 3);
    assert_int_equal(sections.unreadable_line, 0);
}

static void a_byte_order_mark_is_skipped(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT, STR("\xef\xbb\xbf[default]\na=1\n"), "[default]\na=1\n");
    assert_outline(*state, AWS_CREDENTIALS_TEXT, STR("\xef\xbb\xbf"), "");
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

/* The example of AWS's page on credential_process. */
static void the_quotes_of_two_words_stay(void **state)
{
    assert_outline(*state, AWS_CONFIG_TEXT,
                   STR("[default]\nx=\"/a b/c.sh\" plain \"with blanks\"\ny='a b'\t'c'\nz=\"/a b/c.sh --x\"\n"),
                   "[default]\nx=\"/a b/c.sh\" plain \"with blanks\"\ny='a b'\t'c'\nz=/a b/c.sh --x\n");
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
    assert_str_equal(sections.first->next->name, "\xff");
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
        cmocka_unit_test(headings_of_the_other_file_are_kept_apart),
        cmocka_unit_test(a_config_file_has_sso_sessions),
        cmocka_unit_test(any_text_is_a_name),
        cmocka_unit_test(quotes_around_a_name_are_taken_off),
        cmocka_unit_test(headings_tolerate_white_space_and_comments),
        cmocka_unit_test(nothing_counts_below_a_heading_that_does_not),
        cmocka_unit_test(headings_that_do_not_count_are_numbered),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(properties_are_split_at_the_first_sign),
        cmocka_unit_test(a_comment_needs_white_space_before_it),
        cmocka_unit_test(one_pair_of_quotes_is_taken_off),
        cmocka_unit_test(the_quotes_of_two_words_stay),
        cmocka_unit_test(an_indented_line_continues_a_value),
        cmocka_unit_test(an_indented_property_after_a_value_is_a_property),
        cmocka_unit_test(an_empty_value_opens_a_block),
        cmocka_unit_test(lines_before_any_section_are_skipped),
        cmocka_unit_test(bytes_of_every_value_are_kept_as_they_are),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
