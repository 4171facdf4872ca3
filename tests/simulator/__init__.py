# SPDX-License-Identifier: MPL-2.0
"""An imitation of RDS snapshots, KMS, STS and IAM; see README.md."""
