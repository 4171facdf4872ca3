# SPDX-License-Identifier: MPL-2.0
"""ARNs: seven parts, the last of which may itself contain colons (rds:..., awsbackup:...)."""

from typing import NamedTuple

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region):
    return next((name for prefix, name in PARTITIONS.items() if region.startswith(prefix)), "aws")


def dns_suffix(region):
    return "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"


class RdsArn(NamedTuple):
    partition: str
    region: str
    account: str
    type: str
    name: str

    def __str__(self):
        return f"arn:{self.partition}:rds:{self.region}:{self.account}:{self.type}:{self.name}"


def rds_arn(region, account, kind_type, name):
    return RdsArn(partition_of(region), region, account, kind_type, name.lower())


def parse_rds_arn(text):
    """None for what is not an RDS ARN."""
    parts = text.split(":", 6)
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "rds":
        return None
    return RdsArn(parts[1], parts[3], parts[4], parts[5], parts[6].lower())
