/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/model_check.h"

#include <string.h>

#include "plugin/runtime/call/plan.h"
#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/msgpack.h"
#include "plugin/runtime/model/object.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

enum { ROUNDS = 200, TEXT_MAX = 24, ITEMS_MAX = 4, JSON_MAX_BYTES = 1024 * 1024 };

/* ---- Rows ------------------------------------------------------------------ */

static bool is_name(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_'))
            return false;
    return *name != '\0';
}

static void check_flags(const char *model, const struct tf_attribute *row)
{
    bool required = (row->flags & TF_REQUIRED) != 0;
    bool optional = (row->flags & TF_OPTIONAL) != 0;
    bool computed = (row->flags & TF_COMPUTED) != 0;
    if (required && (optional || computed))
        fail_msg("%s.%s: required excludes optional and computed", model, row->name);
    if (!member_is_block(row) && !required && !optional && !computed)
        fail_msg("%s.%s: neither required, optional nor computed", model, row->name);
    if ((row->flags & TF_STABLE) && !computed)
        fail_msg("%s.%s: stable, but not computed", model, row->name);
}

static void check_row(const char *model, const struct tf_attribute *row)
{
    if (!is_name(row->name))
        fail_msg("%s: \"%s\" is no name", model, row->name);
    bool may_be_ignored = row->flags == TF_OPTIONAL && !row->validate && !member_is_block(row);
    if (row->description ? !row->description[0] : !may_be_ignored)
        fail_msg("%s.%s: no description", model, row->name);
    if (member_is_block(row) != (row->element != NULL))
        fail_msg("%s.%s: rows of items belong to blocks, and only to them", model, row->name);
    if (row->max_items && row->min_items > row->max_items)
        fail_msg("%s.%s: more items needed than allowed", model, row->name);
}

static void check_tiles(const char *name, const struct tf_model *model, bool with_flags)
{
    size_t end = 0;
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        check_row(name, row);
        if (with_flags)
            check_flags(name, row);
        if (row->offset != end)
            fail_msg("%s.%s: begins at %zu, the row before ends at %zu", name, row->name, row->offset, end);
        end = row->offset + row->size;
        if (model_find(model, str_from(row->name)) != row)
            fail_msg("%s.%s: two rows of that name", name, row->name);
        if (member_is_block(row))
            check_tiles(row->name, row->element, true);
    }
    if (end != model->size)
        fail_msg("%s: the rows end at %zu, the struct at %zu", name, end, model->size);
}

void model_check_rows(const char *name, const struct tf_model *model)
{
    check_tiles(name, model, true);
}

/* ---- Random objects -------------------------------------------------------- */

static unsigned next_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (unsigned)(((uint64_t)(*seed >> 4) * below) >> 28);
}

static struct str random_text(struct arena *arena, unsigned *seed)
{
    static const char *const pieces[] = {
        "a", "Z", "7", "-", "\"", "\\", "\n", "\xc3\xa9", "\xe2\x82\xac", ":", "{", ""
    };
    struct str text = STR("");
    for (unsigned left = next_random(seed, TEXT_MAX); left; left--)
        text = str_format(arena, "%.*s%s", STR_ARG(text), pieces[next_random(seed, ARRAY_LENGTH(pieces))]);
    return text;
}

static enum tf_state random_state(unsigned *seed, bool known)
{
    unsigned draw = next_random(seed, 8);
    return draw == 0 ? TF_NULL : draw == 1 && !known ? TF_UNKNOWN : TF_KNOWN;
}

static struct tf_string random_string(struct arena *arena, unsigned *seed, bool known)
{
    struct tf_string string = { .state = random_state(seed, known) };
    if (string.state == TF_KNOWN)
        string.value = random_text(arena, seed);
    return string;
}

static void random_list(struct arena *arena, unsigned *seed, bool known, struct tf_string_list *list)
{
    list->count = next_random(seed, ITEMS_MAX + 1);
    list->items = arena_array(arena, list->count, sizeof(*list->items));
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = random_string(arena, seed, known);
}

