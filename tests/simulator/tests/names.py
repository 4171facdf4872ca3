# SPDX-License-Identifier: MPL-2.0
"""Names that the tests share, and each kind of snapshot with what control makes of it."""

import dataclasses

from contracts import kinds

REGION, OTHER_REGION = "eu-central-1", "eu-west-1"
OLD, NEW, THIRD = "111111111111", "222222222222", "333333333333"


def arn(name, account=OLD, region=REGION, kind="cluster-snapshot"):
    return f"arn:aws:rds:{region}:{account}:{kind}:{name}"


class Kind(kinds.Kind):
    def arn(self, name, account=OLD, region=REGION):
        return arn(name, account, region, self.arn_type)

    def add(self, aws, name, account=OLD, region=REGION, **fields):
        return aws.add_snapshot(account, region, name, kind=self.name, **fields)

    def add_database(self, aws, name, **fields):
        return (aws.add_cluster if self.name == "cluster" else aws.add_instance)(OLD, REGION, name, **fields)


CLUSTER, INSTANCE = BOTH = [Kind(**dataclasses.asdict(kind)) for kind in kinds.BOTH]
