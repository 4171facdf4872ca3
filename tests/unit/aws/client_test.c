/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/client.h"

#include <string.h>

#include "aws/retry.h"
#include "tests/support/aws_world.h"
#include "tests/support/harness.h"

struct reply {
    struct str name;
};

static const struct wire_row reply_rows[] = {
    WIRE_BOTH(struct reply, name, "Name"),
    WIRE_END,
};

#define READING(service_row, operation_name, column_number)                                                            \
    { .service = (service_row),                                                                                        \
      .name = (operation_name),                                                                                        \
      .input = reply_rows,                                                                                             \
      .output = reply_rows,                                                                                            \
      .output_size = sizeof(struct reply),                                                                             \
      .result = "Result",                                                                                              \
      .column = (column_number) }

static const struct aws_operation reading = READING(AWS_RDS, "Look", 0);
static const struct aws_operation json = READING(AWS_KMS, "Look", 0);
static const struct aws_operation changing = { .service = AWS_RDS, .name = "Change", .flags = AWS_MUTATES };
static const struct aws_operation anonymous = { .service = AWS_STS, .name = "Greet", .flags = AWS_UNSIGNED };

static const char look_done[] = "<LookResponse><Result><Name>n</Name></Result></LookResponse>";
static const char change_done[] = "<ChangeResponse/>";

#define QUERY_ERROR(code, message)                                                                                     \
    "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>" code          \
    "</Code><Message>" message "</Message></Error><RequestId>id-in-body</RequestId></ErrorResponse>"

static bool look(struct aws_world *world, struct reply *out)
{
    const struct reply input = { STR("x") };
    return aws_client_call(&world->call, &reading, &input, out, &world->err);
}

static bool change(struct aws_world *world)
{
    return aws_client_call(&world->call, &changing, NULL, NULL, &world->err);
}

static void assert_failed(struct aws_world *world, bool done, enum err_kind kind, const char *code)
{
    assert_false(done);
    if (world->err.kind != kind || strcmp(world->err.code, code) != 0)
        fail_msg("%s, code %s: %s", err_kind_name(world->err.kind), world->err.code, world->err.text);
}

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
    const struct reply input = { STR("x") };
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

static void a_custom_endpoint_excludes_fips_and_must_be_a_url(void **state)
{
    struct aws_world *world = *state;
    struct aws_client *client;
    world->options.endpoints[AWS_KMS] = STR("localhost:4566");
    assert_false(aws_client_new(&world->options, &client, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
    world->options.endpoints[AWS_KMS] = STR("https://kms.local");
    world->options.use_fips = true;
    assert_false(aws_client_new(&world->options, &client, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
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
    assert_string_equal(world->err.operation, "Change");
    assert_string_equal(world->err.request_id, "id-1");
    assert_string_equal(world->err.region, "eu-west-1");
    assert_string_equal(world->err.account, "111111111111");
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
    assert_string_equal(world->err.request_id, "id-in-body");
    assert_string_equal(world->err.text, "InvalidParameterValue");
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
        const struct reply input = { STR("x") };
        struct reply reply;
        fake_transport_script(&world->transport, &forms[i], 1);
        bool done = aws_client_call(&world->call, &json, &input, &reply, &world->err);
        assert_failed(world, done, ERR_NOT_FOUND, "NotFoundException");
        assert_string_equal(world->err.text, "m");
    }
}

static void a_page_of_a_proxy_is_shown_by_its_status_and_first_bytes(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 404, .text = "<!DOCTYPE html><title>\x1b[1mNot found</title>" });
    assert_failed(world, look(world, &reply), ERR_IO, "");
    assert_non_null(strstr(world->err.text, "404"));
    assert_non_null(strstr(world->err.text, "<title>\xef\xbf\xbd[1mNot found"));
}

static void a_quoted_session_token_is_not_repeated(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 403,
                               .text = QUERY_ERROR("SignatureDoesNotMatch", "x-amz-security-token:" AWS_WORLD_TOKEN
                                                                            " and " AWS_WORLD_TOKEN "!") });
    assert_failed(world, change(world), ERR_DENIED, "SignatureDoesNotMatch");
    assert_null(strstr(world->err.text, AWS_WORLD_TOKEN));
    assert_non_null(strstr(world->err.text, "*** and ***!"));
}

/* Attempts. */

static void throttling_with_status_400_is_tried_again(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "Rate exceeded"), .repeats = 2 },
                      { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_int_equal(world->transport.request_count, 4);
    assert_str_equal(fake_transport_header(&world->transport, 3, "amz-sdk-request"), "attempt=4; max=25");
    assert_str_equal(fake_transport_header(&world->transport, 0, "amz-sdk-invocation-id"),
                     fake_transport_header(&world->transport, 3, "amz-sdk-invocation-id").ptr);
}

