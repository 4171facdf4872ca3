/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/slot_line.h"

#include <pthread.h>

struct slot_line {
    pthread_mutex_t lock;
    struct slot_ticket *first; /* of all places, in the order of their coming */
};

struct slot_line *slot_line_new(void)
{
    struct slot_line *line = mem_alloc(sizeof(*line));
    pthread_mutex_init(&line->lock, NULL);
    return line;
}

void slot_line_free(struct slot_line *line)
{
    if (!line)
        return;
    pthread_mutex_destroy(&line->lock);
    mem_free(line);
}

/* The link that holds `ticket`, or the last one. */
static struct slot_ticket **find_link(struct slot_line *line, const struct slot_ticket *ticket)
{
    struct slot_ticket **link = &line->first;
    while (*link && *link != ticket)
        link = &(*link)->next;
    return link;
}

void slot_line_join(struct slot_line *line, struct slot_ticket *ticket)
{
    pthread_mutex_lock(&line->lock);
    struct slot_ticket **link = find_link(line, ticket);
    if (!*link) {
        ticket->next = NULL;
        *link = ticket;
    }
    pthread_mutex_unlock(&line->lock);
}

void slot_line_leave(struct slot_line *line, struct slot_ticket *ticket)
{
    pthread_mutex_lock(&line->lock);
    struct slot_ticket **link = find_link(line, ticket);
    if (*link) {
        *link = ticket->next;
        for (struct slot_ticket *other = *link; other; other = other->next)
            waiter_wake(other->waiter);
    }
    pthread_mutex_unlock(&line->lock);
}

size_t slot_line_ahead(struct slot_line *line, const struct slot_ticket *ticket)
{
    size_t ahead = 0;
    pthread_mutex_lock(&line->lock);
    for (const struct slot_ticket *other = line->first; other && other != ticket; other = other->next)
        ahead += str_equal(other->place, ticket->place);
    pthread_mutex_unlock(&line->lock);
    return ahead;
}
