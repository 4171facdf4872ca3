# SPDX-License-Identifier: MPL-2.0

output "cluster_arn" {
  description = "The restored cluster."
  value       = module.migration.cluster_arn
}

output "cluster_endpoint" {
  description = "Where applications write to."
  value       = module.migration.cluster_endpoint
}

output "cluster_reader_endpoint" {
  description = "Where applications read from."
  value       = module.migration.cluster_reader_endpoint
}

output "source_snapshot_arn" {
  description = "The snapshot of the old cluster, encrypted as that is."
  value       = module.migration.source_snapshot_arn
}

output "shared_snapshot_arn" {
  description = "The copy that the old account shares with the new one."
  value       = module.migration.shared_snapshot_arn
}

output "target_snapshot_arn" {
  description = "The new account's own copy."
  value       = module.migration.target_snapshot_arn
}

output "kms_key_arns" {
  description = "The two customer-managed keys."
  value       = module.migration.kms_key_arns
}
