# SPDX-License-Identifier: MPL-2.0
#
# How the seven steps hang together. No AWS: the providers are mocked.

mock_provider "aws" {
  alias = "source"
}

mock_provider "aws" {
  alias = "source_key"
}

mock_provider "aws" {
  alias = "target"
}

mock_provider "snapshot" {
  alias = "source"
}

mock_provider "snapshot" {
  alias = "target"
}

variables {
  name                      = "orders"
  take                      = "7"
  source_cluster_identifier = "orders-production"
  region                    = "eu-west-1"
  source_account_id         = "111122223333"
  target_account_id         = "444455556666"
  engine_version            = "8.0.mysql_aurora.3.05.2"
}

run "chain" {
  assert {
    condition     = aws_db_cluster_snapshot.source.db_cluster_snapshot_identifier == "orders-7" && snapshot_reencrypt_copy.source.target_snapshot_identifier == "orders-shared-7" && snapshot_reencrypt_copy.target.target_snapshot_identifier == "orders-7"
    error_message = "The take is part of each snapshot's name: another take makes new snapshots beside the old ones."
  }

  assert {
    condition     = aws_rds_cluster.restored.cluster_identifier == "orders" && aws_rds_cluster.restored.final_snapshot_identifier == "orders-final-7"
    error_message = "The cluster keeps its name, and its final snapshot has a name of its own for each take."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.source_snapshot_identifier == aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
    error_message = "The first copy is made of the snapshot."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.kms_key_id == aws_kms_key.source.arn && snapshot_reencrypt_copy.target.kms_key_id == aws_kms_key.target.arn
    error_message = "Each copy is encrypted with the key of its account."
  }

  assert {
    condition     = snapshot_reencrypt_copy.target.source_snapshot_identifier == snapshot_share.target.snapshot_arn
    error_message = "The second copy waits for the share."
  }

  assert {
    condition     = snapshot_share.target.snapshot_identifier == snapshot_reencrypt_copy.source.arn
    error_message = "The first copy is shared."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.region == "eu-west-1" && snapshot_reencrypt_copy.target.region == "eu-west-1"
    error_message = "Both copies are where the cluster goes to."
  }

  assert {
    condition     = toset(snapshot_share.target.account_ids) == toset(["444455556666"]) && toset(snapshot_reencrypt_copy.source.reader_account_ids) == toset(["444455556666"])
    error_message = "Only the new account reads."
  }

  assert {
    condition     = aws_rds_cluster.restored.snapshot_identifier == snapshot_reencrypt_copy.target.arn && aws_rds_cluster.restored.kms_key_id == aws_kms_key.target.arn
    error_message = "The cluster is restored from the new account's copy, with its key."
  }
}

run "protection_by_default" {
  command = plan

  assert {
    condition     = aws_rds_cluster.restored.deletion_protection
    error_message = "A restored database is protected."
  }
}

run "copy_is_retained_on_demand" {
  command = plan

  variables {
    deletion_policy = "retain"
  }

  assert {
    condition     = snapshot_reencrypt_copy.target.deletion_policy == "retain" && snapshot_reencrypt_copy.source.deletion_policy == null
    error_message = "deletion_policy is that of the second copy."
  }
}

run "name_is_checked" {
  command = plan

  variables {
    name = "Orders--new"
  }

  expect_failures = [var.name]
}

run "take_is_checked" {
  command = plan

  variables {
    take = "second-try"
  }

  expect_failures = [var.take]
}
