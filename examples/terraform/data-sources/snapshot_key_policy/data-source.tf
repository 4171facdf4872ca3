# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# The old account's key: the new account may use it through RDS.
data "snapshot_key_policy" "source" {
  side               = "source"
  owner_account_id   = "111122223333"
  reader_account_ids = ["444455556666"]
  regions            = ["eu-central-1"]
}

# The same for one role of the new account, while that account belongs to this organization.
data "snapshot_key_policy" "narrowed" {
  side              = "source"
  owner_account_id  = "111122223333"
  reader_principals = ["arn:aws:iam::444455556666:role/snapshot-migration"]
  principal_org_id  = "o-a1b2c3d4e5"
  regions           = ["eu-central-1"]
}

# The new account's key.
data "snapshot_key_policy" "target" {
  side             = "target"
  owner_account_id = "444455556666"
}

output "source_key_policy" {
  value = data.snapshot_key_policy.source.json # for aws_kms_key.policy
}

output "narrowed_key_policy" {
  value = data.snapshot_key_policy.narrowed.json
}

output "target_key_policy" {
  value = data.snapshot_key_policy.target.json
}
