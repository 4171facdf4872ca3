/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/needs.h"

#define OF(part) (1U << (part))

/* Sources: Aurora user guide, Overview.Encryption.Keys (whoever encrypts needs
 * CreateGrant and DescribeKey), share-encrypted-snapshot (what another account
 * needs). What is merely usual, such as Encrypt, is not demanded. */
const struct need needs[NEEDS_COUNT] = {
    { "kms:DescribeKey",   OF(KEY_PART_TARGET) | OF(KEY_PART_SOURCE) | OF(KEY_PART_READER), false },
    { "kms:CreateGrant",   OF(KEY_PART_TARGET) | OF(KEY_PART_SOURCE) | OF(KEY_PART_READER), true  },
    { "kms:Decrypt",       OF(KEY_PART_READER),                                             false },
    { "kms:ReEncryptFrom", OF(KEY_PART_READER),                                             false },
};

bool need_is_of(const struct need *need, enum key_part part)
{
    return (need->parts & OF(part)) != 0;
}
