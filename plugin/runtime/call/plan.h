/* SPDX-License-Identifier: MPL-2.0
 *
 * All generic behaviour of a plan and of an apply, from the rows; no protocol
 * messages here. The order of a plan: missing inputs are null; a re-spelled
 * argument keeps its prior text; computed values are prior; TF_FORCE_NEW
 * arguments that differ replace; if something changes, computed values that
 * the configuration does not set and that are not TF_STABLE become unknown. The
 * resource's hook refines the result afterwards.
 */
#ifndef PLUGIN_RUNTIME_CALL_PLAN_H
#define PLUGIN_RUNTIME_CALL_PLAN_H

#include "plugin/runtime/provider.h"

/* `proposed` is core's merge of configuration and prior state, `prior` is NULL
 * on create. Calls tf_replace. The result is a new object in the call's arena. */
void *plan_compute(struct tf_call *call, const struct tf_model *model, const void *config, const void *prior,
                   const void *proposed);

/* After an apply without errors: what was planned known holds the planned value. */
void plan_hold(struct arena *arena, const struct tf_model *model, const void *planned, void *state);

/* The note of a plan as planned_private and back. Empty stays empty; what is
 * not ours, or of another version, reads as empty. */
struct str plan_note_wrap(struct arena *arena, struct str note);
struct str plan_note_unwrap(struct str private_bytes);

#endif
