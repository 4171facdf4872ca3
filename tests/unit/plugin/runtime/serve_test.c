/* SPDX-License-Identifier: MPL-2.0
 *
 * The toy provider's binary as hosts and people start it: what it prints, how
 * it ends, what it leaves behind. It stands beside this program.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/server/service.h"
#include "tests/support/harness.h"
#include "tests/unit/plugin/runtime/server/grpc_fixture.h"
#include "tests/unit/plugin/runtime/toy_host.h"

#define COOKIE "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

enum { PATIENCE_MS = 10000 };

struct process {
    pid_t pid;
    int out, err;
    char text[8192];  /* of standard output */
    char words[8192]; /* of standard error */
};

static char binary[4096];

static int find_binary(void **state)
{
    static const char name[] = "terraform-provider-toy";
    ssize_t length = readlink("/proc/self/exe", binary, sizeof(binary) - sizeof(name) - 1);
    (void)state;
    if (length < 0)
        return 1;
    binary[length] = '\0';
    char *slash = strrchr(binary, '/');
    memcpy(slash + 1, name, sizeof(name));
    return access(binary, X_OK);
}

static void spawn(struct process *process, const char *argument, const char *const *environment)
{
    int out[2];
    int err[2];
    *process = (struct process){ 0 };
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(err), 0);
    process->pid = fork();
    if (process->pid == 0) {
        char *argv[] = { binary, (char *)argument, NULL };
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        for (int i = 3; i < 64; i++)
            close(i);
        execve(binary, argv, (char *const *)environment);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    process->out = out[0];
    process->err = err[0];
}

/* Adds what comes until a newline, the end, or the limit. */
static void read_line(int descriptor, char *text, size_t size)
{
    size_t used = strlen(text);
    struct pollfd ready = { .fd = descriptor, .events = POLLIN };
    while (used + 1 < size && poll(&ready, 1, PATIENCE_MS) > 0 && read(descriptor, text + used, 1) == 1) {
        text[++used] = '\0';
        if (text[used - 1] == '\n')
            return;
    }
}

static void read_all(int descriptor, char *text, size_t size)
{
    for (size_t before = strlen(text);; before = strlen(text)) {
        read_line(descriptor, text, size);
        if (strlen(text) == before)
            return;
    }
}

/* Status, or -1 when it does not end in time. */
static int wait_for_end(struct process *process, int limit_ms)
{
    int status = -1;
    for (int waited = 0; waited <= limit_ms; waited += 5) {
        const struct timespec pause = { .tv_nsec = 5000000 };
        if (waitpid(process->pid, &status, WNOHANG) == process->pid)
            return status;
        nanosleep(&pause, NULL);
    }
    return -1;
}

static int finish(struct process *process)
{
    int status = wait_for_end(process, PATIENCE_MS);
    if (status == -1) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
    }
    read_all(process->out, process->text, sizeof(process->text));
    read_all(process->err, process->words, sizeof(process->words));
    close(process->out);
    close(process->err);
    return status;
}

static const char *const nothing[] = { NULL };

static void started_by_hand_it_explains_itself_on_stderr(void **state)
{
    struct process process;
    (void)state;
    spawn(&process, NULL, nothing);
    int status = finish(&process);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_string_equal(process.text, "");
    assert_non_null(strstr(process.words, "serves the tests of the runtime"));
    assert_non_null(strstr(process.words, "toy = { source = \"tests/toy\" }"));
    assert_non_null(strstr(process.words, ".terraform.d/plugins/registry.terraform.io/tests/toy"));
}

static void version_and_help_go_to_stdout(void **state)
{
    static const char *const arguments[] = { "--version", "-version", "--help", "-h" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(arguments); i++) {
        struct process process;
        spawn(&process, arguments[i], nothing);
        assert_int_equal(finish(&process), 0);
        assert_true(strncmp(process.text, "terraform-provider-toy " PROJECT_VERSION,
                            strlen("terraform-provider-toy " PROJECT_VERSION)) == 0);
        assert_string_equal(process.words, "");
    }
}

