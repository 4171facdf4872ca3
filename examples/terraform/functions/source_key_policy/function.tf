# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# The policy of the old account's key; null stands for the partition "aws".
output "source_key_policy" {
  value = provider::snapshot::source_key_policy("111122223333", ["444455556666"], ["eu-central-1"], null)
}
