/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

/* argument, variable, profile -> FIPS, and dual-stack likewise */
static void a_variant_is_asked_for_by_the_argument_or_the_environment_or_the_profile(void **state)
{
    static const struct {
        struct tf_bool argument;
        const char *fips, *dualstack, *profile;
        bool expected;
    } rows[] = {
        { { TF_NULL, false },  "",                            "",                                 "",      false },
        { { TF_KNOWN, true },  "AWS_USE_FIPS_ENDPOINT=false", "AWS_USE_DUALSTACK_ENDPOINT=false", "false", true  },
        { { TF_KNOWN, false }, "AWS_USE_FIPS_ENDPOINT=true",  "AWS_USE_DUALSTACK_ENDPOINT=TRUE",  "",      true  },
        { { TF_NULL, false },  "AWS_USE_FIPS_ENDPOINT=false", "AWS_USE_DUALSTACK_ENDPOINT=False", "true",  false },
        { { TF_NULL, false },  "",                            "",                                 "True",  true  },
        { { TF_NULL, false },  "AWS_USE_FIPS_ENDPOINT=",      "AWS_USE_DUALSTACK_ENDPOINT=",      "true",  true  },
        { { TF_NULL, false },  "",                            "",                                 "yes",   false },
    };
    struct block_fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char path[] = "/tmp/configuration-test-XXXXXX";
        struct tf_string files[] = { text(path) };
        struct str content =
            str_format(fixture->call->arena, "[default]\nuse_fips_endpoint = %s\nuse_dualstack_endpoint = %s\n",
                       rows[i].profile, rows[i].profile);
        close(mkstemp(path));
        write_file(path, content.ptr);
        fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
        fixture->block.use_fips_endpoint = fixture->block.use_dualstack_endpoint = rows[i].argument;
        fixture->variables[0] = rows[i].fips;
        fixture->variables[1] = rows[i].dualstack;
        configure(fixture);
        unlink(path);
        assert_int_equal(fixture->configuration->use_fips, rows[i].expected);
        assert_int_equal(fixture->configuration->use_dualstack, rows[i].expected);
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
}

static void a_variable_that_is_neither_true_nor_false_is_refused(void **state)
{
    static const char *const names[] = { "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
                                         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" };
    struct block_fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->variables[0] = str_format(fixture->call->arena, "%s=yes", names[i]).ptr;
        assert_false(aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err_text(&err), names[i]));
        assert_non_null(strstr(err_text(&err), "\"yes\""));
        assert_true(err_remedy(&err)[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(a_variant_is_asked_for_by_the_argument_or_the_environment_or_the_profile),
        BLOCK_TEST(a_variable_that_is_neither_true_nor_false_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
