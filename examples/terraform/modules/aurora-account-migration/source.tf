# SPDX-License-Identifier: MPL-2.0
#
# The old account: a key that the new account may use, a snapshot of the cluster,
# a copy of it under that key, shared with the new account. They are in the Region of
# the source cluster, unless copy_across_regions_first puts copy, share and key into
# the Region that the cluster goes to.
#
# Every snapshot has the value of take in its name. Terraform applies the
# create_before_destroy of the share to all that the share depends on: another value
# makes new snapshots before it removes the old ones.

locals {
  source_region = coalesce(var.source_region, var.region)
  shared_region = var.copy_across_regions_first ? var.region : local.source_region

  reader_account_ids = setunion([var.target_account_id], var.reader_account_ids)
  # Accounts that reader_principals narrows to some of their roles and users.
  narrowed_account_ids = [for arn in var.reader_principals : split(":", arn)[4]]
  not_shared_with      = setsubtract(local.narrowed_account_ids, local.reader_account_ids)
}

# 1. The customer-managed key. Its policy names both Regions, because AWS does not say in
# which of them RDS uses the key when the second copy goes to another Region.
data "snapshot_key_policy" "source" {
  provider = snapshot.source

  side               = "source"
  owner_account_id   = var.source_account_id
  reader_account_ids = setsubtract(local.reader_account_ids, local.narrowed_account_ids)
  reader_principals  = var.reader_principals
  principal_org_id   = var.principal_org_id
  regions            = [local.shared_region, var.region]
  partition          = var.partition
}

resource "aws_kms_key" "source" {
  provider = aws.source_key

  description             = "Snapshots of ${var.source_cluster_identifier} on their way to account ${var.target_account_id}"
  policy                  = data.snapshot_key_policy.source.json
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  lifecycle {
    precondition {
      condition     = length(local.not_shared_with) == 0
      error_message = "reader_principals names roles or users of ${join(", ", local.not_shared_with)}, but the first copy is shared only with ${join(", ", local.reader_account_ids)}. Add further accounts to reader_account_ids, and remove the roles and users of the old account: its own IAM policies allow them the key."
    }

    postcondition {
      condition     = strcontains(self.arn, ":${local.shared_region}:")
      error_message = "The first copy is made in ${local.shared_region}, and its key must be there, but aws.source_key has made ${self.arn}. Pass the provider of the old account in ${local.shared_region} as aws.source_key. If the source cluster is in another Region than region, set source_region."
    }
  }
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
  tags                           = var.tags

  timeouts {
    create = "12h"
  }

  lifecycle {
    postcondition {
      condition     = strcontains(self.db_cluster_snapshot_arn, ":${local.source_region}:")
      error_message = "The source cluster is not in ${local.source_region}: the snapshot is ${self.db_cluster_snapshot_arn}. Set source_region to the Region of aws.source."
    }
  }
}

# 3. The copy under the key. With reader_account_ids, the provider checks before the
# copy that the new account, and any other reader, can use the key.
resource "snapshot_reencrypt_copy" "source" {
  provider = snapshot.source

  region                     = local.shared_region
  source_snapshot_identifier = aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
  target_snapshot_identifier = "${var.name}-shared-${var.take}"
  kms_key_id                 = aws_kms_key.source.arn
  reader_account_ids         = local.reader_account_ids
  tags                       = var.tags
}

# 4. The share.
resource "snapshot_share" "target" {
  provider = snapshot.source

  snapshot_identifier = snapshot_reencrypt_copy.source.arn
  account_ids         = local.reader_account_ids

  lifecycle {
    create_before_destroy = true
  }
}
