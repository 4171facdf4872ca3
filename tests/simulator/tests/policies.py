# SPDX-License-Identifier: MPL-2.0
"""The key policies of the two sides, written out once more, by hand."""


def source_key_policy(owner, readers, region):
    via = {"kms:ViaService": f"rds.{region}.amazonaws.com"}
    roots = [f"arn:aws:iam::{reader}:root" for reader in readers]
    return {
        "Version": "2012-10-17",
        "Statement": [
            allow({"AWS": f"arn:aws:iam::{owner}:root"}, ["kms:*"]),
            allow(
                {"AWS": f"arn:aws:iam::{owner}:root"},
                ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey*",
                 "kms:DescribeKey"],
                {"StringEquals": via},
            ),
            allow(
                {"AWS": roots},
                ["kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey"],
                {"StringEquals": via},
            ),
            allow(
                {"AWS": roots},
                ["kms:CreateGrant"],
                {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ],
    }  # fmt: skip


def target_key_policy(owner):
    return {
        "Version": "2012-10-17",
        "Statement": [
            allow({"AWS": f"arn:aws:iam::{owner}:root"}, ["kms:*"]),
            allow(
                {"Service": "rds.amazonaws.com"},
                ["kms:ReEncryptTo", "kms:GenerateDataKey*", "kms:Encrypt", "kms:DescribeKey", "kms:Decrypt",
                 "kms:CreateGrant"],
                {"StringEquals": {"aws:SourceAccount": owner}},
            ),
        ],
    }  # fmt: skip


def allow(principal, actions, condition=None):
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


def deny(principal, actions, condition=None):
    return {**allow(principal, actions, condition), "Effect": "Deny"}
