/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/skew.h"

#include "tests/support/harness.h"
#include "tests/support/noise.h"

static const int64_t start_ms = 1767225600000; /* Thu, 01 Jan 2026 00:00:00 GMT */

static struct http_response reply(const struct http_header *headers, size_t count, int64_t received_ms)
{
    return (struct http_response){
        .status = 200, .headers = headers, .header_count = count, .received_wall_ms = received_ms
    };
}

static void the_date_of_http_is_read(void **state)
{
    int64_t wall_ms = 0;
    (void)state;
    assert_true(skew_parse_date(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &wall_ms)); /* RFC 9110's example */
    assert_true(wall_ms == 784111777000);
    assert_true(skew_parse_date(STR(" Thu, 01 Jan 2026 00:00:00 GMT\r\n"), &wall_ms));
    assert_true(wall_ms == start_ms);
}

static void other_dates_are_not(void **state)
{
    static const char *const refused[] = {
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 ovD 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "2026-01-01T00:00:00Z",
    };
    int64_t wall_ms = 7;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_false(skew_parse_date(str_from(refused[i]), &wall_ms));
    assert_true(wall_ms == 7);
}

static void the_skew_is_server_minus_local_at_the_time_of_receipt(void **state)
{
    const struct http_header headers[] = {
        { STR("Date"), STR("Thu, 01 Jan 2026 00:10:00 GMT") }
    };
    int64_t skew_ms = 0;
    (void)state;
    struct http_response fast = reply(headers, 1, start_ms + 1000);
    assert_true(skew_measure(&fast, start_ms, &skew_ms));
    assert_true(skew_ms == 10 * MINUTE_MS - 1000);
}

static void a_reply_that_tells_nothing_is_not_measured(void **state)
{
    const struct http_header aged[] = {
        { STR("Date"), STR("Thu, 01 Jan 2026 00:10:00 GMT") },
        { STR("Age"),  STR("0")                             }
    };
    const struct http_header bad[] = {
        { STR("Date"), STR("yesterday") }
    };
    int64_t skew_ms = 7;
    (void)state;
    struct http_response replies[] = {
        reply(aged, 2, start_ms),     reply(bad, 1, start_ms),
        reply(NULL, 0, start_ms),     reply(aged, 1, start_ms + 16 * MINUTE_MS), /* too slow */
        reply(aged, 1, start_ms - 1),                                            /* the clock was set back meanwhile */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(replies); i++)
        assert_false(skew_measure(&replies[i], start_ms, &skew_ms));
    assert_true(skew_ms == 7);
}

static void assert_no_date(void *self, struct str bytes)
{
    int64_t wall_ms;
    (void)self;
    assert_false(skew_parse_date(bytes, &wall_ms));
}

static void noise_is_no_date(void **state)
{
    static const char *const alphabets[] = { "", "Sun, 06 Nov 1994:GMT-" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_no_date, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_date_of_http_is_read),
        cmocka_unit_test(other_dates_are_not),
        cmocka_unit_test(the_skew_is_server_minus_local_at_the_time_of_receipt),
        cmocka_unit_test(a_reply_that_tells_nothing_is_not_measured),
        cmocka_unit_test(noise_is_no_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
