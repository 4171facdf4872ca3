/* SPDX-License-Identifier: MPL-2.0
 *
 * The block is found, brought into the form that model/json.c reads (each block
 * in a list, no escapes, no comments), and read by it.
 */
#include "plugin/runtime/model/config_json.h"

#include <string.h>

#include <jansson.h>

#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/model/path.h"

DEFINE_CLEANUP(drop_json, json_t *, json_decref)

static bool is_comment(const char *name)
{
    return strcmp(name, "//") == 0;
}

/* ---- Constants -------------------------------------------------------------- */

/* "$${" and "%%{" are the texts "${" and "%{", which begin an expression otherwise
 * (Terraform's JSON configuration syntax, "Expression Mapping"). */
static bool take_constant(struct arena *arena, struct str text, struct str *out, struct err *err)
{
    char *bytes = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        const bool is_sign = text.ptr[i] == '$' || text.ptr[i] == '%';
        const struct str rest = str_slice(text, i + 1, text.len);
        if (is_sign && str_starts_with(rest, STR("{"))) {
            err_set(err, ERR_INVALID, "an expression, %c{...}, and only constants can be read here", text.ptr[i]);
            err_set_remedy(err, "Write the value itself. A literal %c{ is written %c%c{.", text.ptr[i], text.ptr[i],
                           text.ptr[i]);
            return false;
        }
        bytes[used++] = text.ptr[i];
        if (is_sign && rest.len > 1 && rest.ptr[0] == text.ptr[i] && rest.ptr[1] == '{') {
            bytes[used++] = '{';
            i += 2;
        }
    }
    *out = (struct str){ bytes, used };
    return true;
}

/* A new reference, or NULL with `err`. */
static json_t *clean_scalar(struct arena *arena, json_t *value, struct err *err)
{
    struct str text;
    if (!json_is_string(value))
        return json_incref(value);
    if (!take_constant(arena, (struct str){ json_string_value(value), json_string_length(value) }, &text, err))
        return NULL;
    return json_stringn(text.ptr, text.len);
}

static json_t *clean_items(struct arena *arena, json_t *value, struct err *err)
{
    if (!json_is_array(value))
        return json_incref(value);
    json_t *items = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        if (json_array_append_new(items, clean_scalar(arena, json_array_get(value, i), err))) {
            json_decref(items);
            path_before_index(err, i);
            return NULL;
        }
    return items;
}

static bool clean_pair(struct arena *arena, const char *key, json_t *value, json_t *map, struct err *err)
{
    struct str constant;
    json_t *item = take_constant(arena, str_from(key), &constant, err) ? clean_scalar(arena, value, err) : NULL;
    return item ? json_object_set_new(map, str_c(arena, constant), item) == 0 : path_before_key(err, str_from(key));
}

static json_t *clean_map(struct arena *arena, json_t *value, struct err *err)
{
    if (!json_is_object(value))
        return json_incref(value);
    json_t *map = json_object();
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at))
        if (!clean_pair(arena, json_object_iter_key(at), json_object_iter_value(at), map, err)) {
            json_decref(map);
            return NULL;
        }
    return map;
}

/* ---- Blocks ----------------------------------------------------------------- */

/* A value, or a list of them. */
static size_t count_of(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : value != NULL;
}

static json_t *item_of(json_t *value, size_t index)
{
    return json_is_array(value) ? json_array_get(value, index) : value;
}

static void before_item(struct err *err, const json_t *value, size_t index)
{
    if (json_is_array(value))
        path_before_index(err, index);
}

static json_t *clean_body(struct arena *arena, json_t *body, const struct tf_model *model, struct err *err);

/* What hosts check before a provider sees it. */
static bool check_count(const struct tf_attribute *row, size_t count, struct err *err)
{
    const size_t max = row->kind == TF_BLOCK_SINGLE ? 1 : (size_t)row->max_items;
    if (max && count > max)
        return err_set(err, ERR_INVALID, "%zu blocks, and %zu is the most", count, max);
    return count >= (size_t)row->min_items ||
           err_set(err, ERR_INVALID, "%zu blocks, and %lld is the least", count, (long long)row->min_items);
}

