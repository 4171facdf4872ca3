/* SPDX-License-Identifier: MPL-2.0
 *
 * Applies of snapshot_reencrypt_copy against an AWS that echoes: what a Describe
 * shows of the copy made here bears the mark that its Copy call sent.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_FIXTURE_H

#include "plugin/snapshot/copy/apply/job.h"
#include "tests/unit/plugin/snapshot/copy/fixture.h"

/* ---- A world that echoes ---------------------------------------------------- */

/* "@MARK@" in an answer stands for the mark that was sent last. */
struct echo {
    struct snapshot_world *world;
    struct http_transport inner, outer;
    struct str mark;
};

static inline struct str decoded(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.ptr[i] == '%' && i + 2 < text.len;
        char digits[3] = { escaped ? text.ptr[i + 1] : '0', escaped ? text.ptr[i + 2] : '0', '\0' };
        out[used++] = escaped ? (char)strtol(digits, NULL, 16) : text.ptr[i];
        i += escaped ? 2 : 0;
    }
    return (struct str){ out, used };
}

/* The value of the mark's tag in a query body; empty when there is none. */
static inline struct str sent_mark(struct arena *arena, struct str body)
{
    struct str rest = body, piece, before = STR("");
    while (str_next(&rest, '&', &piece)) {
        if (str_ends_with(before, STR("Key=" MARK_TAG))) {
            ptrdiff_t equals = str_find_char(piece, '=');
            return decoded(arena, str_slice(piece, (size_t)equals + 1, piece.len));
        }
        before = piece;
    }
    return STR("");
}

static inline bool echo_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                             const struct http_request *request, struct http_response *out, struct err *err)
{
    struct echo *echo = self;
    if (str_starts_with(request->body, STR("Action=Copy")) ||
        str_starts_with(request->body, STR("Action=AddTagsToResource")))
        echo->mark = str_copy(echo->world->arena, sent_mark(echo->world->arena, request->body));
    if (!echo->inner.send(echo->inner.self, arena, waiter, deadline_ms, request, out, err))
        return false;
    ptrdiff_t at = str_find(out->body, STR("@MARK@"));
    if (at < 0)
        return true;
    const struct str before = str_slice(out->body, 0, (size_t)at);
    const struct str after = str_slice(out->body, (size_t)at + 6, out->body.len);
    out->body = str_format(arena, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(echo->mark), STR_ARG(after));
    return true;
}

static inline int setup(void **state)
{
    struct snapshot_world *world = world_new(&reencrypt_copy_resource.model);
    struct echo *echo = ARENA_NEW(world->arena, struct echo);
    echo->world = world;
    echo->inner = world->transport.transport;
    echo->outer = (struct http_transport){ .send = echo_send, .self = echo };
    world->block.max_retries = tf_known_int64(1);
    world_configure(world);
    account_aws(world->call)->transport = &echo->outer;
    *state = world;
    return 0;
}

#define ECHOED(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

/* ---- Pieces of scripts ------------------------------------------------------- */

#define CALLER is_caller(world->arena, "111111111111")
#define NOTHING knows_nothing(world->arena)
#define SOURCE(status) describes(world->arena, shown_source(status))
#define GOOD_KEY is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled")
#define COPIED copies(world->arena, ours("copying"))
#define COPY(status) describes(world->arena, ours(status))
#define OLD(status) describes(world->arena, shown_copy(status))
#define DELETED done(world->arena, "DeleteDBClusterSnapshot")
#define TAGGED done(world->arena, "AddTagsToResource")

/* The copy that this test's apply makes. */
static inline struct shown ours(const char *status)
{
    struct shown shown = shown_copy(status);
    shown.mark = "@MARK@";
    return shown;
}

/* The wanted copy, made by somebody else. */
static inline struct fake_answer theirs(struct snapshot_world *world, const char *status)
{
    struct shown shown = shown_copy(status);
    shown.mark = "1 their-holder - - " SOURCE_TIME;
    return describes(world->arena, shown);
}

static inline bool create(struct snapshot_world *world, const struct reencrypt_copy *config, struct tf_apply *out)
{
    struct reencrypt_copy *planned = model_copy(world->arena, &reencrypt_copy_resource.model, config);
    planned->snapshot_kind = text("cluster");
    planned->region = text("eu-west-1");
    planned->arn = planned->id = text(SNAPSHOT("t"));
    planned->account_id = text("111111111111");
    planned->source_snapshot_arn = text(SNAPSHOT("a"));
    planned->tags_all = (struct tf_string_map){ .state = TF_KNOWN };
    for (size_t i = 0; i < config->tags.count; i++)
        tf_string_map_put(world->arena, &planned->tags_all, config->tags.items[i].key, config->tags.items[i].value);
    planned->holder_id = planned->source_snapshot_create_time = unknown_text;
    copy_forget_unreported(planned);
    return run_apply(world, &reencrypt_copy_resource, config, NULL, planned, out);
}

static inline bool update(struct snapshot_world *world, const struct reencrypt_copy *config,
                          const struct reencrypt_copy *prior, struct tf_apply *out)
{
    struct tf_plan plan = { 0 };
    /* The script is the apply's: what a plan looks at is told nothing. */
    const struct fake_transport script = world->transport;
    no_answers(world);
    assert_true(run_plan(world, &reencrypt_copy_resource, config, prior, &plan));
    world->transport = script;
    return run_apply(world, &reencrypt_copy_resource, config, prior, plan.planned, out);
}

static inline const struct reencrypt_copy *state_of(const struct tf_apply *apply)
{
    return apply->state;
}

static inline void assert_nothing_is_deleted(struct snapshot_world *world)
{
    const struct str sent = operations(&world->transport, world->arena);
    if (str_find(sent, STR("Delete")) >= 0)
        fail_msg("%.*s", STR_ARG(sent));
}

#endif
