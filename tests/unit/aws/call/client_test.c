/* SPDX-License-Identifier: MPL-2.0
 *
 * One attempt: what is sent, what an answer says, what is logged. More attempts:
 * client_attempts_test.
 */
#include "tests/unit/aws/call/client_fixture.h"

static const struct aws_operation json = READING(AWS_KMS, "Look", 0);
static const struct aws_operation anonymous = { .service = AWS_STS, .name = "Greet", .flags = AWS_UNSIGNED };

/* Requests. */

static void a_call_is_one_signed_post(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_str_equal(reply.name, "n");
    const struct http_request *sent = &world->transport.requests[0];
    assert_int_equal(world->transport.request_count, 1);
    assert_str_equal(sent->method, "POST");
    assert_str_equal(sent->url, "https://rds.eu-west-1.amazonaws.com/");
    assert_str_equal(sent->body, "Action=Look&Version=2014-10-31&Name=x");
    assert_false(sent->mutates);
    assert_str_equal(fake_transport_header(&world->transport, 0, "content-type"),
                     "application/x-www-form-urlencoded; charset=utf-8");
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-security-token"), AWS_WORLD_TOKEN);
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-date"), "20260101T000000Z");
    assert_str_equal(fake_transport_header(&world->transport, 0, "user-agent"), "test/1");
    assert_str_equal(fake_transport_header(&world->transport, 0, "amz-sdk-request"), "attempt=1; max=25");
    struct str authorization = fake_transport_header(&world->transport, 0, "authorization");
    assert_true(str_starts_with(authorization,
                                STR("AWS4-HMAC-SHA256 Credential=AKID1/20260101/eu-west-1/rds/aws4_request, "
                                    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=")));
}

static void json_services_name_the_operation_in_a_header(void **state)
{
    struct aws_world *world = *state;
    const struct reply input = { .name = STR("x") };
    struct reply reply;
    aws_world_answers(world, { .status = 200, .text = "{\"Name\":\"n\"}" });
    assert_true(aws_client_call(&world->call, &json, &input, &reply, &world->err));
    assert_str_equal(reply.name, "n");
    assert_str_equal(world->transport.requests[0].body, "{\"Name\":\"x\"}");
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-target"), "TrentService.Look");
    assert_str_equal(fake_transport_header(&world->transport, 0, "content-type"), "application/x-amz-json-1.1");
}

static void an_unsigned_call_asks_for_no_credentials(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 200, .text = "<GreetResponse/>" });
    assert_true(aws_client_call(&world->call, &anonymous, NULL, NULL, &world->err));
    assert_int_equal(world->fetches, 0);
    assert_str_equal(fake_transport_header(&world->transport, 0, "authorization"), "");
    assert_str_equal(fake_transport_header(&world->transport, 0, "x-amz-security-token"), "");
}

static void a_custom_endpoint_keeps_its_path_and_the_region_of_the_signature(void **state)
{
    struct aws_world *world = *state;
    static const struct {
        const char *endpoint, *url;
    } rows[] = {
        { "http://localhost:4566",      "http://localhost:4566/"     },
        { "http://localhost:4566/base", "http://localhost:4566/base" }
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reply reply;
        world->options.endpoints[AWS_RDS] = str_from(rows[i].endpoint);
        aws_world_renew_client(world);
        aws_world_answers(world, { .status = 200, .text = look_done });
        assert_true(look(world, &reply));
        assert_str_equal(world->transport.requests[0].url, rows[i].url);
        assert_true(str_find(fake_transport_header(&world->transport, 0, "authorization"), STR("/eu-west-1/rds/")) > 0);
    }
}

static void a_custom_endpoint_must_be_a_url(void **state)
{
    struct aws_world *world = *state;
    struct aws_client *client;
    static const char *const bad[] = { "localhost:4566", "https://mover:hush-hush@kms.local", "https://kms.local?a=b" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        world->options.endpoints[AWS_KMS] = str_from(bad[i]);
        assert_false(aws_client_new(&world->options, &client, &world->err));
        assert_int_equal(world->err.kind, ERR_INVALID);
        assert_null(strstr(err_text(&world->err), "hush-hush"));
    }
}

/* As in hashicorp/aws: a service with its own endpoint leaves the others theirs. */
static void fips_is_for_the_services_without_a_custom_endpoint(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.use_fips = true;
    world->options.endpoints[AWS_KMS] = STR("http://localhost:4566");
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_str_equal(world->transport.requests[0].url, "https://rds-fips.eu-west-1.amazonaws.com/");
    world->options.endpoints[AWS_RDS] = STR("http://localhost:4566");
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_str_equal(world->transport.requests[0].url, "http://localhost:4566/");
}

static void dual_stack_has_endpoints_of_its_own(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.use_dualstack = true;
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_str_equal(world->transport.requests[0].url, "https://rds.eu-west-1.api.aws/");
}

static void a_call_without_a_region_is_not_sent(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->call.region = STR("");
    assert_failed(world, look(world, &reply), ERR_INVALID, "");
    assert_int_equal(world->transport.request_count, 0);
}

/* Errors. */

static void an_error_carries_what_aws_said_and_where(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 404,
                               .headers = "x-amzn-RequestId: id-1",
                               .text = QUERY_ERROR("DBClusterSnapshotNotFoundFault", "no such\xc2\x80 snapshot") });
    assert_failed(world, change(world), ERR_NOT_FOUND, "DBClusterSnapshotNotFoundFault");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "Change");
    assert_string_equal(err_part(&world->err, ERR_REQUEST_ID), "id-1");
    assert_string_equal(err_part(&world->err, ERR_REGION), "eu-west-1");
    assert_string_equal(err_part(&world->err, ERR_ACCOUNT), "111111111111");
    assert_false(world->err.unanswered);
}

