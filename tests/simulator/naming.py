# SPDX-License-Identifier: MPL-2.0
"""Names of snapshots: which are allowed, and which snapshot one means (CopyDBClusterSnapshot, CopyDBSnapshot)."""

import re

from .arns import parse_rds_arn
from .errors import invalid_value

NAME = re.compile(r"[a-z](-?[a-z0-9])*", re.IGNORECASE | re.ASCII)


def checked_name(kind, parameter, text):
    """A new snapshot's name: letters, digits, single hyphens inside; kept in lower case."""
    if len(text) > kind.max_name or not NAME.fullmatch(text):
        raise invalid_identifier(parameter)
    return text.lower()


def invalid_identifier(parameter):
    return invalid_value(
        f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter;"
        " must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or"
        " contain two consecutive hyphens."
    )


def own_by_name(world, call, kind, automatic=False):
    """For operations that take a bare name. An ARN and, where it is not `automatic`, an automated snapshot's name is
    answered with "is not a valid identifier" (aws/aws-cli#8296, #5407; boto/boto3#3582)."""
    name = call.params[kind.identifier]
    if name.startswith("arn:") or ":" in name and not automatic:
        raise invalid_identifier(kind.identifier)
    return world.snapshots.find(kind, call.account, call.region, name)


def find_source(world, call, kind, text):
    arn = parse_rds_arn(text)
    if text.startswith("arn:") and (arn is None or arn.type != kind.arn_type):
        raise invalid_value(f"Invalid snapshot identifier: {text}")
    return world.snapshots.find(kind, call.account, call.region, text)
