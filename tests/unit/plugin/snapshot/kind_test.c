/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/kind.h"

#include <string.h>

#include "tests/support/harness.h"
#include "tests/support/noise.h"

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

static const struct snapshot_ref home = {
    .partition = { "aws",          3  },
    .region = { "eu-west-1",    9  },
    .account = { "111111111111", 12 },
    .kind = RDS_CLUSTER,
};

static void kinds_are_found_by_the_name_that_users_write(void **state)
{
    (void)state;
    enum rds_kind kind = RDS_CLUSTER;
    assert_true(snapshot_kind_find(STR("instance"), &kind));
    assert_int_equal(kind, RDS_INSTANCE);
    assert_true(snapshot_kind_find(STR("cluster"), &kind));
    assert_int_equal(kind, RDS_CLUSTER);
    assert_string_equal(snapshot_kind_of(RDS_INSTANCE)->name, "instance");
}

static void other_words_are_no_kind(void **state)
{
    static const char *const rows[] = { "", "Cluster", "cluster ", "clusters", "cluster-snapshot", "snapshot", "db" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        enum rds_kind kind = RDS_INSTANCE;
        assert_false(snapshot_kind_find(str_from(rows[i]), &kind));
        assert_int_equal(kind, RDS_INSTANCE);
    }
    enum rds_kind kind = RDS_INSTANCE;
    assert_false(snapshot_kind_find((struct str){ 0 }, &kind));
}

static void an_arn_is_taken_apart_and_put_together_again(void **state)
{
    static const struct {
        const char *arn;
        const char *partition, *region, *account, *name;
        enum rds_kind kind;
    } rows[] = {
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:a",                       "aws",    "eu-west-1",  "111111111111", "a",
         RDS_CLUSTER                                                                                                                                                     },
        { "arn:aws-cn:rds:cn-north-1:012345678901:snapshot:my-db",                       "aws-cn", "cn-north-1", "012345678901", "my-db",
         RDS_INSTANCE                                                                                                                                                    },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:rds:db-2026-01-01-00-00", "aws",    "eu-west-1",
         "111111111111",                                                                                                         "rds:db-2026-01-01-00-00", RDS_CLUSTER  },
        { "arn:aws:rds:eu-west-1:111111111111:snapshot:awsbackup:job-1",                 "aws",    "eu-west-1",  "111111111111",
         "awsbackup:job-1",                                                                                                                                 RDS_INSTANCE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct snapshot_ref ref;
        struct err err = { 0 };
        assert_true(snapshot_ref_parse(*state, str_from(rows[i].arn), &ref, &err));
        assert_str_equal(ref.partition, rows[i].partition);
        assert_str_equal(ref.region, rows[i].region);
        assert_str_equal(ref.account, rows[i].account);
        assert_str_equal(ref.name, rows[i].name);
        assert_int_equal(ref.kind, rows[i].kind);
        assert_str_equal(snapshot_ref_arn(*state, &ref), rows[i].arn);
    }
}

static void names_are_lower_case_in_every_arn(void **state)
{
    struct snapshot_ref ref;
    struct err err = { 0 };
    assert_true(
        snapshot_ref_parse(*state, STR("arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:My-DB"), &ref, &err));
    assert_str_equal(ref.name, "my-db");
    ref.name = STR("Again-UPPER");
    assert_str_equal(snapshot_ref_arn(*state, &ref), "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:again-upper");
}

static void what_is_not_the_arn_of_a_snapshot_is_refused(void **state)
{
    static const struct {
        const char *arn, *says;
    } rows[] = {
        { "",                                                      "arn:"                         },
        { "my-snapshot",                                           "arn:"                         },
        { "arn:",                                                  "not an ARN"                   },
        { "arn:aws",                                               "not an ARN"                   },
        { "arn:aws:rds:eu-west-1:111111111111",                    "not an ARN"                   },
        { "arn:aws:kms:eu-west-1:111111111111:key/1234",           "the service \"kms\""          },
        { "arn:aws:rds:eu-west-1:111111111111:cluster:db",         "\"cluster-snapshot:\""        },
        { "arn:aws:rds:eu-west-1:111111111111:snapshots:db",       "\"cluster-snapshot:\""        },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot",   "\"cluster-snapshot:\""        },
        { "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot/a", "\"cluster-snapshot:\""        },
        { "arn:aws:rds:eu-west-1:111111111111::a",                 "\"cluster-snapshot:\""        },
        { "arn:aws:rds:eu-west-1:111111111111:snapshot:",          "no snapshot name"             },
        { "arn:aws:rds:eu-west-1:11111111111:snapshot:a",          "12-digit account"             },
        { "arn:aws:rds:eu-west-1::snapshot:a",                     "12-digit account"             },
        { "arn:aws:rds::111111111111:snapshot:a",                  "Region"                       },
        { "arn::rds:eu-west-1:111111111111:snapshot:a",            "partition"                    },
        { "ARN:aws:rds:eu-west-1:111111111111:snapshot:a",         "does not begin with \"arn:\"" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct snapshot_ref ref = home;
        struct err err = { 0 };
        assert_false(snapshot_ref_parse(*state, str_from(rows[i].arn), &ref, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err.text, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].says);
        assert_str_equal(ref.account, "111111111111"); /* untouched */
    }
}

