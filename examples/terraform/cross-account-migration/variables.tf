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
  description = "Region of the source cluster and of the restored one. With another Region, later, Terraform makes another cluster there, and the first one is in no state any more."
  type        = string
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

variable "deletion_policy" {
  description = "What a destroy does with the second copy, in the new account: delete, or retain it. Null means delete. Apply a change before you destroy."
  type        = string
  default     = null
}

variable "source_role_arn" {
  description = "Role to assume in the old account; null where the base credentials are the old account's."
  type        = string
  default     = null
}

variable "target_role_arn" {
  description = "Role to assume in the new account; null where the base credentials are the new account's."
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
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
}
