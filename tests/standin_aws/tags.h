/* SPDX-License-Identifier: MPL-2.0
 *
 * `tags_all`: the provider's default_tags and over them the resource's `tags`. As
 * in hashicorp/aws, every tag that is neither AWS's own nor ignored is managed.
 */
#ifndef TESTS_STANDIN_AWS_TAGS_H
#define TESTS_STANDIN_AWS_TAGS_H

#include "aws/wire/rows.h"
#include "plugin/runtime/provider.h"

/* Plan. */
struct tf_string_map standin_tags_all(struct tf_call *call, const struct tf_string_map *tags);
/* What a create sends. */
struct aws_tags standin_tags_to_send(struct arena *arena, const struct tf_string_map *tags_all);

struct tags_change {
    struct aws_tags add;
    struct wire_strings remove;
};

struct tags_change standin_tags_difference(struct arena *arena, const struct tf_string_map *prior,
                                           const struct tf_string_map *planned);

/* Read. */
struct tf_string_map standin_tags_from(struct tf_call *call, const struct aws_tags *found);

#endif
