/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan of snapshot_reencrypt_copy looks at where a copy is to be made: the
 * key that it will be encrypted with, for the caller and for its readers, and
 * what its source is encrypted with. Nothing here changes what is planned.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_PLAN_PREFLIGHT_H
#define PLUGIN_SNAPSHOT_COPY_PLAN_PREFLIGHT_H

#include "plugin/snapshot/copy/model.h"

/* `home` is where the copy will be. False: it never can be encrypted with that key, or shared
 * with its readers. */
MUST_USE bool copy_preflight_plan(struct tf_call *call, const struct reencrypt_copy *config,
                                  const struct reencrypt_copy *planned, const struct snapshot_ref *home,
                                  struct err *err);

#endif
