/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/arn.h"

#include <string.h>

#include "tests/support/harness.h"
#include "tests/support/noise.h"

enum { NOISE_BYTES = 1000 * 1000 };

static void an_arn_is_split_into_its_parts(void **state)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_true(aws_arn_parse(STR("arn:aws-cn:rds:cn-north-1:123456789012:cluster-snapshot:moved"), &arn, &err));
    assert_str_equal(arn.partition, "aws-cn");
    assert_str_equal(arn.service, "rds");
    assert_str_equal(arn.region, "cn-north-1");
    assert_str_equal(arn.account, "123456789012");
    assert_str_equal(arn.resource, "cluster-snapshot:moved");
}

static void colons_stay_in_the_resource(void **state)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_true(aws_arn_parse(STR("arn:aws:rds:eu-west-1:123456789012:snapshot:rds:db-2026-01-01-00-00"), &arn, &err));
    assert_str_equal(arn.resource, "snapshot:rds:db-2026-01-01-00-00");
    assert_true(aws_arn_parse(STR("arn:aws:rds:eu-west-1:1:snapshot:"), &arn, &err));
    assert_str_equal(arn.resource, "snapshot:");
}

static void region_and_account_may_be_empty(void **state)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_true(aws_arn_parse(STR("arn:aws:s3:::bucket"), &arn, &err));
    assert_true(str_is_empty(arn.region));
    assert_true(str_is_empty(arn.account));
    assert_str_equal(arn.resource, "bucket");
}

static void what_is_missing_is_named(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "",                           "\"\" is not an ARN: it does not begin with \"arn:\""                },
        { "ARN:aws:rds:r:1:snapshot:x",
         "\"ARN:aws:rds:r:1:snapshot:x\" is not an ARN: it does not begin with \"arn:\""                     },
        { "arn:",                       "\"arn:\" is not an ARN: nothing follows the partition"              },
        { "arn:aws",                    "\"arn:aws\" is not an ARN: nothing follows the partition"           },
        { "arn:aws:rds",                "\"arn:aws:rds\" is not an ARN: nothing follows the service"         },
        { "arn:aws:rds:r",              "\"arn:aws:rds:r\" is not an ARN: nothing follows the Region's part" },
        { "arn:aws:rds:r:1",            "\"arn:aws:rds:r:1\" is not an ARN: nothing follows the account"     },
        { "arn::rds:r:1:x",             "\"arn::rds:r:1:x\" is not an ARN: its partition is empty"           },
        { "arn:aws::r:1:x",             "\"arn:aws::r:1:x\" is not an ARN: its service is empty"             },
        { "arn:aws:rds:r:1:",           "\"arn:aws:rds:r:1:\" is not an ARN: its resource is empty"          },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_arn arn = { .partition = STR("untouched") };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(aws_arn_parse(str_from(rows[i].text), &arn, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err_text(&err), rows[i].expected);
        assert_str_equal(arn.partition, "untouched");
    }
}

static void an_error_shows_long_and_unprintable_text_safely(void **state)
{
    struct arena *arena = *state;
    struct aws_arn arn;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = noise(arena, 3, NOISE_BYTES, STR("\x1b\xff"));
    assert_false(aws_arn_parse(text, &arn, &err));
    assert_true(strlen(err_text(&err)) < 1000);
    assert_true(str_is_utf8(str_from(err_text(&err))));
    assert_null(strchr(err_text(&err), '\x1b'));
}

static void noise_is_refused_or_split_without_harm(void **state)
{
    struct arena *arena = *state;
    const struct str alphabets[] = { STR(""), STR("arn:s"), STR(":") };
    for (uint64_t seed = 0; seed < ARRAY_LENGTH(alphabets); seed++) {
        struct str text = noise(arena, seed, NOISE_BYTES, alphabets[seed]);
        for (size_t from = 0; from + 64 <= text.len; from += 64) {
            struct aws_arn arn;
            CLEANUP(err_clear) struct err err = { 0 };
            struct str part = str_slice(text, from, from + 64);
            struct str piece = str_format(arena, "arn:%.*s", STR_ARG(part));
            if (aws_arn_parse(piece, &arn, &err))
                assert_true(arn.resource.ptr + arn.resource.len == piece.ptr + piece.len);
            else
                assert_int_equal(err.kind, ERR_INVALID);
        }
        struct aws_arn whole;
        CLEANUP(err_clear) struct err err = { 0 };
        (void)!aws_arn_parse(text, &whole, &err);
    }
}

static void account_ids_have_twelve_digits(void **state)
{
    static const char *const refused[] = { "", "12345678901", "1234567890123", "12345678901x", "all", "-12345678901" };
    (void)state;
    assert_true(aws_is_account_id(STR("012345678901")));
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_false(aws_is_account_id(str_from(refused[i])));
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arn_is_split_into_its_parts),
        cmocka_unit_test(colons_stay_in_the_resource),
        cmocka_unit_test(region_and_account_may_be_empty),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(an_error_shows_long_and_unprintable_text_safely),
        cmocka_unit_test(noise_is_refused_or_split_without_harm),
        cmocka_unit_test(account_ids_have_twelve_digits),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
