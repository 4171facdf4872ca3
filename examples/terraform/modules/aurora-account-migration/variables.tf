# SPDX-License-Identifier: MPL-2.0

# ---- What is moved ----

variable "name" {
  description = "Name of this migration: begins the names of the snapshots, keys and of the restored cluster. Another name replaces the restored cluster."
  type        = string

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) <= 40
    error_message = "Lower-case letters, digits and single hyphens, a letter first, at most 40 characters."
  }
}

variable "take" {
  description = "Ends the names of all snapshots. Another value makes a new chain of snapshots, and removes the old one at its end. Never use a value twice."
  type        = string
  default     = "1"

  validation {
    condition     = can(regex("^[a-z0-9]{1,12}$", var.take))
    error_message = "Lower-case letters and digits, 1 to 12 of them."
  }
}

variable "source_cluster_identifier" {
  description = "The Aurora cluster in the old account. Another cluster needs another take."
  type        = string
}

# ---- From where to where ----

variable "region" {
  description = "Region of the restored cluster and of the second copy, where aws.target works. With another Region, later, Terraform makes another cluster there, and the first one is in no state any more."
  type        = string
}

variable "source_region" {
  description = "Region of the source cluster, where aws.source works; null means region."
  type        = string
  default     = null
}

variable "partition" {
  description = "AWS partition of both accounts: aws, aws-cn or aws-us-gov."
  type        = string
  default     = "aws"
}

variable "source_account_id" {
  description = "The old account."
  type        = string
}

variable "target_account_id" {
  description = "The new account."
  type        = string
}

variable "copy_across_regions_first" {
  description = "To another Region: make the first copy there, with a key in that Region (aws.source_key). By default the second copy changes account and Region in one step. Set this to true where RDS refuses that step. Without effect where the Region stays."
  type        = bool
  default     = false
  nullable    = false
}

variable "copy_before_restore" {
  description = "Copy the shared snapshot into the new account, and restore the cluster from that copy. With false there is no second copy: the cluster is restored from the shared snapshot, within one Region. Changed to false later, it deletes the second copy, also one that is still running, unless deletion_policy = \"retain\" was applied before."
  type        = bool
  default     = true
  nullable    = false
}

variable "restore" {
  description = "Restore the cluster. With false the module ends with the second copy. Changed to false later, it deletes the cluster."
  type        = bool
  default     = true
  nullable    = false
}

variable "reader_account_ids" {
  description = "Further accounts that may read the first copy, beside the new one: it is shared with them, and the key's policy admits them."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.reader_account_ids : can(regex("^[0-9]{12}$", id))]) && length(var.reader_account_ids) < 20
    error_message = "Account IDs of 12 digits, at most 19 of them: RDS shares a snapshot with 20 accounts."
  }
}

variable "reader_principals" {
  description = "ARNs of roles and users that may use the old account's key, instead of everybody in their accounts. Their accounts are the new one and those of reader_account_ids. Of the new account, name each role that copies, or restores directly. The roles must exist."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.reader_principals : can(regex("^arn:[^:]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "ARNs of IAM roles and users, such as arn:aws:iam::444455556666:role/snapshot-migration."
  }
}

variable "principal_org_id" {
  description = "ID of the organization that the accounts of all readers must belong to, such as o-a1b2c3d4e5; null: no such condition."
  type        = string
  default     = null
}

variable "deletion_policy" {
  description = "What a destroy does with the second copy, in the new account: delete, or retain it. Null means delete. Apply a change before you destroy."
  type        = string
  default     = null
}

# ---- The restored cluster ----

variable "engine" {
  description = "Engine of the cluster, the same on both sides. Used when the cluster is restored; ignored later."
  type        = string
  default     = "aurora-mysql"
}

variable "engine_version" {
  description = "Engine version of the restored cluster: the source's or newer. Without one RDS picks its default, not the source's."
  type        = string
}

variable "instance_class" {
  description = "Class of the restored cluster's instances."
  type        = string
  default     = "db.r6g.large"
}

variable "instance_count" {
  description = "Number of instances in the restored cluster; the first is the writer."
  type        = number
  default     = 1
}

variable "db_subnet_group_name" {
  description = "Subnet group in the new account; null takes the default VPC's. Used when the cluster is restored; ignored later."
  type        = string
  default     = null
}

variable "vpc_security_group_ids" {
  description = "Security groups in the new account; null takes the default VPC's."
  type        = set(string)
  default     = null
}

variable "port" {
  description = "Port of the restored cluster; null takes the snapshot's."
  type        = number
  default     = null
}

variable "db_cluster_parameter_group_name" {
  description = "Cluster parameter group in the new account; null takes the engine's default one. Parameter groups are not part of a snapshot."
  type        = string
  default     = null
}

variable "db_parameter_group_name" {
  description = "Parameter group of the instances in the new account; null takes the engine's default one."
  type        = string
  default     = null
}

variable "backup_retention_period" {
  description = "Days that automated backups of the restored cluster are kept, 1 to 35; null takes the snapshot's."
  type        = number
  default     = null

  validation {
    condition     = var.backup_retention_period == null ? true : var.backup_retention_period >= 1 && var.backup_retention_period <= 35
    error_message = "1 to 35 days."
  }
}

variable "serverlessv2_scaling_configuration" {
  description = "Capacity of Aurora Serverless v2 in ACUs, for instance_class = \"db.serverless\"."
  type        = object({ min_capacity = number, max_capacity = number })
  default     = null
}

variable "apply_immediately" {
  description = "Apply later changes of the restored cluster at once; otherwise RDS waits for the maintenance window."
  type        = bool
  default     = null
}

variable "deletion_protection" {
  description = "Keep the restored cluster from being deleted. Its instances are not protected."
  type        = bool
  default     = true
}

variable "skip_final_snapshot" {
  description = "Delete the restored cluster without a final snapshot of it."
  type        = bool
  default     = false
}

# ---- Both sides ----

variable "tags" {
  description = "Tags of everything that is made here, beside the default_tags of the providers."
  type        = map(string)
  default     = {}
}