static void random_map(struct arena *arena, unsigned *seed, bool known, struct tf_string_map *map)
{
    map->count = 0;
    for (unsigned left = next_random(seed, ITEMS_MAX + 1); left; left--)
        tf_string_map_put(arena, map, random_text(arena, seed), random_string(arena, seed, known));
}

static void random_members(struct arena *arena, const struct tf_model *model, unsigned *seed, bool known, void *out);

static void random_blocks(struct arena *arena, const struct tf_attribute *row, unsigned *seed, bool known,
                          struct tf_blocks *blocks)
{
    blocks->count = row->kind == TF_BLOCK_SINGLE ? 1 : next_random(seed, ITEMS_MAX);
    blocks->items = arena_array(arena, blocks->count, row->element->size);
    for (size_t i = 0; i < blocks->count; i++)
        random_members(arena, row->element, seed, known, blocks_item(row, blocks, i));
}

static void random_member(struct arena *arena, const struct tf_attribute *row, unsigned *seed, bool known, void *member)
{
    member_set_state(member, random_state(seed, known));
    if (member_state(member) != TF_KNOWN)
        return;
    switch (row->kind) {
    case TF_STRING:
        ((struct tf_string *)member)->value = random_text(arena, seed);
        break;
    case TF_BOOL:
        ((struct tf_bool *)member)->value = next_random(seed, 2) != 0;
        break;
    case TF_INT64:
        ((struct tf_int64 *)member)->value =
            (int64_t)((uint64_t)next_random(seed, UINT32_MAX) << next_random(seed, 40)) *
            (next_random(seed, 2) ? 1 : -1);
        break;
    case TF_STRING_LIST:
        random_list(arena, seed, known, member);
        break;
    case TF_STRING_SET:
        random_list(arena, seed, known, member);
        tf_string_set_normalise(member);
        break;
    case TF_STRING_MAP:
        random_map(arena, seed, known, member);
        break;
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        random_blocks(arena, row, seed, known, member);
        break;
    }
}

static void random_members(struct arena *arena, const struct tf_model *model, unsigned *seed, bool known, void *out)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        random_member(arena, row, seed, known, member_of(row, out));
}

void *model_random(struct arena *arena, const struct tf_model *model, unsigned *seed, bool known)
{
    void *object = model_new(arena, model);
    random_members(arena, model, seed, known, object);
    return object;
}

/* ---- JSON ------------------------------------------------------------------ */

static void add(struct str_builder *out, struct str text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!str_builder_add(out, text, &err))
        fail_msg("%s", err_text(&err));
}

static void add_text(struct str_builder *out, struct str text)
{
    add(out, STR("\""));
    for (size_t i = 0; i < text.len; i++) {
        char character = text.ptr[i];
        if (character == '"' || character == '\\' || (unsigned char)character < 0x20)
            add(out, str_format(out->arena, "\\u%04x", (unsigned)character));
        else
            add(out, str_slice(text, i, i + 1));
    }
    add(out, STR("\""));
}

static void add_string(struct str_builder *out, struct tf_string string)
{
    if (string.state == TF_KNOWN)
        add_text(out, string.value);
    else
        add(out, STR("null"));
}

static void add_object(struct str_builder *out, const struct tf_model *model, const void *object);

static void add_list(struct str_builder *out, const struct tf_string_list *list)
{
    add(out, STR("["));
    for (size_t i = 0; i < list->count; i++) {
        add(out, i ? STR(",") : STR(""));
        add_string(out, list->items[i]);
    }
    add(out, STR("]"));
}

static void add_map(struct str_builder *out, const struct tf_string_map *map)
{
    add(out, STR("{"));
    for (size_t i = 0; i < map->count; i++) {
        add(out, i ? STR(",") : STR(""));
        add_text(out, map->items[i].key);
        add(out, STR(":"));
        add_string(out, map->items[i].value);
    }
    add(out, STR("}"));
}

static void add_blocks(struct str_builder *out, const struct tf_attribute *row, const struct tf_blocks *blocks)
{
    add(out, STR("["));
    for (size_t i = 0; i < blocks->count; i++) {
        add(out, i ? STR(",") : STR(""));
        add_object(out, row->element, blocks_item(row, blocks, i));
    }
    add(out, STR("]"));
}

