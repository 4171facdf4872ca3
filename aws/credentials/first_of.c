/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

struct first_of {
    struct aws_credentials_source *links; /* in the order of trial */
    size_t count;
    const struct aws_credentials_source *chosen;
};

static void note_the_rest(const struct first_of *first, size_t asked, struct aws_credentials_trail *trail)
{
    for (size_t i = asked; i < first->count; i++)
        if (first->links[i].name)
            aws_credentials_note(trail, AWS_NOT_ASKED, "%s", first->links[i].name);
}

static bool first_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                        struct err *err)
{
    struct first_of *first = self;
    struct str looked_at = STR("");
    if (first->chosen)
        return first->chosen->fetch(first->chosen->self, call, out, err);
    for (size_t i = 0; i < first->count; i++) {
        const struct aws_credentials_source *link = &first->links[i];
        CLEANUP(err_clear) struct err reason = { 0 };
        if (link->fetch(link->self, call, out, &reason)) {
            first->chosen = link;
            note_the_rest(first, i + 1, call->trail);
            return true;
        }
        if (reason.kind != ERR_NOT_FOUND) {
            note_the_rest(first, i + 1, call->trail);
            err_move(err, &reason);
            return false;
        }
        aws_credentials_note(call->trail, AWS_HAS_NONE, "%s", err_text(&reason));
        str_join(call->arena, &looked_at, "; ", "%s", err_text(&reason));
    }
    return err_set(err, ERR_NOT_FOUND, "%.*s", STR_ARG(looked_at));
}

static void first_free(void *self)
{
    struct first_of *first = self;
    for (size_t i = 0; i < first->count; i++)
        aws_credentials_source_clear(&first->links[i]);
    mem_free(first->links);
    mem_free(first);
}

struct aws_credentials_source aws_credentials_first_of(const struct aws_credentials_source *links, size_t count)
{
    struct first_of *first = mem_alloc(sizeof(*first));
    first->links = mem_copy(links, count * sizeof(*links));
    first->count = count;
    return (struct aws_credentials_source){ .fetch = first_fetch, .free = first_free, .self = first };
}
