/* SPDX-License-Identifier: MPL-2.0
 *
 * Tags: what users may set, what a copy carries, what a read compares.
 * `tags_all` = default_tags + tags; copied and foreign tags are neither
 * compared nor removed, and the mark is in neither.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_TAGS_H
#define PLUGIN_SNAPSHOT_COPY_TAGS_H

#include "aws/wire/rows.h"
#include "plugin/runtime/provider.h"

/* Prefixes, lengths, characters and number that RDS allows (AddTagsToResource). A
 * tag that is null is none, here and below. */
void tags_validate(struct tf_call *call, const char *path, const struct tf_string_map *tags);

/* default < own. Unknown when `own` is; unknown values stay unknown. */
struct tf_string_map tags_all_of(struct arena *arena, const struct tf_string_map *defaults,
                                 const struct tf_string_map *own);

/* `all` with the mark fits, and each default tag is one that the resource could set. ERR_INVALID at "tags". */
MUST_USE bool tags_check_all(struct arena *arena, const struct tf_string_map *defaults, const struct tf_string_map *all,
                             struct err *err);

/* "aws:" and "rds:": AWS's own, cannot be written. */
bool tags_key_is_reserved(struct str key);
const struct str *tags_find(const struct aws_tags *tags, struct str key); /* NULL = absent */

/* What the Copy call sends: copied < all, and the mark; reserved keys of the
 * copied ones and their mark are left out. Errors: ERR_INVALID above RDS's 50. */
MUST_USE bool tags_for_copy(struct arena *arena, const struct aws_tags *copied, const struct tf_string_map *all,
                            struct str mark, struct aws_tags *out, struct err *err);

/* What turns AWS's managed tags into `wanted`. */
struct tags_change {
    struct aws_tags add;
    struct wire_strings remove;
};
struct tags_change tags_difference(struct arena *arena, const struct tf_string_map *managed,
                                   const struct tf_string_map *wanted);

#endif
