/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

enum { TOO_LARGE_BYTES = 65 * 1024 };

static const struct sts_assume_role_options role = {
    .role_arn = { "arn:aws:iam::1:role/r", 21 },
    .session_name = { "pod",                   3  },
};

static bool fetch(struct credentials_world *world, const struct aws_web_identity_options *options,
                  struct aws_credentials *out, struct err *err)
{
    struct aws_credentials_source source = aws_credentials_web_identity(options);
    bool is_done = source.fetch(source.self, &world->call, out, err);
    if (is_done)
        out->source = str_c(world->arena, str_from(out->source));
    aws_credentials_source_clear(&source);
    return is_done;
}

static void the_token_file_is_read_anew_at_each_fetch(void **state)
{
    struct credentials_world *world = *state;
    struct fake_file table[] = {
        { "/token", STR(" first\n"), ERR_NONE },
        { 0 }
    };
    const struct file_reader reader = fake_files_reader(table);
    world->doors.reader = &reader;
    const struct aws_web_identity_options options = { &world->doors, STR("/token"), "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                      { 0 },         &role,         NULL };
    struct aws_credentials_source source = aws_credentials_web_identity(&options);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    assert_str_equal(world->sts.asked.web_identity_token, "first");
    table[0].text = STR("second");
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    assert_str_equal(world->sts.asked.web_identity_token, "second");
    assert_str_equal(world->sts.asked.session_name, "pod");
    assert_false(world->sts.was_signed);
    assert_str_equal(got.access_key_id, "ASIA2");
    assert_true(got.expires_wall_ms == ((int64_t)WORLD_START_S + 3600) * 1000);
    assert_string_equal(got.source, "the role arn:aws:iam::1:role/r");
    assert_true(got.ends_wall_ms == AWS_ENDS_NEVER);
    aws_credentials_source_clear(&source);
}

static void a_given_token_is_used_instead_of_a_file(void **state)
{
    struct credentials_world *world = *state;
    const struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("given"), .role = &role };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(fetch(world, &options, &got, &err));
    assert_str_equal(world->sts.asked.web_identity_token, "given");
    assert_true(got.ends_wall_ms == got.expires_wall_ms);
    assert_non_null(strstr(got.renewal, "web_identity_token_file"));
}

static void a_missing_empty_or_oversized_token_is_an_error_and_sts_is_not_asked(void **state)
{
    struct credentials_world *world = *state;
    char *large = arena_alloc(world->arena, TOO_LARGE_BYTES);
    memset(large, 'a', TOO_LARGE_BYTES);
    struct fake_file table[] = {
        { "/empty", STR(" \n"), ERR_NONE },
        { "/denied", STR(""), ERR_IO },
        { "/large", { large, TOO_LARGE_BYTES }, ERR_NONE },
        { 0 }
    };
    static const char *const paths[] = { "/missing", "/empty", "/denied", "/large" };
    const struct file_reader reader = fake_files_reader(table);
    world->doors.reader = &reader;
    unsigned before = world->sts.calls;
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        const struct aws_web_identity_options options = {
            &world->doors, str_from(paths[i]), "AWS_WEB_IDENTITY_TOKEN_FILE", { 0 }, &role, NULL
        };
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(fetch(world, &options, &got, &err));
        assert_int_not_equal(err.kind, ERR_NOT_FOUND); /* a chain must not go on */
        assert_non_null(strstr(err_text(&err), paths[i]));
        assert_non_null(strstr(err_remedy(&err), "Correct AWS_WEB_IDENTITY_TOKEN_FILE"));
    }
    assert_int_equal(world->sts.calls, before);
}

static void a_role_that_is_no_arn_is_named_by_what_set_it(void **state)
{
    struct credentials_world *world = *state;
    const struct sts_assume_role_options named = { .role_arn = STR("migration\x1b") };
    struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("s3cret"), .role = &named };
    const unsigned before = world->sts.calls;
    for (int i = 0; i < 2; i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        options.role_arn_name = i ? "AWS_ROLE_ARN" : NULL;
        assert_false(fetch(world, &options, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err_text(&err), i ? "AWS_ROLE_ARN is \"migration\xef\xbf\xbd\", which is not the ARN"
                                                 : "`role_arn` is \"migration"));
        assert_non_null(strstr(err_remedy(&err), "arn:aws:iam::111122223333:role/NAME"));
    }
    assert_int_equal(world->sts.calls, before);
}

