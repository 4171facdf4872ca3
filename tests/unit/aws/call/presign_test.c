/* SPDX-License-Identifier: MPL-2.0
 *
 * PreSignedUrl: the same request, signed for another Region. That the bytes are right is compared with botocore's in
 * tests/oracle.
 */
#include "tests/unit/aws/call/client_fixture.h"

#include "aws/limits.h"

struct crossing {
    struct str name, region;
};

static const struct wire_row crossing_rows[] = {
    WIRE_BOTH(struct crossing, name, "Name"),
    WIRE_END,
};

static const struct aws_operation crossing_operation = { .service = AWS_RDS,
                                                         .name = "Cross",
                                                         .flags = AWS_MUTATES | AWS_PRESIGNS,
                                                         .presign_offset = offsetof(struct crossing, region),
                                                         .input = crossing_rows };

static bool cross(struct aws_world *world, struct str name, struct str region)
{
    const struct crossing input = { name, region };
    return aws_client_call(&world->call, &crossing_operation, &input, NULL, &world->err);
}

/* What follows `name` in the URL that request was sent with, up to the next parameter: encoded twice there. */
static struct str part_of_url(const struct aws_world *world, size_t request, const char *name)
{
    const struct str body = world->transport.requests[request].body;
    const ptrdiff_t at = str_find(body, str_from(name));
    assert_true(at >= 0);
    const struct str rest = str_slice(body, (size_t)at + str_from(name).len, body.len);
    const ptrdiff_t end = str_find(rest, STR("%26"));
    return end < 0 ? rest : str_slice(rest, 0, (size_t)end);
}

static struct str signature_of_url(const struct aws_world *world, size_t request)
{
    return part_of_url(world, request, "X-Amz-Signature%3D");
}

static const char crossed[] = "<CrossResponse/>";

static void the_request_goes_along_signed_for_the_other_region(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 200, .text = crossed });
    assert_true(cross(world, STR("x y"), STR("us-east-1")));
    const struct str body = world->transport.requests[0].body;
    static const char begin[] = "Action=Cross&Version=2014-10-31&Name=x%20y&PreSignedUrl="
                                "https%3A%2F%2Frds.us-east-1.amazonaws.com%2F%3F"
                                "Action%3DCross%26Version%3D2014-10-31%26Name%3Dx%2520y%26"
                                "DestinationRegion%3Deu-west-1%26X-Amz-Algorithm%3DAWS4-HMAC-SHA256%26"
                                "X-Amz-Credential%3DAKID1%252F20260101%252Fus-east-1%252Frds%252Faws4_request%26";
    if (!str_starts_with(body, str_from(begin)))
        fail_msg("%.*s", STR_ARG(body));
    assert_int_equal(signature_of_url(world, 0).len, 64);
    assert_non_null(
        strstr(fake_transport_header(&world->transport, 0, "authorization").ptr, "/eu-west-1/rds/aws4_request"));
}

static void none_is_made_where_no_region_is_named(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 200, .text = crossed });
    assert_true(cross(world, STR("x"), STR("")));
    assert_str_equal(world->transport.requests[0].body, "Action=Cross&Version=2014-10-31&Name=x");
}

static void each_attempt_has_one_of_its_own_time_and_keys(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 503, .text = QUERY_ERROR("ServiceUnavailable", "later"), .takes_ms = 2000 },
                      { .status = 403, .text = QUERY_ERROR("ExpiredToken", "expired") },
                      { .status = 200, .text = crossed });
    assert_true(cross(world, STR("x"), STR("us-east-1")));
    assert_int_equal(world->transport.request_count, 3);
    assert_false(str_equal(part_of_url(world, 0, "X-Amz-Date%3D"), part_of_url(world, 1, "X-Amz-Date%3D")));
    assert_true(str_starts_with(part_of_url(world, 1, "X-Amz-Credential%3D"), STR("AKID1")));
    assert_true(str_starts_with(part_of_url(world, 2, "X-Amz-Credential%3D"), STR("AKID2")));
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(str_equal(signature_of_url(world, i), signature_of_url(world, k)));
}

static void neither_a_message_nor_a_log_shows_its_signature(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("InvalidParameterValue", "no") });
    assert_failed(world, cross(world, STR("x"), STR("us-east-1")), ERR_INVALID, "InvalidParameterValue");
    const struct str signature = signature_of_url(world, 0); /* of the next call too: the time is the same */
    const struct str quoting = str_format(
        world->arena, QUERY_ERROR("InvalidParameterValue", "X-Amz-Signature=%.*s is wrong"), STR_ARG(signature));
    err_clear(&world->err);
    aws_world_answers(world, { .status = 400, .body = quoting });
    assert_failed(world, cross(world, STR("x"), STR("us-east-1")), ERR_INVALID, "InvalidParameterValue");
    assert_string_equal(err_text(&world->err), "X-Amz-Signature=***");
    assert_true(str_find(aws_world_log(world), signature) < 0);
    assert_true(str_find(aws_world_log(world), STR("X-Amz-")) < 0);
}

/* 50 tags of 128 and 256 characters, none of which is ASCII. */
static void the_longest_tags_fit(void **state)
{
    enum { CHARACTERS = 50 * (128 + 256) };
    static const char character[] = { '\xe3', '\x81', '\x82' };
    struct aws_world *world = *state;
    char *name = arena_alloc(world->arena, CHARACTERS * sizeof(character));
    for (size_t i = 0; i < CHARACTERS; i++)
        memcpy(name + i * sizeof(character), character, sizeof(character));
    aws_world_answers(world, { .status = 200, .text = crossed });
    assert_true(cross(world, (struct str){ name, CHARACTERS * sizeof(character) }, STR("us-east-1")));
    assert_int_equal(signature_of_url(world, 0).len, 64);
}

static void one_that_grows_too_long_is_not_sent(void **state)
{
    struct aws_world *world = *state;
    char *name = arena_alloc(world->arena, SIGV4_MAX_BYTES);
    memset(name, 'a', SIGV4_MAX_BYTES);
    assert_failed(world, cross(world, (struct str){ name, SIGV4_MAX_BYTES }, STR("us-east-1")), ERR_INVALID, "");
    assert_int_equal(world->transport.request_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL_TEST(the_request_goes_along_signed_for_the_other_region),
        CALL_TEST(none_is_made_where_no_region_is_named),
        CALL_TEST(each_attempt_has_one_of_its_own_time_and_keys),
        CALL_TEST(neither_a_message_nor_a_log_shows_its_signature),
        CALL_TEST(the_longest_tags_fit),
        CALL_TEST(one_that_grows_too_long_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
