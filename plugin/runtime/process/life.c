/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/life.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/linux/error_text.h"
#include "base/linux/pollable.h"
#include "plugin/runtime/limits.h"

struct late_line {
    enum log_level level;
    char text[LATE_LINE_MAX_BYTES];
};

struct life {
    int event;
    pthread_mutex_t lock;
    enum life_end end;
    struct late_line lines[LATE_LINES_MAX];
    size_t line_count;
    size_t dropped;
};

bool life_new(struct life **out, struct err *err)
{
    int event = os_event_open();
    if (event < 0)
        return err_set(err, ERR_IO, "making an event descriptor: %s", os_error_text(errno));
    struct life *life = mem_alloc(sizeof(*life));
    life->event = event;
    pthread_mutex_init(&life->lock, NULL);
    *out = life;
    return true;
}

void life_free(struct life *life)
{
    if (!life)
        return;
    close(life->event);
    pthread_mutex_destroy(&life->lock);
    mem_free(life);
}

void life_nudge(struct life *life)
{
    os_event_set(life->event);
}

void life_end(struct life *life, enum life_end why)
{
    pthread_mutex_lock(&life->lock);
    if (life->end == LIFE_GOES_ON)
        life->end = why;
    pthread_mutex_unlock(&life->lock);
    life_nudge(life);
}

void life_say(struct life *life, enum log_level level, const char *text)
{
    pthread_mutex_lock(&life->lock);
    if (life->line_count == LATE_LINES_MAX) {
        life->dropped++;
    } else {
        struct late_line *line = &life->lines[life->line_count++];
        size_t length = strnlen(text, sizeof(line->text) - 1);
        line->level = level;
        memcpy(line->text, text, length);
        line->text[length] = '\0';
    }
    pthread_mutex_unlock(&life->lock);
    life_nudge(life);
}

/* What nohup made ignored stays so: blocked, it would be queued all the same. */
static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t interrupts(bool has_host)
{
    sigset_t signals;
    const int second = has_host ? SIGHUP : SIGINT;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    if (!has_host || !is_ignored(second))
        sigaddset(&signals, second);
    return signals;
}

int life_interrupt_descriptor(bool has_host)
{
    const sigset_t signals = interrupts(has_host);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    return os_signals_open(&signals);
}

/* The one that has come is still pending and must not count twice. */
void life_allow_interrupts(void)
{
    const sigset_t signals = interrupts(false);
    os_signals_take(&signals);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

/* One line out of the buffer, so that the lock is not held while it is written. */
static bool take_line(struct life *life, struct late_line *out)
{
    pthread_mutex_lock(&life->lock);
    bool any = life->line_count > 0;
    if (any) {
        *out = life->lines[0];
        life->line_count--;
        memmove(life->lines, life->lines + 1, life->line_count * sizeof(life->lines[0]));
    }
    pthread_mutex_unlock(&life->lock);
    return any;
}

static void write_lines(struct life *life, struct log *log)
{
    struct late_line line;
    while (take_line(life, &line))
        log_write(log, line.level, NULL, "%s", line.text);
    pthread_mutex_lock(&life->lock);
    size_t dropped = life->dropped;
    life->dropped = 0;
    pthread_mutex_unlock(&life->lock);
    if (dropped)
        log_write(log, LOG_WARN, NULL, "%zu log lines were dropped: too many at once", dropped);
}

static enum life_end end_of(struct life *life)
{
    pthread_mutex_lock(&life->lock);
    enum life_end end = life->end;
    pthread_mutex_unlock(&life->lock);
    return end;
}

enum life_end life_wait(struct life *life, const struct life_watch *watch)
{
    struct pollfd descriptors[] = {
        { .fd = life->event,      .events = POLLIN },
        { .fd = watch->parent,    .events = POLLIN }, /* poll skips a descriptor of -1 */
        { .fd = watch->interrupt, .events = POLLIN },
        { .fd = watch->listener,  .events = POLLIN },
    };
    bool interrupted = false;
    while (end_of(life) == LIFE_GOES_ON) {
        if (poll(descriptors, ARRAY_LENGTH(descriptors), -1) < 0)
            continue; /* a signal */
        if (descriptors[1].revents)
            life_end(life, LIFE_HOST_GONE);
        if (descriptors[2].revents) {
            interrupted = true;
            descriptors[2].fd = -1;
        }
        os_event_take(life->event);
        write_lines(life, watch->log);
        if (watch->on_turn)
            watch->on_turn(watch->self);
        if (interrupted && !(watch->is_in_use && watch->is_in_use(watch->self)))
            life_end(life, LIFE_INTERRUPTED);
    }
    write_lines(life, watch->log);
    return end_of(life);
}
