/* SPDX-License-Identifier: MPL-2.0
 *
 * Which answers are followed by another attempt, when, with which credentials and
 * time, and what is in doubt at the end.
 */
#include "aws/call/retry.h"
#include "tests/support/bounded.h"
#include "tests/support/noise.h"
#include "tests/unit/aws/call/client_fixture.h"

static const char change_done[] = "<ChangeResponse/>";

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

/* An attempt's memory is given back before the next one. */
static bool many_large_answers_come_to_nothing(void *self)
{
    struct aws_world *world = self;
    struct reply reply;
    return !look(world, &reply) && world->transport.request_count > 1;
}

static void many_large_answers_take_no_more_memory_than_one(void **state)
{
    enum { MIB = 1024 * 1024 };
    struct aws_world *world = *state;
    const struct str text = noise(world->arena, 1, 6 * MIB, STR("a"));
    const struct str cut = str_format(world->arena, "<LookResponse><Result><Name>%.*s</Name></Result>", STR_ARG(text));
    const struct str strange = str_format(
        world->arena, "<LookResponse><Result><Name>%.*s</Name><Size>x</Size></Result></LookResponse>", STR_ARG(text));
    const struct fake_answer answers[] = {
        { .status = 503, .body = text,    .repeats = REPEATS_FOR_EVER },
        { .status = 200, .body = cut,     .repeats = REPEATS_FOR_EVER },
        { .status = 200, .body = strange, .repeats = REPEATS_FOR_EVER },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        fake_transport_script(&world->transport, &answers[i], 1);
        bounded_run(64 * MIB, many_large_answers_come_to_nothing, world);
    }
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

static void a_host_that_does_not_exist_may_be_a_variant_that_aws_lacks_there(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.max_attempts = 1;
    world->options.use_fips = true;
    aws_world_renew_client(world);
    aws_world_answers(world, { .code = HTTP_NO_SUCH_HOST });
    assert_failed(world, look(world, &reply), ERR_IO, HTTP_NO_SUCH_HOST);
    assert_non_null(strstr(err_remedy(&world->err), "FIPS endpoints"));
    assert_non_null(strstr(err_remedy(&world->err), "use_fips_endpoint"));

    world->options.endpoints[AWS_RDS] = STR("http://rds.inner");
    aws_world_renew_client(world);
    aws_world_answers(world, { .code = HTTP_NO_SUCH_HOST });
    assert_failed(world, look(world, &reply), ERR_IO, HTTP_NO_SUCH_HOST);
    assert_null(strstr(err_remedy(&world->err), "FIPS"));
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
    assert_between(at[1] - at[0], 3000, 3000);
    for (int i = 1; i < 12; i++)
        assert_between(at[i + 1] - at[i], 0, i < 9 ? 50 << i : 20000);
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
    assert_non_null(strstr(err_text(&world->err), "slow"));
}

static void an_attempt_cut_by_the_deadline_tells_what_the_one_before_was_told(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->call.deadline_ms = world->clock.monotonic_ms + 30 * SECOND_MS;
    aws_world_answers(world, { .status = 400, .text = QUERY_ERROR("Throttling", "slow") },
                      { .kind = ERR_TIMEOUT, .takes_ms = 20 * SECOND_MS });
    assert_failed(world, look(world, &reply), ERR_TIMEOUT, "Throttling");
    assert_non_null(strstr(err_text(&world->err), "to attempt 2"));
    assert_non_null(strstr(err_text(&world->err), "slow"));
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
    err_set(err, ERR_DENIED, "refused");
    err_set_part(err, ERR_CODE, "AccessDenied");
    err_set_part(err, ERR_OPERATION, "AssumeRole");
    err_set_part(err, ERR_REQUEST_ID, "of-sts");
    return false;
}

static void an_error_of_the_call_that_brings_credentials_keeps_its_name(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    struct aws_credentials_cache *nothing =
        aws_credentials_cache_new((struct aws_credentials_source){ .fetch = fetch_nothing }, &world->clock.clock);
    world->options.credentials = nothing;
    aws_world_renew_client(world);
    bool done = look(world, &reply);
    aws_credentials_cache_free(nothing);
    assert_failed(world, done, ERR_DENIED, "AccessDenied");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "AssumeRole");
    assert_string_equal(err_part(&world->err, ERR_REQUEST_ID), "of-sts");
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

/* As on a laptop that slept: even one attempt only is no reason to be refused. */
static void a_correction_does_not_count_as_an_attempt(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    world->options.max_attempts = 1;
    aws_world_renew_client(world);
    const struct fake_answer refused = { .status = 403,
                                         .headers = "Date: Thu, 01 Jan 2026 01:00:00 GMT",
                                         .text = QUERY_ERROR("RequestTimeTooSkewed", "skewed") };
    aws_world_answers(world, refused,
                      { .status = 200, .headers = "Date: Thu, 01 Jan 2026 01:00:00 GMT", .text = look_done });
    assert_true(look(world, &reply));
    aws_world_renew_client(world);
    aws_world_answers(world, refused,
                      { .status = 403,
                        .headers = "Date: Thu, 01 Jan 2026 02:00:00 GMT",
                        .text = QUERY_ERROR("RequestTimeTooSkewed", "skewed"),
                        .repeats = REPEATS_FOR_EVER });
    assert_failed(world, look(world, &reply), ERR_DENIED, "RequestTimeTooSkewed");
    assert_int_equal(world->transport.request_count, 2);
}

static void a_small_skew_does_not_repeat_a_refused_signature(void **state)
{
    struct aws_world *world = *state;
    struct reply reply;
    aws_world_answers(world, { .status = 403,
                               .headers = "Date: Thu, 01 Jan 2026 00:03:59 GMT",
                               .text = QUERY_ERROR("SignatureDoesNotMatch", "wrong key") });
    assert_failed(world, look(world, &reply), ERR_DENIED, "SignatureDoesNotMatch");
    assert_null(strstr(err_text(&world->err), "clock"));
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
    assert_non_null(strstr(err_text(&world->err), "this machine's clock is 3600 s ahead of AWS's"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL_TEST(throttling_with_status_400_is_tried_again),
        CALL_TEST(failures_of_the_service_and_of_the_way_are_tried_again),
        CALL_TEST(many_large_answers_take_no_more_memory_than_one),
        CALL_TEST(attempts_end_after_the_maximum),
        CALL_TEST(failures_that_look_permanent_end_early),
        CALL_TEST(a_host_that_does_not_exist_may_be_a_variant_that_aws_lacks_there),
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
        CALL_TEST(a_correction_does_not_count_as_an_attempt),
        CALL_TEST(a_small_skew_does_not_repeat_a_refused_signature),
        CALL_TEST(a_stale_correction_heals_and_does_not_loop),
        CALL_TEST(without_correction_the_message_names_the_skew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
