/* SPDX-License-Identifier: MPL-2.0 */
#include "base/err.h"

struct kept {
    struct err last;
};

struct str gives_a_view_away(void)
{
    CLEANUP(err_clear) struct err refusal = { 0 };
    (void)err_set(&refusal, ERR_IO, "no");
    for (struct err again = { 0 }; again.kind != ERR_NONE;) /* refused */
        err_copy(&refusal, &again);
    return str_from(err_text(&refusal)); /* refused */
}

bool copies_by_value(struct kept *kept, struct err *err)
{
    struct err lost; /* refused */
    struct err leaks = { 0 }; /* refused */
    CLEANUP(err_clear) struct err refusal = { 0 };
    CLEANUP(err_clear) struct err both = *err; /* refused */
    (void)err_set(&refusal, ERR_IO, "no");
    *err = refusal; /* refused */
    kept->last = *err; /* refused */
    refusal = kept->last; /* refused */
    err_move(err, &refusal);
    err_copy(&kept->last, err);
    return err->kind == ERR_NONE;
}
