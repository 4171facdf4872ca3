/* SPDX-License-Identifier: MPL-2.0
 *
 * `tags` and `tags_all` = default_tags + tags, as in hashicorp/aws: every tag
 * that is neither AWS's own nor ignored is managed.
 */
#ifndef TESTS_STANDIN_AWS_TAGS_H
#define TESTS_STANDIN_AWS_TAGS_H

#include "aws/wire.h"
#include "plugin/runtime/provider.h"

/* Plan. */
struct tf_string_map standin_tags_all_of(struct tf_call *call, const struct tf_string_map *tags);
/* What a create sends. */
struct aws_tags standin_tags_to_send(struct arena *arena, const struct tf_string_map *tags_all);

struct tags_change {
    struct aws_tags add;
    struct wire_strings remove;
};

struct tags_change standin_tags_difference(struct arena *arena, const struct tf_string_map *prior,
                                           const struct tf_string_map *planned);

/* Read: fills both from what AWS has. `tags` holds the prior ones. */
void standin_tags_to_state(struct tf_call *call, const struct aws_tags *found, struct tf_string_map *tags,
                           struct tf_string_map *tags_all);

#endif
