/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "plugin/snapshot/registry.h"
#include "tests/support/harness.h"
#include "tests/support/model_check.h"

static void the_provider_is_sound(void **state)
{
    (void)state;
    provider_check(&snapshot_provider);
}

static void every_resource_has_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; snapshot_provider.resources[i]; i++) {
        const struct tf_resource *resource = snapshot_provider.resources[i];
        assert_true(resource->plan && resource->create && resource->read && resource->update && resource->delete &&
                    resource->import);
        assert_int_equal(resource->version, 0);
    }
}

/* What is decided here stands in users' state files for years. */
static void no_attribute_of_a_resource_goes_or_changes_its_kind(void **state)
{
    static const struct {
        const struct tf_resource *resource;
        const char *rows;
    } tables[] = {
        { &reencrypt_copy_resource,
         "target_snapshot_identifier R string,snapshot_kind OC string,region OC string,"
          "source_snapshot_identifier R string,kms_key_id R string,option_group_name O string,"
          "copy_option_group O bool,target_custom_availability_zone O string,reader_account_ids O set,copy_tags O bool,"
          "tags O map,deletion_policy O string,timeouts block,arn C string,id C string,account_id C string,"
          "source_snapshot_arn C string,source_snapshot_create_time C string,holder_id C string,status C "
          "string,percent_progress C number,"
          "source_kms_key_arn C string,kms_key_arn C string,engine C string,engine_version C string,"
          "engine_mode C string,master_username C string,port C number,allocated_storage C number,"
          "storage_type C string,storage_encryption_type C string,license_model C string,vpc_id C string,"
          "availability_zones C set,snapshot_create_time C string,tags_all C map," },
        { &share_resource,
         "snapshot_identifier R string,account_ids R set,snapshot_kind OC string,region OC string,id C string,"
          "snapshot_arn C string,"                                                 },
    };
    static const char *const kinds[] = {
        [TF_STRING] = "string",  [TF_BOOL] = "bool",      [TF_INT64] = "number",      [TF_STRING_LIST] = "list",
        [TF_STRING_SET] = "set", [TF_STRING_MAP] = "map", [TF_BLOCK_SINGLE] = "block"
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        struct str text = STR("");
        for (const struct tf_attribute *row = tables[i].resource->model.attributes; row->name; row++)
            text =
                str_format(arena, "%.*s%s %s%s%s%s%s,", STR_ARG(text), row->name, row->flags & TF_REQUIRED ? "R" : "",
                           row->flags & TF_OPTIONAL ? "O" : "", row->flags & TF_COMPUTED ? "C" : "",
                           row->kind == TF_BLOCK_SINGLE ? "" : " ", kinds[row->kind]);
        assert_str_equal(text, tables[i].rows);
    }
}

static void computed_values_stay_in_an_update_unless_a_plan_says_otherwise(void **state)
{
    (void)state;
    for (size_t i = 0; snapshot_provider.resources[i]; i++)
        for (const struct tf_attribute *row = snapshot_provider.resources[i]->model.attributes; row->name; row++) {
            assert_int_equal((row->flags & TF_COMPUTED) != 0, (row->flags & TF_STABLE) != 0);
            assert_int_equal(row->flags & (TF_SENSITIVE | TF_FORCE_NEW), 0);
        }
}

static void targets_that_differ_in_case_are_one(void **state)
{
    const struct tf_string prior = tf_known_string(STR("my-db")), same = tf_known_string(STR("My-DB")),
                           other = tf_known_string(STR("my-db2"));
    const struct tf_attribute *row = reencrypt_copy_resource.model.attributes;
    (void)state;
    assert_string_equal(row->name, "target_snapshot_identifier");
    assert_true(row->equal(&prior, &same));
    assert_false(row->equal(&prior, &other));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_provider_is_sound),
        cmocka_unit_test(every_resource_has_every_operation),
        cmocka_unit_test_setup_teardown(no_attribute_of_a_resource_goes_or_changes_its_kind, setup, teardown),
        cmocka_unit_test(computed_values_stay_in_an_update_unless_a_plan_says_otherwise),
        cmocka_unit_test(targets_that_differ_in_case_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
