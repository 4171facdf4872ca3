/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/facts.h"

#include <pthread.h>

#include "base/flight.h"
#include "plugin/snapshot/watch/wait.h"

enum { BRIEF_LOOK_MS = 2 * MINUTE_MS };

/* ---- What a key is ---------------------------------------------------------- */

bool key_look_up_or_why(const struct aws_call *call, struct str text, enum key_answer *out_answer, struct kms_key *out,
                        struct err *refusal, struct err *err)
{
    if (kms_describe_key(call, text, out, refusal)) {
        *out_answer = KEY_FOUND;
        return true;
    }
    if (refusal->kind == ERR_NOT_FOUND) {
        *out_answer = KEY_ABSENT;
        return true;
    }
    if (refusal->kind == ERR_DENIED) {
        *out_answer = KEY_UNTOLD;
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell what the key \"%.*s\" is: %s", STR_ARG(text),
                  err_text(refusal));
        return true;
    }
    err_move(err, refusal);
    return err_wrap(err, "looking up the key \"%.*s\"", STR_ARG(text));
}

bool key_look_up(const struct aws_call *call, struct str text, enum key_answer *out_answer, struct kms_key *out,
                 struct err *err)
{
    CLEANUP(err_clear) struct err refusal = { 0 };
    return key_look_up_or_why(call, text, out_answer, out, &refusal, err);
}

struct aws_call key_brief_call(const struct aws_call *call)
{
    struct aws_call brief = *call;
    const int64_t until_ms = clock_after_real_ms(waiter_clock(call->waiter), BRIEF_LOOK_MS);
    if (brief.deadline_ms > until_ms)
        brief.deadline_ms = until_ms;
    return brief;
}

bool key_may_be_told_later(const struct aws_call *call, const struct err *failure)
{
    const bool has_time = waiter_now_ms(call->waiter) < call->deadline_ms;
    return wait_is_passing(failure) || (failure->kind == ERR_TIMEOUT && has_time);
}

struct str key_doubt_of(struct arena *arena, const struct err *failure)
{
    return str_format(arena, "the key could not be looked at (%s: %s)", err_part(failure, ERR_OPERATION),
                      err_text(failure));
}

/* ---- Policy and grants ------------------------------------------------------ */

/* "kms:GetKeyPolicy: AccessDeniedException" */
static struct str lack_of(struct arena *arena, const char *action, const struct err *refusal)
{
    return str_format(arena, "%s: %s", action, err_code(refusal)[0] ? err_code(refusal) : err_kind_name(refusal->kind));
}

static void read_policy(const struct aws_call *call, struct key_facts *facts)
{
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (str_is_empty(call->account) || !str_equal(facts->key.account, call->account)) {
        facts->policy_lack = str_format(call->arena, "it belongs to account %.*s", STR_ARG(facts->key.account));
        return;
    }
    if (kms_get_key_policy(call, facts->key.arn, &facts->policy, &refusal))
        return;
    log_write(call->log, LOG_DEBUG, NULL, "the policy of %.*s is not told: %s", STR_ARG(facts->key.arn),
              err_text(&refusal));
    facts->policy_lack = lack_of(call->arena, "kms:GetKeyPolicy", &refusal);
}

void key_facts_read_known(const struct aws_call *call, const struct kms_key *key, struct key_facts *out)
{
    *out = (struct key_facts){ .answer = KEY_FOUND, .key = *key };
    if (!str_equal(key->key_manager, STR("AWS")))
        read_policy(call, out);
}

void key_facts_read(const struct aws_call *call, struct str key, struct key_facts *out)
{
    enum key_answer answer = KEY_UNTOLD;
    struct kms_key found;
    CLEANUP(err_clear) struct err refusal = { 0 };
    const bool is_answered = key_look_up(call, key, &answer, &found, &refusal);
    if (!is_answered)
        log_write(call->log, LOG_DEBUG, NULL, "%s", err_text(&refusal));
    if (is_answered && key_is_at_hand(call, key, answer, &found))
        key_facts_read_known(call, &found, out);
    else
        *out = (struct key_facts){ .answer = answer, .policy_lack = STR("kms:DescribeKey does not tell what it is") };
}

void key_facts_read_grants(const struct aws_call *call, struct key_facts *facts)
{
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (facts->grants_answer != KEY_GRANTS_NOT_ASKED)
        return;
    bool is_told = kms_list_grants(call, facts->key.arn, &facts->grants, &refusal);
    facts->grants_answer = is_told ? KEY_GRANTS_TOLD : KEY_GRANTS_UNTOLD;
    if (is_told)
        return;
    facts->grants_lack = lack_of(call->arena, "kms:ListGrants", &refusal);
    log_write(call->log, LOG_DEBUG, NULL, "the grants on %.*s are not told: %s", STR_ARG(facts->key.arn),
              err_text(&refusal));
}

