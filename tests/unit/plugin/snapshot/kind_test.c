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
        CLEANUP(err_clear) struct err err = { 0 };
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
    CLEANUP(err_clear) struct err err = { 0 };
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
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(snapshot_ref_parse(*state, str_from(rows[i].arn), &ref, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err_text(&err), rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err_text(&err), rows[i].says);
        assert_str_equal(ref.account, "111111111111"); /* untouched */
    }
}

static void assert_no_snapshot(void *self, struct str bytes)
{
    struct arena *arena = arena_new();
    struct snapshot_ref ref = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
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
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(snapshot_ref_resolve(*state, STR("My-DB"), &home, &ref, &err));
    assert_str_equal(snapshot_ref_arn(*state, &ref), "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:my-db");
}

static void an_arn_denotes_what_it_says_wherever_the_caller_is(void **state)
{
    struct snapshot_ref ref;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(
        snapshot_ref_resolve(*state, STR("arn:aws:rds:us-east-1:222222222222:cluster-snapshot:B"), &home, &ref, &err));
    assert_str_equal(snapshot_ref_arn(*state, &ref), "arn:aws:rds:us-east-1:222222222222:cluster-snapshot:b");
}

static void an_arn_of_the_other_kind_is_refused(void **state)
{
    struct snapshot_ref ref;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(snapshot_ref_resolve(*state, STR("arn:aws:rds:us-east-1:222222222222:snapshot:b"), &home, &ref, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "the kind \"instance\", but snapshot_kind is \"cluster\""));
}

static void names_that_rds_takes_are_accepted(void **state)
{
    static const char *const rows[] = { "a", "A", "z9", "my-db-1", "A-b-C-9" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
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
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(snapshot_name_check(RDS_CLUSTER, str_from(rows[i].name), &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err_text(&err), rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err_text(&err), rows[i].says);
    }
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ "a\0b", 3 }, &err));
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ 0 }, &err));
}

static void the_longest_name_depends_on_the_kind(void **state)
{
    char letters[300];
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    memset(letters, 'a', sizeof(letters));
    assert_true(snapshot_name_check(RDS_CLUSTER, (struct str){ letters, 63 }, &err));
    assert_false(snapshot_name_check(RDS_CLUSTER, (struct str){ letters, 64 }, &err));
    assert_non_null(strstr(err_text(&err), "64 characters; the name of a cluster snapshot has 1 to 63"));
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

/* ---- A name to propose --------------------------------------------------------- */

#define TENS(n) n n n n n n n n n n
#define A60 TENS("aaaaaa")

static void the_next_name_counts_on(void **state)
{
    static const struct {
        const char *name, *next;
    } rows[] = {
        { "orders",                      "orders-2"                      },
        { "orders-1",                    "orders-2"                      },
        { "orders-2",                    "orders-3"                      },
        { "orders-9",                    "orders-10"                     },
        { "orders-99",                   "orders-100"                    },
        { "orders-007",                  "orders-8"                      },
        { "orders-0",                    "orders-1"                      },
        { "Orders",                      "orders-2"                      },
        { "a",                           "a-2"                           },
        { "a-1",                         "a-2"                           },
        { "a1",                          "a1-2"                          }, /* a digit of the name, no counter */
        { "db2026",                      "db2026-2"                      },
        { "my-db2",                      "my-db2-2"                      },
        { "orders-2-b",                  "orders-2-b-2"                  },
        { "orders-2-3",                  "orders-2-4"                    },
        { "orders-999999",               "orders-1000000"                },
        { "orders-1000000",              "orders-1000000-2"              }, /* rather a date, or an id */
        { "orders-20261129",             "orders-20261129-2"             },
        { "orders-99999999999999999999", "orders-99999999999999999999-2" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        for (enum rds_kind kind = RDS_CLUSTER; kind <= RDS_INSTANCE; kind++)
            assert_str_equal(snapshot_name_next(*state, kind, str_from(rows[i].name)), rows[i].next);
}

static void the_next_name_is_cut_to_the_limit_of_its_kind(void **state)
{
    static const struct {
        enum rds_kind kind;
        const char *name, *next;
    } rows[] = {
        { RDS_CLUSTER,  A60 "b",                           A60 "b-2"                         },
        { RDS_CLUSTER,  A60 "bcd",                         A60 "b-2"                         },
        { RDS_CLUSTER,  A60 "b-2",                         A60 "b-3"                         },
        { RDS_CLUSTER,  A60 "b-9",                         A60 "-10"                         },
        { RDS_CLUSTER,  A60 "-cd",                         A60 "-2"                          }, /* the cut would leave two hyphens */
        { RDS_INSTANCE, A60 "bcd",                         A60 "bcd-2"                       },
        { RDS_INSTANCE, A60 A60 A60 A60 TENS("b") "12345", A60 A60 A60 A60 TENS("b") "123-2" },
        { RDS_INSTANCE, A60 A60 A60 A60 TENS("b") "123-9", A60 A60 A60 A60 TENS("b") "12-10" },
        { RDS_INSTANCE, A60 A60 A60 A60 TENS("b") "12-ab", A60 A60 A60 A60 TENS("b") "12-2"  },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(snapshot_name_next(*state, rows[i].kind, str_from(rows[i].name)), rows[i].next);
}

/* Letters, with a hyphen where a cut may meet it. */
static void check_next(enum rds_kind kind, int length, int hyphen, const char *end)
{
    char letters[300];
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    memset(letters, 'a', sizeof(letters));
    letters[hyphen] = hyphen + 1 < length ? '-' : 'a';
    const struct str name = str_format(arena, "%.*s%s", length, letters, end);
    const struct str next = snapshot_name_next(arena, kind, name);
    if (!snapshot_name_check(kind, next, &err) || str_equal(next, name))
        fail_msg("%.*s after %.*s: %s", STR_ARG(next), STR_ARG(name), err_text(&err));
    arena_free(arena);
}

static void the_next_name_is_always_one_that_rds_takes(void **state)
{
    static const char *const ends[] = { "", "-1", "-9", "-99", "-a", "-a1", "9", "99", "-999999", "-9999999" };
    (void)state;
    for (enum rds_kind kind = RDS_CLUSTER; kind <= RDS_INSTANCE; kind++)
        for (size_t e = 0; e < ARRAY_LENGTH(ends); e++) {
            const int longest = (int)(snapshot_kind_of(kind)->max_name_bytes - strlen(ends[e]));
            for (int length = 1; length <= longest; length++)
                for (int hyphen = length > 8 ? length - 8 : 1; hyphen < length; hyphen++)
                    check_next(kind, length, hyphen, ends[e]);
        }
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
        WITH_ARENA(the_next_name_counts_on),
        WITH_ARENA(the_next_name_is_cut_to_the_limit_of_its_kind),
        cmocka_unit_test(the_next_name_is_always_one_that_rds_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
