/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/wait.h"

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

/* What each look finds, the last for ever: a status, "404" or "403". */
struct script {
    const char *const *looks;
    int64_t looked;
};

static struct script script;

static bool look(const struct aws_call *call, struct str id, struct str *out_status, struct err *err)
{
    (void)call;
    const char *found = script.looks[0];
    if (script.looks[1])
        script.looks++;
    script.looked++;
    if (str_equal(str_from(found), STR("404")))
        return err_set(err, ERR_NOT_FOUND, "no %.*s", STR_ARG(id));
    if (str_equal(str_from(found), STR("403")))
        return err_set(err, ERR_DENIED, "not allowed");
    *out_status = str_from(found);
    return true;
}

struct fixture {
    struct fake_clock clock;
    struct aws_call call;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fake_clock_init(&fixture->clock, 0);
    fixture->call = (struct aws_call){ .waiter = waiter_new(&fixture->clock.clock),
                                       .deadline_ms = clock_after_ms(&fixture->clock.clock, HOUR_MS) };
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    waiter_free(fixture->call.waiter);
    mem_free(fixture);
    return 0;
}

static bool wait_with(struct fixture *fixture, const char *const *looks, bool gone, struct err *err)
{
    script = (struct script){ .looks = looks };
    return gone ? standin_wait_gone(&fixture->call, look, STR("it"), err)
                : standin_wait_available(&fixture->call, look, STR("it"), err);
}

static void a_new_object_may_be_invisible_at_first(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(wait_with(fixture, (const char *const[]){ "404", "creating", "available", NULL }, false, &err));
    assert_int_equal(script.looked, 3);
}

static void an_object_that_never_appears_is_an_error(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wait_with(*state, (const char *const[]){ "404", NULL }, false, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(script.looked, 20);
}

static void a_failed_object_ends_the_wait(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wait_with(*state, (const char *const[]){ "creating", "failed", NULL }, false, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
}

static void a_refusal_ends_the_wait(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wait_with(*state, (const char *const[]){ "403", NULL }, true, &err));
    assert_int_equal(err.kind, ERR_DENIED);
}

static void the_wait_ends_at_the_deadline(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(wait_with(*state, (const char *const[]){ "creating", NULL }, false, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_int_equal(script.looked, HOUR_MS / (5 * SECOND_MS) + 1);
}

static void a_stop_ends_the_wait(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    waiter_cancel(fixture->call.waiter);
    assert_false(wait_with(fixture, (const char *const[]){ "creating", NULL }, false, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
}

static void gone_is_gone(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(wait_with(*state, (const char *const[]){ "deleting", "404", NULL }, true, &err));
    assert_true(wait_with(*state, (const char *const[]){ "available", "404", NULL }, true, &err));
}

#define WAIT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WAIT_TEST(a_new_object_may_be_invisible_at_first),
        WAIT_TEST(an_object_that_never_appears_is_an_error),
        WAIT_TEST(a_failed_object_ends_the_wait),
        WAIT_TEST(a_refusal_ends_the_wait),
        WAIT_TEST(the_wait_ends_at_the_deadline),
        WAIT_TEST(a_stop_ends_the_wait),
        WAIT_TEST(gone_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
