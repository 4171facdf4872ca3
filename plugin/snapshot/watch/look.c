/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/look.h"

#include <pthread.h>

#include "aws/arn.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/status.h"

enum { LOOK_AGAIN_MS = 30 * SECOND_MS, FRESH_MS = 30 * SECOND_MS };

bool look_at_snapshot(const struct aws_call *call, enum rds_kind kind, struct str name, struct rds_snapshot *out,
                      struct err *err)
{
    struct rds_snapshot found;
    if (!rds_describe_snapshot(call, kind, name, &found, err))
        return false;
    bool sends_tags = !str_equal(found.engine, STR("neptune")) && !str_equal(found.engine, STR("docdb"));
    if (!sends_tags && !found.tags.count && !rds_list_tags(call, found.arn, &found.tags, err))
        return false;
    *out = found;
    return true;
}

/* ---- Where there is nothing ------------------------------------------------ */

/* An ARN says all of it, a name is of the caller's account and Region. */
static struct snapshot_ref wanted_of(const struct aws_call *call, enum rds_kind kind, struct str id)
{
    CLEANUP(err_clear) struct err ignored = { 0 };
    struct snapshot_ref wanted = { .region = call->region, .account = call->account, .kind = kind, .name = id };
    (void)(aws_is_arn(id) && snapshot_ref_parse(call->arena, id, &wanted, &ignored));
    return wanted;
}

static bool is_own(const struct aws_call *call, struct str id)
{
    return str_equal(wanted_of(call, RDS_CLUSTER, id).account, call->account);
}

bool look_is_absent(const struct aws_call *call, struct str id, const struct err *refusal)
{
    return refusal->kind == ERR_NOT_FOUND || (cause_of(refusal) == CAUSE_SHARE && !is_own(call, id));
}

/* Has AWS one of the other kind under the same name? */
static bool find_other_kind(const struct aws_call *call, struct snapshot_ref other, bool by_arn,
                            struct rds_snapshot *out)
{
    CLEANUP(err_clear) struct err ignored = { 0 };
    struct aws_call brief = *call;
    const int64_t until_ms = clock_after_real_ms(waiter_clock(call->waiter), LOOK_AGAIN_MS);
    if (brief.deadline_ms > until_ms)
        brief.deadline_ms = until_ms;
    brief.request_id = NULL;
    const struct str id = by_arn ? snapshot_ref_arn(call->arena, &other) : other.name;
    return rds_describe_snapshot(&brief, other.kind, id, out, &ignored);
}

static void say_what_to_do(const struct aws_call *call, const struct snapshot_ref *wanted, bool by_arn, struct err *err)
{
    struct rds_snapshot found;
    struct snapshot_ref other = *wanted;
    other.kind = wanted->kind == RDS_CLUSTER ? RDS_INSTANCE : RDS_CLUSTER;
    const bool owns = str_equal(wanted->account, call->account);
    const char *denied = err->kind == ERR_NOT_FOUND
                             ? ""
                             : " Or no IAM policy allows this caller to describe it (data source "
                               "snapshot_caller_policy).";
    if (find_other_kind(call, other, by_arn, &found))
        err_set_remedy(err, "The %s %.*s exists. If you mean it, set snapshot_kind = \"%s\"%s.",
                       snapshot_kind_of(other.kind)->noun, STR_ARG(found.arn), snapshot_kind_of(other.kind)->name,
                       by_arn ? " and write this ARN" : "");
    else if (owns && by_arn)
        err_set_remedy(err, "Check the name and the Region in the ARN, and whether the snapshot was deleted.");
    else if (owns)
        err_set_remedy(err, "Check the name, and whether this account and Region are the right ones. A snapshot of "
                            "another account or Region is named by its ARN.");
    else if (snapshot_name_is_automated(wanted->name))
        err_set_remedy(err,
                       "AWS made this snapshot, and such a snapshot cannot be shared. In account %.*s, copy it "
                       "(snapshot_reencrypt_copy) and share the copy with account %.*s; name that copy here.",
                       STR_ARG(wanted->account), STR_ARG(call->account));
    else
        err_set_remedy(err,
                       "Either account %.*s has no such snapshot, or it is not shared with account %.*s: share it "
                       "there (snapshot_share with account_ids = [\"%.*s\"]).%s",
                       STR_ARG(wanted->account), STR_ARG(call->account), STR_ARG(call->account), denied);
}

