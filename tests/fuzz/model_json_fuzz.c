/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/object.h"
#include "tests/fuzz/target.h"
#include "tests/support/every_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct tf_model *model = &every_kind_model;
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    void *object = NULL;
    if (!model_from_json(arena, model, (struct str){ (const char *)bytes, size }, &object, &err)) {
        if (err.kind != ERR_INVALID || !err_text(&err)[0] || object)
            abort();
    } else if (object && !model_is_known(model, object)) { /* JSON has no unknown values */
        abort();
    }
    arena_free(arena);
    return 0;
}
