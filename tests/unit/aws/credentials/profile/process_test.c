/* SPDX-License-Identifier: MPL-2.0
 *
 * credential_process with real small programs: sh -c in the place of the user's.
 */
#include "aws/credentials/profile/way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"
#include "tests/support/other_user.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define KEYS "\\\"AccessKeyId\\\":\\\"AKIAIOSFODNN7EXAMPLE\\\",\\\"SecretAccessKey\\\":\\\"" SECRET "\\\""
#define PRINTS(members) "sh -c 'echo \"{" members "}\"'"

struct fixture {
    struct credentials_world *world;
    struct clock_scale scale;
    struct clock clock;
    struct waiter *waiter;
    struct aws_credentials got;
    struct err err;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->world = credentials_world_new();
    fixture->scale.factor = 1;
    fixture->clock = clock_real(&fixture->scale);
    fixture->waiter = waiter_new(&fixture->clock);
    fixture->world->call.waiter = fixture->waiter;
    fixture->world->call.deadline_ms = CLOCK_NEVER;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    waiter_free(fixture->waiter);
    err_clear(&fixture->err);
    credentials_world_free(fixture->world);
    mem_free(fixture);
    return 0;
}

/* What a profile with this credential_process comes to, in this environment. */
static bool fetch_in(struct fixture *fixture, const char *const *entries, const char *command)
{
    struct credentials_world *world = fixture->world;
    const struct str text = str_format(world->arena, "[profile p]\ncredential_process = %s\n", command);
    struct fake_file table[] = {
        { "/h/.aws/config", text, ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files;
    assert_true(aws_profile_files_new(&options, &files, &fixture->err));
    world->doors.env = &env;
    world->doors.reader = &reader;
    world->doors.metadata_switch = AWS_METADATA_OFF;
    const struct aws_profile_source_options profile = {
        .doors = &world->doors, .files = files, .profile = STR("p"), .naming = AWS_PROFILE_BY_ARGUMENT
    };
    struct aws_credentials_source source = aws_credentials_profile(&profile);
    const bool is_done = source.fetch(source.self, &world->call, &fixture->got, &fixture->err);
    fixture->got.source = is_done ? str_c(world->arena, str_from(fixture->got.source)) : NULL;
    aws_credentials_source_clear(&source);
    aws_profile_files_free(files);
    return is_done;
}

static bool fetch(struct fixture *fixture, const char *command)
{
    static const char *const entries[] = { "HOME=/h", "PATH=/usr/bin:/bin", NULL };
    return fetch_in(fixture, entries, command);
}

/* ---- What it gives ---------------------------------------------------------- */

static void keys_come_from_the_programs_output(void **state)
{
    struct fixture *fixture = *state;
    assert_true(fetch(fixture, PRINTS("\\\"Version\\\":1," KEYS ",\\\"AccountId\\\":\\\"111122223333\\\"")));
    assert_str_equal(fixture->got.access_key_id, "AKIAIOSFODNN7EXAMPLE");
    assert_str_equal(fixture->got.secret_access_key, SECRET);
    assert_true(str_is_empty(fixture->got.session_token));
    assert_string_equal(fixture->got.kind, "process");
    assert_string_equal(fixture->got.source, "credential_process of the profile \"p\" (/h/.aws/config, line 2)");
    assert_int_equal(fixture->got.expires_wall_ms, 0);
}

/* It is run again when they have expired, by the clock or by AWS's word. */
static void a_session_never_ends_for_good(void **state)
{
    struct fixture *fixture = *state;
    assert_true(fetch(fixture, PRINTS("\\\"Version\\\":1," KEYS ",\\\"SessionToken\\\":\\\"tok\\\"")));
    assert_str_equal(fixture->got.session_token, "tok");
    assert_int_equal(fixture->got.expires_wall_ms, 0);
    assert_int_equal(fixture->got.ends_wall_ms, AWS_ENDS_NEVER);
    assert_true(fetch(fixture, PRINTS("\\\"Version\\\":1," KEYS ",\\\"SessionToken\\\":\\\"tok\\\","
                                      "\\\"Expiration\\\":\\\"2026-01-01T03:00:00+02:00\\\"")));
    assert_int_equal(fixture->got.expires_wall_ms, (WORLD_START_S + 3600LL) * SECOND_MS);
    assert_int_equal(fixture->got.ends_wall_ms, AWS_ENDS_NEVER);
}

static void the_variables_of_the_plugin_are_not_handed_down(void **state)
{
    static const char *const entries[] = { "HOME=/h",
                                           "PATH=/usr/bin:/bin",
                                           "SSH_AUTH_SOCK=/s",
                                           "PLUGIN_CLIENT_CERT=-----",
                                           "TF_PLUGIN_MAGIC_COOKIE=c",
                                           "PLUGIN_ROLE=mine",
                                           "PLUGIN_PROTOCOL_VERSIONS=6",
                                           "TF_VAR_x=1",
                                           NULL };
    struct fixture *fixture = *state;
    assert_false(fetch_in(fixture, entries, "sh -c 'env | grep -v ^PWD= | sort >&2; exit 1'"));
    assert_non_null(strstr(err_text(&fixture->err),
                           "\n\nHOME=/h\nPATH=/usr/bin:/bin\nPLUGIN_ROLE=mine\nSSH_AUTH_SOCK=/s\nTF_VAR_x=1"));
}

static void the_home_folder_may_begin_its_path(void **state)
{
    static const char *const entries[] = { "HOME=/usr", "AWS_CONFIG_FILE=/h/.aws/config", "PATH=/usr/bin:/bin", NULL };
    assert_true(fetch_in(*state, entries, "~/bin/env " PRINTS("\\\"Version\\\":1," KEYS)));
}

static void a_path_with_blanks_is_found_with_quotes_around_it_alone_or_around_all(void **state)
{
    struct fixture *fixture = *state;
    char folder[] = "/tmp/process test XXXXXX";
    assert_non_null(mkdtemp(folder));
    const struct str path = str_format(fixture->world->arena, "%s/my keys", folder);
    assert_int_equal(symlink("/bin/echo", path.ptr), 0);
    static const char *const commands[] = { "\"%s\" \"x y\"", "'%s' x", "\"%s\"" };
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        char command[128];
        snprintf(command, sizeof(command), commands[i], path.ptr);
        assert_false(fetch(fixture, command));
        assert_non_null(strstr(err_text(&fixture->err), i < 2 ? "not a JSON object" : "wrote nothing"));
    }
    unlink(path.ptr);
    rmdir(folder);
}

/* ---- What is wrong with the command ----------------------------------------- */

static void refuse(struct fixture *fixture, const char *command, enum err_kind kind, const char *text)
{
    assert_false(fetch(fixture, command));
    assert_int_equal(fixture->err.kind, kind);
    if (!strstr(err_text(&fixture->err), text))
        fail_msg("\"%s\" does not contain \"%s\"", err_text(&fixture->err), text);
    assert_true(str_starts_with(str_from(err_text(&fixture->err)), STR("credential_process of the profile \"p\"")) ||
                strstr(err_text(&fixture->err), "credential_process of the profile"));
    assert_non_null(strstr(err_text(&fixture->err), "(/h/.aws/config, line 2)"));
    assert_null(strstr(err_text(&fixture->err), SECRET));
    assert_null(strstr(err_text(&fixture->err), "AKIAIOSFODNN7EXAMPLE"));
}

static void a_command_that_cannot_be_read_is_refused_with_file_and_line(void **state)
{
    refuse(*state, "sh -c \"x", ERR_INVALID, "a \" in it is not closed by another one");
    refuse(*state, "sh -c 'x", ERR_INVALID, "a ' in it is not closed by another one");
    refuse(*state, "sh x\\", ERR_INVALID, "ends with a \\");
    refuse(*state, "'' x", ERR_INVALID, "names no program");
}

static void a_program_that_cannot_be_started_is_named_and_no_other_source_is_tried(void **state)
{
    struct fixture *fixture = *state;
    refuse(fixture, "/no/such --password s3cret", ERR_INVALID, "there is no program \"/no/such\"");
    assert_null(strstr(err_text(&fixture->err), "s3cret"));
    assert_null(strstr(err_remedy(&fixture->err), "without a shell"));
    refuse(fixture, "no-such-program x", ERR_INVALID, "\"no-such-program\" in the folders that PATH names");
    refuse(fixture, "$HOME/bin/x", ERR_INVALID, "there is no program \"$HOME/bin/x\"");
    assert_non_null(strstr(err_remedy(&fixture->err), "without a shell"));
    refuse(fixture, "/etc/passwd", ERR_INVALID, "no permission to execute it");
}

/* The whole command is tried as the path of one program then: what comes of that says nothing, and may not be shown. */
static void an_argument_is_never_shown_as_a_path(void **state)
{
    struct fixture *fixture = *state;
    char secret[301];
    memset(secret, 'S', sizeof(secret) - 1); /* longer than a name of a file may be */
    secret[sizeof(secret) - 1] = '\0';
    const struct str command = str_format(fixture->world->arena, "/etc/no-such --token ey%s", secret);
    refuse(fixture, command.ptr, ERR_INVALID, "there is no program \"/etc/no-such\"");
    assert_null(strstr(err_text(&fixture->err), "SSSS"));
    assert_null(strstr(err_text(&fixture->err), "--token"));
    const struct str alone = str_format(fixture->world->arena, "/etc/%s", secret);
    refuse(fixture, alone.ptr, ERR_IO, "SSSS\": cannot be started (File name too long)");
}

static void only_a_shell_by_its_whole_name_is_one(void **state)
{
    static const char *const names[] = { "/no/such/refresh", "/no/such/push", "no-such.sh", "/sh/no-such" };
    static const char *const shells[] = { "/no/such/sh", "/no/such/bash", "/no/such/zsh" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const struct str command = str_format(fixture->world->arena, "%s $X", names[i]);
        refuse(fixture, command.ptr, ERR_INVALID, "there is no program");
        assert_non_null(strstr(err_remedy(&fixture->err), "without a shell"));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(shells); i++) {
        const struct str command = str_format(fixture->world->arena, "%s -c 'x $X'", shells[i]);
        refuse(fixture, command.ptr, ERR_INVALID, "there is no program");
        assert_null(strstr(err_remedy(&fixture->err), "without a shell"));
    }
}

static void a_script_without_a_first_line_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char folder[] = "/tmp/process_test_XXXXXX";
    assert_non_null(mkdtemp(folder));
    const struct str path = str_format(fixture->world->arena, "%s/keys", folder);
    FILE *file = fopen(path.ptr, "w");
    fputs("echo {}\n", file);
    fclose(file);
    chmod(path.ptr, 0755);
    refuse(fixture, path.ptr, ERR_INVALID, "Exec format error");
    assert_non_null(strstr(err_remedy(&fixture->err), "#!/bin/sh"));
    unlink(path.ptr);
    rmdir(folder);
}