void look_explain_absent(const struct aws_call *call, enum rds_kind kind, struct str id, struct err *err)
{
    if (err->kind == ERR_CANCELLED || str_is_empty(call->account) || !look_is_absent(call, id, err))
        return;
    const struct snapshot_ref wanted = wanted_of(call, kind, id);
    say_what_to_do(call, &wanted, aws_is_arn(id), err);
    (void)err_wrap(err, "account %.*s sees no %s \"%.*s\" in the Region %.*s", STR_ARG(call->account),
                   snapshot_kind_of(kind)->noun, STR_ARG(id), STR_ARG(call->region));
}

/* ---- Sources that were seen a moment ago -------------------------------------- */

struct seen {
    struct seen *next;
    struct str arn;
    struct arena *arena; /* of the snapshot */
    struct rds_snapshot snapshot;
    int64_t seen_ms; /* monotonic */
};

struct look_cache {
    pthread_mutex_t lock;
    struct arena *arena; /* of the entries */
    struct seen *first;
};

struct look_cache *look_cache_new(void)
{
    struct look_cache *cache = mem_alloc(sizeof(*cache));
    *cache = (struct look_cache){ .arena = arena_new() };
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void look_cache_free(struct look_cache *cache)
{
    if (!cache)
        return;
    for (struct seen *seen = cache->first; seen; seen = seen->next)
        arena_free(seen->arena);
    arena_free(cache->arena);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

/* The lock is held. */
static struct seen *find_seen(struct look_cache *cache, struct str arn)
{
    struct seen *seen = cache->first;
    while (seen && !str_equal(seen->arn, arn))
        seen = seen->next;
    return seen;
}

static bool recall(struct look_cache *cache, const struct aws_call *call, struct str arn, struct rds_snapshot *out)
{
    pthread_mutex_lock(&cache->lock);
    const struct seen *seen = find_seen(cache, arn);
    const bool is_fresh = seen && waiter_now_ms(call->waiter) - seen->seen_ms < FRESH_MS;
    if (is_fresh) {
        *out = seen->snapshot;
        rds_keep_snapshot(call->arena, out);
    }
    pthread_mutex_unlock(&cache->lock);
    return is_fresh;
}

static void remember(struct look_cache *cache, struct str arn, const struct rds_snapshot *found, int64_t now_ms)
{
    pthread_mutex_lock(&cache->lock);
    struct seen *seen = find_seen(cache, arn);
    if (!seen) {
        seen = ARENA_NEW(cache->arena, struct seen);
        *seen = (struct seen){ .next = cache->first, .arn = str_copy(cache->arena, arn) };
        cache->first = seen;
    }
    arena_free(seen->arena);
    seen->arena = arena_new();
    seen->snapshot = *found;
    rds_keep_snapshot(seen->arena, &seen->snapshot);
    seen->seen_ms = now_ms;
    pthread_mutex_unlock(&cache->lock);
}

bool look_at_source(struct look_cache *cache, const struct aws_call *call, const struct snapshot_ref *ref,
                    struct str id, struct rds_snapshot *out, struct err *err)
{
    const struct str arn = snapshot_ref_arn(call->arena, ref);
    if (recall(cache, call, arn, out))
        return true;
    if (!rds_describe_snapshot(call, ref->kind, id, out, err))
        return false;
    if (status_is_available(out->status))
        remember(cache, arn, out, waiter_now_ms(call->waiter));
    return true;
}
