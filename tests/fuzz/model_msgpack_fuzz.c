/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "plugin/runtime/model/msgpack.h"
#include "plugin/runtime/model/object.h"
#include "tests/fuzz/target.h"
#include "tests/support/every_kind.h"

/* What is taken is written again and read again without a difference. */
static void check_round_trip(struct arena *arena, const struct tf_model *model, const void *object)
{
    CLEANUP(err_clear) struct err err = { 0 };
    void *back = NULL;
    if (!model_from_msgpack(arena, model, model_to_msgpack(arena, model, object), &back, &err) || !back ||
        !model_equal(model, object, back))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct tf_model *model = &every_kind_model;
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    if (!model_from_msgpack(arena, model, (struct str){ (const char *)bytes, size }, &object, &err)) {
        if (err.kind != ERR_INVALID || !err_text(&err)[0] || object)
            abort();
    } else if (object) {
        check_round_trip(arena, model, object);
    }
    arena_free(arena);
    return 0;
}