/* A list, without what is null. */
static json_t *clean_list(struct arena *arena, json_t *value, const struct tf_attribute *row, struct err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count_of(value); i++) {
        json_t *item = item_of(value, i);
        if (!json_is_null(item) && json_array_append_new(list, clean_body(arena, item, row->element, err))) {
            before_item(err, value, i);
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *clean_blocks(struct arena *arena, json_t *value, const struct tf_attribute *row, struct err *err)
{
    CLEANUP(drop_json) json_t *list = clean_list(arena, value, row, err);
    if (!list || !check_count(row, json_array_size(list), err))
        return NULL;
    if (row->kind != TF_BLOCK_SINGLE)
        return json_incref(list);
    return json_array_size(list) ? json_incref(json_array_get(list, 0)) : json_null();
}

static json_t *clean_member(struct arena *arena, json_t *value, const struct tf_attribute *row, struct err *err)
{
    switch (row->kind) {
    case TF_STRING:
    case TF_BOOL:
    case TF_INT64:
        return clean_scalar(arena, value, err);
    case TF_STRING_LIST:
    case TF_STRING_SET:
        return clean_items(arena, value, err);
    case TF_STRING_MAP:
        return clean_map(arena, value, err);
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        return clean_blocks(arena, value, row, err);
    }
    return NULL;
}

static bool clean_argument(struct arena *arena, const char *name, json_t *value, const struct tf_model *model,
                           json_t *out, struct err *err)
{
    const struct tf_attribute *row = model_find(model, str_from(name));
    if (is_comment(name))
        return true;
    if (!row) {
        err_set(err, ERR_INVALID, "not an argument of this block");
        return path_before_name(err, name);
    }
    json_t *member = clean_member(arena, value, row, err);
    return member ? json_object_set_new(out, name, member) == 0 : path_before_name(err, name);
}

static json_t *clean_body(struct arena *arena, json_t *body, const struct tf_model *model, struct err *err)
{
    if (!json_is_object(body)) {
        err_set(err, ERR_INVALID, "an object is expected here");
        return NULL;
    }
    json_t *out = json_object();
    for (void *at = json_object_iter(body); at; at = json_object_iter_next(body, at))
        if (!clean_argument(arena, json_object_iter_key(at), json_object_iter_value(at), model, out, err)) {
            json_decref(out);
            return NULL;
        }
    return out;
}

/* ---- The block that is wanted ----------------------------------------------- */

struct search {
    struct arena *arena;
    json_t *providers; /* what "provider" is in the file */
    const char *name;
    struct str alias;
    size_t seen; /* blocks of that name */
    struct str aliases;
    json_t *found;
    size_t outer, inner; /* where, for paths: provider[outer].name[inner] */
};

static void before_block(struct err *err, const struct search *search, size_t outer, size_t inner)
{
    json_t *bodies = json_object_get(item_of(search->providers, outer), search->name);
    before_item(err, bodies, inner);
    path_before_name(err, search->name);
    before_item(err, search->providers, outer);
    path_before_name(err, "provider");
}

static bool read_alias(const struct search *search, const json_t *body, struct str *out, struct err *err)
{
    const json_t *alias = json_object_get(body, "alias");
    *out = STR("");
    if (!alias || json_is_null(alias))
        return true;
    if (!json_is_string(alias))
        err_set(err, ERR_INVALID, "a string is expected here");
    else if (take_constant(search->arena, (struct str){ json_string_value(alias), json_string_length(alias) }, out,
                           err))
        return true;
    return path_before_name(err, "alias");
}

static bool look_at_block(struct search *search, json_t *body, size_t outer, size_t inner, struct err *err)
{
    struct str alias;
    if (!json_is_object(body))
        return err_set(err, ERR_INVALID, "an object is expected here");
    if (!read_alias(search, body, &alias, err))
        return false;
    search->seen++;
    if (alias.len)
        str_join(search->arena, &search->aliases, ", ", "\"%.*s\"", STR_ARG(alias));
    if (!str_equal(alias, search->alias))
        return true;
    if (search->found)
        return err_set(err, ERR_INVALID, "a second block with the same alias");
    search->found = body;
    search->outer = outer;
    search->inner = inner;
    return true;
}

static bool find_among(struct search *search, struct err *err)
{
    for (size_t outer = 0; outer < count_of(search->providers); outer++) {
        json_t *bodies = json_object_get(item_of(search->providers, outer), search->name);
        for (size_t inner = 0; inner < count_of(bodies); inner++)
            if (!json_is_null(item_of(bodies, inner)) &&
                !look_at_block(search, item_of(bodies, inner), outer, inner, err)) {
                before_block(err, search, outer, inner);
                return false;
            }
    }
    return true;
}

static bool refuse_alias(const struct search *search, struct err *err)
{
    if (str_is_empty(search->alias))
        err_set(err, ERR_NOT_FOUND, "each provider block \"%s\" has an alias: %.*s", search->name,
                STR_ARG(search->aliases));
    else if (str_is_empty(search->aliases))
        err_set(err, ERR_NOT_FOUND, "no provider block \"%s\" has an alias", search->name);
    else
        err_set(err, ERR_NOT_FOUND, "no provider block \"%s\" has the alias \"%.*s\"; there is %.*s", search->name,
                STR_ARG(search->alias), STR_ARG(search->aliases));
    return false;
}

static bool find_block(struct search *search, const struct config_json_wanted *wanted, struct err *err)
{
    for (const char *const *name = wanted->names; *name; name++) {
        search->name = *name;
        if (!find_among(search, err))
            return false;
        if (search->seen)
            return search->found || refuse_alias(search, err);
    }
    return err_set(err, ERR_NOT_FOUND, "there is no provider block \"%s\"", wanted->names[0]);
}

/* ---- All together ----------------------------------------------------------- */

static bool load(struct str bytes, json_t **out, struct err *err)
{
    json_error_t problem;
    if (!model_json_check(bytes, err))
        return false;
    *out = json_loadb(bytes.ptr ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
    if (json_is_object(*out))
        return true;
    if (*out)
        return err_set(err, ERR_INVALID, "a JSON object is expected, with \"provider\" in it");
    if (json_error_code(&problem) == json_error_duplicate_key) {
        err_set(err, ERR_INVALID, "line %d: the same name twice in one object", problem.line);
        err_set_remedy(err, "Write several blocks of one name as a list.");
        return false;
    }
    err_set(err, ERR_INVALID, "line %d, column %d: this is not JSON", problem.line, problem.column);
    err_set_remedy(err, "Write the block in Terraform's JSON syntax: {\"provider\": {\"NAME\": {\"ARGUMENT\": "
                        "\"VALUE\"}}}.");
    return false;
}

static bool read_block(const struct search *search, const struct tf_model *model, void **out, struct err *err)
{
    CLEANUP(drop_json) json_t *body = json_copy(search->found);
    json_object_del(body, "alias");
    json_object_del(body, "version"); /* of the provider; hosts accept it here, deprecated */
    CLEANUP(drop_json) json_t *clean = clean_body(search->arena, body, model, err);
    if (!clean)
        return false;
    const size_t size = json_dumpb(clean, NULL, 0, JSON_COMPACT);
    char *bytes = arena_alloc(search->arena, size + 1);
    json_dumpb(clean, bytes, size, JSON_COMPACT);
    return model_from_json(search->arena, model, (struct str){ bytes, size }, out, err);
}

bool config_json_provider(struct arena *arena, const struct tf_model *model, struct str bytes,
                          const struct config_json_wanted *wanted, void **out, const char **out_name, struct err *err)
{
    CLEANUP(drop_json) json_t *root = NULL;
    if (!load(bytes, &root, err))
        return false;
    struct search search = { .arena = arena, .providers = json_object_get(root, "provider"), .alias = wanted->alias };
    if (!find_block(&search, wanted, err))
        return false;
    if (!read_block(&search, model, out, err)) {
        before_block(err, &search, search.outer, search.inner);
        return false;
    }
    *out_name = search.name;
    return true;
}
