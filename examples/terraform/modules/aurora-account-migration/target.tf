# SPDX-License-Identifier: MPL-2.0
#
# The new account: a key, a copy of the shared snapshot under it, and the
# cluster restored from that copy. Nothing here depends on the old account once
# the copy is available.

# 5. The customer-managed key.
data "snapshot_key_policy" "target" {
  provider = snapshot.target

  side             = "target"
  owner_account_id = var.target_account_id
  partition        = var.partition
}

resource "aws_kms_key" "target" {
  provider = aws.target

  description             = "Cluster ${var.name}, moved from account ${var.source_account_id}"
  policy                  = data.snapshot_key_policy.target.json
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "target" {
  provider = aws.target

  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.target.key_id
}

# 6. The copy. Its source is named through the share, so that it begins when
# the snapshot is shared and ends before the share is taken back.
resource "snapshot_reencrypt_copy" "target" {
  provider = snapshot.target

  region                     = var.region
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  source_version             = snapshot_reencrypt_copy.source.copy_id
  target_snapshot_identifier = var.name
  kms_key_id                 = aws_kms_key.target.arn
}

# 7. The cluster. It is restored once: a new take re-makes the copy in place and
# leaves the cluster alone. To restore again, replace it:
# terraform apply -replace=ADDRESS, which plan and apply show.
resource "aws_rds_cluster" "restored" {
  provider = aws.target

  cluster_identifier  = var.name
  snapshot_identifier = snapshot_reencrypt_copy.target.arn
  engine              = var.engine
  engine_version      = var.engine_version
  storage_encrypted   = true
  kms_key_id          = aws_kms_key.target.arn

  db_subnet_group_name   = var.db_subnet_group_name
  vpc_security_group_ids = var.vpc_security_group_ids

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = "${var.name}-final"

  timeouts {
    create = "12h"
    update = "4h"
    delete = "4h"
  }

  lifecycle {
    ignore_changes = [snapshot_identifier]
  }
}

resource "aws_rds_cluster_instance" "restored" {
  provider = aws.target
  count    = var.instance_count

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.restored.id
  engine             = aws_rds_cluster.restored.engine
  engine_version     = aws_rds_cluster.restored.engine_version
  instance_class     = var.instance_class

  timeouts {
    create = "4h"
    update = "4h"
    delete = "4h"
  }
}
