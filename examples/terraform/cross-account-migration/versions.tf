# SPDX-License-Identifier: MPL-2.0

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5, < 7"
    }
    snapshot = {
      source  = "rds-snapshot/snapshot"
      version = ">= 0.1"
    }
  }
}
