/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/plan/planning.h"

void planning_warn_of_unknown(struct planning *planning, const char *path)
{
    tf_warn(planning->call, path, "Known only while applying",
            "The value of %s is not known yet. If it names other data than that of %.*s, the apply ends with an "
            "error before it changes anything: other data needs another target_snapshot_identifier.",
            path, STR_ARG(planning->prior->arn.value));
}

bool planning_leaves_to_apply(struct planning *planning, const char *path)
{
    if (!planning->prior || !planning->is_place_late)
        return false;
    tf_warn(planning->call, path, "Known only while applying",
            "%s names other data than that of %.*s. The name, kind or Region of the copy is not known yet. If it stays "
            "the same, the apply ends with an error before it changes anything: other data needs another "
            "target_snapshot_identifier.",
            path, STR_ARG(planning->prior->arn.value));
    return true;
}
