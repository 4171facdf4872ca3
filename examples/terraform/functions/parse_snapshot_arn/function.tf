# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# { partition = "aws", region = "eu-central-1", account_id = "111122223333", kind = "cluster", name = "orders-2026-01" }
output "snapshot" {
  value = provider::snapshot::parse_snapshot_arn("arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:orders-2026-01")
}
