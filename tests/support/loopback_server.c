/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, REQUEST_MAX_BYTES = 64 * 1024, PATIENCE_MS = 5000 };

struct connection {
    struct loopback_server *server;
    pthread_t thread;
    int descriptor;
};

struct loopback_server {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    bool is_stopping;
    struct connection connections[CONNECTIONS_MAX];
    struct loopback_counts counts;
    unsigned busy;
};

struct request {
    char bytes[REQUEST_MAX_BYTES];
    size_t length;
};

static bool put(int descriptor, struct str bytes)
{
    while (bytes.len) {
        ssize_t sent = send(descriptor, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)sent, bytes.len);
    }
    return true;
}

/* Where the request ends, or 0 while more of it is to come. */
static size_t request_end(const struct request *request)
{
    struct str text = { request->bytes, request->length };
    ptrdiff_t blank = str_find(text, STR("\r\n\r\n"));
    if (blank < 0)
        return 0;
    size_t end = (size_t)blank + 4;
    ptrdiff_t field = str_find(str_slice(text, 0, end), STR("Content-Length: "));
    if (field >= 0) {
        struct str value = str_slice(text, (size_t)field + STR("Content-Length: ").len, end);
        int64_t size = 0;
        if (str_to_int64(str_slice(value, 0, (size_t)str_find_char(value, '\r')), &size))
            end += (size_t)size;
    }
    return request->length >= end ? end : 0;
}

static bool get(int descriptor, struct request *out)
{
    out->length = 0;
    while (!request_end(out) && out->length < sizeof(out->bytes)) {
        ssize_t got = recv(descriptor, out->bytes + out->length, sizeof(out->bytes) - out->length, 0);
        if (got <= 0)
            return false;
        out->length += (size_t)got;
    }
    return request_end(out) > 0;
}

/* "/hold/100" of "POST http://host/hold/100 HTTP/1.1". */
static struct str path_of(const struct request *request)
{
    struct str text = { request->bytes, request->length };
    struct str target = str_slice(text, (size_t)str_find_char(text, ' ') + 1, text.len);
    target = str_slice(target, 0, (size_t)str_find_char(target, ' '));
    ptrdiff_t scheme = str_find(target, STR("://"));
    if (scheme < 0)
        return target;
    struct str rest = str_slice(target, (size_t)scheme + 3, target.len);
    return str_slice(rest, (size_t)str_find_char(rest, '/'), rest.len);
}

/* Waits on the connection: false when its other end, or the server, ends it. */
static bool linger(int descriptor, int64_t ms)
{
    struct pollfd waiting = { .fd = descriptor, .events = POLLIN };
    return poll(&waiting, 1, (int)ms) == 0;
}

