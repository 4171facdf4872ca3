# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# The role of the old account: copies its snapshots and shares the copies.
data "snapshot_caller_policy" "source" {
  side                  = "source"
  account_id            = "111122223333"
  region                = "eu-central-1"
  source_snapshot_names = ["orders-2026-01"]
  snapshot_names        = ["orders-*-shared"]
  kms_key_arns          = ["arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
}

# The role of the new account: copies what is shared, with a key of its own.
data "snapshot_caller_policy" "target" {
  side                  = "target"
  account_id            = "444455556666"
  source_account_id     = "111122223333"
  region                = "eu-central-1"
  source_snapshot_names = ["orders-*-shared"]
  snapshot_names        = ["orders-*"]
  source_kms_key_arns   = ["arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
  kms_key_arns          = ["arn:aws:kms:eu-central-1:444455556666:key/0987dcba-09fe-87dc-65ba-ab0987654321"]
}

output "source_caller_policy" {
  value = data.snapshot_caller_policy.source.json # for aws_iam_role_policy.policy
}

output "target_caller_policy" {
  value = data.snapshot_caller_policy.target.json
}