/* ---- What is wrong with its end --------------------------------------------- */

static void a_failure_shows_what_was_written_to_standard_error(void **state)
{
    struct fixture *fixture = *state;
    refuse(fixture, "sh -c 'echo the vault is locked >&2; exit 4'", ERR_IO,
           "\"sh\" ended with status 4. It wrote to standard error:\n\nthe vault is locked");
    assert_string_equal(err_remedy(&fixture->err), ""); /* it has a shell */
    refuse(fixture, "sh -c 'kill -9 $$'", ERR_IO, "was ended by signal 9");
    refuse(fixture, "sh -c 'printf \"a\\033[1mb\" >&2; exit 1'", ERR_IO, "\n\na\xef\xbf\xbd[1mb");
    refuse(fixture, "sh -c 'seq -s, 9999 | fold -w 99 >&2; exit 1'", ERR_IO, "\n\n...");
    assert_true(strlen(err_text(&fixture->err)) < 1500);
}

static void standard_error_with_a_secret_in_it_is_not_shown(void **state)
{
    static const char *const printed[] = {
        "echo key " SECRET " >&2",
        "echo id=AKIAIOSFODNN7EXAMPLE >&2",
        "echo header.eyJhbGciOiJSUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ >&2",
        "echo the-pass-phrase-of-mine; echo sent: the-pass-phrase-of-mine >&2",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(printed); i++) {
        const struct str command = str_format(fixture->world->arena, "sh -c '%s; exit 1'", printed[i]);
        refuse(fixture, command.ptr, ERR_IO, "is not shown");
        assert_null(strstr(err_text(&fixture->err), "eyJ"));
        assert_null(strstr(err_text(&fixture->err), "phrase"));
    }
    refuse(fixture, "sh -c 'echo no such file: /opt/homebrew/lib/python3.12/site-packages/thing/Module.py >&2; exit 1'",
           ERR_IO, "/opt/homebrew/lib");
}

