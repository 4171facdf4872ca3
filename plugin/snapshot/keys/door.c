/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/door.h"

#include <pthread.h>

#include "base/flight.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/keys/access.h"
#include "plugin/snapshot/watch/cause.h"
#include "plugin/snapshot/watch/wait.h"

enum { FRESH_MS = MINUTE_MS, PLAN_LOOK_MS = 30 * SECOND_MS, APPLY_LOOK_MS = 2 * MINUTE_MS };

/* ---- What is kept ----------------------------------------------------------- */

struct entry {
    struct entry *next;
    struct str region, spelling;
    struct flight *flight;
    struct arena *arena; /* of the facts; NULL: none yet */
    struct key_facts facts;
};

struct key_cache {
    pthread_mutex_t lock;
    struct arena *arena; /* of the entries */
    struct entry *entries;
};

struct key_cache *key_cache_new(void)
{
    struct key_cache *cache = mem_alloc(sizeof(*cache));
    *cache = (struct key_cache){ .arena = arena_new() };
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void key_cache_free(struct key_cache *cache)
{
    if (!cache)
        return;
    for (struct entry *entry = cache->entries; entry; entry = entry->next) {
        flight_free(entry->flight);
        arena_free(entry->arena);
    }
    arena_free(cache->arena);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

/* One key as one call asks for it. */
struct asking {
    struct key_cache *cache;
    const struct aws_call *call;
    struct entry *entry;
};

static struct asking asking_of(struct tf_call *call, const struct aws_call *aws, struct str text)
{
    struct key_cache *cache = account_keys(call);
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = cache->entries;
    while (entry && !(str_equal(entry->spelling, text) && str_equal(entry->region, aws->region)))
        entry = entry->next;
    if (!entry) {
        entry = ARENA_NEW(cache->arena, struct entry);
        *entry = (struct entry){ .next = cache->entries,
                                 .region = str_copy(cache->arena, aws->region),
                                 .spelling = str_copy(cache->arena, text),
                                 .flight = flight_new(PLAN_LOOK_MS) };
        cache->entries = entry;
    }
    pthread_mutex_unlock(&cache->lock);
    return (struct asking){ .cache = cache, .call = aws, .entry = entry };
}

static bool recall(const struct asking *asking, int64_t max_age_ms, struct key_facts *out)
{
    const struct entry *entry = asking->entry;
    pthread_mutex_lock(&asking->cache->lock);
    const bool is_young =
        entry->arena && waiter_now_ms(asking->call->waiter) - entry->facts.lookup.asked_ms < max_age_ms;
    if (is_young) {
        *out = entry->facts;
        key_facts_keep(asking->call->arena, out);
    }
    pthread_mutex_unlock(&asking->cache->lock);
    return is_young;
}

/* An answer that a stop cut off says nothing about the key. Policy and grants are asked after the key, so
 * `asked_ms` is the time of the oldest part: a newer key replaces an older one together with its policy. */
static void keep(const struct asking *asking, const struct key_facts *facts)
{
    struct entry *entry = asking->entry;
    if (waiter_is_cancelled(asking->call->waiter))
        return;
    pthread_mutex_lock(&asking->cache->lock);
    if (!entry->arena || facts->lookup.asked_ms >= entry->facts.lookup.asked_ms) {
        arena_free(entry->arena);
        entry->arena = arena_new();
        entry->facts = *facts;
        key_facts_keep(entry->arena, &entry->facts);
    }
    pthread_mutex_unlock(&asking->cache->lock);
}

/* ---- What key is this? ------------------------------------------------------ */

/* A look that is not essential gets two minutes, not the operation's whole time. */
static struct aws_call brief_call(const struct aws_call *call)
{
    struct aws_call brief = *call;
    const int64_t until_ms = clock_after_real_ms(waiter_clock(call->waiter), APPLY_LOOK_MS);
    if (brief.deadline_ms > until_ms)
        brief.deadline_ms = until_ms;
    return brief;
}

static bool is_usable(const struct key_lookup *lookup)
{
    CLEANUP(err_clear) struct err ignored = { 0 };
    return lookup->answer == KEY_FOUND && key_check_usable(&lookup->key, &ignored);
}

bool key_ask(struct tf_call *call, const struct aws_call *aws, struct str text, enum key_age age,
             struct key_lookup *out, struct err *out_refusal, struct err *err)
{
    const struct aws_call brief = brief_call(aws);
    const struct asking asking = asking_of(call, &brief, text);
    struct key_facts facts;
    CLEANUP(err_clear) struct err refusal = { 0 };
    if (age == KEY_FRESH && !key_is_alias(text) && recall(&asking, FRESH_MS, &facts) && is_usable(&facts.lookup)) {
        *out = facts.lookup;
        return true;
    }
    if (!key_facts_begin(&brief, text, &facts, &refusal)) {
        err_move(err, &refusal);
        if (err->kind == ERR_TIMEOUT && waiter_now_ms(aws->waiter) < aws->deadline_ms)
            err->kind = ERR_IO; /* nobody's deadline but the look's own */
        return false;
    }
    keep(&asking, &facts);
    *out = facts.lookup;
    if (out_refusal)
        err_move(out_refusal, &refusal);
    return true;
}

struct str key_doubt_of(struct arena *arena, const struct err *failure)
{
    return str_format(arena, "the key could not be looked at (%s: %s)", err_part(failure, ERR_OPERATION),
                      err_text(failure));
}

void key_doubt_tell(const struct key_doubt *doubt, const char *when, struct err *err)
{
    const bool is_refused = str_starts_with(str_from(err_code(err)), STR("KMSKeyNotAccessible"));
    const bool is_cut_off = err->kind == ERR_TIMEOUT && !err_code(err)[0];
    const struct str told[] = { is_refused || is_cut_off ? doubt->untold : STR(""),
                                is_refused ? doubt->lacking : STR("") };
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++)
        if (!str_is_empty(told[i])) {
            cause_explain(err);
            err_add_remedy(err, "%s, %.*s.", when, STR_ARG(told[i]));
        }
}

/* ---- May it be used, who lacks what? ---------------------------------------- */

struct key_users key_users_of(struct tf_call *call, enum key_part part, struct str region,
                              const struct tf_string_set *readers)
{
    struct key_users users = { .part = part, .region = region };
    struct aws_identity identity;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (part != KEY_PART_NONE && account_identity(call, &identity, &ignored)) {
        users.account = identity.account;
        users.arn = identity.arn;
    }
    if (readers)
        users.readers = tf_given_texts(call->arena, readers->items, readers->count, &users.reader_count);
    return users;
}

struct found {
    enum key_access access;
    struct err refusal;
    struct str doubt;
};

static void drop_found(struct found *found)
{
    err_clear(&found->refusal);
}

/* Gets facts to that depth. False: stopped, or too long. */
typedef bool reach_fn(const struct asking *asking, enum key_depth depth, struct key_facts *facts, struct err *err);

static void judge_facts(const struct asking *asking, const struct key_facts *facts, const struct key_users *users,
                        struct found *out)
{
    drop_found(out);
    out->access = key_access_judge(asking->call->arena, facts, users, &out->refusal, &out->doubt);
}

/* The grants are asked for only where the policy alone says no. */
static bool judge(const struct asking *asking, reach_fn *reach, struct key_facts *facts, const struct key_users *users,
                  struct found *out, struct err *err)
{
    for (enum key_depth depth = KEY_POLICY; depth <= KEY_GRANTS; depth++) {
        if (!reach(asking, depth, facts, err))
            return false;
        judge_facts(asking, facts, users, out);
        if (out->access != KEY_CLOSED && out->access != KEY_NARROW)
            break;
    }
    return true;
}

/* ---- Plans: what was said once ---------------------------------------------- */

struct fetch {
    const struct asking *asking;
    enum key_depth depth;
};

static bool fetch_facts(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct fetch *fetch = argument;
    struct aws_call call = *fetch->asking->call;
    const struct asking asking = { fetch->asking->cache, &call, fetch->asking->entry };
    struct key_facts facts;
    CLEANUP(err_clear) struct err refusal = { 0 };
    call.waiter = waiter;
    call.deadline_ms = deadline_ms;
    /* It may be there by now, by a flight that landed a moment ago. */
    if (!recall(&asking, INT64_MAX, &facts) && !key_facts_begin(&call, asking.entry->spelling, &facts, &refusal)) {
        log_write(call.log, LOG_DEBUG, NULL, "%s", err_text(&refusal));
        facts = (struct key_facts){
            .lookup = { .answer = KEY_UNTOLD, .asked_ms = waiter_now_ms(waiter) }
        };
    }
    key_facts_complete(&call, fetch->depth, &facts);
    keep(&asking, &facts);
    return !waiter_is_cancelled(waiter) || err_set(err, ERR_CANCELLED, "stopped");
}

static bool reach_once(const struct asking *asking, enum key_depth depth, struct key_facts *facts, struct err *err)
{
    struct fetch fetch = { .asking = asking, .depth = depth };
    while (!recall(asking, INT64_MAX, facts) || !key_facts_reach(facts, depth))
        if (!flight_join(asking->entry->flight, asking->call->waiter, asking->call->deadline_ms, fetch_facts, &fetch,
                         err))
            return false;
    return true;
}

int64_t key_preflight_deadline_ms(const struct tf_call *call)
{
    return clock_after_real_ms(waiter_clock(call->waiter), PLAN_LOOK_MS);
}

/* A share is made under a disabled key too: somebody can enable it later. */
static const char *consequence(const struct found *found, const struct key_users *users)
{
    if (found->access == KEY_NARROW)
        return "AWS's pages disagree about whether RDS needs that for a copy or a restore in another account. The "
               "apply goes on, and RDS may refuse it there";
    return found->access == KEY_UNUSABLE && users->part == KEY_PART_NONE
               ? "The share is made all the same, but nobody can copy or restore the snapshot until that has changed"
               : "Unless that has changed by then, the apply ends here before it copies or shares anything";
}

/* Once for all resources that name the key. */
static void warn(struct tf_call *call, const char *path, const struct found *found, const struct key_users *users)
{
    if (!memory_learn(account_memory(call), MEMORY_SAID, str_from(err_text(&found->refusal))))
        return;
    tf_warn(call, path,
            found->access == KEY_CLOSED   ? "The key does not admit all who need it"
            : found->access == KEY_NARROW ? "The key may not admit all who need it"
                                          : "The key cannot be used",
            "As it is now, %s. %s.\n\n%s", err_text(&found->refusal), consequence(found, users),
            err_remedy(&found->refusal));
}

bool key_preflight_plan(struct tf_call *call, const struct aws_call *aws, struct str key, const char *path,
                        const struct key_users *users, struct err *err)
{
    const struct asking asking = asking_of(call, aws, key);
    struct key_users anybody = *users;
    struct key_facts facts;
    CLEANUP(drop_found) struct found found = { 0 };
    CLEANUP(err_clear) struct err ignored = { 0 };
    anybody.arn = STR(""); /* the apply may be another role's: plans are often made by one that only reads */
    if (!judge(&asking, reach_once, &facts, &anybody, &found, &ignored) || found.access == KEY_OPEN)
        return true;
    if (!str_is_empty(found.doubt))
        log_write(call->log, LOG_INFO, NULL, "%.*s", STR_ARG(found.doubt));
    if (found.access == KEY_MAYBE)
        return true;
    if (found.access == KEY_HOPELESS && !key_is_alias(key)) {
        err_move(err, &found.refusal);
        err_set_path(err, path);
        return false;
    }
    warn(call, path, &found, users);
    return true;
}

/* ---- Applies: what is so now ------------------------------------------------ */

static bool reach_now(const struct asking *asking, enum key_depth depth, struct key_facts *facts, struct err *err)
{
    (void)err;
    key_facts_complete(asking->call, depth, facts);
    if (str_is_empty(facts->policy_lack) && str_is_empty(facts->grants_lack))
        keep(asking, facts);
    return true;
}

struct preflight {
    struct tf_call *call;
    const struct key_lookup *key;
    const struct key_users *users;
    struct arena *arena; /* of the doubts */
    struct str before;   /* what was refused a moment before */
    struct key_doubt *doubt;
    const char *path;
};

static void find_now(const struct preflight *preflight, const struct asking *asking, struct found *out)
{
    struct key_facts facts;
    CLEANUP(err_clear) struct err never = { 0 };
    if (recall(asking, FRESH_MS, &facts) && key_facts_reach(&facts, KEY_POLICY)) {
        judge_facts(asking, &facts, preflight->users, out);
        if (out->access == KEY_OPEN || (out->access == KEY_NARROW && key_facts_reach(&facts, KEY_GRANTS)))
            return;
    }
    facts = (struct key_facts){ .lookup = *preflight->key };
    (void)judge(asking, reach_now, &facts, preflight->users, out, &never);
}

static enum wait_verdict look_at_access(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct preflight *preflight = wait->self;
    CLEANUP(drop_found) struct found found = { 0 };
    const struct aws_call brief = brief_call(call);
    const struct asking asking = asking_of(preflight->call, &brief, preflight->key->key.arn); /* whatever names it */
    find_now(preflight, &asking, &found);
    const struct str before = found.access == KEY_MAYBE ? preflight->before : STR("");
    *preflight->doubt = (struct key_doubt){
        .untold = str_format(preflight->arena, "%.*s%.*s", STR_ARG(found.doubt), STR_ARG(before)),
    };
    const bool is_over = found.access != KEY_CLOSED || wait_age_ms(wait) >= WAIT_PROPAGATION_MS;
    if (is_over && !str_is_empty(preflight->doubt->untold))
        log_write(call->log, LOG_INFO, NULL, "%.*s", STR_ARG(preflight->doubt->untold));
    if (found.access == KEY_NARROW) {
        warn(preflight->call, preflight->path, &found, preflight->users);
        preflight->doubt->lacking = str_format(preflight->arena, "%s", err_text(&found.refusal));
    }
    if (found.access == KEY_OPEN || found.access == KEY_MAYBE || found.access == KEY_NARROW)
        return WAIT_DONE;
    err_move(err, &found.refusal);
    if (is_over) {
        err_set_path(err, preflight->path);
        return WAIT_GIVES_UP;
    }
    preflight->before = str_format(preflight->arena, "; a moment before, %s", err_text(err));
    log_write(call->log, LOG_INFO, NULL, "asking again for up to %d minutes, in case the policy is new: %s",
              (int)(WAIT_PROPAGATION_MS / MINUTE_MS), err_text(err));
    return WAIT_AGAIN;
}

bool key_preflight_apply(struct tf_call *call, const struct aws_call *aws, const struct key_lookup *key,
                         const char *path, const struct key_users *users, struct key_doubt *out_doubt, struct err *err)
{
    struct preflight preflight = {
        .call = call, .key = key, .users = users, .arena = aws->arena, .doubt = out_doubt, .path = path
    };
    struct wait wait = { .call = aws, .try = look_at_access, .self = &preflight };
    return wait_run(&wait, err);
}
