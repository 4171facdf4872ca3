/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/aws_world.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/harness.h"

static bool fetch_numbered(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                           struct err *err)
{
    struct aws_world *world = self;
    (void)err;
    *out =
        (struct aws_credentials){ .access_key_id = world->key_id ? str_from(world->key_id)
                                                                 : str_format(call->arena, "AKID%u", ++world->fetches),
                                  .secret_access_key = STR("secret/of+the=world"),
                                  .session_token = world->has_no_token ? STR("") : STR(AWS_WORLD_TOKEN),
                                  .source = "the world" };
    return true;
}

static struct aws_client *new_client(struct aws_world *world)
{
    struct aws_client *client = NULL;
    if (!aws_client_new(&world->options, &client, &world->err))
        fail_msg("%s", err_text(&world->err));
    return client;
}

int aws_world_setup(void **state)
{
    struct aws_world *world = mem_alloc(sizeof(*world));
    if (!aws_init(&world->err))
        return -1;
    world->arena = arena_new();
    fake_clock_init(&world->clock, (int64_t)AWS_WORLD_START_S * SECOND_MS);
    fake_transport_init(&world->transport, &world->clock, world->arena);
    world->waiter = waiter_new(&world->clock.clock);
    world->log_descriptor = memfd_create("log", MFD_CLOEXEC);
    world->log = log_new(world->log_descriptor, LOG_TRACE, &world->clock.clock, "test");
    world->credentials = aws_credentials_cache_new(
        (struct aws_credentials_source){ .fetch = fetch_numbered, .self = world }, &world->clock.clock);
    world->options = (struct aws_client_options){ .transport = &world->transport.transport,
                                                  .clock = &world->clock.clock,
                                                  .credentials = world->credentials,
                                                  .user_agent = STR("test/1") };
    world->client = new_client(world);
    world->call = (struct aws_call){ .client = world->client,
                                     .region = STR("eu-west-1"),
                                     .arena = world->arena,
                                     .waiter = world->waiter,
                                     .deadline_ms = CLOCK_NEVER,
                                     .log = world->log,
                                     .account = STR("111111111111") };
    *state = world;
    return 0;
}

int aws_world_teardown(void **state)
{
    struct aws_world *world = *state;
    err_clear(&world->err);
    aws_client_free(world->client);
    aws_credentials_cache_free(world->credentials);
    waiter_free(world->waiter);
    log_free(world->log);
    close(world->log_descriptor);
    arena_free(world->arena);
    mem_free(world);
    return 0;
}

void aws_world_renew_client(struct aws_world *world)
{
    aws_client_free(world->client);
    world->client = new_client(world);
    world->call.client = world->client;
}

struct str aws_world_log(struct aws_world *world)
{
    off_t size = lseek(world->log_descriptor, 0, SEEK_END);
    char *bytes = arena_alloc(world->arena, (size_t)size + 1);
    ssize_t got = pread(world->log_descriptor, bytes, (size_t)size, 0);
    return (struct str){ bytes, got < 0 ? 0 : (size_t)got };
}