static void output_that_is_not_the_document_is_refused_without_being_shown(void **state)
{
    struct fixture *fixture = *state;
    refuse(fixture, "true", ERR_IO, "\"true\" wrote nothing to standard output");
    refuse(fixture, "echo " SECRET, ERR_IO, "not a JSON object");
    refuse(fixture, PRINTS(KEYS), ERR_IO, "the document has no Version; it must be 1");
    refuse(fixture, PRINTS("\\\"Version\\\":2," KEYS), ERR_IO, "the document has Version 2; only Version 1 exists");
    refuse(fixture, PRINTS("\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"x\\\""), ERR_IO, "no SecretAccessKey");
    refuse(fixture, PRINTS("\\\"Version\\\":1,\\\"SecretAccessKey\\\":\\\"" SECRET "\\\""), ERR_IO, "no AccessKeyId");
    refuse(fixture, PRINTS("\\\"Version\\\":1," KEYS ",\\\"Expiration\\\":\\\"soon\\\""), ERR_IO, "Expiration");
    refuse(fixture, PRINTS("\\\"Version\\\":1,\\\"AccessKeyId\\\":7"), ERR_IO, "not a JSON object");
    assert_non_null(strstr(err_remedy(&fixture->err), "{\"Version\": 1"));
    refuse(fixture, "yes " SECRET, ERR_IO, "wrote more than 64 KiB");
}

