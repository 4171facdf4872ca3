/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/fake_call.h"

#include "plugin/runtime/call/diagnostic.h"

struct fake_call {
    struct tf_call call;
    struct tf_call_private inside;
    struct ongoing ongoing;
    struct tf_provider nothing;
    struct env env;
    struct clock_scale scale;
    struct clock clock;
};

struct fake_call *fake_call_new(const struct tf_provider *provider, const struct tf_model *model,
                                const struct clock *clock)
{
    static const char *const no_entries[] = { NULL };
    struct fake_call *fake = mem_alloc(sizeof(*fake));
    fake->env.entries = no_entries;
    fake->scale.factor = 1;
    fake->clock = clock ? *clock : clock_real(&fake->scale);
    fake->inside.provider = provider ? provider : &fake->nothing;
    fake->inside.model = model;
    fake->inside.connections = connections_new(fake->inside.provider);
    fake->ongoing.waiter = waiter_new(&fake->clock);
    connections_enter(fake->inside.connections, STR(""), &fake->ongoing);
    fake->inside.connection = fake->ongoing.connection;
    fake->call.arena = arena_new();
    fake->call.waiter = fake->ongoing.waiter;
    fake->call.env = &fake->env;
    fake->call.private = &fake->inside;
    return fake;
}

void fake_call_free(struct fake_call *fake)
{
    if (!fake)
        return;
    connections_leave(fake->inside.connections, &fake->ongoing);
    connections_free(fake->inside.connections);
    waiter_free(fake->ongoing.waiter);
    arena_free(fake->call.arena);
    mem_free(fake);
}

struct tf_call *fake_call_of(struct fake_call *fake)
{
    return &fake->call;
}

void fake_call_in_plan(struct fake_call *fake, struct str about)
{
    fake->inside.once_about = about;
}

void fake_call_again(struct fake_call *fake)
{
    fake->inside.diagnostics = NULL;
    fake->inside.diagnostic_count = 0;
    fake->inside.error_count = 0;
    fake->inside.replaced = NULL;
}

static struct str path_text(struct arena *arena, const struct path *path)
{
    struct str text = STR("");
    for (size_t i = 0; i < path->count; i++) {
        const struct path_step *step = &path->steps[i];
        if (step->kind == PATH_NAME)
            text = str_format(arena, "%.*s%s%.*s", STR_ARG(text), i ? "." : "", STR_ARG(step->text));
        else if (step->kind == PATH_INDEX)
            text = str_format(arena, "%.*s[%lld]", STR_ARG(text), (long long)step->index);
        else
            text = str_format(arena, "%.*s[\"%.*s\"]", STR_ARG(text), STR_ARG(step->text));
    }
    return text;
}

const char *fake_call_said(struct fake_call *fake)
{
    struct arena *arena = fake->call.arena;
    struct str text = STR("");
    for (size_t i = 0; i < fake->inside.diagnostic_count; i++) {
        const struct diagnostic *one = &fake->inside.diagnostics[i];
        struct str path = path_text(arena, &one->path);
        text = str_format(arena, "%.*s%s%s%.*s: %.*s: %.*s\n", STR_ARG(text), one->is_error ? "error" : "warning",
                          path.len ? " " : "", STR_ARG(path), STR_ARG(one->summary), STR_ARG(one->detail));
    }
    return str_c(arena, text);
}

const char *fake_call_replaced(struct fake_call *fake)
{
    struct arena *arena = fake->call.arena;
    struct str text = STR("");
    for (const struct replaced *at = fake->inside.replaced; at; at = at->next) { /* newest first */
        const struct str path = path_text(arena, &at->path);
        text = str_format(arena, "%.*s\n%.*s", STR_ARG(path), STR_ARG(text));
    }
    return str_c(arena, text);
}