static void who_wants_it_is_told_the_id_of_a_call_that_succeeded(void **state)
{
    struct aws_world *world = *state;
    struct str request_id = STR("before");
    struct reply reply;
    world->call.request_id = &request_id;
    aws_world_answers(world, { .status = 404, .headers = "x-amzn-RequestId: id-1", .text = QUERY_ERROR("Broken", "") },
                      { .status = 200, .headers = "x-amzn-RequestId: id-2", .text = look_done });
    assert_false(change(world));
    assert_str_equal(request_id, "before");
    assert_true(look(world, &reply));
    assert_str_equal(request_id, "id-2");
}

static void the_request_id_may_stand_in_the_body(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("InvalidParameterValue", "") });
    assert_failed(world, change(world), ERR_INVALID, "InvalidParameterValue");
    assert_string_equal(err_part(&world->err, ERR_REQUEST_ID), "id-in-body");
    assert_string_equal(err_text(&world->err), "InvalidParameterValue");
}

static void json_errors_come_in_several_forms(void **state)
{
    struct aws_world *world = *state;
    static const struct fake_answer forms[] = {
        { .status = 400, .text = "{\"__type\":\"NotFoundException\",\"message\":\"m\"}" },
        { .status = 400, .text = "{\"__type\":\"com.amazonaws.kms#NotFoundException\",\"Message\":\"m\"}" },
        { .status = 400, .text = "{\"code\":\"NotFoundException:http://x\",\"message\":\"m\"}" },
        { .status = 400,
         .headers = "x-amzn-errortype: NotFoundException:http://x",
         .text = "{\"__type\":\"Other\",\"message\":\"m\"}" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        const struct reply input = { .name = STR("x") };
        struct reply reply;
        fake_transport_script(&world->transport, &forms[i], 1);
        bool done = aws_client_call(&world->call, &json, &input, &reply, &world->err);
        assert_failed(world, done, ERR_NOT_FOUND, "NotFoundException");
        assert_string_equal(err_text(&world->err), "m");
    }
}

static void a_page_of_a_proxy_is_shown_by_its_status_and_first_bytes(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 404, .text = "<!DOCTYPE html><title>\x1b[1mNot found</title>" });
    assert_failed(world, look(world, &reply), ERR_IO, "");
    assert_non_null(strstr(err_text(&world->err), "404"));
    assert_non_null(strstr(err_text(&world->err), "<title>\xef\xbf\xbd[1mNot found"));
}