static void a_refusal_names_the_role_and_not_the_token(void **state)
{
    struct credentials_world *world = *state;
    const struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("s3cret"), .role = &role };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    world->sts.failures[0] = ERR_DENIED;
    assert_false(fetch(world, &options, &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_text(&err), "arn:aws:iam::1:role/r"));
    assert_null(strstr(err_text(&err), "s3cret"));
}

static void a_token_that_sts_refuses_is_tried_three_times_and_no_other_refusal_is(void **state)
{
    static const struct {
        const char *code;
        size_t failures;
        unsigned calls;
        bool is_done;
    } rows[] = {
        { "InvalidIdentityToken", 2, 3, true  },
        { "InvalidIdentityToken", 3, 3, false },
        { "IDPRejectedClaim",     1, 1, false },
        { "ExpiredToken",         1, 1, false },
    };
    struct credentials_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("t"), .role = &role };
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        const unsigned before = world->sts.calls;
        world->sts.failure_code = rows[i].code;
        for (size_t failure = 0; failure < rows[i].failures; failure++)
            world->sts.failures[failure] = ERR_DENIED;
        assert_int_equal(fetch(world, &options, &got, &err), rows[i].is_done);
        assert_int_equal(world->sts.calls - before, rows[i].calls);
        assert_string_equal(err_code(&err), rows[i].is_done ? "" : rows[i].code);
    }
}

/* The issuer replaces the token after each refusal. */
struct issuer {
    struct aws_sts_door door;
    struct credentials_world *world;
    struct fake_file *file;
};

static bool refuse_and_replace(void *self, const struct aws_credentials_call *call, const struct aws_credentials *with,
                               const struct sts_assume_role_options *options, struct sts_credentials *out,
                               struct err *err)
{
    const struct issuer *issuer = self;
    const struct aws_sts_door *sts = &issuer->world->sts.door;
    const bool is_done = sts->assume_role(sts->self, call, with, options, out, err);
    issuer->file->text = STR("newer");
    return is_done;
}

static void a_token_that_was_replaced_is_tried_after_a_refusal(void **state)
{
    struct credentials_world *world = *state;
    struct fake_file table[] = {
        { "/t", STR("older"), ERR_NONE },
        { 0 }
    };
    const struct file_reader reader = fake_files_reader(table);
    struct issuer issuer = { .world = world, .file = table };
    struct aws_credentials_doors doors = world->doors;
    const struct aws_web_identity_options options = { .doors = &doors, .token_file = STR("/t"), .role = &role };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    issuer.door = (struct aws_sts_door){ .assume_role = refuse_and_replace, .self = &issuer };
    doors.sts = &issuer.door;
    doors.reader = &reader;
    world->sts.failure_code = "InvalidIdentityToken";
    world->sts.failures[0] = ERR_DENIED;
    assert_true(fetch(world, &options, &got, &err));
    assert_str_equal(world->sts.asked.web_identity_token, "newer");
}

static void a_stop_between_two_attempts_ends_them(void **state)
{
    struct credentials_world *world = *state;
    const struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("t"), .role = &role };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    struct waiter *waiter = world->call.waiter;
    world->call.waiter = waiter_new(&world->clock.clock);
    waiter_cancel(world->call.waiter);
    world->sts.failure_code = "InvalidIdentityToken";
    world->sts.failures[0] = ERR_DENIED;
    bool is_done = fetch(world, &options, &got, &err);
    waiter_free(world->call.waiter);
    world->call.waiter = waiter;
    assert_false(is_done);
    assert_int_equal(err.kind, ERR_CANCELLED);
}

static void a_token_without_a_role_is_refused(void **state)
{
    struct credentials_world *world = *state;
    const struct sts_assume_role_options no_role = { 0 };
    const struct aws_web_identity_options options = { .doors = &world->doors, .token = STR("t"), .role = &no_role };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(fetch(world, &options, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_token_file_is_read_anew_at_each_fetch, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test(a_given_token_is_used_instead_of_a_file),
        cmocka_unit_test(a_missing_empty_or_oversized_token_is_an_error_and_sts_is_not_asked),
        cmocka_unit_test(a_role_that_is_no_arn_is_named_by_what_set_it),
        cmocka_unit_test(a_refusal_names_the_role_and_not_the_token),
        cmocka_unit_test(a_token_that_sts_refuses_is_tried_three_times_and_no_other_refusal_is),
        cmocka_unit_test(a_token_that_was_replaced_is_tried_after_a_refusal),
        cmocka_unit_test(a_stop_between_two_attempts_ends_them),
        cmocka_unit_test(a_token_without_a_role_is_refused),
    };
    return cmocka_run_group_tests(tests, credentials_world_setup, credentials_world_teardown);
}
