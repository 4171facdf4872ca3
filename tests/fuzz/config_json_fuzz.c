/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>
#include <string.h>

#include "plugin/runtime/model/config_json.h"
#include "plugin/runtime/model/object.h"
#include "tests/fuzz/target.h"
#include "tests/support/every_kind.h"

static const char *const names[] = { "snapshot", "aws", NULL };

/* Of several blocks each is asked for. */
static void read_as(struct str bytes, struct str alias)
{
    const struct config_json_wanted wanted = { .names = names, .alias = alias };
    struct arena *arena = arena_new();
    CLEANUP(err_clear) struct err err = { 0 };
    void *block = NULL;
    const char *name = NULL;
    if (config_json_provider(arena, &every_kind_model, bytes, &wanted, &block, &name, &err)) {
        if (!block || !model_is_known(&every_kind_model, block) || (name != names[0] && name != names[1]))
            abort();
    } else if ((err.kind != ERR_INVALID && err.kind != ERR_NOT_FOUND) || !err_text(&err)[0] || block || name ||
               (err_path(&err)[0] && strncmp(err_path(&err), "provider", strlen("provider")) != 0)) {
        abort();
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct str text = { (const char *)bytes, size };
    read_as(text, STR(""));
    read_as(text, STR("a"));
    return 0;
}
