/* SPDX-License-Identifier: MPL-2.0
 *
 * How C structs look on the wire. A row names a member and its element, one
 * name per column: cluster and instance snapshots are one struct and differ in
 * column; NULL: that kind lacks the member. query.c writes query
 * parameters, xml.c reads XML, json.c does JSON both ways. Replies
 * are read by name, never by position; unknown elements are skipped; what is
 * absent stays zero, and a zero tells "absent" from "empty" (str.ptr NULL,
 * `present` false). Written likewise: what is absent, and an empty list, is not
 * sent; an empty string counts as absent.
 */
#ifndef AWS_WIRE_ROWS_H
#define AWS_WIRE_ROWS_H

#include "base/str.h"

enum { WIRE_COLUMNS = 2 };

struct wire_bool {
    bool present;
    bool value;
};

struct wire_int64 {
    bool present;
    int64_t value;
};

struct wire_strings {
    struct str *items;
    size_t count;
};

struct aws_tag {
    struct str key;
    struct str value;
};

struct aws_tags {
    struct aws_tag *items;
    size_t count;
};

enum wire_kind { WIRE_STRING, WIRE_BOOL, WIRE_INT64, WIRE_STRINGS, WIRE_TAGS, WIRE_STRUCT, WIRE_STRUCTS };

/* Lists of structs are { T *items; size_t count; }; the interpreter sees this. */
struct wire_structs {
    void *items;
    size_t count;
};

struct wire_row {
    const char *names[WIRE_COLUMNS]; /* "Status"; the list's own element or parameter for lists */
    /* Lists: of one item, "AttributeValue". NULL: the items stand in their parent
     * without a list around them. JSON has no item names. */
    const char *item_names[WIRE_COLUMNS];
    enum wire_kind kind;
    size_t offset;
    const struct wire_row *element; /* structs: its rows */
    size_t element_size;            /* of the struct, or of one item of a list */
    bool is_end;
};

/* What answers may still bring. A list of tags or texts does not count as items: each may
 * have WIRE_MAX_VALUES of them. */
struct wire_budget {
    size_t items; /* of lists of structs */
    size_t bytes; /* that arenas take for what is read */
};

struct wire_budget wire_budget_full(void);
/* From the arena; NULL: the budget does not reach, and `err` (ERR_INVALID) says so. */
void *wire_take(struct wire_budget *budget, struct arena *arena, size_t size, struct err *err);
void *wire_take_items(struct wire_budget *budget, struct arena *arena, const struct wire_row *row, size_t count,
                      struct err *err);

/* Takes what the members of `object` point to into `arena`: then it outlives the one that it was read into. */
void wire_keep(struct arena *arena, const struct wire_row *rows, void *object);

#define WIRE_KIND(type, member)                                                                                        \
    _Generic(((type *)0)->member,                                                                                      \
        struct str: WIRE_STRING,                                                                                       \
        struct wire_bool: WIRE_BOOL,                                                                                   \
        struct wire_int64: WIRE_INT64,                                                                                 \
        struct wire_strings: WIRE_STRINGS,                                                                             \
        struct aws_tags: WIRE_TAGS)
#define WIRE_ITEM_SIZE(type, member)                                                                                   \
    _Generic(((type *)0)->member,                                                                                      \
        struct wire_strings: sizeof(struct str),                                                                       \
        struct aws_tags: sizeof(struct aws_tag),                                                                       \
        default: 0)

/* A list of strings or tags: list and item names per column. */
#define WIRE_LISTS(type, member, list_0, item_0, list_1, item_1)                                                       \
    {                                                                                                                  \
        .names = { list_0, list_1 },                                                                                   \
        .item_names = { item_0, item_1 },                                                                              \
        .kind = WIRE_KIND(type, member),                                                                               \
        .offset = offsetof(type, member),                                                                              \
        .element_size = WIRE_ITEM_SIZE(type, member)                                                                   \
}
/* The same list and item names in every column. */
#define WIRE_LIST(type, member, list_name, item_name)                                                                  \
    WIRE_LISTS(type, member, list_name, item_name, list_name, item_name)
/* A scalar, which has no items: one name per column. */
#define WIRE(type, member, name_0, name_1) WIRE_LISTS(type, member, name_0, NULL, name_1, NULL)
/* A scalar of the same name in every column. */
#define WIRE_BOTH(type, member, name) WIRE(type, member, name, name)
/* One struct in another; `rows` are its members'. */
#define WIRE_NESTED(type, member, rows, name)                                                                          \
    {                                                                                                                  \
        .names = { name, name },                                                                                       \
        .kind = WIRE_STRUCT,                                                                                           \
        .offset = offsetof(type, member),                                                                              \
        .element = (rows),                                                                                             \
        .element_size = sizeof(((type *)0)->member)                                                                    \
    }
/* A list of structs, { T *items; size_t count; }: list and item names per column. */
#define WIRE_ITEMS(type, member, rows, list_0, item_0, list_1, item_1)                                                 \
    {                                                                                                                  \
        .names = { list_0, list_1 },                                                                                   \
        .item_names = { item_0, item_1 },                                                                              \
        .kind = WIRE_STRUCTS,                                                                                          \
        .offset = offsetof(type, member),                                                                              \
        .element = (rows),                                                                                             \
        .element_size = sizeof(*((type *)0)->member.items)                                                             \
    }
#define WIRE_END { .is_end = true }

#endif
