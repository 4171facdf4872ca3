/* SPDX-License-Identifier: MPL-2.0
 *
 * A small AWS with the snapshot "t", its source "a" and one key: it answers by what it is
 * asked, so that a table of cases needs no script for each.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_REMOVAL_FIXTURE_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_COPY_APPLY_REMOVAL_FIXTURE_H

#include "plugin/snapshot/copy/note.h"
#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

#define LATER_TIME "2026-02-02T00:00:00Z"

struct small_aws {
    struct snapshot_world *world;
    struct http_transport transport;
    struct shown copy;          /* .name NULL: there is none */
    const char *source_time;    /* NULL: there is no source */
    const char *key;            /* what every alias means; NULL: DescribeKey is denied */
    struct fake_answer deletes; /* the first answer to a Delete, unless all zero; after it there is `next` */
    struct shown next;
    bool saw_claim; /* "t" was taken by somebody of this connection when it was described last */
};

static inline struct str operation_of(struct arena *arena, const struct http_request *request)
{
    struct fake_transport one = { .requests = { *request }, .request_count = 1 };
    return operations(&one, arena);
}

/* What is being deleted is gone at the next look. */
static inline struct fake_answer small_aws_describe(struct small_aws *aws, struct str body)
{
    struct arena *arena = aws->world->arena;
    const struct shown source = { .name = "a", .status = "available", .time = aws->source_time, .key = KEY("k1") };
    const struct shown copy = aws->copy;
    if (str_find(body, STR("cluster-snapshot%3Aa")) >= 0 || str_ends_with(body, STR("SnapshotIdentifier=a")))
        return aws->source_time ? describes(arena, source) : knows_nothing(arena);
    aws->saw_claim = memory_knows(account_memory(aws->world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    if (!copy.name)
        return knows_nothing(arena);
    if (strcmp(copy.status, "deleting") == 0)
        aws->copy = (struct shown){ 0 };
    return describes(arena, copy);
}

static inline struct fake_answer small_aws_delete(struct small_aws *aws)
{
    const struct fake_answer refusal = aws->deletes;
    aws->copy = aws->next;
    aws->deletes = (struct fake_answer){ 0 };
    aws->next = (struct shown){ 0 };
    return refusal.status || refusal.kind ? refusal : done(aws->world->arena, "DeleteDBClusterSnapshot");
}

static inline struct fake_answer small_aws_answer(struct small_aws *aws, struct str operation, struct str body)
{
    struct arena *arena = aws->world->arena;
    if (str_equal(operation, STR("GetCallerIdentity")))
        return is_caller(arena, "111111111111");
    if (str_equal(operation, STR("DescribeKey")))
        return aws->key ? is_key(arena, aws->key, "CUSTOMER", "Enabled") : no_key("AccessDeniedException");
    if (str_equal(operation, STR("DeleteDBClusterSnapshot")))
        return small_aws_delete(aws);
    if (str_equal(operation, STR("CopyDBClusterSnapshot"))) {
        aws->copy = shown_copy("available");
        aws->copy.mark = str_c(arena, sent_mark(arena, body));
        return copies(arena, aws->copy);
    }
    if (!str_equal(operation, STR("AddTagsToResource")))
        return small_aws_describe(aws, body);
    const struct str mark = sent_mark(arena, body);
    if (!str_is_empty(mark))
        aws->copy.mark = str_c(arena, mark);
    return done(arena, "AddTagsToResource");
}

static inline bool small_aws_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                                  const struct http_request *request, struct http_response *out, struct err *err)
{
    struct small_aws *aws = self;
    struct fake_transport *fake = &aws->world->transport;
    const struct fake_answer answer = small_aws_answer(aws, operation_of(aws->world->arena, request), request->body);
    fake->answers = &answer;
    fake->answer_count = 1;
    fake->position = 0;
    fake->repeated = 0;
    return fake->transport.send(fake->transport.self, arena, waiter, deadline_ms, request, out, err);
}

/* A connection of its own, which has asked and said nothing yet: "t" as `copy` shows it, of a
 * source that is as old as it was. */
static inline struct small_aws *small_aws_new(struct snapshot_world *world, struct shown copy)
{
    struct small_aws *aws = ARENA_NEW(world->arena, struct small_aws);
    *aws = (struct small_aws){ .world = world, .copy = copy, .source_time = SOURCE_TIME, .key = KEY("k1") };
    aws->transport = (struct http_transport){ .send = small_aws_send, .self = aws };
    world_configure(world);
    account_aws(world->call)->transport = &aws->transport;
    fake_call_again(world->fake);
    no_answers(world);
    err_clear(&world->err);
    return aws;
}

static inline bool has_asked(struct snapshot_world *world, const char *operation)
{
    return str_find(operations(&world->transport, world->arena), str_from(operation)) >= 0;
}

static inline int count_asked(struct snapshot_world *world, const char *operation)
{
    struct str rest = operations(&world->transport, world->arena), one;
    int count = 0;
    while (str_next(&rest, ' ', &one))
        count += str_equal(one, str_from(operation));
    return count;
}

/* A call where `prior` is, and what it holds. */
static inline struct aws_call call_to(struct snapshot_world *world, const struct reencrypt_copy *prior,
                                      struct snapshot_ref *out_ref)
{
    struct aws_call aws = { 0 };
    if (!copy_ref(world->arena, prior, out_ref, &world->err) ||
        !account_call(world->call, out_ref, CLOCK_NEVER, &aws, &world->err))
        fail_msg("%s", err_text(&world->err));
    return aws;
}

static inline struct str note_text(struct snapshot_world *world, const char *arn, const char *source, const char *key)
{
    const struct replacement_note note = { str_from(arn), str_from(source), str_from(key) };
    return note_write(world->arena, &note);
}

#endif