/* ---- Cache ---------------------------------------------------------------- */

struct entry {
    struct entry *next;
    struct str region, spelling;
    struct flight *flight;
    bool is_known;
    int64_t known_ms; /* monotonic */
    struct key_facts facts;
};

struct key_cache {
    pthread_mutex_t lock;
    struct arena *arena; /* of entries and facts; used under the lock */
    struct entry *entries;
};

struct key_cache *key_cache_new(void)
{
    struct key_cache *cache = mem_alloc(sizeof(*cache));
    pthread_mutex_init(&cache->lock, NULL);
    cache->arena = arena_new();
    return cache;
}

void key_cache_free(struct key_cache *cache)
{
    if (!cache)
        return;
    for (struct entry *entry = cache->entries; entry; entry = entry->next)
        flight_free(entry->flight);
    arena_free(cache->arena);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

static struct entry *entry_of(struct key_cache *cache, struct str region, struct str spelling)
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = cache->entries;
    while (entry && !(str_equal(entry->spelling, spelling) && str_equal(entry->region, region)))
        entry = entry->next;
    if (!entry) {
        entry = ARENA_NEW(cache->arena, struct entry);
        *entry = (struct entry){ .next = cache->entries,
                                 .region = str_copy(cache->arena, region),
                                 .spelling = str_copy(cache->arena, spelling),
                                 .flight = flight_new(KEY_PLAN_LOOK_MS) };
        cache->entries = entry;
    }
    pthread_mutex_unlock(&cache->lock);
    return entry;
}

static void keep(struct key_cache *cache, struct entry *entry, const struct key_facts *facts, int64_t now_ms)
{
    pthread_mutex_lock(&cache->lock);
    struct key_facts kept = *facts;
    kms_keep_key(cache->arena, &kept.key);
    kms_keep_grants(cache->arena, &kept.grants);
    kept.policy = str_copy(cache->arena, facts->policy);
    kept.policy_lack = str_copy(cache->arena, facts->policy_lack);
    kept.grants_lack = str_copy(cache->arena, facts->grants_lack);
    entry->facts = kept;
    entry->is_known = true;
    entry->known_ms = now_ms;
    pthread_mutex_unlock(&cache->lock);
}

/* True when what is wanted is there. */
static bool has(struct key_cache *cache, const struct entry *entry, bool with_grants, struct key_facts *out)
{
    pthread_mutex_lock(&cache->lock);
    bool is_enough = entry->is_known && (!with_grants || entry->facts.grants_answer != KEY_GRANTS_NOT_ASKED);
    if (entry->is_known)
        *out = entry->facts;
    pthread_mutex_unlock(&cache->lock);
    return is_enough;
}

struct fetch {
    struct key_cache *cache;
    struct entry *entry;
    const struct aws_call *call;
    bool with_grants;
};

static bool fetch_facts(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct fetch *fetch = argument;
    struct aws_call call = *fetch->call;
    call.waiter = waiter;
    call.deadline_ms = deadline_ms;
    struct key_facts facts = { .answer = KEY_UNTOLD };
    if (has(fetch->cache, fetch->entry, fetch->with_grants, &facts))
        return true; /* by a flight that landed a moment ago */
    if (!fetch->entry->is_known)
        key_facts_read(&call, fetch->entry->spelling, &facts);
    if (fetch->with_grants)
        key_facts_read_grants(&call, &facts);
    /* What was cut off by a stop says nothing of the key. */
    if (waiter_is_cancelled(waiter))
        return err_set(err, ERR_CANCELLED, "stopped");
    keep(fetch->cache, fetch->entry, &facts, waiter_now_ms(waiter));
    return true;
}

bool key_cache_get(struct key_cache *cache, const struct aws_call *call, struct str key, bool with_grants,
                   struct key_facts *out, struct err *err)
{
    struct entry *entry = entry_of(cache, call->region, key);
    struct fetch fetch = { .cache = cache, .entry = entry, .call = call, .with_grants = with_grants };
    while (!has(cache, entry, with_grants, out))
        if (!flight_join(entry->flight, call->waiter, call->deadline_ms, fetch_facts, &fetch, err))
            return false;
    return true;
}

bool key_cache_find(struct key_cache *cache, const struct aws_call *call, struct str key, int64_t max_age_ms,
                    struct key_facts *out)
{
    const struct entry *entry = entry_of(cache, call->region, key);
    pthread_mutex_lock(&cache->lock);
    const bool is_fresh = entry->is_known && waiter_now_ms(call->waiter) - entry->known_ms < max_age_ms;
    if (is_fresh)
        *out = entry->facts;
    pthread_mutex_unlock(&cache->lock);
    return is_fresh;
}