static void assert_no_snapshot(void *self, struct str bytes)
{
    struct arena *arena = arena_new();
    struct snapshot_ref ref = { 0 };
    struct err err = { 0 };
    (void)self;
    assert_false(snapshot_ref_parse(arena, bytes, &ref, &err));
    assert_false(snapshot_ref_parse(arena, str_format(arena, "arn:aws:rds:%.*s", STR_ARG(bytes)), &ref, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    if (snapshot_name_check(RDS_INSTANCE, bytes, &err))
        assert_true(bytes.len <= 255);
    arena_free(arena);
}

static void noise_is_never_a_snapshot_and_does_no_harm(void **state)
{
    static const char *const alphabets[] = { "", "arn:wsd-1", ":", "a-" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_no_snapshot, NULL);
}

static void a_name_denotes_the_callers_own_snapshot(void **state)
{
    struct snapshot_ref ref;
    struct err err = { 0 };
    assert_true(snapshot_ref_resolve(*state, STR("My-DB"), &home, &ref, &err));
    assert_str_equal(snapshot_ref_arn(*state, &ref), "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:my-db");
}

static void an_arn_denotes_what_it_says_wherever_the_caller_is(void **state)
{
    struct snapshot_ref ref;
    struct err err = { 0 };
    assert_true(
        snapshot_ref_resolve(*state, STR("arn:aws:rds:us-east-1:222222222222:cluster-snapshot:B"), &home, &ref, &err));
    assert_str_equal(snapshot_ref_arn(*state, &ref), "arn:aws:rds:us-east-1:222222222222:cluster-snapshot:b");
}

static void an_arn_of_the_other_kind_is_refused(void **state)
{
    struct snapshot_ref ref;
    struct err err = { 0 };
    assert_false(snapshot_ref_resolve(*state, STR("arn:aws:rds:us-east-1:222222222222:snapshot:b"), &home, &ref, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.text, "the kind \"instance\", but snapshot_kind is \"cluster\""));
}

static void names_that_rds_takes_are_accepted(void **state)
{
    static const char *const rows[] = { "a", "A", "z9", "my-db-1", "A-b-C-9" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct err err = { 0 };
        assert_true(snapshot_name_check(RDS_CLUSTER, str_from(rows[i]), &err));
        assert_true(snapshot_name_check(RDS_INSTANCE, str_from(rows[i]), &err));
    }
}

static void names_that_rds_does_not_take_are_refused(void **state)
{
    static const struct {
        const char *name, *says;
    } rows[] = {
        { "",              "is empty"            },
        { "1a",            "not begin with"      },
        { "-a",            "not begin with"      },
        { "\xc3\xa4",      "not begin with"      },
        { "a-",            "ends with a hyphen"  },
        { "a--b",          "has two hyphens in"  },
        { "a_b",           "other than letters"  },
        { "a b",           "other than letters"  },
        { "a.b",           "other than letters"  },
        { "a\xc3\xa4",     "other than letters"  },
        { "a\n",           "other than letters"  },
        { "arn:a",         "give the name alone" },
        { "rds:a",         "automatic"           },
        { "awsbackup:a-1", "automatic"           },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct err err = { 0 };
        assert_false(snapshot_name_check(RDS_CLUSTER, str_from(rows[i].name), &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err.text, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].says);
    }
    struct err err = { 0 };
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ "a\0b", 3 }, &err));
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ 0 }, &err));
}

static void the_longest_name_depends_on_the_kind(void **state)
{
    char letters[300];
    struct err err = { 0 };
    (void)state;
    memset(letters, 'a', sizeof(letters));
    assert_true(snapshot_name_check(RDS_CLUSTER, (struct str){ letters, 63 }, &err));
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ letters, 64 }, &err));
    assert_non_null(strstr(err.text, "64 characters; the name of a cluster snapshot has 1 to 63"));
    assert_true(snapshot_name_check(RDS_INSTANCE, (struct str){ letters, 255 }, &err));
    assert_false(snapshot_name_check(RDS_INSTANCE, (struct str){ letters, 256 }, &err));
}

static void automatic_snapshots_are_told_by_their_prefix(void **state)
{
    (void)state;
    assert_true(snapshot_name_is_automated(STR("rds:db-2026-01-01-00-00")));
    assert_true(snapshot_name_is_automated(STR("awsbackup:job-1")));
    assert_false(snapshot_name_is_automated(STR("rds-db")));
    assert_false(snapshot_name_is_automated(STR("my-rds:")));
    assert_false(snapshot_name_is_automated((struct str){ 0 }));
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_found_by_the_name_that_users_write),
        cmocka_unit_test(other_words_are_no_kind),
        WITH_ARENA(an_arn_is_taken_apart_and_put_together_again),
        WITH_ARENA(names_are_lower_case_in_every_arn),
        WITH_ARENA(what_is_not_the_arn_of_a_snapshot_is_refused),
        cmocka_unit_test(noise_is_never_a_snapshot_and_does_no_harm),
        WITH_ARENA(a_name_denotes_the_callers_own_snapshot),
        WITH_ARENA(an_arn_denotes_what_it_says_wherever_the_caller_is),
        WITH_ARENA(an_arn_of_the_other_kind_is_refused),
        cmocka_unit_test(names_that_rds_takes_are_accepted),
        cmocka_unit_test(names_that_rds_does_not_take_are_refused),
        cmocka_unit_test(the_longest_name_depends_on_the_kind),
        cmocka_unit_test(automatic_snapshots_are_told_by_their_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
