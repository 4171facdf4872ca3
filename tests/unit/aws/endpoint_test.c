/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/endpoint.h"

#include <string.h>

#include "aws/endpoint_table.h"
#include "tests/support/harness.h"

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

static void each_region_is_in_its_partition(void **state)
{
    /* botocore's data/partitions.json */
    static const struct {
        const char *region, *partition, *dns_suffix;
    } rows[] = {
        { "eu-central-1",      "aws",        "amazonaws.com"    },
        { "mx-central-1",      "aws",        "amazonaws.com"    },
        { "il-central-1",      "aws",        "amazonaws.com"    },
        { "aws-global",        "aws",        "amazonaws.com"    },
        { "cn-north-1",        "aws-cn",     "amazonaws.com.cn" },
        { "aws-cn-global",     "aws-cn",     "amazonaws.com.cn" },
        { "us-gov-west-1",     "aws-us-gov", "amazonaws.com"    },
        { "eusc-de-east-1",    "aws-eusc",   "amazonaws.eu"     },
        { "us-iso-east-1",     "aws-iso",    "c2s.ic.gov"       },
        { "us-isob-east-1",    "aws-iso-b",  "sc2s.sgov.gov"    },
        { "aws-iso-b-global",  "aws-iso-b",  "sc2s.sgov.gov"    },
        { "eu-isoe-west-1",    "aws-iso-e",  "cloud.adc-e.uk"   },
        { "us-isof-south-1",   "aws-iso-f",  "csp.hci.ic.gov"   },
        { "xy-somewhere-1",    "aws",        "amazonaws.com"    }, /* matches nothing */
        { "us-gov-west-1-lax", "aws",        "amazonaws.com"    },
        { "cn-north-1x",       "aws",        "amazonaws.com"    },
        { "cn-north-",         "aws",        "amazonaws.com"    },
        { "cn--1",             "aws",        "amazonaws.com"    },
        { "",                  "aws",        "amazonaws.com"    },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct aws_partition *partition = aws_partition_of_region(str_from(rows[i].region));
        assert_string_equal(partition->name, rows[i].partition);
        assert_string_equal(partition->dns_suffix, rows[i].dns_suffix);
        assert_ptr_equal(aws_partition_find(str_from(rows[i].partition)), partition);
    }
}

static void an_unknown_partition_is_not_found(void **state)
{
    (void)state;
    assert_null(aws_partition_find(STR("aws-moon")));
    assert_null(aws_partition_find(STR("")));
}

static void hosts_follow_partition_and_variant(void **state)
{
    static const struct {
        const char *service, *region;
        bool fips, dualstack;
        const char *expected;
    } rows[] = {
        { "rds", "eu-west-1",     false, false, "https://rds.eu-west-1.amazonaws.com"                 },
        { "rds", "eu-west-1",     true,  false, "https://rds-fips.eu-west-1.amazonaws.com"            },
        { "rds", "eu-west-1",     false, true,  "https://rds.eu-west-1.api.aws"                       },
        { "kms", "eu-west-1",     true,  true,  "https://kms-fips.eu-west-1.api.aws"                  },
        { "rds", "cn-north-1",    false, true,  "https://rds.cn-north-1.api.amazonwebservices.com.cn" },
        { "sts", "us-iso-east-1", true,  false, "https://sts-fips.us-iso-east-1.c2s.ic.gov"           },
        /* In GovCloud the plain hosts of RDS and STS are the FIPS ones. */
        { "rds", "us-gov-west-1", true,  false, "https://rds.us-gov-west-1.amazonaws.com"             },
        { "sts", "us-gov-west-1", true,  false, "https://sts.us-gov-west-1.amazonaws.com"             },
        { "kms", "us-gov-west-1", true,  false, "https://kms-fips.us-gov-west-1.amazonaws.com"        },
        { "rds", "us-gov-west-1", true,  true,  "https://rds-fips.us-gov-west-1.api.aws"              },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct aws_endpoint_options options = { str_from(rows[i].service), str_from(rows[i].region), rows[i].fips,
                                                      rows[i].dualstack };
        struct str url;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(aws_endpoint_url(*state, &options, &url, &err));
        assert_str_equal(url, rows[i].expected);
    }
}

/* What AWS may add one day: a partition of which nothing is known but its row. */
static const struct aws_endpoint_partition with_the_moon[] = {
    { .partition = { "aws", "amazonaws.com", "api.aws" }, .has_fips = true, .has_dualstack = true, .prefixes = "us" },
    { .partition = { "aws-moon", "amazonaws.moon", "api.moon" }, .prefixes = "moon", .regions = "aws-moon-global" },
    { .partition = { .name = NULL } },
};
static const struct aws_endpoint_rule of_the_moon[] = {
    { .service = "sts", .region = "aws-moon-global", .host = "sts.amazonaws.moon", .signing_region = "moon-sea-1" },
    { .service = "sts", .host = "sts.{region}.{dns}" },
    { .service = NULL },
};
static const struct aws_endpoint_table moon_table = { with_the_moon, of_the_moon };

