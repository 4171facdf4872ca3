# SPDX-License-Identifier: MPL-2.0
#
# The new account: a key, a copy of the shared snapshot under it, and the
# cluster restored from that copy. Once the copy is available, nothing here needs
# the old account.

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

# 6. The copy. Its source is the share's snapshot_arn, so that it begins after the
# share exists, and the share is deleted after it.
resource "snapshot_reencrypt_copy" "target" {
  provider = snapshot.target

  region                     = var.region
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  target_snapshot_identifier = "${var.name}-${var.take}"
  kms_key_id                 = aws_kms_key.target.arn
  deletion_policy            = var.deletion_policy

  # Terraform applies this to all that the copy depends on, too: both keys, the share,
  # the first copy and its snapshot.
  lifecycle {
    create_before_destroy = true
  }
}

# 7. The cluster. It is restored once, and another value of take leaves it. To restore
# it from the new copy, replace it in a second apply: terraform apply -replace=ADDRESS.
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
  final_snapshot_identifier = "${var.name}-final-${var.take}"

  timeouts {
    create = "12h"
    update = "4h"
    delete = "4h"
  }

  lifecycle {
    ignore_changes = [snapshot_identifier, final_snapshot_identifier]
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
