# SPDX-License-Identifier: MPL-2.0

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5, < 7"
      # The old account, where the cluster is; the old account, where the first copy is
      # made; the new account. The first two are one without copy_across_regions_first.
      configuration_aliases = [aws.source, aws.source_key, aws.target]
    }
    snapshot = {
      source                = "rds-snapshot/snapshot"
      version               = ">= 0.1"
      configuration_aliases = [snapshot.source, snapshot.target]
    }
  }
}