static void failures_of_the_service_and_of_the_way_are_tried_again(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 503, .text = QUERY_ERROR("ServiceUnavailable", "later") },
                      { .status = 500, .text = "<html>oops</html>" }, { .status = 502 }, { .kind = ERR_IO },
                      { .status = 200, .text = "<LookResp" }, { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_int_equal(world->transport.request_count, 6);
}

static void attempts_end_after_the_maximum(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "slow"), .repeats = REPEATS_FOR_EVER });
    assert_failed(world, look(world, &reply), ERR_THROTTLED, "Throttling");
    assert_int_equal(world->transport.request_count, 25);
    world->options.max_attempts = 1;
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 503, .repeats = REPEATS_FOR_EVER });
    assert_failed(world, look(world, &reply), ERR_IO, "");
    assert_int_equal(world->transport.request_count, 1);
}

static void failures_that_look_permanent_end_early(void **state)
{
    struct aws_world *world = *state;
    static const struct fake_answer permanent[] = {
        { .code = HTTP_NO_SUCH_HOST, .repeats = REPEATS_FOR_EVER },
        { .code = HTTP_CONNECTION_REFUSED, .repeats = REPEATS_FOR_EVER },
        { .status = 200, .text = "<html/>", .repeats = REPEATS_FOR_EVER },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(permanent); i++) {
        struct reply reply;
        fake_transport_script(&world->transport, &permanent[i], 1);
        assert_failed(world, look(world, &reply), ERR_IO, permanent[i].code ? permanent[i].code : "");
        assert_int_equal(world->transport.request_count, RETRY_ATTEMPTS_IF_HOPELESS);
    }
}

static void final_errors_are_not_tried_again(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("InvalidParameterValue", "no") });
    assert_failed(world, change(world), ERR_INVALID, "InvalidParameterValue");
    aws_world_answers(world, { .status = 403, .text = QUERY_ERROR("AccessDenied", "no") });
    assert_failed(world, change(world), ERR_DENIED, "AccessDenied");
}

static void pauses_grow_with_jitter_and_obey_the_hint(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 503, .headers = "x-amz-retry-after: 3000" }, { .status = 503, .repeats = 10 },
                      { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    const int64_t *at = world->transport.sent_at_ms;
    assert_in_range(at[1] - at[0], 3000, 3000);
    for (int i = 1; i < 12; i++)
        assert_in_range(at[i + 1] - at[i], 0, i < 9 ? 50 << i : 20000);
    assert_true(at[12] - at[1] > 1000); /* eleven pauses of 0: one in 10^30 */
}

static void the_deadline_ends_the_attempts_and_keeps_the_code(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->call.deadline_ms = world->clock.monotonic_ms + 10 * SECOND_MS;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "slow"), .repeats = REPEATS_FOR_EVER });
    assert_failed(world, look(world, &reply), ERR_TIMEOUT, "Throttling");
    assert_true(world->clock.monotonic_ms <= world->call.deadline_ms);
    assert_non_null(strstr(world->err.text, "slow"));
}

static void an_attempt_cut_by_the_deadline_tells_what_the_one_before_was_told(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->call.deadline_ms = world->clock.monotonic_ms + 30 * SECOND_MS;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "slow") },
                      { .kind = ERR_TIMEOUT, .takes_ms = 20 * SECOND_MS });
    assert_failed(world, look(world, &reply), ERR_TIMEOUT, "Throttling");
    assert_non_null(strstr(world->err.text, "to attempt 2"));
    assert_non_null(strstr(world->err.text, "slow"));
}

static void a_call_after_its_deadline_or_a_stop_is_not_sent(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 200, .text = change_done });
    world->call.deadline_ms = world->clock.monotonic_ms;
    assert_failed(world, change(world), ERR_TIMEOUT, "");
    world->call.deadline_ms = CLOCK_NEVER;
    waiter_cancel(world->waiter);
    assert_failed(world, change(world), ERR_CANCELLED, "");
    assert_false(world->err.unanswered);
    assert_int_equal(world->transport.request_count, 0);
}

/* Requests that change something. */

