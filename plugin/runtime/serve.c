/* SPDX-License-Identifier: MPL-2.0
 *
 * tf_main: the life of a provider's process from its arguments to its exit.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/linux/memory.h"
#include "base/linux/pollable.h"
#include "plugin/runtime/command.h"
#include "plugin/runtime/limits.h"
#include "plugin/runtime/process/crash.h"
#include "plugin/runtime/process/handshake.h"
#include "plugin/runtime/process/settings.h"
#include "plugin/runtime/server/reattach.h"
#include "plugin/runtime/server/service.h"

/* Everything that lives as long as the process. */
struct process {
    struct settings settings;
    struct clock clock;
    struct service service;
    struct server_service methods;
    struct workers *workers;
    struct server *server;
    struct tls_identity identity;
    struct handshake_socket socket;
    int listener;
    int parent; /* readable when it has ended; -1 under -debug */
    struct arena *arena;
};

static void say_for_grpc(void *life, enum log_level level, const char *text)
{
    life_say(life, level, text);
}

/* gRPC reads its own at many moments (tracers, pollers, proxies, roots), and
 * libcurl writes the secrets of every TLS connection to the file that
 * SSLKEYLOGFILE names. */
static bool is_for_libraries(const char *entry)
{
    static const char *const beginnings[] = { "GRPC_", "SSLKEYLOGFILE=" };
    for (size_t i = 0; i < ARRAY_LENGTH(beginnings); i++)
        if (strncmp(entry, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* The host hands down the user's whole environment. Dropping the entries from
 * the array, before any thread and any library has looked, is what unsetenv
 * would do, without its lock and its allocations. */
static void forget_library_variables(void)
{
    /* lint: allow(getenv) because it is changed here, before base/env reads it */
    extern char **environ;
    char **all = environ;
    size_t kept = 0;
    for (size_t i = 0; all && all[i]; i++)
        if (!is_for_libraries(all[i]))
            all[kept++] = all[i];
    if (all)
        all[kept] = NULL;
}

/* A terminal's Ctrl-C reaches the whole process group; the host acts on it, by StopProvider. */
static void ignore_signals(bool has_host)
{
    signal(SIGPIPE, SIG_IGN);
    if (has_host)
        signal(SIGINT, SIG_IGN);
}

static bool init(struct process *process, const struct tf_provider *provider, struct err *err)
{
    struct settings *settings = &process->settings;
    process->clock = clock_real(&settings->scale);
    struct service *service = &process->service;
    service->provider = provider;
    service->env = &settings->env;
    service->clock = &process->clock;
    service->has_host = !settings->debug;
    service->log = log_new(STDERR_FILENO, settings->log_level, &process->clock, settings->program);
    service->connections = connections_new(provider);
    if (!life_new(&service->life, err))
        return false;
    process->workers = workers_new(WORKERS_MAX, WORKER_STACK_BYTES, WORKER_LINGER_MS);
    process->methods = service_methods(service);
    const struct server_listener listener = { .say = say_for_grpc, .self = service->life };
    server_library_init(&listener, settings->log_level);
    if (settings->scale.factor != 1)
        log_write(service->log, LOG_WARN, NULL, "time runs %lld times as fast: for tests only",
                  (long long)settings->scale.factor);
    if (settings->debuggable && !settings->debug)
        log_write(service->log, LOG_WARN, NULL,
                  "core dumps and debuggers can read the memory of this process, and with it AWS keys, because the "
                  "variable TF_..._DEBUGGABLE is 1; unset it when you need no debugger");
    return true;
}

static bool serve(struct process *process, struct err *err)
{
    const struct settings *settings = &process->settings;
    bool has_tls = !settings->debug && !str_is_empty(settings->client_certificate);
    if (has_tls && !tls_identity_init(&process->identity, process->arena, &process->clock, err))
        return false;
    if (!handshake_socket_init(&process->socket, process->arena, &settings->env, process->service.provider->name,
                               has_tls, err))
        return false;
    const struct server_options options = {
        .address = settings->debug ? NULL : process->socket.grpc_address.ptr,
        .tls = has_tls ? &process->identity : NULL,
        .client_certificate = has_tls ? settings->client_certificate.ptr : NULL,
        .service = &process->methods,
        .workers = process->workers,
        .pollers = POLLERS,
    };
    return server_new(&options, &process->server, err) &&
           (!settings->debug || reattach_listen(&process->socket, &process->listener, err)) &&
           handshake_socket_share(&process->socket, &settings->env, err);
}

static bool announce(struct process *process, struct err *err)
{
    const struct settings *settings = &process->settings;
    struct str line =
        settings->debug
            ? reattach_line(process->arena, process->service.provider->address, &process->socket)
            : handshake_line(process->arena, &settings->env, &process->socket, process->identity.certificate_base64);
    tls_identity_clear(&process->identity); /* gRPC has its own copy */
    if (settings->debug)
        settings_explain_debug(settings);
    return handshake_print(line, err);
}

static void on_turn(void *self)
{
    struct process *process = self;
    if (process->listener >= 0)
        reattach_accept(process->listener, process->service.connections, process->server);
    if (connections_reap(process->service.connections))
        os_memory_give_back();
}

/* A host that is connected acts on signals itself: what it has begun goes on
 * until it stops it or leaves. */
static bool is_in_use(void *self)
{
    struct process *process = self;
    return process->service.has_host && connections_are_in_use(process->service.connections);
}

/* Lets calls end, releases the configuration. */
static void finish(struct process *process, enum life_end why)
{
    struct service *service = &process->service;
    static const char *const reasons[] = { [LIFE_SHUTDOWN] = "the host asks for it",
                                           [LIFE_HOST_GONE] = "the host is gone",
                                           [LIFE_INTERRUPTED] = "interrupted" };
    log_write(service->log, LOG_DEBUG, NULL, "ending: %s", reasons[why]);
    connections_stop_all(service->connections);
    if (connections_wait_idle(service->connections,
                              why == LIFE_SHUTDOWN ? SHUTDOWN_PATIENCE_MS : HOST_GONE_PATIENCE_MS))
        connections_clear(service->connections);
    else
        log_write(service->log, LOG_WARN, NULL, "ending with calls in flight");
}

static void live(struct process *process, int interrupt)
{
    struct service *service = &process->service;
    const struct life_watch watch = {
        .parent = process->parent,
        .interrupt = interrupt,
        .listener = process->listener,
        .log = service->log,
        .on_turn = on_turn,
        .is_in_use = is_in_use,
        .self = process,
    };
    enum life_end why = life_wait(service->life, &watch);
    handshake_socket_clear(&process->socket); /* first: from here on another signal may end it */
    if (!service->has_host && why == LIFE_INTERRUPTED)
        life_allow_interrupts(); /* a second one ends it now */
    finish(process, why);
}

static int run(const struct tf_provider *provider, const struct settings *settings)
{
    struct process *process = mem_alloc(sizeof(*process));
    CLEANUP(err_clear) struct err err = { 0 };
    if (!settings->debuggable)
        crash_forbid_dumps();
    process->settings = *settings;
    process->arena = arena_new();
    process->listener = -1;
    /* Before the handshake line: a host that dies later is seen here, one that
     * died earlier by the line that nobody reads. */
    process->parent = settings->debug ? -1 : os_parent_open();
    crash_install(settings->program);
    ignore_signals(!settings->debug);
    int interrupt = life_interrupt_descriptor(!settings->debug);
    tls_library_init();
    bool started = !provider->start || provider->start(&err);
    if (started && init(process, provider, &err) && serve(process, &err) && announce(process, &err)) {
        live(process, interrupt);
        _exit(0); /* threads are still waiting for calls; the host waits for us */
    }
    settings_complain(settings, err_text(&err));
    handshake_socket_clear(&process->socket);
    _exit(1);
}

int tf_main(const struct tf_provider *provider, const struct tf_command *commands, int argc, char **argv)
{
    struct settings settings;
    int exit_code;
    os_memory_keep_little();
    forget_library_variables();
    struct arena *arena = arena_new();
    if (settings_read(&settings, arena, provider, commands, argc, argv, &exit_code))
        exit_code = settings.command ? command_live(provider, &settings) : run(provider, &settings);
    arena_free(arena);
    return exit_code;
}
