/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/cache.h"

#include <string.h>

#include "aws/http/message.h"
#include "base/flight.h"

enum {
    EARLY_REFRESH_MS = 10 * MINUTE_MS,
    EARLY_RETRY_MS = MINUTE_MS,     /* after an early refresh that failed */
    FETCH_LIMIT_MS = 5 * MINUTE_MS, /* attempts and pauses included */
    /* What came with an expiry in the past is used this long: this machine's clock is more likely
     * to be wrong than AWS's, and AWS says when they have expired. */
    EXPIRED_ON_ARRIVAL_MS = 5 * MINUTE_MS
};

/* Owned copies on the checked heap. */
struct held_credentials {
    struct aws_credentials value;
    int64_t refresh_wall_ms; /* from here on better ones are wanted; 0: never */
    int64_t expires_wall_ms; /* from here on these are no good; 0: never */
};

struct aws_credentials_cache {
    struct aws_credentials_source source;
    struct clock clock;
    struct flight *flight;
    pthread_mutex_t lock; /* of `held`; not held while fetching */
    bool is_full;
    struct held_credentials held;
};

void aws_credentials_source_clear(struct aws_credentials_source *source)
{
    if (source->free)
        source->free(source->self);
    *source = (struct aws_credentials_source){ 0 };
}

static struct str hold(struct str text)
{
    return (struct str){ mem_copy(text.ptr, text.len), text.len };
}

static char *hold_text(const char *text)
{
    return text ? mem_copy(text, strlen(text) + 1) : NULL;
}

static void let_go(struct str text)
{
    mem_wipe((char *)text.ptr, text.len);
    mem_free((char *)text.ptr);
}

static void empty_locked(struct aws_credentials_cache *cache)
{
    struct aws_credentials *value = &cache->held.value;
    if (!cache->is_full)
        return;
    let_go(value->access_key_id);
    let_go(value->secret_access_key);
    let_go(value->session_token);
    mem_free((char *)value->source);
    mem_free((char *)value->renewal);
    cache->held = (struct held_credentials){ 0 };
    cache->is_full = false;
}

