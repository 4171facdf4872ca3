/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/kms.h"

#include <string.h>

#include "aws/limits.h"
#include "tests/support/aws_world.h"
#include "tests/support/harness.h"
#include "tests/support/vectors.h"

static void a_key_is_read_whole(void **state)
{
    struct aws_world *world = *state;
    struct kms_key key;
    aws_world_answers(world, { .status = 200, .body = vector_read(world->arena, "replies/DescribeKey.json") });
    assert_true(kms_describe_key(&world->call, STR("alias/aws/rds"), &key, &world->err));
    assert_str_equal(key.arn, "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555");
    assert_str_equal(key.account, "111111111111");
    assert_str_equal(key.key_manager, "AWS");
    assert_str_equal(key.key_state, "Enabled");
    assert_str_equal(key.key_spec, "SYMMETRIC_DEFAULT");
    assert_str_equal(world->transport.requests[0].body, "{\"KeyId\":\"alias/aws/rds\"}");
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-target"), "TrentService.DescribeKey");
    assert_false(world->transport.requests[0].mutates);
}

static void a_denied_look_is_told_from_a_missing_key(void **state)
{
    struct aws_world *world = *state;
    struct kms_key key;
    aws_world_answers(world, { .status = 400, .text = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" },
                      { .status = 400, .text = "{\"__type\":\"NotFoundException\",\"message\":\"none\"}" });
    assert_false(kms_describe_key(&world->call, STR("k"), &key, &world->err));
    assert_int_equal(world->err.kind, ERR_DENIED);
    assert_false(kms_describe_key(&world->call, STR("k"), &key, &world->err));
    assert_int_equal(world->err.kind, ERR_NOT_FOUND);
}

static void throttling_is_tried_again(void **state)
{
    struct aws_world *world = *state;
    struct kms_key key;
    aws_world_answers(world, { .status = 400, .text = "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}" },
                      { .status = 200, .body = vector_read(world->arena, "replies/DescribeKey.json") });
    assert_true(kms_describe_key(&world->call, STR("k"), &key, &world->err));
}

static void a_damaged_reply_is_an_error(void **state)
{
    struct aws_world *world = *state;
    static const char *const damaged[] = { "",       "{\"KeyMetadata\":{\"Arn\":", "{\"KeyMetadata\":{}}",
                                           "{}",     "{\"KeyMetadata\":[]}",       "{\"KeyMetadata\":{\"Arn\":1}}",
                                           "<html/>" };
    for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
        const struct fake_answer answer = { .status = 200, .text = damaged[i], .repeats = REPEATS_FOR_EVER };
        struct kms_key key = { .arn = STR("untouched") };
        fake_transport_script(&world->transport, &answer, 1);
        assert_false(kms_describe_key(&world->call, STR("k"), &key, &world->err));
        assert_int_equal(world->err.kind, ERR_IO);
        assert_str_equal(key.arn, "untouched");
    }
}

static void a_policy_is_asked_for_by_its_only_name(void **state)
{
    struct aws_world *world = *state;
    struct str policy;
    aws_world_answers(world,
                      { .status = 200, .text = "{\"Policy\":\"{\\\"Statement\\\":[]}\",\"PolicyName\":\"default\"}" });
    assert_true(kms_get_key_policy(&world->call, STR("k"), &policy, &world->err));
    assert_str_equal(policy, "{\"Statement\":[]}");
    assert_str_equal(world->transport.requests[0].body, "{\"KeyId\":\"k\",\"PolicyName\":\"default\"}");
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-target"), "TrentService.GetKeyPolicy");
}

