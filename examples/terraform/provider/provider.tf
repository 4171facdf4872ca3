# SPDX-License-Identifier: MPL-2.0

terraform {
  required_providers {
    snapshot = {
      source = "rds-snapshot/snapshot"
    }
  }
}

# It takes the same arguments as provider "aws".
provider "snapshot" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]

  default_tags {
    tags = {
      project = "orders-migration"
    }
  }
}

# The account that the snapshots go to. The provider assumes a role in it.
provider "snapshot" {
  alias               = "new_account"
  region              = "eu-central-1"
  allowed_account_ids = ["444455556666"]

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/snapshot-migration"
  }
}
