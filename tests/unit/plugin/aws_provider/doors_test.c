/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

static void the_sources_are_told_what_the_block_says(void **state)
{
    static const struct {
        const char *skip;
        enum aws_metadata_switch expected;
    } rows[] = {
        { "",      AWS_METADATA_AS_ENVIRONMENT },
        { "true",  AWS_METADATA_OFF            },
        { "false", AWS_METADATA_ON             },
    };
    struct block_fixture *fixture = *state;
    fixture->block.ec2_metadata_service_endpoint = text("http://127.0.0.1:1");
    fixture->block.ec2_metadata_service_endpoint_mode = text("IPv6");
    fixture->block.use_fips_endpoint = fixture->block.use_dualstack_endpoint = (struct tf_bool){ TF_KNOWN, true };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->block.skip_metadata_api_check = text(rows[i].skip);
        configure(fixture);
        assert_true(configuration_connect(fixture->configuration, &err));
        const struct aws_credentials_doors *doors = &fixture->configuration->doors;
        assert_int_equal(doors->metadata_switch, rows[i].expected);
        assert_str_equal(doors->metadata_endpoint, "http://127.0.0.1:1");
        assert_str_equal(doors->metadata_mode, "IPv6");
        assert_str_equal(doors->user_agent, "test/1");
        assert_true(doors->use_fips && doors->use_dualstack);
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(the_sources_are_told_what_the_block_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
