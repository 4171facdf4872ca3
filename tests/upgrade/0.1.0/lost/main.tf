# SPDX-License-Identifier: MPL-2.0
#
# A copy of each kind, which make.py loses, interrupts and kills.

terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"

  default_tags {
    tags = { team = "data" }
  }
}

resource "snapshot_reencrypt_copy" "cluster" {
  source_snapshot_identifier = "orders-1"
  target_snapshot_identifier = "orders-shared-1"
  kms_key_id                 = "alias/migration"
  tags                       = { purpose = "migration" }
}

resource "snapshot_reencrypt_copy" "instance" {
  snapshot_kind              = "instance"
  source_snapshot_identifier = "billing-1"
  target_snapshot_identifier = "billing-shared-1"
  kms_key_id                 = "11112222-3333-4111-8111-000000000001"
}
