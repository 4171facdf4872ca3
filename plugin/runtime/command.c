/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/command.h"

#include <signal.h>
#include <unistd.h>

#include "plugin/runtime/call/diagnostic.h"
#include "plugin/runtime/process/crash.h"
#include "plugin/runtime/process/handshake.h"
#include "plugin/runtime/process/tls.h"

/* Everything that lives as long as the command. */
struct command_life {
    struct clock clock;
    struct log *log;
    struct arena *arena;
    struct waiter *waiter;
    struct tf_call_private inside;
    struct tf_call call;
};

static void init(struct command_life *life, const struct tf_provider *provider, const struct settings *settings)
{
    life->clock = clock_real(&settings->scale);
    life->log = log_new(STDERR_FILENO, settings->log_level, &life->clock, settings->program);
    life->arena = arena_new();
    life->waiter = waiter_new(&life->clock);
    life->inside = (struct tf_call_private){ .provider = provider, .model = provider->model };
    life->call = (struct tf_call){
        .arena = life->arena, .waiter = life->waiter, .log = life->log, .env = &settings->env, .private = &life->inside
    };
}

static void clear(struct command_life *life, const struct tf_provider *provider)
{
    if (life->call.provider && provider->release)
        provider->release(life->call.provider);
    waiter_free(life->waiter);
    arena_free(life->arena);
    log_free(life->log);
}

/* "error: assume_role[0].role_arn: Invalid ARN", a blank line, and the detail. */
static void say_diagnostics(struct tf_call *call)
{
    struct tf_diagnostic *said;
    const size_t count = tf_take_diagnostics(call, &said);
    for (size_t i = 0; i < count; i++)
        settings_say(str_format(call->arena, "%s%s: %.*s%s%.*s\n\n%.*s\n", i ? "\n" : "",
                                said[i].is_error ? "error" : "warning", STR_ARG(said[i].path),
                                said[i].path.len ? ": " : "", STR_ARG(said[i].summary), STR_ARG(said[i].detail)));
}

static bool print(struct str text, struct err *err)
{
    return str_is_empty(text) || handshake_print(str_trim(text), err);
}

static int run(struct command_life *life, const struct tf_provider *provider, const struct settings *settings)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = STR("");
    enum tf_exit code = TF_EXIT_FAILED;
    if (provider->start && !provider->start(&err))
        tf_report(&life->call, "The command cannot start", &err);
    else
        code = settings->command->run(&life->call, settings->command_options, &text);
    if (!print(text, &err)) {
        tf_report(&life->call, "The result cannot be printed", &err);
        code = TF_EXIT_FAILED;
    }
    say_diagnostics(&life->call);
    return (int)code;
}

int command_live(const struct tf_provider *provider, const struct settings *settings)
{
    struct command_life life;
    if (!settings->debuggable)
        crash_forbid_dumps();
    crash_install(settings->program);
    signal(SIGPIPE, SIG_IGN);
    tls_library_init();
    init(&life, provider, settings);
    const int code = run(&life, provider, settings);
    clear(&life, provider);
    return code;
}
