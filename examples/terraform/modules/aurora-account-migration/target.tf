# SPDX-License-Identifier: MPL-2.0
#
# The new account: a key, a copy of the shared snapshot under it, and the
# cluster restored from that copy. Once the copy is available, nothing here needs
# the old account. With copy_before_restore = false there is no copy, and the cluster
# is restored from the shared snapshot: the old account is needed until it is available.

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
  tags                    = var.tags

  lifecycle {
    postcondition {
      condition     = strcontains(self.arn, ":${var.region}:")
      error_message = "The cluster goes to ${var.region}, but aws.target has made ${self.arn}. Pass the provider of the new account in ${var.region} as aws.target."
    }
  }
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
  count    = var.copy_before_restore ? 1 : 0

  region                     = var.region
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  target_snapshot_identifier = "${var.name}-${var.take}"
  kms_key_id                 = aws_kms_key.target.arn
  deletion_policy            = var.deletion_policy
  tags                       = var.tags

  # Terraform applies this to all that the copy depends on, too: the new account's key
  # and, as the share has it anyway, the old account's side.
  lifecycle {
    create_before_destroy = true
  }
}

# 7. The cluster. It is restored once, and another value of take leaves it. To restore
# it from the new copy, replace it in a second apply: terraform apply -replace=ADDRESS.
resource "aws_rds_cluster" "restored" {
  provider = aws.target
  count    = var.restore ? 1 : 0

  cluster_identifier  = var.name
  snapshot_identifier = var.copy_before_restore ? one(snapshot_reencrypt_copy.target[*].arn) : snapshot_share.target.snapshot_arn
  engine              = var.engine
  engine_version      = var.engine_version
  storage_encrypted   = true
  kms_key_id          = aws_kms_key.target.arn

  db_subnet_group_name            = var.db_subnet_group_name
  vpc_security_group_ids          = var.vpc_security_group_ids
  port                            = var.port
  db_cluster_parameter_group_name = var.db_cluster_parameter_group_name
  backup_retention_period         = var.backup_retention_period
  apply_immediately               = var.apply_immediately
  tags                            = var.tags

  dynamic "serverlessv2_scaling_configuration" {
    for_each = var.serverlessv2_scaling_configuration[*]
    content {
      min_capacity = serverlessv2_scaling_configuration.value.min_capacity
      max_capacity = serverlessv2_scaling_configuration.value.max_capacity
    }
  }

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = "${var.name}-final-${var.take}"

  timeouts {
    create = "12h"
    update = "4h"
    delete = "4h"
  }

  lifecycle {
    # Another value of these would replace the cluster, with all data written since.
    ignore_changes = [snapshot_identifier, final_snapshot_identifier, engine, db_subnet_group_name]

    precondition {
      condition     = var.copy_before_restore || local.shared_region == var.region
      error_message = "copy_before_restore = false restores the shared snapshot, which is in ${local.shared_region}, and a restore stays in its Region, but region is ${var.region}. Leave copy_before_restore true, or set copy_across_regions_first = true."
    }
  }
}

resource "aws_rds_cluster_instance" "restored" {
  provider = aws.target
  count    = var.restore ? var.instance_count : 0

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.restored[0].id
  engine             = aws_rds_cluster.restored[0].engine
  engine_version     = aws_rds_cluster.restored[0].engine_version
  instance_class     = var.instance_class

  db_parameter_group_name = var.db_parameter_group_name
  apply_immediately       = var.apply_immediately
  tags                    = var.tags

  timeouts {
    create = "4h"
    update = "4h"
    delete = "4h"
  }
}
