/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/standin_aws/tags.h"

#include "tests/standin_aws/standin.h"

struct tf_string_map standin_tags_all(struct tf_call *call, const struct tf_string_map *tags)
{
    struct tf_string_map all = { .state = TF_KNOWN };
    tf_string_map_add(call->arena, &all, aws_configuration_default_tags(standin_configuration(call)));
    tf_string_map_add(call->arena, &all, tags);
    if (tags->state == TF_UNKNOWN)
        all = (struct tf_string_map){ .state = TF_UNKNOWN };
    return all;
}

struct aws_tags standin_tags_to_send(struct arena *arena, const struct tf_string_map *tags_all)
{
    struct aws_tags send = { .items = arena_array(arena, tags_all->count, sizeof(*send.items)) };
    for (size_t i = 0; i < tags_all->count; i++)
        send.items[send.count++] =
            (struct aws_tag){ tags_all->items[i].key, tf_text(tags_all->items[i].value, STR("")) };
    return send;
}

struct tags_change standin_tags_difference(struct arena *arena, const struct tf_string_map *prior,
                                           const struct tf_string_map *planned)
{
    struct tf_string_map changed = { .state = TF_KNOWN };
    for (size_t i = 0; i < planned->count; i++) {
        const struct tf_string_pair *tag = &planned->items[i];
        const struct tf_string *before = tf_string_map_find(prior, tag->key);
        if (!before || !tf_string_equal(*before, tag->value))
            tf_string_map_put(arena, &changed, tag->key, tag->value);
    }
    struct tags_change change = { .add = standin_tags_to_send(arena, &changed),
                                  .remove.items = arena_array(arena, prior->count, sizeof(struct str)) };
    for (size_t i = 0; i < prior->count; i++)
        if (!tf_string_map_find(planned, prior->items[i].key))
            change.remove.items[change.remove.count++] = prior->items[i].key;
    return change;
}

struct tf_string_map standin_tags_from(struct tf_call *call, const struct aws_tags *found)
{
    struct tf_string_map all = { .state = TF_KNOWN };
    for (size_t i = 0; i < found->count; i++) {
        const struct str key = found->items[i].key;
        if (!str_starts_with(key, STR("aws:")) && !aws_configuration_ignores_tag(standin_configuration(call), key))
            tf_string_map_put(call->arena, &all, key, tf_known_string(found->items[i].value));
    }
    return all;
}