static bool echo(int descriptor, const struct request *request)
{
    struct arena *arena = arena_new();
    struct str body = { request->bytes, request->length };
    bool sent = put(descriptor,
                    str_format(arena, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nX-Echo:  yes \r\n\r\n", body.len)) &&
                put(descriptor, body);
    arena_free(arena);
    return sent;
}

static void pour(int descriptor, struct str head, struct str drop)
{
    bool open = put(descriptor, head);
    while (open)
        open = put(descriptor, drop);
}

/* True: the connection is kept. */
static bool answer(int descriptor, const struct request *request)
{
    static char block[64 * 1024];
    struct str path = path_of(request);
    int64_t ms;
    if (str_equal(path, STR("/echo")))
        return echo(descriptor, request);
    if (str_starts_with(path, STR("/hold/")) && str_to_int64(str_slice(path, STR("/hold/").len, path.len), &ms))
        return linger(descriptor, ms) && echo(descriptor, request);
    if (str_equal(path, STR("/hang")))
        return linger(descriptor, -1);
    if (str_equal(path, STR("/once")))
        return echo(descriptor, request) && false;
    if (str_equal(path, STR("/cut")))
        put(descriptor, STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
    if (str_equal(path, STR("/endless")))
        pour(descriptor, STR("HTTP/1.1 200 OK\r\n\r\n"), (struct str){ block, sizeof(block) });
    if (str_equal(path, STR("/headers")))
        pour(descriptor, STR("HTTP/1.1 200 OK\r\n"), STR("X-More: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"));
    if (str_equal(path, STR("/garbage")))
        put(descriptor, STR("\x01\x02\xff\xfe no HTTP at all \r\n\r\n"));
    if (str_starts_with(path, STR("asks.none:"))) /* of CONNECT, to a proxy */
        put(descriptor, STR("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
    if (str_starts_with(path, STR("denies.none:")))
        put(descriptor, STR("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    if (str_equal(path, STR("/redirect")))
        return put(descriptor, STR("HTTP/1.1 302 Found\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n"));
    if (str_equal(path, STR("/interim")))
        return put(descriptor, STR("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")) &&
               put(descriptor, STR("HTTP/1.1 200 OK\r\nX-Late: 2\r\nContent-Length: 2\r\n\r\nok"));
    return false;
}

static void begin(struct loopback_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->counts.requests++;
    server->busy++;
    if (server->busy > server->counts.busy_max)
        server->counts.busy_max = server->busy;
    pthread_mutex_unlock(&server->lock);
}

static void end(struct loopback_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->busy--;
    pthread_mutex_unlock(&server->lock);
}

static void *serve(void *self)
{
    struct connection *connection = self;
    struct request *request = mem_alloc(sizeof(*request));
    bool kept = true;
    while (kept && get(connection->descriptor, request)) {
        begin(connection->server);
        kept = answer(connection->descriptor, request);
        end(connection->server);
    }
    shutdown(connection->descriptor, SHUT_RDWR); /* closed when the server is freed */
    mem_free(request);
    return NULL;
}

static void *accept_all(void *self)
{
    struct loopback_server *server = self;
    for (;;) {
        int descriptor = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_mutex_lock(&server->lock);
        bool stops = descriptor < 0 || server->is_stopping || server->counts.connections == CONNECTIONS_MAX;
        if (!stops) {
            struct connection *connection = &server->connections[server->counts.connections++];
            *connection = (struct connection){ .server = server, .descriptor = descriptor };
            pthread_create(&connection->thread, NULL, serve, connection);
        }
        pthread_mutex_unlock(&server->lock);
        if (stops && descriptor >= 0)
            close(descriptor);
        if (stops)
            return NULL;
    }
}

static bool listen_anywhere(int listener, int *out_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 128) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        return false;
    *out_port = ntohs(address.sin_port);
    return true;
}

struct loopback_server *loopback_server_new(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port;
    if (listener < 0)
        return NULL;
    if (!listen_anywhere(listener, &port)) {
        close(listener);
        return NULL;
    }
    struct loopback_server *server = mem_alloc(sizeof(*server));
    server->listener = listener;
    server->port = port;
    pthread_mutex_init(&server->lock, NULL);
    pthread_create(&server->thread, NULL, accept_all, server);
    return server;
}

void loopback_server_free(struct loopback_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_stopping = true;
    pthread_mutex_unlock(&server->lock);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    for (unsigned i = 0; i < server->counts.connections; i++) {
        shutdown(server->connections[i].descriptor, SHUT_RDWR);
        pthread_join(server->connections[i].thread, NULL);
        close(server->connections[i].descriptor);
    }
    pthread_mutex_destroy(&server->lock);
    mem_free(server);
}

int loopback_server_port(const struct loopback_server *server)
{
    return server->port;
}

struct str loopback_server_url(const struct loopback_server *server, struct arena *arena, const char *path)
{
    return str_format(arena, "http://127.0.0.1:%d%s", server->port, path);
}

struct loopback_counts loopback_server_counts(struct loopback_server *server)
{
    pthread_mutex_lock(&server->lock);
    struct loopback_counts counts = server->counts;
    pthread_mutex_unlock(&server->lock);
    return counts;
}

bool loopback_server_wait_requests(struct loopback_server *server, unsigned count)
{
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 2) {
        if (loopback_server_counts(server).requests >= count)
            return true;
        poll(NULL, 0, 2);
    }
    return false;
}
