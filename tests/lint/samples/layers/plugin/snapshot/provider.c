/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/rds.h"
#include "plugin/aws_provider/provider_block.h"
#include "plugin/snapshot/registry.h"