static void add_member(struct str_builder *out, const struct tf_attribute *row, const void *member)
{
    if (member_state(member) != TF_KNOWN) {
        add(out, STR("null"));
        return;
    }
    switch (row->kind) {
    case TF_STRING:
        add_text(out, ((const struct tf_string *)member)->value);
        break;
    case TF_BOOL:
        add(out, ((const struct tf_bool *)member)->value ? STR("true") : STR("false"));
        break;
    case TF_INT64:
        add(out, str_format(out->arena, "%lld", (long long)((const struct tf_int64 *)member)->value));
        break;
    case TF_STRING_LIST:
    case TF_STRING_SET:
        add_list(out, member);
        break;
    case TF_STRING_MAP:
        add_map(out, member);
        break;
    case TF_BLOCK_SINGLE:
        add_object(out, row->element, ((const struct tf_blocks *)member)->items);
        break;
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        add_blocks(out, row, member);
        break;
    }
}

static void add_object(struct str_builder *out, const struct tf_model *model, const void *object)
{
    add(out, STR("{"));
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        add(out, row == model->attributes ? STR("") : STR(","));
        add_text(out, str_from(row->name));
        add(out, STR(":"));
        add_member(out, row, member_in(row, object));
    }
    add(out, STR("}"));
}

struct str model_to_json(struct arena *arena, const struct tf_model *model, const void *object)
{
    struct str_builder out;
    str_builder_init(&out, arena, JSON_MAX_BYTES);
    add_object(&out, model, object);
    return str_builder_text(&out);
}

/* ---- Round trips ----------------------------------------------------------- */

static void check_msgpack(struct arena *arena, const char *name, const struct tf_model *model, const void *object)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *back = NULL;
    if (!model_from_msgpack(arena, model, model_to_msgpack(arena, model, object), &back, &err))
        fail_msg("%s: msgpack of our own is refused: %s at %s", name, err_text(&err), err_path(&err));
    if (!back || !model_equal(model, object, back))
        fail_msg("%s: msgpack changes the object", name);
}

static void check_json(struct arena *arena, const char *name, const struct tf_model *model, const void *object)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *back = NULL;
    if (!model_from_json(arena, model, model_to_json(arena, model, object), &back, &err))
        fail_msg("%s: JSON is refused: %s at %s", name, err_text(&err), err_path(&err));
    if (!back || !model_equal(model, object, back))
        fail_msg("%s: JSON changes the object", name);
}

void model_check_round_trip(const char *name, const struct tf_model *model, unsigned seed)
{
    struct arena *arena = arena_new();
    void *object = model_new(arena, model);
    check_msgpack(arena, name, model, object);
    check_json(arena, name, model, object);
    model_set_unknown(model, object);
    check_msgpack(arena, name, model, object);
    for (int round = 0; round < ROUNDS; round++) {
        check_msgpack(arena, name, model, model_random(arena, model, &seed, false));
        object = model_random(arena, model, &seed, true);
        check_msgpack(arena, name, model, object);
        check_json(arena, name, model, object);
        if (!model_equal(model, object, model_copy(arena, model, object)))
            fail_msg("%s: a copy differs", name);
    }
    arena_free(arena);
}

/* ---- Hostile input --------------------------------------------------------- */

static void feed(const char *name, const struct tf_model *model, struct str bytes)
{
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    if (!model_from_msgpack(arena, model, bytes, &object, &err) && !err_text(&err)[0])
        fail_msg("%s: refused without a word", name);
    if (!model_from_json(arena, model, bytes, &object, &err) && !err_text(&err)[0])
        fail_msg("%s: refused without a word", name);
    arena_free(arena);
}

static struct str damaged(struct arena *arena, struct str bytes, unsigned *seed)
{
    struct str copy = str_copy(arena, bytes);
    for (unsigned left = 1 + next_random(seed, 4); left && copy.len; left--)
        ((char *)copy.ptr)[next_random(seed, (unsigned)copy.len)] = (char)next_random(seed, 256);
    return str_slice(copy, 0, next_random(seed, 4) ? copy.len : next_random(seed, (unsigned)copy.len + 1));
}