static void a_lost_answer_is_repeated_and_the_next_answer_decides(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .unanswered = true },
                      { .status = 400, .text = QUERY_ERROR("DBClusterSnapshotAlreadyExistsFault", "exists") });
    assert_failed(world, change(world), ERR_CONFLICT, "DBClusterSnapshotAlreadyExistsFault");
    assert_false(world->err.unanswered);
    assert_int_equal(world->transport.request_count, 2);
    aws_world_answers(world, { .unanswered = true }, { .status = 200, .text = change_done });
    assert_true(change(world));
    assert_true(world->transport.requests[0].mutates);
}

static void an_answer_that_postpones_leaves_the_doubt(void **state)
{
    struct aws_world *world = *state;
    world->options.max_attempts = 3;
    aws_world_renew_client(world);
    aws_world_answers(world, { .unanswered = true }, { .status = 400, .text = QUERY_ERROR("Throttling", "slow") },
                      { .code = HTTP_CONNECTION_REFUSED });
    assert_failed(world, change(world), ERR_IO, HTTP_CONNECTION_REFUSED);
    assert_true(world->err.unanswered);
}

static void a_refused_connection_alone_leaves_no_doubt(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .code = HTTP_CONNECTION_REFUSED, .repeats = REPEATS_FOR_EVER });
    assert_failed(world, change(world), ERR_IO, HTTP_CONNECTION_REFUSED);
    assert_false(world->err.unanswered);
}

static void an_unreadable_answer_leaves_doubt(void **state)
{
    struct aws_world *world = *state;
    static const struct fake_answer unreadable[] = {
        { .status = 504, .text = "<html>timeout</html>", .repeats = REPEATS_FOR_EVER },
        { .status = 200, .text = "\x01\x02garbage",      .repeats = REPEATS_FOR_EVER },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(unreadable); i++) {
        fake_transport_script(&world->transport, &unreadable[i], 1);
        assert_failed(world, change(world), ERR_IO, "");
        assert_true(world->err.unanswered);
    }
}

static void after_a_stop_there_is_no_further_attempt(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .unanswered = true, .cancels = world->waiter });
    assert_failed(world, change(world), ERR_CANCELLED, "");
    assert_true(world->err.unanswered);
    assert_int_equal(world->transport.request_count, 1);
}

static void an_answer_that_comes_after_a_stop_counts(void **state)
{
    struct aws_world *world = *state;
    aws_world_answers(world, { .status = 200, .text = change_done, .cancels = world->waiter, .takes_ms = 3000 });
    assert_true(change(world));
}

/* Credentials and clocks. */

static void expired_credentials_are_replaced_once_without_counting(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.max_attempts = 1;
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 403, .text = QUERY_ERROR("ExpiredToken", "expired") },
                      { .status = 200, .text = look_done });
    assert_true(look(world, &reply));
    assert_int_equal(world->fetches, 2);
    assert_str_equal(fake_transport_header(&world->transport, 1, "amz-sdk-request"), "attempt=1; max=1");
    assert_true(str_find(fake_transport_header(&world->transport, 1, "authorization"), STR("Credential=AKID2/")) > 0);

    aws_world_answers(world, { .status = 403, .text = QUERY_ERROR("ExpiredToken", "expired"), .repeats = 5 });
    assert_failed(world, look(world, &reply), ERR_DENIED, "ExpiredToken");
    assert_int_equal(world->transport.request_count, 2);
}

static bool fetch_nothing(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                          struct err *err)
{
    (void)self;
    (void)call;
    (void)out;
    *err =
        (struct err){ .kind = ERR_DENIED, .code = "AccessDenied", .operation = "AssumeRole", .request_id = "of-sts" };
    return false;
}

static void an_error_of_the_call_that_brings_credentials_keeps_its_name(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    struct aws_credentials_cache *nothing = aws_credentials_cache_new(
        (struct aws_credentials_source){ .name = "nothing", .fetch = fetch_nothing }, &world->clock.clock);
    world->options.credentials = nothing;
    aws_world_renew_client(world);
    bool done = look(world, &reply);
    aws_credentials_cache_free(nothing);
    assert_failed(world, done, ERR_DENIED, "AccessDenied");
    assert_string_equal(world->err.operation, "AssumeRole");
    assert_string_equal(world->err.request_id, "of-sts");
    assert_int_equal(world->transport.request_count, 0);
}

static void a_wrong_clock_is_corrected_and_the_call_repeated(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world,
                      { .status = 403,
                        .headers = "Date: Thu, 01 Jan 2026 01:00:00 GMT",
                        .text = QUERY_ERROR("SignatureDoesNotMatch", "Signature expired") },
                      { .status = 200, .headers = "Date: Thu, 01 Jan 2026 01:00:00 GMT", .text = look_done });
    assert_true(look(world, &reply));
    struct str second = fake_transport_header(&world->transport, 1, "x-amz-date");
    assert_true(str_starts_with(second, STR("20260101T0100")));
}

