/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/tags.h"

#include <string.h>

#include "aws/tag.h"
#include "plugin/snapshot/copy/mark.h"

enum { TAGS_MAX = 50 }; /* RDS, on one resource */

bool tags_key_is_reserved(struct str key)
{
    return str_starts_with(key, STR("aws:")) || str_starts_with(key, STR("rds:"));
}

/* Letters and digits of any script, spaces, and a few signs. */
static bool has_only_tag_characters(struct str text)
{
    static const char signs[] = " _.:/=+-@";
    for (size_t i = 0; i < text.len; i++) {
        char character = text.ptr[i];
        bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                     (character >= '0' && character <= '9') || (unsigned char)character >= 0x80;
        if (!plain && !memchr(signs, character, sizeof(signs) - 1))
            return false;
    }
    return true;
}

struct problem {
    const char *summary;
    struct str text;
};

/* Why a snapshot cannot have that tag; false: it can. */
static bool find_problem(struct arena *arena, const struct tf_string_pair *tag, struct problem *out)
{
    const struct str value = tf_text(tag->value, STR(""));
    if (str_equal(tag->key, STR(MARK_TAG)))
        *out = (struct problem){ "Reserved tag",
                                 STR("The tag \"" MARK_TAG "\" is the provider's own mark; choose another key.") };
    else if (tags_key_is_reserved(tag->key))
        *out = (struct problem){ "Reserved tag",
                                 str_format(arena, "\"%.*s\" begins with \"aws:\" or \"rds:\", which only AWS may use.",
                                            STR_ARG(tag->key)) };
    else if (!aws_is_tag_key(tag->key) || !has_only_tag_characters(tag->key))
        *out =
            (struct problem){ "Invalid tag key",
                              str_format(arena,
                                         "\"%.*s\" is not a tag key: 1 to %d letters, digits, spaces and _ . : / = + "
                                         "- @ are allowed.",
                                         STR_ARG(tag->key), TAG_KEY_MAX_CHARACTERS) };
    else if (!aws_is_tag_value(value) || !has_only_tag_characters(value))
        *out =
            (struct problem){ "Invalid tag value",
                              str_format(arena,
                                         "The value \"%.*s\" of the tag \"%.*s\" is not allowed: at most %d letters, "
                                         "digits, spaces and _ . : / = + - @.",
                                         STR_ARG(value), STR_ARG(tag->key), TAG_VALUE_MAX_CHARACTERS) };
    else
        return false;
    return true;
}

static void validate_tag(struct tf_call *call, const char *path, const struct tf_string_pair *tag)
{
    struct problem problem;
    const struct str at = str_format(call->arena, "%s[\"%.*s\"]", path, STR_ARG(tag->key));
    if (find_problem(call->arena, tag, &problem))
        tf_error(call, at.ptr, problem.summary, "%.*s", STR_ARG(problem.text));
}

void tags_validate(struct tf_call *call, const char *path, const struct tf_string_map *tags)
{
    size_t count = 0;
    for (size_t i = 0; i < tags->count; i++)
        if (tags->items[i].value.state != TF_NULL) {
            validate_tag(call, path, &tags->items[i]);
            count++;
        }
    if (count > TAGS_MAX - 1)
        tf_error(
            call, path, "Too many tags",
            "%zu tags are configured; %d are allowed: RDS takes %d on a snapshot, and one is the provider's own mark. "
            "Remove %zu.",
            count, TAGS_MAX - 1, TAGS_MAX, count - (TAGS_MAX - 1));
}

