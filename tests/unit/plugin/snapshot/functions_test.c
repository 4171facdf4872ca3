/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/snapshot/registry.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

/* Functions are called as the runtime does: through their descriptors, values
 * put into place by the rows' names. */
struct fixture {
    struct fake_call *fake;
    struct tf_call *call;
    void *parameters, *result;
    const struct tf_function *function;
    struct err err;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->fake = fake_call_new(NULL, NULL, NULL);
    fixture->call = fake_call_of(fixture->fake);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    fake_call_free(fixture->fake);
    err_clear(&fixture->err);
    mem_free(fixture);
    return 0;
}

static void *member(const struct tf_model *model, void *object, const char *name)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return (char *)object + row->offset;
    fail_msg("there is no %s", name);
    return NULL;
}

static void begin(struct fixture *fixture, const struct tf_function *function)
{
    fixture->function = function;
    fixture->parameters = arena_alloc(fixture->call->arena, function->parameters.size);
    fixture->result = arena_alloc(fixture->call->arena, function->result.size);
    err_clear(&fixture->err);
}

static void give(struct fixture *fixture, const char *name, const char *text)
{
    struct tf_string *string = member(&fixture->function->parameters, fixture->parameters, name);
    *string = text ? tf_known_string(str_from(text)) : (struct tf_string){ 0 };
}

static void give_set(struct fixture *fixture, const char *name, const char *text)
{
    struct str one = str_from(text);
    struct tf_string_set *set = member(&fixture->function->parameters, fixture->parameters, name);
    *set = tf_string_set_from(fixture->call->arena, &one, 1);
}

static bool run(struct fixture *fixture)
{
    return fixture->function->run(fixture->call, fixture->parameters, fixture->result, &fixture->err);
}

static struct str result(struct fixture *fixture, const char *name)
{
    struct tf_string *string = member(&fixture->function->result, fixture->result, name);
    return tf_text(*string, STR("not known"));
}

static void give_arn_parts(struct fixture *fixture, const char *const parts[5])
{
    static const char *const names[] = { "partition", "region", "account_id", "kind", "name" };
    begin(fixture, &snapshot_arn_function);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        give(fixture, names[i], parts[i]);
}

static void snapshot_arn_puts_an_arn_together(void **state)
{
    struct fixture *fixture = *state;
    give_arn_parts(fixture, (const char *const[]){ "aws-cn", "cn-north-1", "111111111111", "instance", "My-DB" });
    assert_true(run(fixture));
    assert_str_equal(result(fixture, "result"), "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:my-db");
}

static void snapshot_arn_names_the_argument_that_is_wrong(void **state)
{
    static const struct {
        const char *parts[5];
        const char *path;
    } rows[] = {
        { { "azure", "eu-west-1", "111111111111", "cluster", "a" },  "partition"  },
        { { "", "eu-west-1", "111111111111", "cluster", "a" },       "partition"  },
        { { "aws", "", "111111111111", "cluster", "a" },             "region"     },
        { { "aws", "eu:west", "111111111111", "cluster", "a" },      "region"     },
        { { "aws", "eu-west-1", "1111", "cluster", "a" },            "account_id" },
        { { "aws", "eu-west-1", "11111111111\xff", "cluster", "a" }, "account_id" },
        { { "aws", "eu-west-1", "111111111111", "Cluster", "a" },    "kind"       },
        { { "aws", "eu-west-1", "111111111111", "cluster", "" },     "name"       },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        give_arn_parts(fixture, rows[i].parts);
        assert_false(run(fixture));
        assert_int_equal(fixture->err.kind, ERR_INVALID);
        assert_string_equal(err_path(&fixture->err), rows[i].path);
        assert_str_equal(result(fixture, "result"), "not known");
    }
}

static void parse_snapshot_arn_takes_it_apart_again(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, &parse_snapshot_arn_function);
    give(fixture, "arn", "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:rds:DB-1");
    assert_true(run(fixture));
    assert_str_equal(result(fixture, "partition"), "aws");
    assert_str_equal(result(fixture, "region"), "eu-west-1");
    assert_str_equal(result(fixture, "account_id"), "111111111111");
    assert_str_equal(result(fixture, "kind"), "cluster");
    assert_str_equal(result(fixture, "name"), "rds:db-1");
}

static void parse_snapshot_arn_refuses_anything_else(void **state)
{
    static const char *const rows[] = { "",
                                        "a",
                                        "arn:aws:rds:eu-west-1:111111111111:db:a",
                                        "arn:aws:s3:::bucket",
                                        "arn:aws:rds:eu-west-1:111111111111:snapshot:",
                                        "\xff\xff" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        begin(fixture, &parse_snapshot_arn_function);
        give(fixture, "arn", rows[i]);
        assert_false(run(fixture));
        assert_string_equal(err_path(&fixture->err), "arn");
        assert_str_equal(result(fixture, "name"), "not known");
    }
}

static void give_source_policy(struct fixture *fixture, const char *partition)
{
    begin(fixture, &source_key_policy_function);
    give(fixture, "owner_account_id", "111111111111");
    give_set(fixture, "reader_account_ids", "222222222222");
    give_set(fixture, "regions", "eu-west-1");
    give(fixture, "partition", partition);
}

static void a_null_partition_is_aws(void **state)
{
    struct fixture *fixture = *state;
    give_source_policy(fixture, NULL);
    assert_true(run(fixture));
    struct str without = result(fixture, "result");
    give_source_policy(fixture, "aws");
    assert_true(run(fixture));
    assert_true(without.len > 100 && str_equal(without, result(fixture, "result")));
}

