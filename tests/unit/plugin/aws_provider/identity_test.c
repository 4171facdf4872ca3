/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/aws_provider/identity_fixture.h"

static void nothing_is_called_before_it_is_needed(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_configuration *configuration = start(fixture);
    assert_int_equal(fixture->sts.identities, 0);
    assert_null(configuration->client);
    assert_null(configuration->http);
}

static void the_identity_is_asked_for_once(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    for (int i = 0; i < 3; i++)
        assert_true(identify(fixture, &identity, &err));
    assert_str_equal(identity.account, "444455556666");
    assert_str_equal(identity.partition, "aws-cn");
    assert_str_equal(identity.arn, "arn:aws-cn:sts::444455556666:assumed-role/a/b");
    assert_int_equal(fixture->sts.identities, 1);
    assert_str_equal(fixture->sts.last_key, "AKIA");
    assert_true(str_starts_with(fixture->sts.last_agent, STR("test/1")));
}

struct asker {
    struct identity_fixture *fixture;
    pthread_t thread;
    bool done;
};

static void *ask_in_thread(void *argument)
{
    struct asker *asker = argument;
    struct tf_call call = *asker->fixture->base->call;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    call.arena = arena_new();
    call.waiter = waiter_new(waiter_clock(asker->fixture->base->call->waiter));
    asker->done = aws_configuration_identity(asker->fixture->base->configuration, &call, &identity, &err);
    waiter_free(call.waiter);
    arena_free(call.arena);
    return NULL;
}

static void many_callers_share_one_flight(void **state)
{
    static const struct clock_scale scale = { .factor = 1 };
    struct identity_fixture *fixture = *state;
    const struct clock clock = clock_real(&scale); /* the fake one serves one thread */
    struct waiter *waiter = waiter_new(&clock);
    struct asker askers[16];
    fixture->base->call->waiter = waiter;
    start(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(askers); i++) {
        askers[i] = (struct asker){ .fixture = fixture };
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_in_thread, &askers[i]), 0);
    }
    bool all_done = true;
    for (size_t i = 0; i < ARRAY_LENGTH(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        all_done = all_done && askers[i].done;
    }
    waiter_free(waiter);
    assert_true(all_done);
    assert_int_equal(fixture->sts.identities, 1);
}

static void an_sts_that_hangs_is_given_up_after_minutes(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    fixture->sts.hangs = true;
    const int64_t began_ms = waiter_now_ms(fixture->base->call->waiter);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err_text(&err), "given up after 300 s"));
    assert_int_equal(waiter_now_ms(fixture->base->call->waiter) - began_ms, 5 * MINUTE_MS);
}

static void a_failure_is_not_remembered(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    fixture->sts.refusal = "InvalidClientTokenId";
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    fixture->sts.refusal = NULL;
    assert_true(identify(fixture, &identity, &err));
}

static void an_account_that_is_not_allowed_is_refused_before_any_other_call(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "111122223333", "222233334444");
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_text(&err), "444455556666"));
    assert_non_null(strstr(err_text(&err), "111122223333, 222233334444"));
    assert_non_null(strstr(err_remedy(&err), "allowed_account_ids"));
    assert_int_equal(fixture->sts.others, 0);
}

static void an_allowed_account_passes(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_true(get_call(fixture, "", &call, &err));
    assert_str_equal(call.account, "444455556666");
    assert_str_equal(call.region, "cn-north-1");
}

static void a_forbidden_account_is_refused(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_text(&err), "forbidden_account_ids"));
}

static void a_call_goes_to_the_region_it_names(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.region = (struct tf_string){ 0 };
    start(fixture);
    assert_true(get_call(fixture, "eu-west-1", &call, &err));
    assert_str_equal(call.region, "eu-west-1");
}

static void without_a_region_there_is_no_call(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.region = (struct tf_string){ 0 };
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_remedy(&err), "AWS_REGION"));
    assert_int_equal(fixture->sts.identities, 0);
}

static void skipping_the_account_id_asks_nobody(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_str_equal(identity.account, "");
    assert_true(get_call(fixture, "", &call, &err));
    assert_non_null(call.client);
    assert_int_equal(fixture->sts.identities, 0);
}

static void an_unknown_configuration_calls_nobody(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.secret_key = unknown_text();
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "secret_key"));
    assert_int_equal(fixture->sts.identities, 0);
}

static void a_guard_asks_for_the_account_that_is_to_be_skipped(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(fixture->sts.identities, 1);
}

static void a_guard_without_members_guards_nothing(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "", NULL);
    fixture->base->block.allowed_account_ids.items[0] = (struct tf_string){ 0 };
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "", NULL);
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.identities, 0);
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(nothing_is_called_before_it_is_needed),
        IDENTITY_TEST(the_identity_is_asked_for_once),
        IDENTITY_TEST(many_callers_share_one_flight),
        IDENTITY_TEST(an_sts_that_hangs_is_given_up_after_minutes),
        IDENTITY_TEST(a_failure_is_not_remembered),
        IDENTITY_TEST(an_account_that_is_not_allowed_is_refused_before_any_other_call),
        IDENTITY_TEST(an_allowed_account_passes),
        IDENTITY_TEST(a_forbidden_account_is_refused),
        IDENTITY_TEST(a_call_goes_to_the_region_it_names),
        IDENTITY_TEST(without_a_region_there_is_no_call),
        IDENTITY_TEST(skipping_the_account_id_asks_nobody),
        IDENTITY_TEST(an_unknown_configuration_calls_nobody),
        IDENTITY_TEST(a_guard_asks_for_the_account_that_is_to_be_skipped),
        IDENTITY_TEST(a_guard_without_members_guards_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