static void strange_arguments_are_refused(void **state)
{
    static const char *const arguments[] = { "--verbose", "", "-", "--", "serve", "-json", "--json" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(arguments); i++) {
        struct process process;
        spawn(&process, arguments[i], nothing);
        assert_int_equal(WEXITSTATUS(finish(&process)), 2);
        assert_string_equal(process.text, "");
    }
}

/* The socket path of "1|6|unix|PATH|grpc|". */
static void take_path(const char *line, char *out, size_t size)
{
    assert_true(strncmp(line, "1|6|unix|/", 10) == 0);
    const char *end = strchr(line + 9, '|');
    snprintf(out, size, "%.*s", (int)(end - line - 9), line + 9);
}

static void line_is_all_that_ever_comes_on_stdout(void **state)
{
    const char *const environment[] = { COOKIE,           "PLUGIN_PROTOCOL_VERSIONS=6,5", "TF_LOG=trace",
                                        "GRPC_TRACE=all", "GRPC_VERBOSITY=debug",         NULL };
    struct process process;
    char path[200];
    struct stat found;
    (void)state;
    spawn(&process, NULL, environment);
    read_line(process.out, process.text, sizeof(process.text));
    take_path(process.text, path, sizeof(path));
    assert_int_equal(stat(path, &found), 0);
    size_t length = strlen(process.text);
    kill(process.pid, SIGKILL);
    finish(&process);
    assert_int_equal(strlen(process.text), length);
    assert_true(strcmp(process.text + length - 7, "|grpc|\n") == 0);
    assert_null(strstr(process.words, "http2")); /* what GRPC_TRACE=all would show */
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

/* What hosts act on themselves, and then the end, which leaves nothing. */
static void signals_before_a_host_has_come(void **state)
{
    static const int endings[] = { SIGTERM, SIGHUP };
    const char *const environment[] = { COOKIE, NULL };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        struct process process;
        char folder[200];
        struct stat found;
        spawn(&process, NULL, environment);
        read_line(process.out, process.text, sizeof(process.text));
        take_path(process.text, folder, sizeof(folder));
        *strrchr(folder, '/') = '\0';
        kill(process.pid, SIGINT);
        kill(process.pid, SIGPIPE);
        int early = wait_for_end(&process, 200);
        kill(process.pid, endings[i]);
        int status = finish(&process);
        assert_int_equal(early, -1);
        assert_int_equal(status, 0);
        assert_int_equal(stat(folder, &found), -1);
    }
}

static void folder_of_the_host_that_is_missing_is_said_on_stderr(void **state)
{
    const char *const environment[] = { COOKIE, "PLUGIN_UNIX_SOCKET_DIR=/nowhere/at/all", NULL };
    struct process process;
    (void)state;
    spawn(&process, NULL, environment);
    int status = finish(&process);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_string_equal(process.text, "");
    assert_non_null(strstr(process.words, "PLUGIN_UNIX_SOCKET_DIR=/nowhere/at/all"));
}

/* The provider's parent is a process of ours that dies. */
static void death_of_the_host_ends_it_and_leaves_nothing(void **state)
{
    const char *const environment[] = { COOKIE, NULL };
    int pipe_ends[2];
    char line[300] = "";
    char path[200];
    struct stat found;
    (void)state;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t host = fork();
    if (host == 0) {
        struct process process;
        spawn(&process, NULL, environment);
        read_line(process.out, process.text, sizeof(process.text));
        ssize_t written = write(pipe_ends[1], process.text, strlen(process.text));
        (void)written;
        pause();
    }
    read_line(pipe_ends[0], line, sizeof(line));
    take_path(line, path, sizeof(path));
    assert_int_equal(stat(path, &found), 0);
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    int gone = 0;
    for (int i = 0; i < 400 && !gone; i++) {
        const struct timespec pause_10ms = { .tv_nsec = 10000000 };
        nanosleep(&pause_10ms, NULL);
        gone = stat(path, &found) != 0;
    }
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    assert_true(gone);
}

