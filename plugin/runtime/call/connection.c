/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/connection.h"

#include <pthread.h>
#include <string.h>

#include "plugin/runtime/limits.h"

struct configuration {
    struct configuration *older;
    void *provider;
    struct arena *arena;
};

struct connection {
    struct connection *next;
    char peer[128];
    struct ongoing *calls;
    struct configuration *configuration; /* the newest first */
    uint64_t *warnings;                  /* digests of what was said */
    size_t warning_count;
    bool closed;
};

struct connections {
    const struct tf_provider *provider;
    pthread_mutex_t lock;
    struct waiter *idle; /* of the one thread in connections_wait_idle */
    struct connection *first;
    size_t calls;
    bool stopped;
    bool cleared; /* nothing is configured any more */
};

struct connections *connections_new(const struct tf_provider *provider)
{
    static const struct clock_scale unscaled = { .factor = 1 }; /* patience with calls is about the real world */
    const struct clock world = clock_real(&unscaled);
    struct connections *connections = mem_alloc(sizeof(*connections));
    connections->provider = provider;
    pthread_mutex_init(&connections->lock, NULL);
    connections->idle = waiter_new(&world);
    return connections;
}

static void configuration_free(const struct tf_provider *provider, struct configuration *configuration)
{
    while (configuration) {
        struct configuration *older = configuration->older;
        if (provider->release && configuration->provider)
            provider->release(configuration->provider);
        arena_free(configuration->arena);
        mem_free(configuration);
        configuration = older;
    }
}

static void connection_free(const struct tf_provider *provider, struct connection *connection)
{
    configuration_free(provider, connection->configuration);
    mem_free(connection->warnings);
    mem_free(connection);
}

void connections_free(struct connections *connections)
{
    if (!connections)
        return;
    while (connections->first) {
        struct connection *next = connections->first->next;
        connection_free(connections->provider, connections->first);
        connections->first = next;
    }
    waiter_free(connections->idle);
    pthread_mutex_destroy(&connections->lock);
    mem_free(connections);
}

/* Ends the time in which configurations are found. */
static bool close_all(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    bool idle = connections->calls == 0;
    connections->cleared = idle;
    pthread_mutex_unlock(&connections->lock);
    return idle;
}

void connections_clear(struct connections *connections)
{
    if (!close_all(connections))
        return;
    for (struct connection *at = connections->first; at; at = at->next) {
        configuration_free(connections->provider, at->configuration);
        at->configuration = NULL;
    }
}

static struct connection *find_open(struct connections *connections, struct str peer)
{
    for (struct connection *at = connections->first; at; at = at->next)
        if (!at->closed && str_equal(str_from(at->peer), peer))
            return at;
    return NULL;
}

static struct connection *add(struct connections *connections, struct str peer)
{
    struct connection *connection = mem_alloc(sizeof(*connection));
    size_t length = peer.len < sizeof(connection->peer) - 1 ? peer.len : sizeof(connection->peer) - 1;
    if (length)
        memcpy(connection->peer, peer.ptr, length);
    connection->next = connections->first;
    connections->first = connection;
    return connection;
}

void connections_open(struct connections *connections, struct str peer)
{
    pthread_mutex_lock(&connections->lock);
    struct connection *former = find_open(connections, peer);
    if (former)
        former->closed = true;
    add(connections, peer);
    pthread_mutex_unlock(&connections->lock);
}

void connections_close(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    connection->closed = true;
    pthread_mutex_unlock(&connections->lock);
}

/* Takes one dead connection out of the list, or returns NULL. */
static struct connection *take_dead(struct connections *connections)
{
    for (struct connection **link = &connections->first; *link; link = &(*link)->next) {
        struct connection *connection = *link;
        if (connection->closed && !connection->calls) {
            *link = connection->next;
            return connection;
        }
    }
    return NULL;
}

bool connections_reap(struct connections *connections)
{
    for (bool any = false;; any = true) {
        pthread_mutex_lock(&connections->lock);
        struct connection *dead = take_dead(connections);
        pthread_mutex_unlock(&connections->lock);
        if (!dead)
            return any;
        connection_free(connections->provider, dead);
    }
}

