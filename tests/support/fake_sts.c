/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_sts.h"

#include <stdio.h>
#include <time.h>

static bool take_failure(struct fake_sts *sts, struct err *err)
{
    enum err_kind kind = sts->failures[0];
    if (kind == ERR_NONE)
        return false;
    for (size_t i = 1; i < ARRAY_LENGTH(sts->failures); i++)
        sts->failures[i - 1] = sts->failures[i];
    sts->failures[ARRAY_LENGTH(sts->failures) - 1] = ERR_NONE;
    err_set(err, kind, "refused by the fake");
    err_set_part(err, ERR_CODE, "%s", sts->failure_code ? sts->failure_code : "");
    return true;
}

static struct str time_text(struct arena *arena, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / SECOND_MS);
    struct tm parts;
    char text[64];
    size_t length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
    return str_copy(arena, (struct str){ text, length });
}

static bool fake_assume_role(void *self, const struct aws_credentials_call *call, const struct aws_credentials *with,
                             const struct sts_assume_role_options *options, struct sts_credentials *out,
                             struct err *err)
{
    struct credentials_world *world = self;
    struct fake_sts *sts = &world->sts;
    sts->calls++;
    sts->was_signed = with != NULL;
    sts->with_key_id = with ? str_copy(world->arena, with->access_key_id) : STR("");
    sts->asked = *options;
    sts->asked.session_name = str_copy(world->arena, options->session_name);
    sts->asked.web_identity_token = str_copy(world->arena, options->web_identity_token);
    if (take_failure(sts, err))
        return false;
    *out = (struct sts_credentials){
        .access_key_id = str_format(call->arena, "ASIA%u", sts->calls),
        .secret_access_key = str_format(call->arena, "secret%u", sts->calls),
        .session_token = str_format(call->arena, "token%u", sts->calls),
        .expiration =
            sts->expiration.len ? sts->expiration : time_text(call->arena, world->clock.wall_ms + sts->life_ms),
    };
    return true;
}

static const char *const no_entries[] = { NULL };
static const struct env no_variables = { no_entries };

struct credentials_world *credentials_world_new(void)
{
    struct credentials_world *world = mem_alloc(sizeof(*world));
    world->arena = arena_new();
    fake_clock_init(&world->clock, (int64_t)WORLD_START_S * SECOND_MS);
    world->waiter = waiter_new(&world->clock.clock);
    world->call =
        (struct aws_credentials_call){ .arena = world->arena, .waiter = world->waiter, .deadline_ms = CLOCK_NEVER };
    world->sts.door = (struct aws_sts_door){ .assume_role = fake_assume_role, .self = world };
    world->sts.life_ms = HOUR_MS;
    fake_transport_init(&world->transport, &world->clock, world->arena);
    world->doors = (struct aws_credentials_doors){
        .env = &no_variables,
        .clock = &world->clock.clock,
        .sts = &world->sts.door,
        .transport = &world->transport.transport,
    };
    return world;
}

void credentials_world_free(struct credentials_world *world)
{
    waiter_free(world->waiter);
    arena_free(world->arena);
    mem_free(world);
}

int credentials_world_setup(void **state)
{
    *state = credentials_world_new();
    return 0;
}

int credentials_world_teardown(void **state)
{
    credentials_world_free(*state);
    return 0;
}