static void damaged_certificate_of_the_host_is_an_error_not_an_open_door(void **state)
{
    const char *const environment[] = { COOKIE, "PLUGIN_CLIENT_CERT=-----BEGIN CERTIFICATE-----\nnonsense\n", NULL };
    struct process process;
    (void)state;
    spawn(&process, NULL, environment);
    read_line(process.out, process.text, sizeof(process.text));
    bool announced = process.text[0] != '\0';
    kill(process.pid, SIGKILL);
    finish(&process);
    if (announced) /* then at least with TLS, which nobody can pass */
        assert_true(strncmp(process.text, "1|6|unix|@", 10) == 0);
}

static void debug_mode_prints_how_to_attach_and_ends_on_interrupt(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
        struct process process;
        char path[200] = "";
        struct stat found;
        spawn(&process, "-debug", nothing);
        read_line(process.out, process.text, sizeof(process.text));
        const char *at = strstr(process.text, "\"String\":\"");
        assert_true(strncmp(process.text, "TF_REATTACH_PROVIDERS='{", 24) == 0);
        assert_non_null(at);
        snprintf(path, sizeof(path), "%.*s", (int)strcspn(at + 10, "\""), at + 10);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        memcpy(address.sun_path, path, strlen(path));
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int connected = client < 0 ? -1 : connect(client, (const struct sockaddr *)&address, sizeof(address));
        ssize_t sent =
            client < 0 ? -1 : send(client, "\xff\x00noise that is no HTTP/2 at all\r\n\r\n", 34, MSG_NOSIGNAL);
        close(client); /* the probe of a host */
        kill(process.pid, signals[i]);
        int status = finish(&process);
        assert_int_equal(connected, 0);
        assert_int_equal(sent, 34);
        assert_int_equal(status, 0);
        assert_int_equal(stat(path, &found), -1);
        assert_non_null(strstr(process.words, "serves until it is interrupted"));
    }
}

/* ---- Calls in flight at the end ------------------------------------------------ */

/* A host whose provider is busy with a call. */
struct busy {
    struct process process;
    struct toy_host *toy;
    struct world world;
    grpc_channel *channel;
    struct client_call *call, *stdio;
};

static int set_up_busy(void **state)
{
    struct busy *busy = mem_alloc(sizeof(*busy));
    busy->toy = toy_host_new();
    *state = busy;
    return 0;
}

static int tear_down_busy(void **state)
{
    struct busy *busy = *state;
    struct client_call *const calls[] = { busy->call, busy->stdio };
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        if (calls[i]) {
            grpc_call_cancel(calls[i]->call, NULL);
            client_finish(calls[i], NULL, NULL);
        }
    if (busy->channel)
        grpc_channel_destroy(busy->channel);
    toy_host_free(busy->toy);
    mem_free(busy);
    return 0;
}

static struct client_call *call_it(struct busy *busy, const char *path, const void *message)
{
    uint8_t *bytes = arena_alloc(toy_host_arena(busy->toy), protobuf_c_message_get_packed_size(message) + 1);
    const struct str request = { (const char *)bytes, protobuf_c_message_pack(message, bytes) };
    return client_start(busy->channel, path, request, true);
}

static void configure(struct busy *busy, int64_t delay_ms)
{
    struct toy_block block = { .delay_ms = tf_known_int64(delay_ms) };
    Tfplugin6__ConfigureProvider__Request request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = toy_value(busy->toy, toy_provider.model, &block);
    struct client_call *call = call_it(busy, "/tfplugin6.Provider/ConfigureProvider", &request);
    assert_int_equal(client_finish(call, NULL, NULL), GRPC_STATUS_OK);
}

/* Returns when it has begun. */
static void create(struct busy *busy, const char *outcome)
{
    const struct tf_model *model = &toy_thing_resource.model;
    struct toy_thing config = { .name = tf_known_string(STR("n")), .outcome = tf_known_string(str_from(outcome)) };
    struct toy_thing planned = config;
    planned.id.state = planned.zone.state = planned.revision.state = TF_UNKNOWN;
    Tfplugin6__ApplyResourceChange__Request request = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"toy_thing";
    request.config = toy_value(busy->toy, model, &config);
    request.prior_state = toy_value(busy->toy, model, NULL);
    request.planned_state = toy_value(busy->toy, model, &planned);
    busy->call = call_it(busy, "/tfplugin6.Provider/ApplyResourceChange", &request);
    size_t before;
    do {
        before = strlen(busy->process.words);
        read_line(busy->process.err, busy->process.words, sizeof(busy->process.words));
    } while (strlen(busy->process.words) > before && !strstr(busy->process.words, "note: "));
    assert_non_null(strstr(busy->process.words, "note: "));
}