void connections_enter(struct connections *connections, struct str peer, struct ongoing *ongoing)
{
    pthread_mutex_lock(&connections->lock);
    struct connection *connection = find_open(connections, peer);
    if (!connection)
        connection = add(connections, peer);
    ongoing->connection = connection;
    ongoing->previous = NULL;
    ongoing->next = connection->calls;
    if (ongoing->next)
        ongoing->next->previous = ongoing;
    connection->calls = ongoing;
    connections->calls += !ongoing->is_stream;
    if (connections->stopped)
        waiter_cancel(ongoing->waiter);
    pthread_mutex_unlock(&connections->lock);
}

void connections_leave(struct connections *connections, struct ongoing *ongoing)
{
    pthread_mutex_lock(&connections->lock);
    if (ongoing->previous)
        ongoing->previous->next = ongoing->next;
    else
        ongoing->connection->calls = ongoing->next;
    if (ongoing->next)
        ongoing->next->previous = ongoing->previous;
    connections->calls -= !ongoing->is_stream;
    if (connections->calls == 0)
        waiter_wake(connections->idle);
    pthread_mutex_unlock(&connections->lock);
}

static void cancel_calls(struct connection *connection)
{
    for (struct ongoing *at = connection->calls; at; at = at->next)
        waiter_cancel(at->waiter);
}

void connections_stop(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    cancel_calls(connection);
    pthread_mutex_unlock(&connections->lock);
}

void connections_stop_all(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    connections->stopped = true;
    for (struct connection *at = connections->first; at; at = at->next)
        cancel_calls(at);
    pthread_mutex_unlock(&connections->lock);
}

bool connections_are_in_use(struct connections *connections)
{
    bool in_use = false;
    pthread_mutex_lock(&connections->lock);
    for (struct connection *at = connections->first; at; at = at->next)
        in_use = in_use || at->calls;
    pthread_mutex_unlock(&connections->lock);
    return in_use;
}

static bool is_idle(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    bool idle = connections->calls == 0;
    pthread_mutex_unlock(&connections->lock);
    return idle;
}

bool connections_wait_idle(struct connections *connections, int64_t patience_ms)
{
    int64_t until_ms = clock_after_ms(waiter_clock(connections->idle), patience_ms);
    while (!is_idle(connections))
        if (waiter_wait_wake(connections->idle, until_ms) == WAITER_TIMEOUT)
            return is_idle(connections);
    return true;
}

void connection_configure(struct connections *connections, struct connection *connection, void *configured,
                          struct arena *arena)
{
    struct configuration *configuration = mem_alloc(sizeof(*configuration));
    configuration->provider = configured;
    configuration->arena = arena;
    pthread_mutex_lock(&connections->lock);
    configuration->older = connection->configuration;
    connection->configuration = configuration;
    pthread_mutex_unlock(&connections->lock);
}

static const struct configuration *current(struct connections *connections, const struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    const struct configuration *configuration = connections->cleared ? NULL : connection->configuration;
    pthread_mutex_unlock(&connections->lock);
    return configuration;
}

bool connection_is_configured(struct connections *connections, struct connection *connection)
{
    return current(connections, connection) != NULL;
}

void *connection_provider(struct connections *connections, struct connection *connection)
{
    const struct configuration *configuration = current(connections, connection);
    return configuration ? configuration->provider : NULL;
}

/* FNV-1a; a clash would hide a warning once in 2^64. */
static uint64_t digest(uint64_t value, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        value = (value ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
    return value;
}

static bool is_news(struct connection *connection, uint64_t wanted)
{
    for (size_t i = 0; i < connection->warning_count; i++)
        if (connection->warnings[i] == wanted)
            return false;
    if (!connection->warnings)
        connection->warnings = mem_array(WARNINGS_REMEMBERED_MAX, sizeof(*connection->warnings));
    if (connection->warning_count < WARNINGS_REMEMBERED_MAX)
        connection->warnings[connection->warning_count++] = wanted;
    return true;
}

bool connection_is_news(struct connections *connections, struct connection *connection, struct str subject,
                        struct str text)
{
    uint64_t both = digest(digest(0xcbf29ce484222325u, subject), text);
    pthread_mutex_lock(&connections->lock);
    bool news = is_news(connection, both);
    pthread_mutex_unlock(&connections->lock);
    return news;
}
