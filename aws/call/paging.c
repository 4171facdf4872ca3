/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/paging.h"

#include <string.h>

#include "aws/limits.h"

struct found {
    const struct found *before;
    struct aws_page page;
};

static bool has_more(const struct aws_page *page)
{
    return page->is_truncated.present ? page->is_truncated.value : !str_is_empty(page->marker);
}

static bool turn(const struct aws_paging *paging, const struct aws_page *page, struct err *err)
{
    const char *name = paging->operation->name;
    if (str_is_empty(page->marker))
        return err_set(err, ERR_IO, "%s ends with a page that says there are more", name);
    if (str_equal(page->marker, *paging->marker)) {
        err_set(err, ERR_INVALID, "the pages of %s have no end: one names itself as the next page", name);
        err_set_remedy(err, "Something else seems to answer in place of AWS: check the endpoint and the proxy.");
        return false;
    }
    *paging->marker = page->marker;
    return true;
}

/* From the last page to the first. */
static bool join(const struct aws_call *call, const struct aws_paging *paging, const struct found *last,
                 struct wire_structs *out, struct err *err)
{
    const char *name = paging->operation->name;
    const size_t item_size = paging->item_size;
    size_t count = 0;
    for (const struct found *at = last; at; at = at->before)
        count += at->page.list.count;
    char *items = wire_take(call->budget, call->arena, count * item_size, err);
    if (!items)
        return err_wrap(err, "the list of all pages of %s", name);
    *out = (struct wire_structs){ .items = items, .count = count };
    for (const struct found *at = last; at; at = at->before) {
        count -= at->page.list.count;
        if (at->page.list.count)
            memcpy(items + count * item_size, at->page.list.items, at->page.list.count * item_size);
    }
    return true;
}

bool aws_paging_call(const struct aws_call *call, const struct aws_paging *paging, struct wire_structs *out,
                     struct err *err)
{
    struct wire_budget budget = wire_budget_full();
    struct aws_call paged = *call;
    const struct found *last = NULL;
    const int pages_max = paging->pages_max ? paging->pages_max : AWS_PAGES_MAX_COUNT;
    paged.budget = &budget;
    for (int pages = 0; pages < pages_max; pages++) {
        struct found *found = ARENA_NEW(call->arena, struct found);
        found->before = last;
        last = found;
        if (!aws_client_call(&paged, paging->operation, paging->input, &found->page, err))
            return false;
        if (!has_more(&found->page))
            return join(&paged, paging, last, out, err);
        if (!turn(paging, &found->page, err))
            return false;
    }
    return err_set(err, ERR_INVALID, "%s gives more than %d pages", paging->operation->name, pages_max);
}
