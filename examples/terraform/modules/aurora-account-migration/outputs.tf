# SPDX-License-Identifier: MPL-2.0

output "cluster_arn" {
  description = "The restored cluster; null with restore = false."
  value       = one(aws_rds_cluster.restored[*].arn)
}

output "cluster_endpoint" {
  description = "Where applications write to; null with restore = false."
  value       = one(aws_rds_cluster.restored[*].endpoint)
}

output "cluster_reader_endpoint" {
  description = "Where applications read from; null with restore = false."
  value       = one(aws_rds_cluster.restored[*].reader_endpoint)
}

output "source_snapshot_arn" {
  description = "The snapshot of the old cluster, encrypted as that is."
  value       = aws_db_cluster_snapshot.source.db_cluster_snapshot_arn
}

output "shared_snapshot_arn" {
  description = "The first copy, which the old account shares with the new one."
  value       = snapshot_reencrypt_copy.source.arn
}

output "target_snapshot_arn" {
  description = "The second copy, in the new account; null with copy_before_restore = false."
  value       = one(snapshot_reencrypt_copy.target[*].arn)
}

output "kms_key_arns" {
  description = "The two customer-managed keys."
  value = {
    source = aws_kms_key.source.arn
    target = aws_kms_key.target.arn
  }
}