static void start_busy(struct busy *busy, const char *outcome, int64_t delay_ms)
{
    const char *const environment[] = { COOKIE, "TF_LOG=info", NULL };
    char path[200];
    spawn(&busy->process, NULL, environment);
    read_line(busy->process.out, busy->process.text, sizeof(busy->process.text));
    take_path(busy->process.text, path, sizeof(path));
    snprintf(busy->world.address, sizeof(busy->world.address), "unix:%s", path);
    busy->channel = plain_channel(&busy->world);
    busy->stdio = client_start(busy->channel, "/plugin.GRPCStdio/StreamStdio", STR(""), true);
    configure(busy, delay_ms);
    create(busy, outcome);
}

static void ask_to_shut_down(struct busy *busy)
{
    client_finish(client_start(busy->channel, "/plugin.GRPCController/Shutdown", STR(""), true), NULL, NULL);
}

static bool ends_with_calls_in_flight(struct busy *busy)
{
    assert_int_equal(finish(&busy->process), 0);
    return strstr(busy->process.words, "ending with calls in flight") != NULL;
}

/* A Shutdown during a call of that length. */
static bool shutdown_cuts_off(struct busy *busy, const char *outcome, int64_t call_ms)
{
    start_busy(busy, outcome, call_ms);
    ask_to_shut_down(busy);
    return ends_with_calls_in_flight(busy);
}

static void shutdown_stops_what_waits(void **state)
{
    assert_false(shutdown_cuts_off(*state, "", 60 * 1000));
}

static void shutdown_waits_for_calls_that_end_soon(void **state)
{
    assert_false(shutdown_cuts_off(*state, "deaf", 300));
}

static void shutdown_does_not_wait_for_ever(void **state)
{
    assert_true(shutdown_cuts_off(*state, "deaf", 60 * 1000));
}

static void calls_get_more_time_when_the_host_is_gone(void **state)
{
    struct busy *busy = *state;
    start_busy(busy, "deaf", SHUTDOWN_PATIENCE_MS + 500);
    grpc_call_cancel(busy->stdio->call, NULL);
    assert_false(ends_with_calls_in_flight(busy));
    assert_in_range(HOST_GONE_PATIENCE_MS, 10 * 1000, 20 * 1000); /* nobody ends it from outside */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(started_by_hand_it_explains_itself_on_stderr),
        cmocka_unit_test(version_and_help_go_to_stdout),
        cmocka_unit_test(strange_arguments_are_refused),
        cmocka_unit_test(line_is_all_that_ever_comes_on_stdout),
        cmocka_unit_test(signals_before_a_host_has_come),
        cmocka_unit_test(folder_of_the_host_that_is_missing_is_said_on_stderr),
        cmocka_unit_test(death_of_the_host_ends_it_and_leaves_nothing),
        cmocka_unit_test(damaged_certificate_of_the_host_is_an_error_not_an_open_door),
        cmocka_unit_test(debug_mode_prints_how_to_attach_and_ends_on_interrupt),
        cmocka_unit_test_setup_teardown(shutdown_stops_what_waits, set_up_busy, tear_down_busy),
        cmocka_unit_test_setup_teardown(shutdown_waits_for_calls_that_end_soon, set_up_busy, tear_down_busy),
        cmocka_unit_test_setup_teardown(shutdown_does_not_wait_for_ever, set_up_busy, tear_down_busy),
        cmocka_unit_test_setup_teardown(calls_get_more_time_when_the_host_is_gone, set_up_busy, tear_down_busy),
    };
    return start_library(NULL) || cmocka_run_group_tests(tests, find_binary, NULL);
}
