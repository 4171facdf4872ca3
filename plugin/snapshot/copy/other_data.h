/* SPDX-License-Identifier: MPL-2.0
 *
 * A name stands for its data: what a copy was made from cannot change under its name.
 * The error that says so, for a plan and for the delete that begins a replacement, with
 * the way out. No calls.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_OTHER_DATA_H
#define PLUGIN_SNAPSHOT_COPY_OTHER_DATA_H

#include "plugin/snapshot/copy/model.h"

/* `path` is the argument; `was` says how the copy was made ("with the key arn:..."),
 * `wanted` what that argument means now ("arn:...", "nothing"). Always false. */
bool other_data_refuse(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                       struct str wanted, struct err *err);
/* The same from the delete leg of a replacement, which leaves the copy. */
bool other_data_keep(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                     struct str wanted, struct err *err);

#endif