static void grants_are_read_page_by_page(void **state)
{
    struct aws_world *world = *state;
    struct kms_grants grants;
    aws_world_answers(
        world,
        { .status = 200,
          .text = "{\"Grants\":[{\"GranteePrincipal\":\"a\",\"Operations\":[\"Decrypt\",\"CreateGrant\"],"
                  "\"Constraints\":{\"EncryptionContextSubset\":{\"x\":\"y\"}},\"CreationDate\":1.5e9},"
                  "{\"GranteePrincipal\":\"b\",\"Operations\":[]}],\"NextMarker\":\"m\",\"Truncated\":true}" },
        { .status = 200, .text = "{\"Grants\":[],\"NextMarker\":\"n\",\"Truncated\":true}" },
        { .status = 200,
          .text = "{\"Grants\":[{\"GranteePrincipal\":\"c\"},"
                  "{\"GranteeServicePrincipal\":\"rds.amazonaws.com\",\"RetiringServicePrincipal\":\"s\","
                  "\"Constraints\":{\"SourceArn\":\"arn:x\"}}],\"Truncated\":false}" });
    assert_true(kms_list_grants(&world->call, STR("k"), &grants, &world->err));
    assert_int_equal(grants.count, 4);
    assert_str_equal(grants.items[0].grantee, "a");
    assert_int_equal(grants.items[0].operations.count, 2);
    assert_str_equal(grants.items[0].operations.items[1], "CreateGrant");
    assert_str_equal(grants.items[2].grantee, "c");
    assert_str_equal(grants.items[3].grantee, "");
    assert_str_equal(grants.items[3].grantee_service, "rds.amazonaws.com");
    assert_str_equal(world->transport.requests[0].body, "{\"KeyId\":\"k\",\"Limit\":100}");
    assert_str_equal(world->transport.requests[2].body, "{\"KeyId\":\"k\",\"Limit\":100,\"Marker\":\"n\"}");
}

static void more_grants_than_can_be_read_are_an_error(void **state)
{
    struct aws_world *world = *state;
    struct kms_grants grants = { .count = 77 };
    struct fake_answer pages[KMS_GRANT_PAGES_MAX_COUNT] = { 0 };
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        pages[i].status = 200;
        pages[i].body = str_format(
            world->arena, "{\"Grants\":[{\"GranteePrincipal\":\"a\"}],\"NextMarker\":\"m%zu\",\"Truncated\":true}", i);
    }
    fake_transport_script(&world->transport, pages, ARRAY_LENGTH(pages));
    assert_false(kms_list_grants(&world->call, STR("k"), &grants, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&world->err), "ListGrants gives more than 20 pages"));
    assert_int_equal(grants.count, 77);
}

static void grants_that_end_in_the_middle_are_an_error(void **state)
{
    struct aws_world *world = *state;
    struct kms_grants grants = { .count = 77 };
    aws_world_answers(world, { .status = 200, .text = "{\"Grants\":[],\"NextMarker\":\"m\",\"Truncated\":true}" },
                      { .status = 200, .text = "{\"Grants\":[{\"GranteePrincipal\":\"a\"}],\"Truncated\":true}" });
    assert_false(kms_list_grants(&world->call, STR("k"), &grants, &world->err));
    assert_int_equal(world->err.kind, ERR_IO);
    assert_int_equal(grants.count, 77);
}

static void damaged_policies_and_grants_are_errors(void **state)
{
    struct aws_world *world = *state;
    static const char *const damaged[] = { "",     "{\"Policy\":1,\"Grants\":1}",
                                           "[]",   "{\"Policy\":\"\",\"Grants\":[1]}",
                                           "<x/>", "{\"Policy\":{},\"Grants\":[{\"Operations\":\"Decrypt\"}]}" };
    for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
        const struct fake_answer answer = { .status = 200, .text = damaged[i], .repeats = REPEATS_FOR_EVER };
        struct str policy = STR("untouched");
        struct kms_grants grants = { .count = 77 };
        fake_transport_script(&world->transport, &answer, 1);
        assert_false(kms_get_key_policy(&world->call, STR("k"), &policy, &world->err));
        assert_int_equal(world->err.kind, ERR_IO);
        assert_false(kms_list_grants(&world->call, STR("k"), &grants, &world->err));
        assert_int_equal(world->err.kind, ERR_IO);
        assert_str_equal(policy, "untouched");
        assert_int_equal(grants.count, 77);
    }
}

#define KMS_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KMS_TEST(a_key_is_read_whole),
        KMS_TEST(a_denied_look_is_told_from_a_missing_key),
        KMS_TEST(throttling_is_tried_again),
        KMS_TEST(a_damaged_reply_is_an_error),
        KMS_TEST(a_policy_is_asked_for_by_its_only_name),
        KMS_TEST(grants_are_read_page_by_page),
        KMS_TEST(more_grants_than_can_be_read_are_an_error),
        KMS_TEST(grants_that_end_in_the_middle_are_an_error),
        KMS_TEST(damaged_policies_and_grants_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