static void a_new_partition_needs_a_row_and_no_code(void **state)
{
    static const char *const rows[][2] = {
        { "us-east-1",       "https://sts.us-east-1.amazonaws.com"   },
        { "moon-sea-1",      "https://sts.moon-sea-1.amazonaws.moon" },
        { "aws-moon-global", "https://sts.amazonaws.moon"            },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct aws_endpoint_options options = { .service = STR("sts"), .region = str_from(rows[i][0]) };
        struct str url;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(aws_endpoint_url_by(&moon_table, *state, &options, &url, &err));
        assert_str_equal(url, rows[i][1]);
    }
}

static void a_variant_that_a_partition_lacks_is_refused_by_the_names_of_region_and_argument(void **state)
{
    static const struct {
        bool fips, dualstack;
        const char *argument;
    } rows[] = {
        { true,  false, "use_fips_endpoint"      },
        { false, true,  "use_dualstack_endpoint" },
        { true,  true,  "use_fips_endpoint"      },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct aws_endpoint_options options = { STR("sts"), STR("moon-sea-1"), rows[i].fips, rows[i].dualstack };
        struct str url = STR("untouched");
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(aws_endpoint_url_by(&moon_table, *state, &options, &url, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err_text(&err), rows[i].argument));
        assert_non_null(strstr(err_text(&err), "moon-sea-1"));
        assert_non_null(strstr(err_remedy(&err), rows[i].argument));
        assert_str_equal(url, "untouched");
    }
}

static void a_service_without_rules_is_refused(void **state)
{
    const struct aws_endpoint_options options = { .service = STR("iam"), .region = STR("eu-west-1") };
    struct str url;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(aws_endpoint_url(*state, &options, &url, &err));
    assert_non_null(strstr(err_text(&err), "iam"));
    assert_str_equal(aws_endpoint_signing_region(&options), "eu-west-1");
}

static void the_global_endpoint_is_signed_for_where_it_is(void **state)
{
    const struct aws_endpoint_options options = { .service = STR("sts"), .region = STR("aws-global") };
    const struct aws_endpoint_options other = { .service = STR("rds"), .region = STR("aws-global") };
    struct str url;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_endpoint_url(*state, &options, &url, &err));
    assert_str_equal(url, "https://sts.amazonaws.com");
    assert_str_equal(aws_endpoint_signing_region(&options), "us-east-1");
    assert_str_equal(aws_endpoint_signing_region(&other), "aws-global");
}

static void known_are_the_names_in_the_table(void **state)
{
    (void)state;
    assert_true(aws_is_known_region(STR("eu-west-1")));
    assert_true(aws_is_known_region(STR("aws-global")));
    assert_true(aws_is_known_region(STR("us-isof-south-1")));
    assert_false(aws_is_known_region(STR("eu-middle-1")));
    assert_false(aws_is_known_region(STR("")));
}

static void a_missing_region_is_refused_with_the_places_to_set_it(void **state)
{
    const struct aws_endpoint_options options = { .service = STR("rds") };
    struct str url = STR("untouched");
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(aws_endpoint_url(*state, &options, &url, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_remedy(&err), "AWS_REGION"));
    assert_str_equal(url, "untouched");
}

static void a_region_that_would_lead_to_another_host_is_refused(void **state)
{
    static const char *const refused[] = {
        "eu-west-1.evil.example",
        "evil.example/",
        "eu-west-1@evil",
        "eu west 1",
        "-eu-west-1",
        "eu-west-1-",
        "eu_west_1",
        "eu-west-1\r\n",
        "\xff\xfe",
        "#",
        "eu-west-1?",
        "123",
        "a123456789012345678901234567890123456789012345678901234567890123",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        const struct aws_endpoint_options options = { STR("rds"), str_from(refused[i]), false, false };
        struct str url;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(aws_endpoint_url(*state, &options, &url, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_true(str_is_utf8(str_from(err_text(&err))));
    }
}

static void regions_look_like_regions(void **state)
{
    static const char *const good[] = { "eu-west-1",  "us-gov-east-1", "ap-southeast-12",
                                        "cn-north-1", "us-iso-east-1", "eusc-de-east-1" };
    static const char *const bad[] = {
        "",           "-",          "--1",       "eu-central-", "eu_central_1", "EU-WEST-1",
        "eu west 1",  "eu-west-1a", "eu.west.1", "eu-west-1 ",  "eu-west-1/",   "-eu-west-1",
        "eu--west-1", "*",          "rds",       "\xff-\xff-1", "http://x-1"
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(aws_is_region(str_from(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (aws_is_region(str_from(bad[i])))
            fail_msg("\"%s\"", bad[i]);
    assert_false(aws_is_region((struct str){ 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_region_is_in_its_partition),
        cmocka_unit_test(an_unknown_partition_is_not_found),
        cmocka_unit_test(hosts_follow_partition_and_variant),
        cmocka_unit_test(a_new_partition_needs_a_row_and_no_code),
        cmocka_unit_test(a_variant_that_a_partition_lacks_is_refused_by_the_names_of_region_and_argument),
        cmocka_unit_test(a_service_without_rules_is_refused),
        cmocka_unit_test(the_global_endpoint_is_signed_for_where_it_is),
        cmocka_unit_test(known_are_the_names_in_the_table),
        cmocka_unit_test(a_missing_region_is_refused_with_the_places_to_set_it),
        cmocka_unit_test(regions_look_like_regions),
        cmocka_unit_test(a_region_that_would_lead_to_another_host_is_refused),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
