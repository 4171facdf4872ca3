# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# The policy of the new account's key; null stands for the partition "aws".
output "target_key_policy" {
  value = provider::snapshot::target_key_policy("444455556666", null)
}
