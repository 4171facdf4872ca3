/* SPDX-License-Identifier: MPL-2.0
 *
 * Lists that AWS gives in pages: all of them, or an error. Pages without end, too
 * many items and too large ones are a defect of the server, or its malice.
 */
#ifndef AWS_CALL_PAGING_H
#define AWS_CALL_PAGING_H

#include "aws/call/operation.h"

/* What a paged operation fills. */
struct aws_page {
    struct wire_structs list;
    struct str marker;             /* of the next page; empty: this is the last one */
    struct wire_bool is_truncated; /* where a service says so, this decides and not the marker */
};

/* The row of a page's list: its names and its items', per column. */
#define AWS_PAGE_ITEMS(rows, item_type, list_0, item_0, list_1, item_1)                                                \
    {                                                                                                                  \
        .names = { list_0, list_1 },                                                                                   \
        .item_names = { item_0, item_1 },                                                                              \
        .kind = WIRE_STRUCTS,                                                                                          \
        .offset = offsetof(struct aws_page, list),                                                                     \
        .element = (rows),                                                                                             \
        .element_size = sizeof(item_type)                                                                              \
}

struct aws_paging {
    const struct aws_operation *operation;
    const void *input;
    struct str *marker; /* in the input */
    size_t item_size;
    int pages_max; /* 0: AWS_PAGES_MAX_COUNT */
};

/* `out` is the list of all pages' items. Errors: of aws_client_call, and ERR_INVALID for
 * pages that do not end or hold more than aws/limits.h allows. */
MUST_USE bool aws_paging_call(const struct aws_call *call, const struct aws_paging *paging, struct wire_structs *out,
                              struct err *err);

#endif
