# SPDX-License-Identifier: MPL-2.0
#
# How the steps hang together. No AWS: the providers are mocked. The runs share one state: those that plan come first.

mock_provider "aws" {
  alias = "source"

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-central-1:111122223333:key/mocked"
    }
  }

  mock_resource "aws_db_cluster_snapshot" {
    defaults = {
      db_cluster_snapshot_arn = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:mocked"
    }
  }
}

mock_provider "aws" {
  alias = "source_key"

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-central-1:111122223333:key/mocked"
    }
  }
}

mock_provider "aws" {
  alias = "target"

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:444455556666:key/mocked"
    }
  }
}

# The old account in the Region that the cluster goes to.
mock_provider "aws" {
  alias = "source_there"

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:111122223333:key/mocked"
    }
  }
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
  source_region             = "eu-central-1"
  region                    = "eu-west-1"
  source_account_id         = "111122223333"
  target_account_id         = "444455556666"
  engine_version            = "8.0.mysql_aurora.3.05.2"
}

run "two_steps_to_another_region" {
  command = plan

  providers = {
    aws.source      = aws.source
    aws.source_key  = aws.source_there
    aws.target      = aws.target
    snapshot.source = snapshot.source
    snapshot.target = snapshot.target
  }

  variables {
    copy_across_regions_first = true
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.region == "eu-west-1" && snapshot_reencrypt_copy.target[0].region == "eu-west-1"
    error_message = "The first copy changes the Region."
  }
}

run "direct_restore_stays_in_its_region" {
  command = plan

  variables {
    copy_before_restore = false
  }

  expect_failures = [aws_rds_cluster.restored]
}

run "direct_restore" {
  command = plan

  providers = {
    aws.source      = aws.source
    aws.source_key  = aws.source
    aws.target      = aws.source
    snapshot.source = snapshot.source
    snapshot.target = snapshot.target
  }

  variables {
    region              = "eu-central-1"
    copy_before_restore = false
  }

  assert {
    condition     = length(snapshot_reencrypt_copy.target) == 0 && output.target_snapshot_arn == null
    error_message = "There is no second copy."
  }
}

run "copy_only" {
  command = plan

  variables {
    restore = false
  }

  assert {
    condition     = length(aws_rds_cluster.restored) == 0 && length(aws_rds_cluster_instance.restored) == 0 && output.cluster_arn == null && output.cluster_endpoint == null && output.cluster_reader_endpoint == null
    error_message = "No cluster is restored, and the outputs about it are null."
  }

  assert {
    condition     = length(snapshot_reencrypt_copy.target) == 1
    error_message = "The second copy is made."
  }
}

run "protection_by_default" {
  command = plan

  variables {
    engine               = "aurora-postgresql"
    db_subnet_group_name = "orders"
  }

  assert {
    condition     = aws_rds_cluster.restored[0].deletion_protection
    error_message = "A restored database is protected."
  }

  assert {
    condition     = aws_rds_cluster.restored[0].engine == "aurora-postgresql" && aws_rds_cluster.restored[0].db_subnet_group_name == "orders"
    error_message = "The restore takes the engine and the subnet group."
  }
}

run "readers_are_those_of_the_share" {
  command = plan

  variables {
    reader_principals = ["arn:aws:iam::777788889999:role/snapshot-migration"]
  }

  expect_failures = [aws_kms_key.source]
}

run "copy_is_retained_on_demand" {
  command = plan

  variables {
    deletion_policy = "retain"
  }

  assert {
    condition     = snapshot_reencrypt_copy.target[0].deletion_policy == "retain" && snapshot_reencrypt_copy.source.deletion_policy == null
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

run "key_of_the_first_copy_is_in_its_region" {
  variables {
    copy_across_regions_first = true
  }

  expect_failures = [aws_kms_key.source]
}

run "chain" {
  assert {
    condition     = aws_db_cluster_snapshot.source.db_cluster_snapshot_identifier == "orders-7" && snapshot_reencrypt_copy.source.target_snapshot_identifier == "orders-shared-7" && snapshot_reencrypt_copy.target[0].target_snapshot_identifier == "orders-7"
    error_message = "The take is part of each snapshot's name: another take makes new snapshots beside the old ones."
  }

  assert {
    condition     = aws_rds_cluster.restored[0].cluster_identifier == "orders" && aws_rds_cluster.restored[0].final_snapshot_identifier == "orders-final-7"
    error_message = "The cluster keeps its name, and its final snapshot has a name of its own for each take."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.source_snapshot_identifier == aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
    error_message = "The first copy is made of the snapshot."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.kms_key_id == aws_kms_key.source.arn && snapshot_reencrypt_copy.target[0].kms_key_id == aws_kms_key.target.arn
    error_message = "Each copy is encrypted with the key of its account."
  }

  assert {
    condition     = snapshot_reencrypt_copy.target[0].source_snapshot_identifier == snapshot_share.target.snapshot_arn
    error_message = "The second copy waits for the share."
  }

  assert {
    condition     = snapshot_share.target.snapshot_identifier == snapshot_reencrypt_copy.source.arn
    error_message = "The first copy is shared."
  }

  assert {
    condition     = snapshot_reencrypt_copy.source.region == "eu-central-1" && snapshot_reencrypt_copy.target[0].region == "eu-west-1"
    error_message = "The second copy changes account and Region in one step."
  }

  assert {
    condition     = toset(data.snapshot_key_policy.source.regions) == toset(["eu-central-1", "eu-west-1"])
    error_message = "The key admits RDS of both Regions."
  }

  assert {
    condition     = toset(snapshot_share.target.account_ids) == toset(["444455556666"]) && toset(snapshot_reencrypt_copy.source.reader_account_ids) == toset(["444455556666"])
    error_message = "Only the new account reads."
  }

  assert {
    condition     = aws_rds_cluster.restored[0].snapshot_identifier == snapshot_reencrypt_copy.target[0].arn && aws_rds_cluster.restored[0].kms_key_id == aws_kms_key.target.arn
    error_message = "The cluster is restored from the new account's copy, with its key."
  }
}
