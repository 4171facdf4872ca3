/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/turn.h"

#include <pthread.h>

struct turn_line {
    pthread_mutex_t lock;
    struct turn_ticket *first; /* of all goals, in the order of their coming */
};

struct turn_line *turn_line_new(void)
{
    struct turn_line *line = mem_alloc(sizeof(*line));
    pthread_mutex_init(&line->lock, NULL);
    return line;
}

void turn_line_free(struct turn_line *line)
{
    if (!line)
        return;
    pthread_mutex_destroy(&line->lock);
    mem_free(line);
}

/* The link that holds `ticket`, or the last one. */
static struct turn_ticket **find_link(struct turn_line *line, const struct turn_ticket *ticket)
{
    struct turn_ticket **link = &line->first;
    while (*link && *link != ticket)
        link = &(*link)->next;
    return link;
}

void turn_line_join(struct turn_line *line, struct turn_ticket *ticket)
{
    pthread_mutex_lock(&line->lock);
    struct turn_ticket **link = find_link(line, ticket);
    if (!*link) {
        ticket->next = NULL;
        *link = ticket;
    }
    pthread_mutex_unlock(&line->lock);
}

void turn_line_leave(struct turn_line *line, struct turn_ticket *ticket)
{
    pthread_mutex_lock(&line->lock);
    struct turn_ticket **link = find_link(line, ticket);
    if (*link) {
        *link = ticket->next;
        for (struct turn_ticket *other = *link; other; other = other->next)
            waiter_wake(other->waiter);
    }
    pthread_mutex_unlock(&line->lock);
}

size_t turn_line_ahead(struct turn_line *line, const struct turn_ticket *ticket)
{
    size_t ahead = 0;
    pthread_mutex_lock(&line->lock);
    for (const struct turn_ticket *other = line->first; other && other != ticket; other = other->next)
        ahead += str_equal(other->goal, ticket->goal);
    pthread_mutex_unlock(&line->lock);
    return ahead;
}

bool turn_line_wait(struct turn_line *line, struct turn_ticket *ticket, int64_t until_ms, struct log *log,
                    struct err *err)
{
    size_t ahead, said = 0;
    turn_line_join(line, ticket);
    while ((ahead = turn_line_ahead(line, ticket)) > 0) {
        if (ahead != said)
            log_write(log, LOG_INFO, NULL, "waiting for %.*s, %zu ahead in line", STR_ARG(ticket->goal), ahead);
        said = ahead;
        const enum waiter_result result = waiter_wait(ticket->waiter, until_ms);
        if (result != WAITER_WOKEN)
            return err_set(err, result == WAITER_CANCELLED ? ERR_CANCELLED : ERR_TIMEOUT,
                           "%s while it waited in line for %.*s (before it in this configuration: %zu)",
                           result == WAITER_CANCELLED ? "stopped" : "the time limit has passed", STR_ARG(ticket->goal),
                           ahead);
    }
    return true;
}
