# SPDX-License-Identifier: MPL-2.0
#
# Both accounts, each seen by both providers. A role of null means: the
# credentials that Terraform was started with are already the account's own.
# allowed_account_ids makes a mix-up of the two an error before anything happens.

provider "aws" {
  alias               = "source"
  region              = var.region
  allowed_account_ids = [var.source_account_id]

  dynamic "assume_role" {
    for_each = var.source_role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = var.name
    }
  }

  default_tags {
    tags = var.tags
  }
}

provider "aws" {
  alias               = "target"
  region              = var.region
  allowed_account_ids = [var.target_account_id]

  dynamic "assume_role" {
    for_each = var.target_role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = var.name
    }
  }

  default_tags {
    tags = var.tags
  }
}

provider "snapshot" {
  alias               = "source"
  region              = var.region
  allowed_account_ids = [var.source_account_id]

  dynamic "assume_role" {
    for_each = var.source_role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = var.name
    }
  }

  default_tags {
    tags = var.tags
  }
}

provider "snapshot" {
  alias               = "target"
  region              = var.region
  allowed_account_ids = [var.target_account_id]

  dynamic "assume_role" {
    for_each = var.target_role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = var.name
    }
  }

  default_tags {
    tags = var.tags
  }
}
