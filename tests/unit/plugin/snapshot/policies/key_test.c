/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/key.h"

#include <string.h>

#include "tests/support/harness.h"

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

static struct tf_string_set set_of(struct arena *arena, const char *comma_separated)
{
    struct str texts[16];
    size_t count = 0;
    struct str rest = str_from(comma_separated);
    while (*comma_separated && str_next(&rest, ',', &texts[count]))
        count++;
    return tf_string_set_from(arena, texts, count);
}

static const struct tf_string no_partition = { 0 };

/* What `given` lacks of these. */
static struct str narrowed_policy(struct arena *arena, struct key_policy_source given, struct err *err)
{
    struct str json = STR("");
    given.owner_account_id = STR("111111111111");
    given.regions = set_of(arena, "eu-west-1");
    return key_policy_of_source(arena, &given, &json, err) ? json : STR("");
}

static struct str source_policy(struct arena *arena, const char *owner, const char *readers, const char *regions,
                                const char *partition, struct err *err)
{
    const struct key_policy_source source = {
        .owner_account_id = str_from(owner),
        .reader_account_ids = set_of(arena, readers),
        .regions = set_of(arena, regions),
        .partition = partition ? tf_known_string(str_from(partition)) : no_partition,
    };
    struct str json = STR("");
    return key_policy_of_source(arena, &source, &json, err) ? json : STR("");
}

/* The policy of the old account's key: its owner, the owner through RDS, each reader in two statements. */
static void a_source_policy_lets_owner_and_reader_use_the_key_through_rds(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(
        source_policy(*state, "111111111111", "222222222222", "eu-west-1", NULL, &err),
        "{\"Version\":\"2012-10-17\",\"Statement\":["
        "{\"Sid\":\"OwnerAccount\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},"
        "\"Action\":\"kms:*\",\"Resource\":\"*\"},"
        "{\"Sid\":\"OwnerThroughRDS\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},"
        "\"Action\":[\"kms:Encrypt\",\"kms:Decrypt\",\"kms:ReEncryptFrom\",\"kms:ReEncryptTo\","
        "\"kms:GenerateDataKey*\",\"kms:DescribeKey\"],\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"}}},"
        "{\"Sid\":\"ReadersThroughRDS\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:root\"}"
        ","
        "\"Action\":[\"kms:Decrypt\",\"kms:ReEncryptFrom\",\"kms:DescribeKey\"],\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"}}},"
        "{\"Sid\":\"ReadersGrantsThroughRDS\",\"Effect\":\"Allow\","
        "\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:root\"},\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"},"
        "\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}}}]}");
}

#define ROLE "arn:aws:iam::222222222222:role/team/mover"
#define USER "arn:aws:iam::333333333333:user/ann"

/* Only these, no whole account; with an organization, only while they belong to it. */
static void roles_and_users_are_readers_by_themselves(void **state)
{
    static const char readers[] =
        "{\"Sid\":\"ReadersThroughRDS\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"" ROLE "\",\"" USER "\"]},"
        "\"Action\":[\"kms:Decrypt\",\"kms:ReEncryptFrom\",\"kms:DescribeKey\"],\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"%s}}},"
        "{\"Sid\":\"ReadersGrantsThroughRDS\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"" ROLE "\",\"" USER
        "\"]},\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"kms:ViaService\":\"rds.eu-west-1.amazonaws.com\"%s},"
        "\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}}}]}";
    static const char *const organizations[] = { "", ",\"aws:PrincipalOrgID\":\"o-a1b2c3d4e5\"" };
    for (size_t i = 0; i < ARRAY_LENGTH(organizations); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str json = narrowed_policy(
            *state,
            (struct key_policy_source){ .reader_principals = set_of(*state, USER "," ROLE),
                                        .principal_org_id = i ? tf_known_string(STR("o-a1b2c3d4e5")) : no_partition },
            &err);
        const struct str wanted = str_format(*state, readers, organizations[i], organizations[i]);
        if (!str_ends_with(json, wanted))
            fail_msg("%s %.*s\ndoes not end with\n%.*s", err_text(&err), STR_ARG(json), STR_ARG(wanted));
        assert_true(str_find(json, STR("222222222222:root")) < 0);
    }
}

