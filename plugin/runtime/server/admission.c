/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/admission.h"

#include <pthread.h>

#include "base/arena.h"

struct admission {
    pthread_mutex_t lock;
    size_t message_max_bytes;
    size_t budget_bytes;
    int64_t patience_ms;
    size_t arrived_bytes;
    struct admission_entry *waiting, **waiting_end;
    struct admission_entry *reading; /* those that count */
    size_t reading_count;
};

struct admission *admission_new(size_t message_max_bytes, size_t budget_bytes, int64_t patience_ms)
{
    struct admission *admission = mem_alloc(sizeof(*admission));
    pthread_mutex_init(&admission->lock, NULL);
    admission->message_max_bytes = message_max_bytes;
    admission->budget_bytes = budget_bytes;
    admission->patience_ms = patience_ms;
    admission->waiting_end = &admission->waiting;
    return admission;
}

void admission_free(struct admission *admission)
{
    if (!admission)
        return;
    pthread_mutex_destroy(&admission->lock);
    mem_free(admission);
}

void admission_ask(struct admission *admission, struct admission_entry *entry)
{
    pthread_mutex_lock(&admission->lock);
    entry->next = NULL;
    *admission->waiting_end = entry;
    admission->waiting_end = &entry->next;
    pthread_mutex_unlock(&admission->lock);
}

static void stop_counting(struct admission *admission, struct admission_entry *entry)
{
    for (struct admission_entry **link = &admission->reading; *link; link = &(*link)->next) {
        if (*link != entry)
            continue;
        *link = entry->next;
        entry->counts = false;
        admission->reading_count--;
        return;
    }
}

/* Entries are added at the front, so the last one has been read longest. */
static struct admission_entry *oldest(const struct admission *admission)
{
    struct admission_entry *entry = admission->reading;
    while (entry && entry->next)
        entry = entry->next;
    return entry;
}

static bool has_room(const struct admission *admission)
{
    size_t reserved = (admission->reading_count + 1) * admission->message_max_bytes;
    return reserved <= admission->budget_bytes && admission->arrived_bytes <= admission->budget_bytes - reserved;
}

static struct admission_entry *next_locked(struct admission *admission, int64_t now_ms)
{
    struct admission_entry *slow = oldest(admission);
    struct admission_entry *entry = admission->waiting;
    if (!entry)
        return NULL;
    if (!has_room(admission) && slow && now_ms - slow->since_ms >= admission->patience_ms)
        stop_counting(admission, slow);
    if (!has_room(admission))
        return NULL;
    admission->waiting = entry->next;
    if (!admission->waiting)
        admission->waiting_end = &admission->waiting;
    entry->since_ms = now_ms;
    entry->counts = true;
    entry->next = admission->reading;
    admission->reading = entry;
    admission->reading_count++;
    return entry;
}

struct admission_entry *admission_next(struct admission *admission, int64_t now_ms)
{
    pthread_mutex_lock(&admission->lock);
    struct admission_entry *entry = next_locked(admission, now_ms);
    pthread_mutex_unlock(&admission->lock);
    return entry;
}

void admission_arrived(struct admission *admission, struct admission_entry *entry, size_t bytes)
{
    pthread_mutex_lock(&admission->lock);
    if (entry->counts)
        stop_counting(admission, entry);
    entry->bytes = bytes;
    admission->arrived_bytes += bytes;
    pthread_mutex_unlock(&admission->lock);
}

void admission_done(struct admission *admission, struct admission_entry *entry)
{
    pthread_mutex_lock(&admission->lock);
    admission->arrived_bytes -= entry->bytes;
    entry->bytes = 0;
    pthread_mutex_unlock(&admission->lock);
}

int64_t admission_look_again_ms(struct admission *admission)
{
    pthread_mutex_lock(&admission->lock);
    const struct admission_entry *slow = oldest(admission);
    int64_t at_ms = admission->waiting && slow ? slow->since_ms + admission->patience_ms : INT64_MAX;
    pthread_mutex_unlock(&admission->lock);
    return at_ms;
}
