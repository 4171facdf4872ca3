/* SPDX-License-Identifier: MPL-2.0
 *
 * default_tags and ignore_tags. As in hashicorp/aws, the environment adds to
 * them: TF_AWS_DEFAULT_TAGS_<key>, which the block overrides, and the lists
 * TF_AWS_IGNORE_TAGS_KEYS and TF_AWS_IGNORE_TAGS_KEY_PREFIXES.
 */
#include "plugin/aws_provider/configuration.h"

static void add_default_tags(struct aws_configuration *configuration)
{
    static const char prefix[] = "TF_AWS_DEFAULT_TAGS_";
    const size_t prefix_length = sizeof(prefix) - 1;
    for (const char *const *entry = configuration->env.entries; entry && *entry; entry++) {
        const struct str text = str_from(*entry);
        const ptrdiff_t equals = str_find_char(text, '=');
        if (str_starts_with(text, STR("TF_AWS_DEFAULT_TAGS_")) && equals > (ptrdiff_t)prefix_length)
            tf_string_map_put(configuration->arena, &configuration->default_tags,
                              str_slice(text, prefix_length, (size_t)equals),
                              tf_known_string(str_slice(text, (size_t)equals + 1, text.len)));
    }
}

/* The set and the environment's list, as one set. */
static struct tf_string_set with_environment(struct aws_configuration *configuration, const struct tf_string_set *set,
                                             const char *variable)
{
    enum { MAX_COUNT = 1000 };
    struct str *texts = arena_array(configuration->arena, set->count + MAX_COUNT, sizeof(*texts));
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].state == TF_KNOWN)
            texts[count++] = set->items[i].value;
    struct str rest = { 0 };
    struct str key;
    if (env_find(&configuration->env, variable, &rest))
        while (count < set->count + MAX_COUNT && str_next(&rest, ',', &key))
            if (!str_is_empty(str_trim(key)))
                texts[count++] = str_trim(key);
    return tf_string_set_from(configuration->arena, texts, count);
}

void configuration_read_tags(struct aws_configuration *configuration)
{
    const struct aws_provider_block *block = configuration->block;
    configuration->default_tags.state = TF_KNOWN;
    add_default_tags(configuration);
    const struct tf_string_map own =
        block->default_tags.count ? block->default_tags.items[0].tags : (struct tf_string_map){ 0 };
    if (block->default_tags.state == TF_UNKNOWN || own.state == TF_UNKNOWN)
        configuration->default_tags = (struct tf_string_map){ .state = TF_UNKNOWN };
    else
        tf_string_map_add(configuration->arena, &configuration->default_tags, &own);

    const struct ignore_tags ignored =
        block->ignore_tags.count ? block->ignore_tags.items[0] : (struct ignore_tags){ 0 };
    configuration->ignored_keys = with_environment(configuration, &ignored.keys, "TF_AWS_IGNORE_TAGS_KEYS");
    configuration->ignored_prefixes =
        with_environment(configuration, &ignored.key_prefixes, "TF_AWS_IGNORE_TAGS_KEY_PREFIXES");
}

const struct tf_string_map *aws_configuration_default_tags(const struct aws_configuration *configuration)
{
    return &configuration->default_tags;
}

bool aws_configuration_ignores_tag(const struct aws_configuration *configuration, struct str key)
{
    if (tf_string_set_has(&configuration->ignored_keys, key))
        return true;
    for (size_t i = 0; i < configuration->ignored_prefixes.count; i++)
        if (str_starts_with(key, configuration->ignored_prefixes.items[i].value))
            return true;
    return false;
}
