# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}

# A cluster snapshot encrypted with aws/rds, copied under a customer-managed key
# so that it can be shared.
resource "snapshot_reencrypt_copy" "orders" {
  source_snapshot_identifier = "orders-2026-01"
  target_snapshot_identifier = "orders-2026-01-shared"
  kms_key_id                 = "alias/migration"

  # Who will copy or restore it: their access to the key is checked before the
  # hours of copying.
  reader_account_ids = ["444455556666"]

  copy_tags = true
  tags = {
    purpose = "migration"
  }

  timeouts {
    create = "12h"
  }
}

# A snapshot of a DB instance, in another Region, kept when Terraform destroys
# the resource.
resource "snapshot_reencrypt_copy" "billing" {
  source_snapshot_identifier = "arn:aws:rds:eu-central-1:111122223333:snapshot:billing-2026-01"
  target_snapshot_identifier = "billing-2026-01"
  snapshot_kind              = "instance"
  region                     = "eu-west-1"
  kms_key_id                 = "alias/migration"
  deletion_policy            = "retain"
}
