/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

static void a_region_of_the_environment_must_look_like_one(void **state)
{
    struct block_fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture, "AWS_REGION=Frankfurt");
    assert_false(aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "AWS_REGION is \"Frankfurt\""));
    assert_non_null(strstr(err_remedy(&err), "AWS_REGION"));
}

static void the_region_is_the_first_that_is_set(void **state)
{
    static const struct {
        const char *argument, *variable, *default_variable;
        const char *region, *set_by; /* the beginning of what set it */
    } rows[] = {
        { "eu-west-1", "AWS_REGION=eu-west-2", "AWS_DEFAULT_REGION=eu-west-3", "eu-west-1",  "`region`"                          },
        { "",          "AWS_REGION=eu-west-2", "AWS_DEFAULT_REGION=eu-west-3", "eu-west-2",  "AWS_REGION"                        },
        { "",          "AWS_REGION=",          "AWS_DEFAULT_REGION=eu-west-3", "eu-west-3",  "AWS_DEFAULT_REGION"                },
        { "",          "AWS_REGION=",          "AWS_DEFAULT_REGION=",          "ap-south-1", "region of the profile \"default\"" },
    };
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    struct tf_string files[] = { text(path) };
    close(mkstemp(path));
    write_file(path, "[default]\nregion = ap-south-1\n");
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        fixture->block.region = text(rows[i].argument);
        fixture->variables[0] = rows[i].variable;
        fixture->variables[1] = rows[i].default_variable;
        configure(fixture);
        assert_str_equal(aws_configuration_region(fixture->configuration).value, rows[i].region);
        assert_true(str_starts_with(configuration_region_set_by(fixture->configuration), str_from(rows[i].set_by)));
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
    unlink(path);
}

static void an_unknown_profile_leaves_the_region_unknown(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.profile = unknown_text();
    configure(fixture);
    assert_int_equal(aws_configuration_region(fixture->configuration).state, TF_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(the_region_is_the_first_that_is_set),
        BLOCK_TEST(a_region_of_the_environment_must_look_like_one),
        BLOCK_TEST(an_unknown_profile_leaves_the_region_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