void model_check_hostile_input(const char *name, const struct tf_model *model, unsigned seed)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct arena *arena = arena_new();
        char noise[256];
        size_t length = next_random(&seed, sizeof(noise));
        for (size_t i = 0; i < length; i++)
            noise[i] = (char)next_random(&seed, 256);
        feed(name, model, (struct str){ noise, length });
        const void *object = model_random(arena, model, &seed, true);
        feed(name, model, damaged(arena, model_to_msgpack(arena, model, object), &seed));
        feed(name, model, damaged(arena, model_to_json(arena, model, object), &seed));
        arena_free(arena);
    }
}

/* ---- Empty plan ------------------------------------------------------------ */

static void forget_computed(const struct tf_model *model, void *object)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const struct tf_blocks *blocks = member_of(row, object);
        if (row->flags & TF_COMPUTED)
            member_set_state(member_of(row, object), TF_NULL);
        for (size_t i = 0; member_is_block(row) && blocks->state == TF_KNOWN && i < blocks->count; i++)
            forget_computed(row->element, blocks_item(row, blocks, i));
    }
}

void model_check_empty_plan(const char *name, const struct tf_model *model, unsigned seed)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct fake_call *fake = fake_call_new(NULL, model, NULL);
        struct tf_call *call = fake_call_of(fake);
        void *state = model_random(call->arena, model, &seed, true);
        void *config = model_copy(call->arena, model, state);
        forget_computed(model, config);
        const void *planned = plan_compute(call, model, config, state, state);
        if (!model_equal(model, planned, state) || fake_call_replaced(fake)[0])
            fail_msg("%s: the plan of an unchanged object is not empty", name);
        fake_call_free(fake);
    }
}

/* ---- A whole provider ------------------------------------------------------ */

static void check_model(const char *name, const struct tf_model *model)
{
    model_check_rows(name, model);
    model_check_round_trip(name, model, 1);
    model_check_hostile_input(name, model, 2);
}

/* Names that Terraform has taken for itself in every block of that kind. */
static void check_meta_arguments(const char *name, const struct tf_model *model, const char *const *taken)
{
    for (; *taken; taken++)
        if (model_find(model, str_from(*taken)))
            fail_msg("%s: \"%s\" is a meta-argument", name, *taken);
}

static void check_type_name(const struct tf_provider *provider, const char *type_name)
{
    size_t length = strlen(provider->name);
    if (!is_name(type_name) || strncmp(type_name, provider->name, length) != 0 ||
        (type_name[length] != '_' && type_name[length] != '\0'))
        fail_msg("%s is not a type of provider %s", type_name, provider->name);
}

void provider_check(const struct tf_provider *provider)
{
    static const char *const of_resource[] = { "count",      "for_each",    "depends_on", "provider", "lifecycle",
                                               "connection", "provisioner", "locals",     "_",        NULL };
    static const char *const of_provider[] = { "alias", "version", "source", NULL };
    check_model(provider->name, provider->model);
    check_meta_arguments(provider->name, provider->model, of_provider);
    for (const struct tf_resource *const *at = provider->resources; at && *at; at++) {
        check_type_name(provider, (*at)->type_name);
        check_model((*at)->type_name, &(*at)->model);
        check_meta_arguments((*at)->type_name, &(*at)->model, of_resource);
        model_check_empty_plan((*at)->type_name, &(*at)->model, 3);
        for (const struct tf_move *move = (*at)->moves; move && move->source_type; move++)
            check_model(move->source_type, &move->source);
    }
    for (const struct tf_data_source *const *at = provider->data_sources; at && *at; at++) {
        check_type_name(provider, (*at)->type_name);
        check_model((*at)->type_name, &(*at)->model);
        check_meta_arguments((*at)->type_name, &(*at)->model, of_resource);
    }
    for (const struct tf_function *const *at = provider->functions; at && *at; at++) {
        check_tiles((*at)->name, &(*at)->parameters, false);
        check_tiles((*at)->name, &(*at)->result, false);
    }
}
