/* SPDX-License-Identifier: MPL-2.0
 *
 * What a plan tells the delete that may begin a destroy-then-create replacement.
 * Terraform hands the create plan's private data to that delete and to no other:
 * an apply drops the note and a plain destroy's plan overwrites it. So a delete that
 * has one knows that a create follows, and what that create will make.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_NOTE_H
#define PLUGIN_SNAPSHOT_COPY_NOTE_H

#include "base/str.h"

struct replacement_note {
    struct str arn;        /* of the new copy; empty: not known at plan */
    struct str source_arn; /* what it is to be made from; empty: not known at plan */
    struct str kms_key_id; /* as configured; empty: not known at plan */
};

struct str note_write(struct arena *arena, const struct replacement_note *note);
/* False for anything else than such a text; the parts borrow it. */
bool note_parse(struct str text, struct replacement_note *out);

#endif
