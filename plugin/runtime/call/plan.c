/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/plan.h"

#include <string.h>

#include "plugin/runtime/limits.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/model/path.h"

static bool is_computed(const struct tf_attribute *attribute)
{
    return (attribute->flags & TF_COMPUTED) != 0;
}

/* The item of another list that belongs to item `index` of this one: the same
 * position; sets have no positions, the equal item then. NULL: there is none. */
static const void *counterpart(const struct tf_attribute *attribute, const struct tf_blocks *blocks,
                               const struct tf_blocks *others, size_t index)
{
    if (!others || others->state != TF_KNOWN)
        return NULL;
    if (attribute->kind != TF_BLOCK_SET)
        return index < others->count ? blocks_item(attribute, others, index) : NULL;
    const void *item = blocks_item(attribute, blocks, index);
    for (size_t i = 0; i < others->count; i++)
        if (model_equal(attribute->element, item, blocks_item(attribute, others, i)))
            return blocks_item(attribute, others, i);
    return NULL;
}

/* The member in an object that may be missing. */
static const void *member_if(const struct tf_attribute *attribute, const void *object)
{
    return object ? member_in(attribute, object) : NULL;
}

/* ---- Inputs and spelling -------------------------------------------------- */

static bool is_respelled(const struct tf_attribute *attribute, const void *prior, const void *config)
{
    return attribute->equal && prior && member_state(prior) == TF_KNOWN && member_state(config) == TF_KNOWN &&
           member_is_known(attribute, prior) && member_is_known(attribute, config) &&
           !member_equal(attribute, prior, config) && attribute->equal(prior, config);
}

static void settle_inputs(struct arena *arena, const struct tf_model *model, const void *config, const void *prior,
                          void *planned);

static void settle_blocks(struct arena *arena, const struct tf_attribute *attribute, const struct tf_blocks *config,
                          const struct tf_blocks *prior, const struct tf_blocks *planned)
{
    for (size_t i = 0; planned->state == TF_KNOWN && i < planned->count; i++) {
        const void *configured = counterpart(attribute, planned, config, i);
        if (configured)
            settle_inputs(arena, attribute->element, configured, counterpart(attribute, planned, prior, i),
                          blocks_item(attribute, planned, i));
    }
}

static void settle_inputs(struct arena *arena, const struct tf_model *model, const void *config, const void *prior,
                          void *planned)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const void *configured = member_in(row, config);
        const void *former = member_if(row, prior);
        void *member = member_of(row, planned);
        if (is_respelled(row, former, configured))
            member_copy(arena, row, former, member);
        else if (member_is_block(row))
            settle_blocks(arena, row, configured, former, member);
        else if (member_state(configured) == TF_NULL && !is_computed(row))
            member_set_state(member, TF_NULL);
    }
}

/* ---- Computed values ------------------------------------------------------ */

static void set_computed_unknown(const struct tf_model *model, const void *config, const void *prior, void *planned);

static void blocks_computed_unknown(const struct tf_attribute *attribute, const struct tf_blocks *config,
                                    const struct tf_blocks *prior, const struct tf_blocks *planned)
{
    for (size_t i = 0; planned->state == TF_KNOWN && i < planned->count; i++) {
        const void *configured = counterpart(attribute, planned, config, i);
        if (configured)
            set_computed_unknown(attribute->element, configured, counterpart(attribute, planned, prior, i),
                                 blocks_item(attribute, planned, i));
    }
}

/* Something changes: computed values that the configuration does not set will
 * be known after apply, except stable ones of an object that exists. */
static void set_computed_unknown(const struct tf_model *model, const void *config, const void *prior, void *planned)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        void *member = member_of(row, planned);
        if (member_is_block(row))
            blocks_computed_unknown(row, member_in(row, config), member_if(row, prior), member);
        else if (is_computed(row) && member_state(member_in(row, config)) == TF_NULL &&
                 !(prior && (row->flags & TF_STABLE)))
            member_set_state(member, TF_UNKNOWN);
    }
}

/* ---- Replacement ---------------------------------------------------------- */

static void find_replaced(struct tf_call *call, const struct tf_model *model, const char *parent, const void *prior,
                          const void *planned);