static void a_program_that_hangs_has_a_minute(void **state)
{
    struct fixture *fixture = *state;
    fixture->world->call.waiter = fixture->world->waiter; /* the minute passes at once */
    const int64_t began_ms = waiter_now_ms(fixture->world->waiter);
    refuse(fixture, "sleep 600", ERR_IO, "\"sleep\" had not ended after 60 s");
    assert_int_equal(waiter_now_ms(fixture->world->waiter) - began_ms, MINUTE_MS);
}

static void one_that_could_not_be_killed_may_still_be_running(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    void *failure;
    if (!other_user_is_possible())
        skip();
    fixture->world->call.deadline_ms = waiter_now_ms(fixture->waiter) + 1000;
    pthread_create(&thread, NULL, other_user_become_after_start, NULL);
    const bool is_done = fetch(fixture, "/bin/sleep 4");
    pthread_join(thread, &failure);
    assert_true(other_user_return());
    assert_null(failure);
    assert_false(is_done);
    assert_non_null(strstr(err_text(&fixture->err), "\"/bin/sleep\" had not ended after 60 s and could not be killed"));
    assert_non_null(strstr(err_remedy(&fixture->err), "It may still be running"));
    assert_true(waitpid(-1, NULL, 0) > 0);
}

static void a_stop_is_no_failure_of_it(void **state)
{
    struct fixture *fixture = *state;
    waiter_cancel(fixture->waiter);
    refuse(fixture, "sleep 600", ERR_CANCELLED, "stopped");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_come_from_the_programs_output),
        TEST(a_session_never_ends_for_good),
        TEST(the_variables_of_the_plugin_are_not_handed_down),
        TEST(the_home_folder_may_begin_its_path),
        TEST(a_path_with_blanks_is_found_with_quotes_around_it_alone_or_around_all),
        TEST(a_command_that_cannot_be_read_is_refused_with_file_and_line),
        TEST(a_program_that_cannot_be_started_is_named_and_no_other_source_is_tried),
        TEST(an_argument_is_never_shown_as_a_path),
        TEST(only_a_shell_by_its_whole_name_is_one),
        TEST(a_script_without_a_first_line_is_refused),
        TEST(a_failure_shows_what_was_written_to_standard_error),
        TEST(standard_error_with_a_secret_in_it_is_not_shown),
        TEST(output_that_is_not_the_document_is_refused_without_being_shown),
        TEST(a_program_that_hangs_has_a_minute),
        TEST(one_that_could_not_be_killed_may_still_be_running),
        TEST(a_stop_is_no_failure_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
