# SPDX-License-Identifier: MPL-2.0
#
# Every resource and data source, and every argument of a resource at least once. make.py gives the keys the ids that are
# written here, and the policies that are read here.

terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/snapshot-migration"
  }

  default_tags {
    tags = { team = "data" }
  }
}

provider "snapshot" {
  alias               = "target"
  region              = "eu-central-1"
  allowed_account_ids = ["444455556666"]

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/snapshot-migration"
  }
}

data "snapshot_key_policy" "source" {
  side               = "source"
  owner_account_id   = "111122223333"
  reader_account_ids = ["444455556666", "777788889999"]
  regions            = ["eu-central-1", "eu-west-1"]
}

data "snapshot_key_policy" "target" {
  side             = "target"
  owner_account_id = "444455556666"
}

data "snapshot_caller_policy" "source" {
  side                  = "source"
  account_id            = "111122223333"
  region                = "eu-central-1"
  source_snapshot_names = ["orders-1"]
  snapshot_names        = ["orders-shared-1"]
  kms_key_arns          = ["arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4111-8111-000000000001"]
}

# A cluster's snapshot: copied, shared, copied by the other account into another Region.

resource "snapshot_reencrypt_copy" "shared" {
  source_snapshot_identifier = "orders-1"
  target_snapshot_identifier = "Orders-Shared-1"
  kms_key_id                 = "alias/migration"
  reader_account_ids         = ["444455556666"]
  copy_tags                  = true
  tags                       = { purpose = "migration" }
  deletion_policy            = "delete"

  timeouts {
    create = "36h"
    update = "30h"
    delete = "90m"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "snapshot_share" "target" {
  snapshot_identifier = snapshot_reencrypt_copy.shared.arn
  account_ids         = ["444455556666"]

  lifecycle {
    create_before_destroy = true
  }
}

resource "snapshot_reencrypt_copy" "target" {
  provider = snapshot.target

  region                     = "eu-west-1"
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  target_snapshot_identifier = "orders-1"
  kms_key_id                 = "arn:aws:kms:eu-west-1:444455556666:key/44445555-6666-4444-8444-000000000001"

  lifecycle {
    create_before_destroy = true
  }
}

# An instance's snapshot, whose copy stays when it is destroyed.

resource "snapshot_reencrypt_copy" "instance" {
  snapshot_kind                   = "instance"
  source_snapshot_identifier      = "arn:aws:rds:eu-central-1:111122223333:snapshot:billing-1"
  target_snapshot_identifier      = "billing-shared-1"
  kms_key_id                      = "11112222-3333-4111-8111-000000000001"
  option_group_name               = "default:mysql-8-0"
  copy_option_group               = false
  target_custom_availability_zone = "rds-caz-1"
  deletion_policy                 = "retain"
}

resource "snapshot_share" "instance" {
  snapshot_identifier = snapshot_reencrypt_copy.instance.arn
  snapshot_kind       = "instance"
  region              = "eu-central-1"
  account_ids         = ["444455556666", "777788889999"]
}
