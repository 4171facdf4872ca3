/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/mark.h"

#include <string.h>

#include "aws/crypto.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

static int init(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    return crypto_init(&err) ? 0 : -1;
}

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static enum mark_found find(const char *value, struct mark *out)
{
    struct aws_tag items[] = {
        { STR("Name"),                        STR("x")         },
        { STR("terraform-provider-snapshot"), str_from(value)  },
        { STR("terraform-provider-other"),    STR("1 a b c d") },
    };
    const struct aws_tags tags = { items, ARRAY_LENGTH(items) };
    return mark_find(&tags, out);
}

static void a_written_mark_is_found_again(void **state)
{
    const struct mark mark = {
        .holder_id = STR("qrstuvwxyz234567"),
        .source = STR("ypeBEsobvcr6wjGzmiPcTQ"),
        .key = STR("0vyfa_T89E4PrHk6l1qfgA"),
        .time = STR("2026-01-31T23:59:59.123Z"),
    };
    struct str text = mark_text(*state, &mark);
    assert_str_equal(text, "1 qrstuvwxyz234567 ypeBEsobvcr6wjGzmiPcTQ 0vyfa_T89E4PrHk6l1qfgA "
                           "2026-01-31T23:59:59.123Z");
    struct mark found;
    assert_int_equal(find(str_c(*state, text), &found), MARK_FOUND);
    assert_str_equal(found.holder_id, "qrstuvwxyz234567");
    assert_str_equal(found.source, "ypeBEsobvcr6wjGzmiPcTQ");
    assert_str_equal(found.key, "0vyfa_T89E4PrHk6l1qfgA");
    assert_str_equal(found.time, "2026-01-31T23:59:59.123Z");
}

static void what_is_not_known_is_a_dash(void **state)
{
    const struct mark mark = { .holder_id = STR("a") };
    assert_str_equal(mark_text(*state, &mark), "1 a - - -");
    struct mark found;
    assert_int_equal(find("1 a - - -", &found), MARK_FOUND);
    assert_str_equal(found.time, "-");
}

static void a_mark_fits_into_a_tag_value(void **state)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.:/=+-@"; /* "Tagging Amazon RDS resources" */
    for (int i = 0; i < 200; i++) {
        struct str seed = str_format(*state, "%d", i);
        const struct mark mark = {
            .holder_id = mark_new_id(*state),
            .source = mark_digest(*state, seed),
            .key = mark_digest(*state, seed),
            .time = STR("2026-01-31T23:59:59.123456Z"),
        };
        struct str text = mark_text(*state, &mark);
        assert_true(text.len <= 256);
        for (size_t at = 0; at < text.len; at++)
            assert_non_null(strchr(allowed, text.ptr[at]));
    }
}

static void without_the_tag_there_is_no_mark(void **state)
{
    struct aws_tag items[] = {
        { STR("Terraform-Provider-Snapshot"),  STR("1 a b c d")  },
        { STR("terraform-provider-snapshot "), STR("1 a b c d")  },
        { (struct str){ 0 },                   (struct str){ 0 } },
    };
    const struct aws_tags none = { 0 };
    const struct aws_tags others = { items, ARRAY_LENGTH(items) };
    struct mark found;
    (void)state;
    assert_int_equal(mark_find(&none, &found), MARK_MISSING);
    assert_int_equal(mark_find(&others, &found), MARK_MISSING);
}

static void a_mark_that_is_not_understood_is_unreadable(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        "1",
        "1 a b c",
        "1 a b c ",
        "1 a b c d e",
        "1 a b c d e f",
        "1 a b c d ",
        " 1 a b c d",
        "1  b c d e",
        "2 a b c d",
        "2 another shape",
        "01 a b c d",
        "1x a b c d",
        "-1 a b c d",
        "1\ta\tb\tc\td",
        "\xff\xfe",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct mark found = { .holder_id = STR("untouched") };
        if (find(rows[i], &found) != MARK_UNREADABLE)
            fail_msg("\"%s\" is read", rows[i]);
        assert_str_equal(found.holder_id, "untouched");
    }
    struct aws_tag valueless = { STR("terraform-provider-snapshot"), (struct str){ 0 } };
    struct mark found;
    assert_int_equal(mark_find(&(const struct aws_tags){ &valueless, 1 }, &found), MARK_UNREADABLE);
}

