/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

static void the_former_name_of_the_metadata_address_is_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_METADATA_URL=http://169.254.169.254");
    configure(fixture);
    assert_said_at(fixture, "warning", NULL);
    assert_true(is_said(fixture, "Set AWS_EC2_METADATA_SERVICE_ENDPOINT instead"));
}

static void an_address_in_the_block_leaves_nothing_to_warn_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_METADATA_URL=http://169.254.169.254");
    fixture->block.ec2_metadata_service_endpoint = text("http://127.0.0.1:1");
    configure(fixture);
    assert_true(is_silent(fixture));
}

static void half_a_pair_of_the_environment_is_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    configure(fixture);
    assert_said_at(fixture, "warning", NULL);
    assert_true(is_said(fixture, "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"));
}

static void half_a_pair_that_is_not_asked_for_is_not_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    fixture->block.profile = text("work");
    configure(fixture);
    assert_true(is_silent(fixture));
}

static void a_profile_goes_before_the_environments_keys_and_says_so(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.profile = text("work");
    set_variable(fixture, "AWS_ACCESS_KEY_ID=AKIA");
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture, "AWS_SESSION_TOKEN=token");
    configure(fixture);
    assert_said_at(fixture, "warning", "profile");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(half_a_pair_of_the_environment_is_warned_of),
        BLOCK_TEST(half_a_pair_that_is_not_asked_for_is_not_warned_of),
        BLOCK_TEST(the_former_name_of_the_metadata_address_is_warned_of),
        BLOCK_TEST(an_address_in_the_block_leaves_nothing_to_warn_of),
        BLOCK_TEST(a_profile_goes_before_the_environments_keys_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
