/* SPDX-License-Identifier: MPL-2.0
 *
 * What holds for every model, checked by one call: used by the runtime's own
 * tests and by those that walk the registry of a provider. A failure fails the
 * running cmocka test and names model and row.
 */
#ifndef TESTS_SUPPORT_MODEL_CHECK_H
#define TESTS_SUPPORT_MODEL_CHECK_H

#include "plugin/runtime/provider.h"

/* Every model of the provider, in all the ways below; types are named after the
 * provider, no attribute like a meta-argument. */
void provider_check(const struct tf_provider *provider);

/* The rows tile the struct without gap or overlap, in order; names and
 * descriptions are there, flags make sense. */
void model_check_rows(const char *name, const struct tf_model *model);
/* Random objects survive msgpack, and known ones JSON; all-null and all-unknown ones too. */
void model_check_round_trip(const char *name, const struct tf_model *model, unsigned seed);
/* Random bytes and damaged encodings end in an error or an object, nothing else. */
void model_check_hostile_input(const char *name, const struct tf_model *model, unsigned seed);
/* An object whose arguments are in the configuration as they are in state: the plan changes nothing. */
void model_check_empty_plan(const char *name, const struct tf_model *model, unsigned seed);

/* A random object; without unknown values when `known`. */
void *model_random(struct arena *arena, const struct tf_model *model, unsigned *seed, bool known);
/* As a state file would hold it; known values only. */
struct str model_to_json(struct arena *arena, const struct tf_model *model, const void *object);

#endif
