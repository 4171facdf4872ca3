/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/encryption.h"

enum encryption encryption_of(const struct rds_snapshot *snapshot)
{
    const struct str type = snapshot->storage_encryption_type;
    const bool is_told_plain =
        snapshot->encrypted.present && !snapshot->encrypted.value && str_is_empty(snapshot->kms_key_id);
    if (str_equal(type, STR("sse-rds")))
        return ENCRYPTION_RDS;
    return str_equal(type, STR("none")) || (str_is_empty(type) && is_told_plain) ? ENCRYPTION_NONE : ENCRYPTION_KMS;
}

struct str encryption_key(const struct rds_snapshot *snapshot)
{
    return encryption_of(snapshot) == ENCRYPTION_KMS ? snapshot->kms_key_id : STR("");
}
