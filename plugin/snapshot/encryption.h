/* SPDX-License-Identifier: MPL-2.0
 *
 * What a snapshot is encrypted with, by AWS's StorageEncryptionType. The older fields do not tell: under a key that
 * AWS owns, which every Aurora cluster made without a key has since 2026-02-18, StorageEncrypted is false and KmsKeyId
 * is absent, as without encryption (API reference, DBClusterSnapshot; Aurora user guide, Overview.Encryption). They
 * are read only where AWS sends no type. No calls.
 */
#ifndef PLUGIN_SNAPSHOT_ENCRYPTION_H
#define PLUGIN_SNAPSHOT_ENCRYPTION_H

#include "aws/rds.h"

enum encryption {
    ENCRYPTION_NONE,
    ENCRYPTION_KMS, /* sse-kms: aws/rds, or a customer's key */
    ENCRYPTION_RDS, /* sse-rds: a key that AWS owns, which nobody sees in KMS */
};

enum encryption encryption_of(const struct rds_snapshot *snapshot);
/* The ARN of its key in KMS; empty where it has none, or AWS does not say. */
struct str encryption_key(const struct rds_snapshot *snapshot);

#endif