static size_t known_count(const struct tf_blocks *blocks)
{
    return blocks && blocks->state == TF_KNOWN ? blocks->count : 0;
}

static void find_replaced_items(struct tf_call *call, const struct tf_attribute *attribute, const char *parent,
                                const struct tf_blocks *prior, const struct tf_blocks *planned)
{
    size_t count = known_count(prior) > known_count(planned) ? known_count(prior) : known_count(planned);
    for (size_t i = 0; i < count; i++)
        find_replaced(call, attribute->element, path_item(call->arena, parent, attribute, i),
                      i < known_count(prior) ? blocks_item(attribute, prior, i) : NULL,
                      i < known_count(planned) ? blocks_item(attribute, planned, i) : NULL);
}

/* One side may lack the object: then all its members count as null there. */
static bool differs(const struct tf_attribute *attribute, const void *prior, const void *planned)
{
    if (prior && planned)
        return !member_equal(attribute, prior, planned);
    const void *only = prior ? prior : planned;
    if (member_is_block(attribute) && known_count(only) == 0)
        return member_state(only) == TF_UNKNOWN;
    return member_state(only) != TF_NULL;
}

static void find_replaced(struct tf_call *call, const struct tf_model *model, const char *parent, const void *prior,
                          const void *planned)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const void *before = member_if(row, prior);
        const void *after = member_if(row, planned);
        if (!differs(row, before, after))
            continue;
        if (row->flags & TF_FORCE_NEW)
            tf_replace(call, path_member(call->arena, parent, row->name));
        else if (member_is_block(row))
            find_replaced_items(call, row, parent, before, after);
    }
}

void *plan_compute(struct tf_call *call, const struct tf_model *model, const void *config, const void *prior,
                   const void *proposed)
{
    void *planned = model_copy(call->arena, model, proposed);
    settle_inputs(call->arena, model, config, prior, planned);
    if (prior && model_equal(model, prior, planned))
        return planned;
    /* Before computed values become unknown: those are no changes of an argument. */
    if (prior)
        find_replaced(call, model, NULL, prior, planned);
    set_computed_unknown(model, config, prior, planned);
    return planned;
}

/* ---- After an apply ------------------------------------------------------- */

static void hold_blocks(struct arena *arena, const struct tf_attribute *attribute, const struct tf_blocks *planned,
                        struct tf_blocks *state)
{
    bool same_shape = state->state == TF_KNOWN && state->count == planned->count && attribute->kind != TF_BLOCK_SET;
    for (size_t i = 0; same_shape && i < planned->count; i++)
        plan_hold(arena, attribute->element, blocks_item(attribute, planned, i), blocks_item(attribute, state, i));
}

void plan_hold(struct arena *arena, const struct tf_model *model, const void *planned, void *state)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++) {
        const void *wanted = member_in(row, planned);
        if (member_is_known(row, wanted))
            member_copy(arena, row, wanted, member_of(row, state));
        else if (member_is_block(row) && member_state(wanted) == TF_KNOWN)
            hold_blocks(arena, row, wanted, member_of(row, state));
    }
}

/* ---- Notes ---------------------------------------------------------------- */

static const char note_mark[] = "tf-note-1:"; /* the number is the version of the wrapping */
enum { NOTE_MARK_BYTES = sizeof(note_mark) - 1 };

struct str plan_note_wrap(struct arena *arena, struct str note)
{
    if (str_is_empty(note) || note.len > NOTE_MAX_BYTES)
        return STR("");
    char *bytes = arena_alloc(arena, NOTE_MARK_BYTES + note.len);
    memcpy(bytes, note_mark, NOTE_MARK_BYTES);
    memcpy(bytes + NOTE_MARK_BYTES, note.ptr, note.len);
    return (struct str){ bytes, NOTE_MARK_BYTES + note.len };
}

struct str plan_note_unwrap(struct str private_bytes)
{
    if (!str_starts_with(private_bytes, str_from(note_mark)) || private_bytes.len > NOTE_MARK_BYTES + NOTE_MAX_BYTES)
        return STR("");
    return str_slice(private_bytes, NOTE_MARK_BYTES, private_bytes.len);
}
