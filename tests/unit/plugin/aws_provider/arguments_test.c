/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

static struct str endpoint_of(const struct block_fixture *fixture, enum aws_service service)
{
    return fixture->configuration->endpoints[service];
}

static void an_unknown_argument_that_decides_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    fixture->block.region = text("eu-west-1");
    add_role(fixture, NULL)->role_arn = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "assume_role");
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "eu-west-1");
}

static void an_unknown_setting_of_ec2_metadata_decides_who_calls(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    fixture->block.skip_metadata_api_check = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "skip_metadata_api_check");
}

static void an_unknown_argument_that_decides_nothing_is_no_obstacle(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.max_retries.state = TF_UNKNOWN;
    fixture->block.s3_us_east_1_regional_endpoint = unknown_text();
    fixture->block.default_tags.state = TF_UNKNOWN;
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_int_equal(aws_configuration_default_tags(fixture->configuration)->state, TF_UNKNOWN);
}

static void an_unknown_endpoint_of_a_service_that_is_not_called_is_no_obstacle(void **state)
{
    struct block_fixture *fixture = *state;
    struct endpoints *endpoints = add_endpoints(fixture);
    endpoints->s3 = unknown_text();
    endpoints->rds = text("http://127.0.0.1:1");
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:1");
}

static void an_unknown_endpoint_of_a_service_that_is_called_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    add_endpoints(fixture)->kms = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "endpoints");
}

static void an_unknown_endpoint_of_sso_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    add_endpoints(fixture)->sso = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "endpoints");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(an_unknown_argument_that_decides_is_named),
        BLOCK_TEST(an_unknown_setting_of_ec2_metadata_decides_who_calls),
        BLOCK_TEST(an_unknown_argument_that_decides_nothing_is_no_obstacle),
        BLOCK_TEST(an_unknown_endpoint_of_a_service_that_is_not_called_is_no_obstacle),
        BLOCK_TEST(an_unknown_endpoint_of_a_service_that_is_called_is_named),
        BLOCK_TEST(an_unknown_endpoint_of_sso_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
