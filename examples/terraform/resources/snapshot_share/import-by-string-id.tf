# SPDX-License-Identifier: MPL-2.0

# The share of the named accounts; without "/ACCOUNT,ACCOUNT" of all that are listed on the snapshot.
import {
  to = snapshot_share.orders
  id = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:orders-2026-01-shared/444455556666"
}
