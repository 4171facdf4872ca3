# SPDX-License-Identifier: MPL-2.0
#
# The old account: a key that may be used from the new account, a snapshot of
# the cluster, a copy of it under that key, shared with the new account. Copy and
# key are where the cluster goes to: a shared encrypted snapshot cannot change its
# Region any more.

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

# 2. The snapshot. Its name carries the take: another take is another source
# for the copies below.
resource "aws_db_cluster_snapshot" "source" {
  provider = aws.source

  db_cluster_identifier          = var.source_cluster_identifier
  db_cluster_snapshot_identifier = "${var.name}-${var.take}"

  timeouts {
    create = "12h"
  }
}

# 3. The copy under the key. That the new account can use the key is checked
# before the hours of copying.
resource "snapshot_reencrypt_copy" "source" {
  provider = snapshot.source

  region                     = var.region
  source_snapshot_identifier = aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
  target_snapshot_identifier = "${var.name}-shared"
  kms_key_id                 = aws_kms_key.source.arn
  reader_account_ids         = [var.target_account_id]
}

# 4. The share. source_version says when the copy has new bytes.
resource "snapshot_share" "target" {
  provider = snapshot.source

  snapshot_identifier = snapshot_reencrypt_copy.source.arn
  account_ids         = [var.target_account_id]
  source_version      = snapshot_reencrypt_copy.source.copy_id
}
