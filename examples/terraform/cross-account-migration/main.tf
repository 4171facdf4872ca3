# SPDX-License-Identifier: MPL-2.0
#
# The seven steps are in the module, in source.tf (1 to 4) and target.tf (5 to 7).

module "migration" {
  source = "../modules/aurora-account-migration"

  providers = {
    aws.source      = aws.source
    aws.source_key  = aws.source # the key is where the first copy is
    aws.target      = aws.target
    snapshot.source = snapshot.source
    snapshot.target = snapshot.target
  }

  name                      = var.name
  take                      = var.take
  source_cluster_identifier = var.source_cluster_identifier

  region            = var.region
  partition         = var.partition
  source_account_id = var.source_account_id
  target_account_id = var.target_account_id
  deletion_policy   = var.deletion_policy

  engine                 = var.engine
  engine_version         = var.engine_version
  instance_class         = var.instance_class
  instance_count         = var.instance_count
  db_subnet_group_name   = var.db_subnet_group_name
  vpc_security_group_ids = var.vpc_security_group_ids
  deletion_protection    = var.deletion_protection
  skip_final_snapshot    = var.skip_final_snapshot
}
