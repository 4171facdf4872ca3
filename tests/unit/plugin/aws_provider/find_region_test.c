/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/aws_provider/identity_fixture.h"

#define OTHER_ROLE "arn:aws:iam::444455556666:role/other"

static struct aws_configuration *start_on_instance(struct identity_fixture *fixture, const char *region)
{
    struct aws_provider_block *block = &fixture->base->block;
    block->region = block->access_key = block->secret_key = (struct tf_string){ 0 };
    block->ec2_metadata_service_endpoint = text("http://metadata");
    fixture->sts.instance_region = region;
    return start(fixture);
}

static bool find_region(struct identity_fixture *fixture, struct tf_string *out, struct err *err)
{
    return aws_configuration_find_region(fixture->base->configuration, fixture->base->call, out, err);
}

static void the_role_of_an_instance_brings_its_region_once(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_configuration *configuration = start_on_instance(fixture, "eu-west-3");
    assert_int_equal(aws_configuration_region(configuration).state, TF_NULL);
    assert_int_equal(fixture->sts.documents, 0);
    assert_true(find_region(fixture, &region, &err));
    assert_str_equal(region.value, "eu-west-3");
    assert_true(get_call(fixture, "", &call, &err));
    assert_str_equal(call.region, "eu-west-3");
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-west-3.")) >= 0);
    assert_true(find_region(fixture, &region, &err));
    assert_int_equal(fixture->sts.documents, 1);
}

static void a_call_that_names_its_region_needs_no_other(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "eu-west-3");
    assert_true(get_call(fixture, "eu-west-1", &call, &err));
    assert_str_equal(call.region, "eu-west-1");
    assert_int_equal(fixture->sts.documents, 0);
}

static void roles_on_top_of_an_instances_are_assumed_in_its_region(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    add_role(fixture->base, OTHER_ROLE);
    start_on_instance(fixture, "eu-west-3");
    assert_true(find_region(fixture, &region, &err));
    assert_str_equal(region.value, "eu-west-3");
    assert_int_equal(fixture->sts.roles, 2);
    assert_int_equal(fixture->sts.documents, 1);
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-west-3.")) >= 0);
}

static void a_region_for_sts_alone_leaves_the_others_to_the_instance(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    add_role(fixture->base, OTHER_ROLE);
    fixture->base->block.sts_region = text("eu-central-1");
    start_on_instance(fixture, "eu-west-3");
    if (!find_region(fixture, &region, &err))
        fail_msg("%s", err_text(&err));
    assert_str_equal(region.value, "eu-west-3");
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-central-1.")) >= 0);
}

static void an_instance_that_names_no_region_is_said_to(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "nowhere");
    assert_false(find_region(fixture, &region, &err));
    assert_non_null(strstr(err_text(&err), "no Region is set"));
    assert_non_null(strstr(err_text(&err), "EC2 metadata gave none: the instance identity document names no Region"));
}

static void other_credentials_do_not_ask_for_the_region_of_the_machine(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "eu-west-3");
    fixture->base->block.access_key = text("AKIA");
    fixture->base->block.secret_key = text("secret");
    assert_false(find_region(fixture, &region, &err));
    assert_non_null(strstr(err_text(&err), "EC2 metadata was not asked, since the credentials come from the provider"));
    assert_int_equal(fixture->sts.documents, 0);
}

static void without_credentials_the_region_is_not_asked_for(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture->base, "AWS_EC2_METADATA_DISABLED=true");
    start_on_instance(fixture, "eu-west-3");
    assert_false(find_region(fixture, &region, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "since there are no credentials: no AWS credentials were found"));
}

static void while_the_caller_is_unknown_so_is_the_region(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.assume_role = (struct tf_blocks_assume_role){ .state = TF_UNKNOWN };
    start_on_instance(fixture, "eu-west-3");
    assert_true(find_region(fixture, &region, &err));
    assert_int_equal(region.state, TF_UNKNOWN);
    assert_int_equal(fixture->sts.documents, 0);
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(the_role_of_an_instance_brings_its_region_once),
        IDENTITY_TEST(a_call_that_names_its_region_needs_no_other),
        IDENTITY_TEST(roles_on_top_of_an_instances_are_assumed_in_its_region),
        IDENTITY_TEST(a_region_for_sts_alone_leaves_the_others_to_the_instance),
        IDENTITY_TEST(an_instance_that_names_no_region_is_said_to),
        IDENTITY_TEST(other_credentials_do_not_ask_for_the_region_of_the_machine),
        IDENTITY_TEST(without_credentials_the_region_is_not_asked_for),
        IDENTITY_TEST(while_the_caller_is_unknown_so_is_the_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