static void a_quoted_session_token_is_not_repeated(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 403,
                               .text = QUERY_ERROR("SignatureDoesNotMatch", "x-amz-security-token:" AWS_WORLD_TOKEN
                                                                            " and " AWS_WORLD_TOKEN "!") });
    assert_failed(world, change(world), ERR_DENIED, "SignatureDoesNotMatch");
    assert_null(strstr(err_text(&world->err), AWS_WORLD_TOKEN));
    assert_non_null(strstr(err_text(&world->err), "***"));
}

static void a_token_that_does_not_go_with_its_key_is_told(void **state)
{
    static const struct {
        const char *key_id, *code, *remedy;
        bool has_no_token;
    } rows[] = {
        { "ASIAEXAMPLE1", "InvalidClientTokenId",        "its session token is missing", true  },
        { "ASIAEXAMPLE2", "UnrecognizedClientException", "its session token is missing", true  },
        { "AKIAEXAMPLE1", "InvalidClientTokenId",        "has no session token",         false },
        { "ASIAEXAMPLE3", "InvalidClientTokenId",        "",                             false },
        { "AKIAEXAMPLE2", "InvalidClientTokenId",        "",                             true  },
        { "AKIAEXAMPLE3", "AccessDenied",                "",                             false },
    };
    struct aws_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct fake_answer answer = {
            .status = 403,
            .text = str_format(world->call.arena,
                               "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error></ErrorResponse>",
                               rows[i].code)
                        .ptr,
        };
        world->key_id = rows[i].key_id;
        world->has_no_token = rows[i].has_no_token;
        aws_credentials_cache_drop(world->credentials, str_from(i ? rows[i - 1].key_id : ""));
        fake_transport_script(&world->transport, &answer, 1);
        err_clear(&world->err);
        assert_failed(world, change(world), ERR_DENIED, rows[i].code);
        if (rows[i].remedy[0] ? !strstr(err_remedy(&world->err), rows[i].remedy) : err_remedy(&world->err)[0] != '\0')
            fail_msg("row %zu: %s", i, err_remedy(&world->err));
    }
}

/* Logs. */

static void each_attempt_is_logged_and_nothing_secret_is(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "slow") },
                      { .status = 200, .headers = "x-amzn-RequestId: id-2", .text = look_done, .takes_ms = 7 });
    assert_true(look(world, &reply));
    struct str lines = aws_world_log(world);
    static const char *const wanted[] = {
        "\"aws_operation\":\"Look\"",  "\"aws_region\":\"eu-west-1\"", "\"aws_account\":\"111111111111\"",
        "\"http_status\":\"400\"",     "\"error\":\"Throttling\"",     "\"attempt\":\"2\"",
        "\"aws_request_id\":\"id-2\"", "\"duration_ms\":\"7\"",        "rds.eu-west-1.amazonaws.com",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
        if (str_find(lines, str_from(wanted[i])) < 0)
            fail_msg("no %s in %.*s", wanted[i], STR_ARG(lines));
    assert_true(str_find(lines, STR("secret/of")) < 0);
    assert_true(str_find(lines, STR(AWS_WORLD_TOKEN)) < 0);
    assert_true(str_find(lines, STR("Signature=")) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL_TEST(a_call_is_one_signed_post),
        CALL_TEST(json_services_name_the_operation_in_a_header),
        CALL_TEST(an_unsigned_call_asks_for_no_credentials),
        CALL_TEST(a_custom_endpoint_keeps_its_path_and_the_region_of_the_signature),
        CALL_TEST(a_custom_endpoint_must_be_a_url),
        CALL_TEST(fips_is_for_the_services_without_a_custom_endpoint),
        CALL_TEST(dual_stack_has_endpoints_of_its_own),
        CALL_TEST(a_call_without_a_region_is_not_sent),
        CALL_TEST(an_error_carries_what_aws_said_and_where),
        CALL_TEST(who_wants_it_is_told_the_id_of_a_call_that_succeeded),
        CALL_TEST(the_request_id_may_stand_in_the_body),
        CALL_TEST(json_errors_come_in_several_forms),
        CALL_TEST(a_page_of_a_proxy_is_shown_by_its_status_and_first_bytes),
        CALL_TEST(a_quoted_session_token_is_not_repeated),
        CALL_TEST(a_token_that_does_not_go_with_its_key_is_told),
        CALL_TEST(each_attempt_is_logged_and_nothing_secret_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
