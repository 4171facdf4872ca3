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

# The new account may copy and restore this snapshot. Only the accounts named
# here are added and taken back; others on the same snapshot are left alone.
resource "snapshot_share" "orders" {
  snapshot_identifier = "orders-2026-01-shared"
  account_ids         = ["444455556666"]
}
