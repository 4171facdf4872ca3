/* SPDX-License-Identifier: MPL-2.0
 *
 * The toy provider's command as a person runs it. The binary is beside this program.
 */
#include "plugin/runtime/command.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/harness.h"

enum { ARGUMENTS_MAX = 8 };

struct ended {
    int code; /* -1: by a signal */
    char output[4096], problems[4096];
};

static char binary[4096];

static int find_binary(void **state)
{
    static const char name[] = "terraform-provider-toy";
    const ssize_t length = readlink("/proc/self/exe", binary, sizeof(binary) - sizeof(name) - 1);
    (void)state;
    if (length < 0)
        return 1;
    binary[length] = '\0';
    memcpy(strrchr(binary, '/') + 1, name, sizeof(name));
    return access(binary, X_OK);
}

static FILE *temporary_file(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    return file;
}

static void take_text(FILE *file, char *out, size_t size)
{
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    out[fread(out, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* `output` negative: into a file, whose text is in the result. */
static struct ended run_into(const char *const *arguments, int output)
{
    struct ended ended = { 0 };
    FILE *out = temporary_file(), *err = temporary_file();
    char *argv[ARGUMENTS_MAX] = { binary };
    int status;
    for (size_t i = 0; arguments[i]; i++)
        argv[i + 1] = (char *)arguments[i];
    const pid_t pid = fork();
    if (pid == 0) {
        static const char *const environment[] = { "HOME=/nonexistent", NULL };
        dup2(output < 0 ? fileno(out) : output, STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        execve(binary, argv, (char *const *)environment);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    take_text(out, ended.output, sizeof(ended.output));
    take_text(err, ended.problems, sizeof(ended.problems));
    return ended;
}

#define RUN(...) run_into((const char *const[]){ __VA_ARGS__, NULL }, -1)

static void answer_goes_to_standard_output(void **state)
{
    const struct ended ended = RUN("say", "--text", "a\nb");
    (void)state;
    assert_int_equal(ended.code, 0);
    assert_string_equal(ended.output, "a\nb\n");
    assert_string_equal(ended.problems, "");
}

static void warnings_go_to_standard_error_and_are_no_failure(void **state)
{
    const struct ended ended = RUN("say");
    (void)state;
    assert_int_equal(ended.code, 0);
    assert_string_equal(ended.output, "");
    assert_string_equal(ended.problems, "warning: text: Nothing to say\n\nGive a text.\n");
}

static void a_failure_may_have_an_answer(void **state)
{
    const struct ended ended = RUN("say", "--fail", "--text=x");
    (void)state;
    assert_int_equal(ended.code, 1);
    assert_string_equal(ended.output, "x\n");
    assert_string_equal(ended.problems, "error: It failed\n\nAs it was asked to.\n");
}

static void a_provider_that_cannot_be_configured_is_a_failure(void **state)
{
    const struct ended ended = RUN("say", "--text=x", "--prefix=refused");
    (void)state;
    assert_int_equal(ended.code, 1);
    assert_string_equal(ended.output, "");
    assert_string_equal(ended.problems, "error: The provider cannot be configured\n\nthis prefix is refused\n");
}

static void several_problems_are_paragraphs(void **state)
{
    const struct ended ended = RUN("say", "--fail");
    (void)state;
    assert_string_equal(ended.problems, "warning: text: Nothing to say\n\nGive a text.\n\n"
                                        "error: It failed\n\nAs it was asked to.\n");
}

static void wrong_options_are_usage(void **state)
{
    const struct ended ended = RUN("say", "--loud");
    (void)state;
    assert_int_equal(ended.code, 2);
    assert_string_equal(ended.output, "");
    assert_string_equal(ended.problems, "terraform-provider-toy: say has no option --loud. `terraform-provider-toy say "
                                        "--help` lists the options.\n");
}

static void help_of_the_command_and_of_the_binary_name_it(void **state)
{
    const struct ended of_command = RUN("say", "--fail", "--help");
    const struct ended of_binary = RUN("--help");
    (void)state;
    assert_int_equal(of_command.code, 0);
    assert_ptr_equal(strstr(of_command.output, "Usage: terraform-provider-toy say [OPTIONS]\n\nSays a text.\n"),
                     of_command.output);
    assert_non_null(strstr(of_binary.output, "Commands, each with its own --help:\n\n    say         says a text\n"));
}

static void an_answer_that_nobody_can_read_is_a_failure(void **state)
{
    const int full = open("/dev/full", O_WRONLY);
    const struct ended ended = run_into((const char *const[]){ "say", "--text=x", NULL }, full);
    (void)state;
    close(full);
    assert_int_equal(ended.code, 1);
    assert_non_null(strstr(ended.problems, "error: The result cannot be printed\n\nwriting to standard output: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_goes_to_standard_output),
        cmocka_unit_test(warnings_go_to_standard_error_and_are_no_failure),
        cmocka_unit_test(a_failure_may_have_an_answer),
        cmocka_unit_test(a_provider_that_cannot_be_configured_is_a_failure),
        cmocka_unit_test(several_problems_are_paragraphs),
        cmocka_unit_test(wrong_options_are_usage),
        cmocka_unit_test(help_of_the_command_and_of_the_binary_name_it),
        cmocka_unit_test(an_answer_that_nobody_can_read_is_a_failure),
    };
    return cmocka_run_group_tests(tests, find_binary, NULL);
}