static void whole_accounts_stand_beside_roles(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str json =
        narrowed_policy(*state,
                        (struct key_policy_source){ .reader_account_ids = set_of(*state, "444444444444"),
                                                    .reader_principals = set_of(*state, ROLE) },
                        &err);
    assert_non_null(strstr(str_c(*state, json), "{\"AWS\":[\"arn:aws:iam::444444444444:root\",\"" ROLE "\"]}"));
}

/* The owner keeps the key whatever becomes of the organization. */
static void an_organization_limits_readers_only(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str json =
        narrowed_policy(*state,
                        (struct key_policy_source){ .reader_account_ids = set_of(*state, "222222222222"),
                                                    .principal_org_id = tf_known_string(STR("o-a1b2c3d4e5")) },
                        &err);
    const struct str owners = str_slice(json, 0, (size_t)str_find(json, STR("ReadersThroughRDS")));
    assert_true(str_find(owners, STR("PrincipalOrgID")) < 0);
    assert_true(str_find(json, STR("PrincipalOrgID")) > 0);
}

static void what_is_not_the_id_of_an_organization_is_rejected(void **state)
{
    static const char *const rows[] = { "",
                                        "o-",
                                        "o-a1b2c3d4e",
                                        "o-A1B2C3D4E5",
                                        "a1b2c3d4e5",
                                        "ou-a1b2-c3d4e5f6",
                                        "o-a1b2c3d4e5/*",
                                        "*",
                                        "o-a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5a1b",
                                        "\xff\xfe" };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        const struct key_policy_source given = { .reader_account_ids = set_of(*state, "222222222222"),
                                                 .principal_org_id = tf_known_string(str_from(rows[i])) };
        if (narrowed_policy(*state, given, &err).len)
            fail_msg("%s is accepted", rows[i]);
        assert_string_equal(err_path(&err), "principal_org_id");
        assert_non_null(strstr(err_text(&err), "such as \"o-a1b2c3d4e5\""));
    }
}

static void what_is_not_a_role_or_user_does_not_get_into_a_policy(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const struct key_policy_source given = { .reader_principals = set_of(*state, ROLE ",*") };
    assert_str_equal(narrowed_policy(*state, given, &err), "");
    assert_string_equal(err_path(&err), "reader_principals");
}

static void several_readers_and_regions_are_lists_in_order(void **state)
{
    static const char hosts[] =
        "{\"kms:ViaService\":[\"rds.cn-north-1.amazonaws.com.cn\",\"rds.cn-northwest-1.amazonaws.com.cn\"]}";
    static const char readers[] =
        "{\"AWS\":[\"arn:aws-cn:iam::222222222222:root\",\"arn:aws-cn:iam::333333333333:root\"]}";
    CLEANUP(err_clear) struct err err = { 0 };
    struct str json =
        source_policy(*state, "111111111111", "333333333333,222222222222", "cn-northwest-1,cn-north-1", "aws-cn", &err);
    assert_string_equal(err_text(&err), "");
    const char *text = str_c(*state, json);
    assert_non_null(strstr(text, hosts));
    assert_non_null(strstr(text, readers));
    assert_non_null(strstr(text, "\"arn:aws-cn:iam::111111111111:root\""));
    assert_null(strstr(text, "arn:aws:"));
}

static void the_same_input_in_another_order_gives_the_same_bytes(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct str one = source_policy(*state, "111111111111", "333333333333,222222222222,333333333333",
                                   "us-east-1,eu-west-1", "aws", &err);
    struct str other =
        source_policy(*state, "111111111111", "222222222222,333333333333", "eu-west-1,us-east-1", NULL, &err);
    assert_true(one.len > 0 && str_equal(one, other));
}

static void a_target_policy_lets_rds_act_for_the_owner(void **state)
{
    struct str json;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(key_policy_of_target(*state, STR("222222222222"), no_partition, &json, &err));
    assert_str_equal(
        json,
        "{\"Version\":\"2012-10-17\",\"Statement\":["
        "{\"Sid\":\"OwnerAccount\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:root\"},"
        "\"Action\":\"kms:*\",\"Resource\":\"*\"},"
        "{\"Sid\":\"RDSForOwner\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"rds.amazonaws.com\"},"
        "\"Action\":[\"kms:ReEncryptTo\",\"kms:GenerateDataKey*\",\"kms:Encrypt\",\"kms:DescribeKey\","
        "\"kms:Decrypt\",\"kms:CreateGrant\"],\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"222222222222\"}}}]}");
}

