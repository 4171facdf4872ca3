/* SPDX-License-Identifier: MPL-2.0
 *
 * The delete that begins a destroy-then-create replacement must not lose what
 * cannot be made again: before it deletes, it makes sure that the source of the
 * new copy is there, available and visible, its key usable, and that there is
 * room for it. It sees one copy, not a chain of them. Any other delete carries
 * no note and is not checked.
 */
#ifndef PLUGIN_SNAPSHOT_REPLACEMENT_CHECK_H
#define PLUGIN_SNAPSHOT_REPLACEMENT_CHECK_H

#include "plugin/snapshot/reencrypt_copy.h"

/* `note` of the delete's plan; `aws` in the Region of the old copy. Errors: what
 * stands against a replacement, with remedy. */
MUST_USE bool replacement_check(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                                struct str note, struct err *err);

#endif
