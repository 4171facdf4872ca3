# SPDX-License-Identifier: MPL-2.0

# By ARN, or by kind and name in the provider's account and Region.
import {
  to = snapshot_reencrypt_copy.orders
  id = "cluster:orders-2026-01-shared"
}

import {
  to = snapshot_reencrypt_copy.billing
  id = "arn:aws:rds:eu-west-1:111122223333:snapshot:billing-2026-01"
}
