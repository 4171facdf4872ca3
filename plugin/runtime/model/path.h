/* SPDX-License-Identifier: MPL-2.0
 *
 * Paths to arguments. Between modules a path is its text, "timeouts.create" or
 * "assume_role[0].tags[\"Name\"]"; only the protocol wants steps. Taking a text
 * apart never fails: it ends where the rows end, at a set (whose elements
 * cannot be addressed) or at what is no path.
 */
#ifndef PLUGIN_RUNTIME_MODEL_PATH_H
#define PLUGIN_RUNTIME_MODEL_PATH_H

#include "plugin/runtime/provider.h"

enum path_step_kind { PATH_NAME, PATH_INDEX, PATH_KEY };

struct path_step {
    enum path_step_kind kind;
    struct str text; /* name or key */
    int64_t index;
};

struct path {
    struct path_step *steps;
    size_t count;
};

/* In the arena. `text` may be NULL: no steps. `model` may be NULL, then neither. */
struct path path_parse(struct arena *arena, const struct tf_model *model, const char *text);

/* Texts, put together from the outside in; `parent` may be NULL. */
const char *path_member(struct arena *arena, const char *parent, const char *name);
const char *path_item(struct arena *arena, const char *parent, const struct tf_attribute *attribute, size_t index);

/* Texts of an err, from the inside out: each level puts its own step before. All return false. */
bool path_before_name(struct err *err, const char *name);
bool path_before_index(struct err *err, size_t index);
bool path_before_key(struct err *err, struct str key);

#endif
