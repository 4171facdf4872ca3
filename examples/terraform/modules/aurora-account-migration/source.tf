# SPDX-License-Identifier: MPL-2.0
#
# The old account: a key that the new account may use, a snapshot of the cluster,
# a copy of it under that key, shared with the new account. Copy and key are in the
# Region that the cluster goes to, because a shared encrypted snapshot cannot change
# its Region.
#
# Every snapshot has the value of take in its name. create_before_destroy of the
# second copy (target.tf) holds for all of this: another value makes new snapshots
# before it removes the old ones.

# 1. The customer-managed key.
data "snapshot_key_policy" "source" {
  provider = snapshot.source

  side               = "source"
  owner_account_id   = var.source_account_id
  reader_account_ids = [var.target_account_id]
  regions            = [var.region]
  partition          = var.partition
}

resource "aws_kms_key" "source" {
  provider = aws.source_key

  description             = "Snapshots of ${var.source_cluster_identifier} on their way to account ${var.target_account_id}"
  policy                  = data.snapshot_key_policy.source.json
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "source" {
  provider = aws.source_key

  name          = "alias/${var.name}-source"
  target_key_id = aws_kms_key.source.key_id
}

# 2. The snapshot.
resource "aws_db_cluster_snapshot" "source" {
  provider = aws.source

  db_cluster_identifier          = var.source_cluster_identifier
  db_cluster_snapshot_identifier = "${var.name}-${var.take}"

  timeouts {
    create = "12h"
  }
}

# 3. The copy under the key. With reader_account_ids, the provider checks before the
# copy that the new account can use the key.
resource "snapshot_reencrypt_copy" "source" {
  provider = snapshot.source

  region                     = var.region
  source_snapshot_identifier = aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
  target_snapshot_identifier = "${var.name}-shared-${var.take}"
  kms_key_id                 = aws_kms_key.source.arn
  reader_account_ids         = [var.target_account_id]
}

# 4. The share.
resource "snapshot_share" "target" {
  provider = snapshot.source

  snapshot_identifier = snapshot_reencrypt_copy.source.arn
  account_ids         = [var.target_account_id]
}