static void a_small_skew_does_not_repeat_a_refused_signature(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 403,
                               .headers = "Date: Thu, 01 Jan 2026 00:03:59 GMT",
                               .text = QUERY_ERROR("SignatureDoesNotMatch", "wrong key") });
    assert_failed(world, look(world, &reply), ERR_DENIED, "SignatureDoesNotMatch");
    assert_null(strstr(world->err.text, "clock"));
}

static void a_stale_correction_heals_and_does_not_loop(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 200, .headers = "Date: Thu, 01 Jan 2026 02:00:00 GMT", .text = look_done },
                      { .status = 403,
                        .headers = "Date: Thu, 01 Jan 2026 00:00:00 GMT",
                        .text = QUERY_ERROR("AccessDenied", "no"),
                        .repeats = REPEATS_FOR_EVER });
    assert_true(look(world, &reply));
    assert_failed(world, look(world, &reply), ERR_DENIED, "AccessDenied");
    assert_int_equal(world->transport.request_count, 3);
    assert_str_equal(fake_transport_header(&world->transport, 1, "x-amz-date"), "20260101T020000Z");
    assert_true(str_starts_with(fake_transport_header(&world->transport, 2, "x-amz-date"), STR("20260101T0000")));
}

static void without_correction_the_message_names_the_skew(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.no_skew_correction = true;
    aws_world_renew_client(world);
    aws_world_answers(world, { .status = 403,
                               .headers = "Date: Wed, 31 Dec 2025 23:00:00 GMT",
                               .text = QUERY_ERROR("RequestTimeTooSkewed", "skewed") });
    assert_failed(world, look(world, &reply), ERR_DENIED, "RequestTimeTooSkewed");
    assert_non_null(strstr(world->err.text, "this machine's clock is 3600 s ahead of AWS's"));
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

#define CALL_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL_TEST(a_call_is_one_signed_post),
        CALL_TEST(json_services_name_the_operation_in_a_header),
        CALL_TEST(an_unsigned_call_asks_for_no_credentials),
        CALL_TEST(a_custom_endpoint_keeps_its_path_and_the_region_of_the_signature),
        CALL_TEST(a_custom_endpoint_excludes_fips_and_must_be_a_url),
        CALL_TEST(a_call_without_a_region_is_not_sent),
        CALL_TEST(an_error_carries_what_aws_said_and_where),
        CALL_TEST(who_wants_it_is_told_the_id_of_a_call_that_succeeded),
        CALL_TEST(the_request_id_may_stand_in_the_body),
        CALL_TEST(json_errors_come_in_several_forms),
        CALL_TEST(a_page_of_a_proxy_is_shown_by_its_status_and_first_bytes),
        CALL_TEST(a_quoted_session_token_is_not_repeated),
        CALL_TEST(throttling_with_status_400_is_tried_again),
        CALL_TEST(failures_of_the_service_and_of_the_way_are_tried_again),
        CALL_TEST(attempts_end_after_the_maximum),
        CALL_TEST(failures_that_look_permanent_end_early),
        CALL_TEST(final_errors_are_not_tried_again),
        CALL_TEST(pauses_grow_with_jitter_and_obey_the_hint),
        CALL_TEST(the_deadline_ends_the_attempts_and_keeps_the_code),
        CALL_TEST(an_attempt_cut_by_the_deadline_tells_what_the_one_before_was_told),
        CALL_TEST(a_call_after_its_deadline_or_a_stop_is_not_sent),
        CALL_TEST(a_lost_answer_is_repeated_and_the_next_answer_decides),
        CALL_TEST(an_answer_that_postpones_leaves_the_doubt),
        CALL_TEST(a_refused_connection_alone_leaves_no_doubt),
        CALL_TEST(an_unreadable_answer_leaves_doubt),
        CALL_TEST(after_a_stop_there_is_no_further_attempt),
        CALL_TEST(an_answer_that_comes_after_a_stop_counts),
        CALL_TEST(expired_credentials_are_replaced_once_without_counting),
        CALL_TEST(an_error_of_the_call_that_brings_credentials_keeps_its_name),
        CALL_TEST(a_wrong_clock_is_corrected_and_the_call_repeated),
        CALL_TEST(a_small_skew_does_not_repeat_a_refused_signature),
        CALL_TEST(a_stale_correction_heals_and_does_not_loop),
        CALL_TEST(without_correction_the_message_names_the_skew),
        CALL_TEST(each_attempt_is_logged_and_nothing_secret_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