struct aws_credentials_cache *aws_credentials_cache_new(struct aws_credentials_source source, const struct clock *clock)
{
    struct aws_credentials_cache *cache = mem_alloc(sizeof(*cache));
    cache->source = source;
    cache->clock = *clock;
    cache->flight = flight_new(FETCH_LIMIT_MS);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void aws_credentials_cache_free(struct aws_credentials_cache *cache)
{
    if (!cache)
        return;
    empty_locked(cache);
    pthread_mutex_destroy(&cache->lock);
    flight_free(cache->flight);
    aws_credentials_source_clear(&cache->source);
    mem_free(cache);
}

/* Quotes and placeholders of a file of variables; and what the secret has, which AWS's refusal would show. */
static bool check_key_id(const struct aws_credentials *fetched, struct err *err)
{
    static const char foreign[] = "\"'/+,=$<>{}";
    const struct str id = fetched->access_key_id;
    for (size_t i = 0; i < id.len; i++)
        if (strchr(foreign, id.ptr[i])) {
            err_set(err, ERR_INVALID, "the access key id from %s contains a %c, which no access key ID has",
                    fetched->source, id.ptr[i]);
            err_set_remedy(err, "Look for quotes, for a placeholder such as ${NAME} that nothing has replaced, and for "
                                "the secret access key in its place.");
            return false;
        }
    return true;
}

/* They go into header lines, where anything else would end or add one. */
static bool check(const struct aws_credentials *fetched, struct err *err)
{
    const struct {
        const char *what;
        struct str text;
        bool may_be_empty;
    } parts[] = {
        { "access key id",     fetched->access_key_id,     false },
        { "secret access key", fetched->secret_access_key, false },
        { "session token",     fetched->session_token,     true  },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (str_is_empty(parts[i].text) && !parts[i].may_be_empty)
            return err_set(err, ERR_INVALID, "the %s from %s is empty", parts[i].what, fetched->source);
        if (!http_is_header_word(parts[i].text)) {
            err_set(err, ERR_INVALID, "the %s from %s contains a blank, a line break or a character that is not ASCII",
                    parts[i].what, fetched->source);
            err_set_remedy(err, "Copy it again: most often something beside it was taken along.");
            return false;
        }
    }
    return check_key_id(fetched, err);
}

static void store(struct aws_credentials_cache *cache, const struct aws_credentials *fetched, struct log *log)
{
    int64_t now_ms = clock_wall_ms(&cache->clock);
    int64_t expires_ms = fetched->expires_wall_ms;
    if (expires_ms && expires_ms <= now_ms) {
        log_write(log, LOG_WARN, NULL, "the credentials from %s had expired when they came: is this clock right?",
                  fetched->source);
        expires_ms = now_ms + EXPIRED_ON_ARRIVAL_MS;
    }
    int64_t early_ms = (expires_ms - now_ms) / 4;
    if (early_ms > EARLY_REFRESH_MS)
        early_ms = EARLY_REFRESH_MS;
    const struct held_credentials held = {
        .value = { .access_key_id = hold(fetched->access_key_id),
                  .secret_access_key = hold(fetched->secret_access_key),
                  .session_token = hold(fetched->session_token),
                  .expires_wall_ms = fetched->expires_wall_ms,
                  .ends_wall_ms = fetched->ends_wall_ms,
                  .renewal = hold_text(fetched->renewal),
                  .kind = fetched->kind,
                  .base_kind = fetched->base_kind,
                  .source = hold_text(fetched->source) },
        .refresh_wall_ms = expires_ms ? expires_ms - early_ms : 0,
        .expires_wall_ms = expires_ms,
    };
    pthread_mutex_lock(&cache->lock);
    empty_locked(cache);
    cache->held = held;
    cache->is_full = true;
    pthread_mutex_unlock(&cache->lock);
    log_write(log, LOG_DEBUG, NULL, "credentials come from %s", fetched->source);
}

enum good_until { GOOD_UNTIL_REFRESH, GOOD_UNTIL_EXPIRY };

static bool is_good_locked(const struct aws_credentials_cache *cache, enum good_until until)
{
    int64_t limit_ms = until == GOOD_UNTIL_EXPIRY ? cache->held.expires_wall_ms : cache->held.refresh_wall_ms;
    return cache->is_full && (!limit_ms || clock_wall_ms(&cache->clock) < limit_ms);
}

static bool is_good(struct aws_credentials_cache *cache, enum good_until until)
{
    pthread_mutex_lock(&cache->lock);
    bool answer = is_good_locked(cache, until);
    pthread_mutex_unlock(&cache->lock);
    return answer;
}

static bool copy_if_good(struct aws_credentials_cache *cache, enum good_until until, struct arena *arena,
                         struct aws_credentials *out)
{
    pthread_mutex_lock(&cache->lock);
    bool answer = is_good_locked(cache, until);
    if (answer) {
        const struct aws_credentials *value = &cache->held.value;
        out->access_key_id = str_copy(arena, value->access_key_id);
        out->secret_access_key = str_copy(arena, value->secret_access_key);
        out->session_token = str_copy(arena, value->session_token);
        out->expires_wall_ms = value->expires_wall_ms;
        out->ends_wall_ms = value->ends_wall_ms;
        out->renewal = value->renewal ? str_c(arena, str_from(value->renewal)) : NULL;
        out->kind = value->kind;
        out->base_kind = value->base_kind;
        out->source = str_c(arena, str_from(value->source));
    }
    pthread_mutex_unlock(&cache->lock);
    return answer;
}

/* The old ones are kept for a while rather than tried again by every call. */
static void postpone_refresh(struct aws_credentials_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    if (is_good_locked(cache, GOOD_UNTIL_EXPIRY))
        cache->held.refresh_wall_ms = clock_wall_ms(&cache->clock) + EARLY_RETRY_MS;
    if (cache->held.refresh_wall_ms > cache->held.expires_wall_ms)
        cache->held.refresh_wall_ms = cache->held.expires_wall_ms;
    pthread_mutex_unlock(&cache->lock);
}

struct errand {
    struct aws_credentials_cache *cache;
    const struct aws_credentials_call *call;
};

/* The flight's fetch: for all who wait, so neither the caller's stop nor its deadline counts. */
static bool refresh(void *argument, struct waiter *waiter, int64_t deadline_ms, struct err *err)
{
    const struct errand *errand = argument;
    struct aws_credentials_cache *cache = errand->cache;
    struct aws_credentials fetched;
    const struct aws_credentials_call call = {
        .arena = errand->call->arena,
        .waiter = waiter,
        .deadline_ms = deadline_ms,
        .log = errand->call->log,
        .trail = errand->call->trail,
    };
    if (is_good(cache, GOOD_UNTIL_REFRESH))
        return true; /* another flight landed between this caller's look and its boarding */
    if (!cache->source.fetch(cache->source.self, &call, &fetched, err) || !check(&fetched, err)) {
        aws_credentials_note(call.trail, AWS_FAILED, "%s", err_text(err));
        postpone_refresh(cache);
        return false;
    }
    aws_credentials_note(call.trail, AWS_USED, "%s", fetched.source);
    store(cache, &fetched, errand->call->log);
    return true;
}

bool aws_credentials_cache_get(struct aws_credentials_cache *cache, const struct aws_credentials_call *call,
                               struct aws_credentials *out, struct err *err)
{
    struct errand errand = { cache, call };
    CLEANUP(err_clear) struct err failure = { 0 };
    while (!copy_if_good(cache, GOOD_UNTIL_REFRESH, call->arena, out)) {
        if (flight_join(cache->flight, call->waiter, call->deadline_ms, refresh, &errand, &failure))
            continue; /* look again: they may have been dropped meanwhile */
        if (copy_if_good(cache, GOOD_UNTIL_EXPIRY, call->arena, out)) {
            log_write(call->log, LOG_WARN, NULL, "the credentials could not be refreshed early: %s",
                      err_text(&failure));
            return true;
        }
        err_move(err, &failure);
        return false;
    }
    return true;
}

void aws_credentials_cache_drop(struct aws_credentials_cache *cache, struct str access_key_id)
{
    pthread_mutex_lock(&cache->lock);
    if (cache->is_full && str_equal(cache->held.value.access_key_id, access_key_id))
        empty_locked(cache);
    pthread_mutex_unlock(&cache->lock);
}
