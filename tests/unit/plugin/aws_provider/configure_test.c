/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

static struct str endpoint_of(const struct block_fixture *fixture, enum aws_service service)
{
    return fixture->configuration->endpoints[service];
}

static void an_empty_block_is_known_and_has_no_region(void **state)
{
    struct block_fixture *fixture = *state;
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_int_equal(aws_configuration_region(fixture->configuration).state, TF_NULL);
    assert_int_equal(aws_configuration_default_tags(fixture->configuration)->count, 0);
}

static void the_profile_says_what_nobody_else_does(void **state)
{
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    close(mkstemp(path));
    write_file(path, "[profile work]\n"
                     "region = ap-south-1\n"
                     "use_fips_endpoint = true\n"
                     "services = local\n"
                     "endpoint_url = http://127.0.0.1:1\n"
                     "[services local]\n"
                     "rds =\n"
                     "  endpoint_url = http://127.0.0.1:2\n");
    struct tf_string files[] = { text(path) };
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    fixture->block.profile = text("work");
    configure(fixture);
    unlink(path);
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "ap-south-1");
    assert_true(fixture->configuration->use_fips);
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:2");
    assert_str_equal(endpoint_of(fixture, AWS_KMS), "http://127.0.0.1:1");
}

static void files_that_are_null_or_empty_are_none(void **state)
{
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    close(mkstemp(path));
    write_file(path, "[default]\nregion = ap-south-1\n");
    struct tf_string files[] = { { .state = TF_NULL }, text(""), text(path) };
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 3 };
    configure(fixture);
    unlink(path);
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "ap-south-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(an_empty_block_is_known_and_has_no_region),
        BLOCK_TEST(the_profile_says_what_nobody_else_does),
        BLOCK_TEST(files_that_are_null_or_empty_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
