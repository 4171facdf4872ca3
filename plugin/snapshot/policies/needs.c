/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/needs.h"

#define OF(part) (1U << (part))

/* Sources: Aurora user guide. Overview.Encryption.Keys demands CreateGrant and DescribeKey, of whoever uses a key. What
 * share-encrypted-snapshot allows another account besides is in its examples only, and policies without ReEncryptFrom
 * are in use (hashicorp/terraform-provider-aws#6012, HHS/simpler-grants-gov#11815). What is merely usual, such as
 * Encrypt, is not listed. */
const struct need needs[NEEDS_COUNT] = {
    /*                     parts                                                            grants demanded */
    { "kms:DescribeKey",   OF(KEY_PART_TARGET) | OF(KEY_PART_SOURCE) | OF(KEY_PART_READER), false, true  },
    { "kms:CreateGrant",   OF(KEY_PART_TARGET) | OF(KEY_PART_SOURCE) | OF(KEY_PART_READER), true,  true  },
    { "kms:Decrypt",       OF(KEY_PART_READER),                                             false, false },
    { "kms:ReEncryptFrom", OF(KEY_PART_READER),                                             false, false },
};

bool need_is_of(const struct need *need, enum key_part part)
{
    return (need->parts & OF(part)) != 0;
}