bool tags_check_all(struct arena *arena, const struct tf_string_map *defaults, const struct tf_string_map *all,
                    struct err *err)
{
    struct problem problem;
    for (size_t i = 0; i < defaults->count; i++) {
        const struct tf_string_pair *tag = &defaults->items[i];
        const struct tf_string *used = tf_string_map_find(all, tag->key);
        const bool is_overridden = used && !tf_string_equal(*used, tag->value);
        if (!is_overridden && find_problem(arena, tag, &problem)) {
            err_set(err, ERR_INVALID, "the provider's default_tags hold a tag that a snapshot cannot have");
            err_set_remedy(err, "%.*s", STR_ARG(problem.text));
            return false;
        }
    }
    if (all->count < TAGS_MAX)
        return true;
    err_set(err, ERR_INVALID, "%zu tags with the provider's default_tags; %d are allowed", all->count, TAGS_MAX - 1);
    err_set_path(err, "tags");
    err_set_remedy(err, "RDS takes %d tags on a snapshot, and one is the provider's own mark. Remove %zu.", TAGS_MAX,
                   all->count - (TAGS_MAX - 1));
    return false;
}

struct tf_string_map tags_all_of(struct arena *arena, const struct tf_string_map *defaults,
                                 const struct tf_string_map *own)
{
    struct tf_string_map all = { .state = TF_KNOWN };
    if (own->state == TF_UNKNOWN || defaults->state == TF_UNKNOWN)
        return (struct tf_string_map){ .state = TF_UNKNOWN };
    tf_string_map_add(arena, &all, defaults);
    tf_string_map_add(arena, &all, own);
    return all;
}

const struct str *tags_find(const struct aws_tags *tags, struct str key)
{
    for (size_t i = 0; i < tags->count; i++)
        if (str_equal(tags->items[i].key, key))
            return &tags->items[i].value;
    return NULL;
}

bool tags_for_copy(struct arena *arena, const struct aws_tags *copied, const struct tf_string_map *all, struct str mark,
                   struct aws_tags *out, struct err *err)
{
    struct tf_string_map sent = { .state = TF_KNOWN };
    for (size_t i = 0; i < copied->count; i++)
        if (!tags_key_is_reserved(copied->items[i].key))
            tf_string_map_put(arena, &sent, copied->items[i].key, tf_known_string(copied->items[i].value));
    for (size_t i = 0; i < all->count; i++)
        tf_string_map_put(arena, &sent, all->items[i].key, all->items[i].value);
    tf_string_map_put(arena, &sent, STR(MARK_TAG), tf_known_string(mark));
    if (sent.count > TAGS_MAX) {
        err_set(err, ERR_INVALID,
                "the copy would carry %zu tags (configured, default, copied ones and the provider's mark); RDS allows "
                "%d",
                sent.count, TAGS_MAX);
        err_set_path(err, "tags");
        err_set_remedy(err, "Leave copy_tags out and name the tags that the copy is to have in `tags`, or remove %zu.",
                       sent.count - TAGS_MAX);
        return false;
    }
    struct aws_tags tags = { .items = arena_array(arena, sent.count, sizeof(*tags.items)), .count = sent.count };
    for (size_t i = 0; i < sent.count; i++)
        tags.items[i] = (struct aws_tag){ sent.items[i].key, tf_text(sent.items[i].value, STR("")) };
    *out = tags;
    return true;
}

struct tags_change tags_difference(struct arena *arena, const struct tf_string_map *managed,
                                   const struct tf_string_map *wanted)
{
    struct tags_change change = {
        .add.items = arena_array(arena, wanted->count + 1, sizeof(*change.add.items)),
        .remove.items = arena_array(arena, managed->count + 1, sizeof(*change.remove.items)),
    };
    for (size_t i = 0; i < wanted->count; i++) {
        const struct tf_string *had = tf_string_map_find(managed, wanted->items[i].key);
        if (!had || !tf_string_equal(*had, wanted->items[i].value))
            change.add.items[change.add.count++] =
                (struct aws_tag){ wanted->items[i].key, tf_text(wanted->items[i].value, STR("")) };
    }
    for (size_t i = 0; i < managed->count; i++)
        if (!tf_string_map_find(wanted, managed->items[i].key))
            change.remove.items[change.remove.count++] = managed->items[i].key;
    return change;
}