static void assert_read_only_with_its_number(void *self, struct str bytes)
{
    struct aws_tag tag = { STR("terraform-provider-snapshot"), bytes };
    struct mark found;
    enum mark_found result = mark_find(&(const struct aws_tags){ &tag, 1 }, &found);
    (void)self;
    assert_int_not_equal(result, MARK_MISSING);
    if (result == MARK_FOUND)
        assert_true(str_starts_with(bytes, STR("1 ")));
}

static void noise_is_read_only_with_the_number_of_a_mark(void **state)
{
    static const char *const alphabets[] = { "", "1 a-", " ", "1 " };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_read_only_with_its_number, NULL);
}

/* Python: base64.urlsafe_b64encode(hashlib.sha256(text).digest()[:16]).rstrip(b"=") */
static void digests_are_the_first_16_bytes_of_sha_256_in_base64url(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        { "a",                                                                           "ypeBEsobvcr6wjGzmiPcTQ" },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:db-1",                    "6fEIeNIERV45fVVvxxqQ1w" },
        { "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab", "0vyfa_T89E4PrHk6l1qfgA" },
        { "2",                                                                           "1HNeOiZeFu7gP1lxi5tdAw" },
        { "\xc3\xbcn\xc3\xaf"
          "code",                                                               "uL6JZ-TePrKUg1sXSBhFIw" },
        { "n25",                                                                         "HJW-TjmEv1Yx_-_odh8Ynw" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(mark_digest(*state, str_from(rows[i].text)), rows[i].digest);
    char long_text[1000];
    memset(long_text, 'x', sizeof(long_text));
    assert_str_equal(mark_digest(*state, (struct str){ long_text, sizeof(long_text) }), "RPg1RJSlugO6F5Ko0-nFNA");
}

static void nothing_has_a_dash_for_a_digest(void **state)
{
    assert_str_equal(mark_digest(*state, STR("")), "-");
    assert_str_equal(mark_digest(*state, (struct str){ 0 }), "-");
}

static void ids_are_16_characters_of_base32_and_never_the_same(void **state)
{
    enum { IDS = 500 };
    struct str ids[IDS];
    bool used[256] = { false };
    for (size_t i = 0; i < IDS; i++) {
        ids[i] = mark_new_id(*state);
        assert_int_equal(ids[i].len, 16);
        for (size_t at = 0; at < ids[i].len; at++) {
            unsigned char character = (unsigned char)ids[i].ptr[at];
            assert_true((character >= 'a' && character <= 'z') || (character >= '2' && character <= '7'));
            used[character] = true;
        }
        for (size_t before = 0; before < i; before++)
            assert_false(str_equal(ids[before], ids[i]));
    }
    for (int character = 'a'; character <= 'z'; character++)
        assert_true(used[character]);
    for (int character = '2'; character <= '7'; character++)
        assert_true(used[character]);
}

static void a_part_that_is_not_known_agrees_with_anything(void **state)
{
    (void)state;
    assert_true(mark_part_agrees(STR("x"), STR("x")));
    assert_true(mark_part_agrees(STR("x"), STR("-")));
    assert_true(mark_part_agrees(STR("-"), STR("x")));
    assert_true(mark_part_agrees(STR(""), STR("x")));
    assert_true(mark_part_agrees(STR("x"), (struct str){ 0 }));
    assert_true(mark_part_agrees((struct str){ 0 }, (struct str){ 0 }));
    assert_false(mark_part_agrees(STR("x"), STR("X")));
    assert_false(mark_part_agrees(STR("x"), STR("xx")));
    assert_false(mark_part_agrees(STR("--"), STR("x")));
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_written_mark_is_found_again),
        WITH_ARENA(what_is_not_known_is_a_dash),
        WITH_ARENA(a_mark_fits_into_a_tag_value),
        WITH_ARENA(without_the_tag_there_is_no_mark),
        WITH_ARENA(a_mark_that_is_not_understood_is_unreadable),
        cmocka_unit_test(noise_is_read_only_with_the_number_of_a_mark),
        WITH_ARENA(digests_are_the_first_16_bytes_of_sha_256_in_base64url),
        WITH_ARENA(nothing_has_a_dash_for_a_digest),
        WITH_ARENA(ids_are_16_characters_of_base32_and_never_the_same),
        cmocka_unit_test(a_part_that_is_not_known_agrees_with_anything),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