static void only_the_partition_may_be_null(void **state)
{
    static const struct tf_function *const functions[] = { &source_key_policy_function, &target_key_policy_function,
                                                           &snapshot_arn_function, &parse_snapshot_arn_function };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++)
        for (const struct tf_attribute *row = functions[i]->parameters.attributes; row->name; row++)
            assert_int_equal((row->flags & TF_OPTIONAL) != 0, i < 2 && strcmp(row->name, "partition") == 0);
}

static void wrong_arguments_of_the_policies_are_named(void **state)
{
    struct fixture *fixture = *state;
    give_source_policy(fixture, "aws-cn");
    assert_false(run(fixture));
    assert_string_equal(err_path(&fixture->err), "regions");
    begin(fixture, &target_key_policy_function);
    give(fixture, "owner_account_id", "nobody");
    assert_false(run(fixture));
    assert_string_equal(err_path(&fixture->err), "owner_account_id");
}

/* ---- The data source ------------------------------------------------------- */

static void *data_member(void *object, const char *name)
{
    return member(&key_policy_data_source.model, object, name);
}

static void give_data(struct fixture *fixture, void *config, const char *name, const char *text)
{
    const struct str item = str_from(text);
    *(struct tf_string_set *)data_member(config, name) = tf_string_set_from(fixture->call->arena, &item, 1);
}

static void *data_config(struct fixture *fixture, const char *side)
{
    void *config = arena_alloc(fixture->call->arena, key_policy_data_source.model.size);
    *(struct tf_string *)data_member(config, "side") =
        side ? tf_known_string(str_from(side)) : (struct tf_string){ .state = TF_UNKNOWN };
    *(struct tf_string *)data_member(config, "owner_account_id") = tf_known_string(STR("111111111111"));
    return config;
}

static void *source_config(struct fixture *fixture)
{
    void *config = data_config(fixture, "source");
    give_data(fixture, config, "reader_account_ids", "222222222222");
    give_data(fixture, config, "regions", "eu-west-1");
    return config;
}

static void the_data_source_gives_the_same_text_as_the_functions(void **state)
{
    struct fixture *fixture = *state;
    void *config = source_config(fixture);
    assert_true(key_policy_data_source.read(fixture->call, config, config, &fixture->err));
    give_source_policy(fixture, NULL);
    assert_true(run(fixture));
    assert_true(str_equal(((struct tf_string *)data_member(config, "json"))->value, result(fixture, "result")));

    config = data_config(fixture, "target");
    assert_true(key_policy_data_source.read(fixture->call, config, config, &fixture->err));
    begin(fixture, &target_key_policy_function);
    give(fixture, "owner_account_id", "111111111111");
    assert_true(run(fixture));
    assert_true(str_equal(((struct tf_string *)data_member(config, "json"))->value, result(fixture, "result")));
}

static void the_data_source_wants_readers_and_regions_for_a_source_only(void **state)
{
    static const struct {
        const char *side, *given, *said;
    } rows[] = {
        { "source", "reader_account_ids regions",                   ""                               },
        { "source", "reader_principals regions",                    ""                               },
        { "source", "reader_account_ids reader_principals regions", ""                               },
        { "source", "regions",                                      "Missing reader_account_ids"     },
        { "source", "reader_account_ids",                           "Missing regions"                },
        { "target", "",                                             ""                               },
        { "target", "reader_account_ids",                           "Unexpected argument: reader_ac" },
        { "target", "reader_principals",                            "Unexpected argument: reader_pr" },
        { "target", "principal_org_id",                             "Unexpected argument: principal" },
        { "target", "regions",                                      "Unexpected argument: regions"   },
        { NULL,     "regions",                                      ""                               }, /* side not known yet */
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        void *config = data_config(fixture, rows[i].side);
        struct str given = str_from(rows[i].given), name;
        while (str_next(&given, ' ', &name) && name.len) {
            enum tf_state *given_state = data_member(config, str_c(fixture->call->arena, name));
            *given_state = TF_KNOWN;
        }
        fake_call_again(fixture->fake);
        key_policy_data_source.validate(fixture->call, config);
        const char *said = fake_call_said(fixture->fake);
        if (*rows[i].said ? !strstr(said, rows[i].said) : *said)
            fail_msg("row %zu: \"%s\"", i, said);
    }
}

/* Whoever writes both believes that the key is narrowed. */
static void a_principal_of_an_account_that_reads_as_a_whole_is_warned_of(void **state)
{
    struct fixture *fixture = *state;
    void *config = source_config(fixture);
    give_data(fixture, config, "reader_principals", "arn:aws:iam::333333333333:role/mover");
    assert_true(key_policy_data_source.read(fixture->call, config, config, &fixture->err));
    assert_string_equal(fake_call_said(fixture->fake), "");
    give_data(fixture, config, "reader_principals", "arn:aws:iam::222222222222:role/mover");
    assert_true(key_policy_data_source.read(fixture->call, config, config, &fixture->err));
    const char *said = fake_call_said(fixture->fake);
    assert_non_null(strstr(said, "The whole account may use the key"));
    assert_non_null(strstr(said, "remove 222222222222 from reader_account_ids"));
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(snapshot_arn_puts_an_arn_together),
        WITH_CALL(snapshot_arn_names_the_argument_that_is_wrong),
        WITH_CALL(parse_snapshot_arn_takes_it_apart_again),
        WITH_CALL(parse_snapshot_arn_refuses_anything_else),
        WITH_CALL(a_null_partition_is_aws),
        cmocka_unit_test(only_the_partition_may_be_null),
        WITH_CALL(wrong_arguments_of_the_policies_are_named),
        WITH_CALL(the_data_source_gives_the_same_text_as_the_functions),
        WITH_CALL(the_data_source_wants_readers_and_regions_for_a_source_only),
        WITH_CALL(a_principal_of_an_account_that_reads_as_a_whole_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
