# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:orders-2026-01
output "snapshot_arn" {
  value = provider::snapshot::snapshot_arn("aws", "eu-central-1", "111122223333", "cluster", "orders-2026-01")
}
