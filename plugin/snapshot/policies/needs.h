/* SPDX-License-Identifier: MPL-2.0
 *
 * Which actions each part in a migration needs of a KMS key: one table, for whoever
 * judges keys and whoever writes policies. No calls.
 */
#ifndef PLUGIN_SNAPSHOT_POLICIES_NEEDS_H
#define PLUGIN_SNAPSHOT_POLICIES_NEEDS_H

#include "base/str.h"

enum key_part {
    KEY_PART_NONE,
    KEY_PART_TARGET, /* encrypts a copy with the key */
    KEY_PART_SOURCE, /* copies, in the key's own account, what is encrypted with it */
    KEY_PART_READER, /* copies or restores from another account what is encrypted with it */
};

enum { NEEDS_COUNT = 4 };

struct need {
    const char *action;
    unsigned parts;
    bool is_grant_action; /* an operation on grants, to which kms:GrantIsForAWSResource applies */
    bool is_demanded;     /* by AWS's words: nothing works without it. Else by its examples only */
};

extern const struct need needs[NEEDS_COUNT];

bool need_is_of(const struct need *need, enum key_part part);

#endif
