/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/error.h"

#include <string.h>

#include "tests/support/harness.h"

static void assert_class(const char *code, int status, enum err_kind kind, enum aws_retry retry)
{
    struct aws_error_class class = aws_error_classify(str_from(code), status);
    if (class.kind != kind || class.retry != retry)
        fail_msg("%s, status %d: %s, retry %d", code, status, err_kind_name(class.kind), (int)class.retry);
}

static void a_trailing_fault_makes_no_difference(void **state)
{
    (void)state;
    assert_class("DBClusterSnapshotNotFoundFault", 404, ERR_NOT_FOUND, AWS_RETRY_NEVER);
    assert_class("DBSnapshotNotFound", 404, ERR_NOT_FOUND, AWS_RETRY_NEVER);
    assert_class("DBClusterSnapshotAlreadyExistsFault", 400, ERR_CONFLICT, AWS_RETRY_NEVER);
    assert_class("DBSnapshotAlreadyExists", 400, ERR_CONFLICT, AWS_RETRY_NEVER);
    assert_class("InvalidDBClusterSnapshotStateFault", 400, ERR_CONFLICT, AWS_RETRY_NEVER);
    assert_class("KMSKeyNotAccessibleFault", 400, ERR_DENIED, AWS_RETRY_NEVER);
}

static void the_code_decides_and_not_the_status(void **state)
{
    (void)state;
    assert_class("Throttling", 400, ERR_THROTTLED, AWS_RETRY_THROTTLED); /* as RDS does */
    assert_class("ThrottlingException", 400, ERR_THROTTLED, AWS_RETRY_THROTTLED);
    assert_class("InternalFailure", 400, ERR_IO, AWS_RETRY_TRANSIENT);
    assert_class("InvalidParameterValue", 400, ERR_INVALID, AWS_RETRY_NEVER);
    assert_class("AccessDenied", 500, ERR_DENIED, AWS_RETRY_CLOCK);
    assert_class("ExpiredToken", 403, ERR_DENIED, AWS_RETRY_CREDENTIALS);
    assert_class("NotFoundException", 400, ERR_NOT_FOUND, AWS_RETRY_NEVER);
    assert_class("SnapshotQuotaExceeded", 400, ERR_CONFLICT, AWS_RETRY_NEVER);
}

static void an_unknown_code_is_judged_by_its_status(void **state)
{
    (void)state;
    assert_class("Brandnew", 503, ERR_IO, AWS_RETRY_TRANSIENT);
    assert_class("Brandnew", 429, ERR_THROTTLED, AWS_RETRY_THROTTLED);
    assert_class("Brandnew", 403, ERR_DENIED, AWS_RETRY_NEVER);
    assert_class("Brandnew", 400, ERR_INVALID, AWS_RETRY_NEVER);
}

static void a_bare_status_never_says_not_found(void **state)
{
    (void)state;
    assert_class("", 404, ERR_IO, AWS_RETRY_NEVER); /* of a proxy: nothing is gone */
    assert_class("", 502, ERR_IO, AWS_RETRY_TRANSIENT);
    assert_class("", 200, ERR_IO, AWS_RETRY_NEVER);
}

static void the_middle_of_a_json_code_is_the_code(void **state)
{
    (void)state;
    assert_str_equal(aws_error_code(STR("com.amazonaws.kms#NotFoundException:http://internal.amazon.com/x#y")),
                     "NotFoundException");
    assert_str_equal(aws_error_code(STR("NotFoundException")), "NotFoundException");
    assert_str_equal(aws_error_code(STR("#")), "");
    assert_str_equal(aws_error_code(STR(":")), "");
    assert_str_equal(aws_error_code(STR("")), "");
}

static void codes_are_cut_and_kept_printable(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    char long_code[500];
    (void)state;
    aws_error_put(&err, ERR_CODE, STR("ab"));
    assert_string_equal(err_code(&err), "ab");
    aws_error_put(&err, ERR_CODE,
                  STR("a\n\xff"
                      "defgh"));
    assert_string_equal(err_code(&err), "a??defgh");
    memset(long_code, 'x', sizeof(long_code));
    aws_error_put(&err, ERR_CODE, (struct str){ long_code, sizeof(long_code) });
    assert_int_equal(strlen(err_code(&err)), err_part_limit(ERR_CODE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trailing_fault_makes_no_difference),
        cmocka_unit_test(the_code_decides_and_not_the_status),
        cmocka_unit_test(an_unknown_code_is_judged_by_its_status),
        cmocka_unit_test(a_bare_status_never_says_not_found),
        cmocka_unit_test(the_middle_of_a_json_code_is_the_code),
        cmocka_unit_test(codes_are_cut_and_kept_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