static void the_target_policy_follows_the_partition(void **state)
{
    struct str json;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(key_policy_of_target(*state, STR("222222222222"), tf_known_string(STR("aws-us-gov")), &json, &err));
    assert_non_null(strstr(str_c(*state, json), "arn:aws-us-gov:iam::222222222222:root"));
}

static void wrong_arguments_are_refused_by_name(void **state)
{
    static const struct {
        const char *owner, *readers, *regions, *partition, *path, *says;
    } rows[] = {
        { "11111111111",   "222222222222", "eu-west-1",  NULL,     "owner_account_id",   "leading zero"                   },
        { "1111111111111", "222222222222", "eu-west-1",  NULL,     "owner_account_id",   "12 digits"                      },
        { "",              "222222222222", "eu-west-1",  NULL,     "owner_account_id",   "12 digits"                      },
        { "11111111111a",  "222222222222", "eu-west-1",  NULL,     "owner_account_id",   "12 digits"                      },
        { "*",             "222222222222", "eu-west-1",  NULL,     "owner_account_id",   "12 digits"                      },
        { "111111111111",  "",             "eu-west-1",  NULL,     "reader_account_ids", "at least one account"           },
        { "111111111111",  "22222222222",  "eu-west-1",  NULL,     "reader_account_ids", "leading zero"                   },
        { "111111111111",  "all",          "eu-west-1",  NULL,     "reader_account_ids", "12 digits"                      },
        { "111111111111",  "222222222222", "",           NULL,     "regions",            "at least one Region"            },
        { "111111111111",  "222222222222", "cn-north-1", NULL,     "regions",            "\"cn-north-1\" does not belong" },
        { "111111111111",  "222222222222", "eu-west-1",  "aws-cn", "regions",            "\"eu-west-1\" does not belong"  },
        { "111111111111",  "222222222222", "eu-west-1",  "AWS",    "partition",          "\"AWS\" is not a partition"     },
        { "111111111111",  "222222222222", "eu-west-1",  "",       "partition",          "is not a partition"             },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        assert_str_equal(
            source_policy(*state, rows[i].owner, rows[i].readers, rows[i].regions, rows[i].partition, &err), "");
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err_path(&err), rows[i].path);
        if (!strstr(err_text(&err), rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err_text(&err), rows[i].says);
    }
}

static void a_policy_without_readers_is_rejected(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_str_equal(narrowed_policy(*state, (struct key_policy_source){ 0 }, &err), "");
    assert_string_equal(err_path(&err), "reader_account_ids");
    assert_non_null(strstr(err_text(&err), "at least one account, role or user"));
}

static void text_that_is_no_region_does_not_get_into_a_policy(void **state)
{
    static const char *const rows[] = { "eu west 1", "eu-west-1\"", "*", "eu.west", "\xff\xfe", "EU/west" };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        assert_str_equal(source_policy(*state, "111111111111", "222222222222", rows[i], NULL, &err), "");
        assert_string_equal(err_path(&err), "regions");
    }
    struct tf_string empty = tf_known_string(STR(""));
    const struct key_policy_source given = {
        .owner_account_id = STR("111111111111"),
        .reader_account_ids = set_of(*state, "222222222222"),
        .regions = { TF_KNOWN, &empty, 1 }
    };
    struct str json;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(key_policy_of_source(*state, &given, &json, &err));
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_source_policy_lets_owner_and_reader_use_the_key_through_rds),
        WITH_ARENA(several_readers_and_regions_are_lists_in_order),
        WITH_ARENA(the_same_input_in_another_order_gives_the_same_bytes),
        WITH_ARENA(a_target_policy_lets_rds_act_for_the_owner),
        WITH_ARENA(the_target_policy_follows_the_partition),
        WITH_ARENA(wrong_arguments_are_refused_by_name),
        WITH_ARENA(roles_and_users_are_readers_by_themselves),
        WITH_ARENA(whole_accounts_stand_beside_roles),
        WITH_ARENA(an_organization_limits_readers_only),
        WITH_ARENA(what_is_not_the_id_of_an_organization_is_rejected),
        WITH_ARENA(what_is_not_a_role_or_user_does_not_get_into_a_policy),
        WITH_ARENA(a_policy_without_readers_is_rejected),
        WITH_ARENA(text_that_is_no_region_does_not_get_into_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
