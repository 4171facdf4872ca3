# SPDX-License-Identifier: MPL-2.0
"""Verdicts on random policies, beside two evaluators that share nothing with ours: the imitation's,
and moto's for what it knows (identity policies without conditions)."""

import json
import random
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from moto.iam.access_control import IAMPolicy, PermissionResult

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from simulator import policy as theirs

ROUNDS = 4000
OWNER, READER = "111111111111", "222222222222"
KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/k1"
ROLE = SimpleNamespace(
    account=READER,
    arn=f"arn:aws:sts::{READER}:assumed-role/mover/me",
    principal_arn=f"arn:aws:iam::{READER}:role/mover",
)
KEYS = {
    "kms:ViaService": "rds.eu-west-1.amazonaws.com",
    "kms:CallerAccount": READER,
    "kms:GrantIsForAWSResource": "true",
    "aws:SourceAccount": "",  # absent
}
ACTIONS = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:ReEncryptFrom"]
OTHER = ["kms:*", "*", "kms:Create*", "KMS:decrypt", "kms:ReEncrypt*", "kms:De*", "kms:Decryp?", "rds:*", "kms:*t"]
PATTERNS = [*ACTIONS, *OTHER]
PRINCIPALS = [
    f"arn:aws:iam::{READER}:root", READER, ROLE.principal_arn, ROLE.arn, "*", f"arn:aws:iam::{OWNER}:root",
    f"arn:aws:iam::{READER}:role/other", f"arn:aws:iam::{READER}:user/mover", OWNER, "AIDACKCEVSQ6C2EXAMPLE",
]  # fmt: skip
VALUES = {
    "kms:ViaService": ["rds.eu-west-1.amazonaws.com", "rds.us-east-1.amazonaws.com", "rds.*", "ec2.*", "*"],
    "kms:CallerAccount": [READER, OWNER, "2*"],
    "kms:GrantIsForAWSResource": [True, "true", "false", False],
    "aws:SourceAccount": [OWNER, READER],
    "aws:PrincipalOrgID": ["o-1"],
    "aws:PrincipalArn": [ROLE.principal_arn, "arn:aws:iam::*:role/mover"],
}
OPERATORS = [
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase", "StringEqualsIfExists", "StringNotLikeIfExists", "ArnLike",
    "ForAnyValue:StringEquals", "ForAllValues:StringLike",
]  # fmt: skip


def some(rng, choices, longest=3):
    drawn = rng.sample(choices, rng.randint(1, min(longest, len(choices))))
    return drawn[0] if len(drawn) == 1 and rng.random() < 0.7 else drawn


def condition(rng):
    result = {}
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        key = rng.choice(list(VALUES))
        if rng.random() < 0.1:
            result.setdefault("Null", {})[key] = rng.choice(["true", "false", True])
        elif key == "kms:GrantIsForAWSResource":
            result.setdefault(rng.choice(["Bool", "BoolIfExists"]), {})[key] = rng.choice(VALUES[key])
        else:
            result.setdefault(rng.choice(OPERATORS), {})[key] = some(rng, VALUES[key])
    return result


def principal(rng):
    kind = rng.random()
    if kind < 0.1:
        return "*"
    if kind < 0.2:
        return {"Service": "rds.amazonaws.com"}
    return {"AWS": some(rng, PRINCIPALS)}


def statement(rng, identity=False, patterns=PATTERNS):
    made = {"Effect": rng.choices(["Allow", "Deny"], [4, 1])[0]}
    if not identity:
        made[rng.choices(["Principal", "NotPrincipal"], [9, 1])[0]] = principal(rng)
    made[rng.choices(["Action", "NotAction"], [5, 1])[0]] = some(rng, patterns)
    made["Resource"] = some(rng, ["*", KEY, "arn:aws:kms:*", "arn:aws:rds:*"], 2)
    if not identity and (conditions := condition(rng)):
        made["Condition"] = conditions
    return made


def test_a_definite_verdict_is_the_imitations(oracle):
    rng = random.Random(6)
    seen = Counter()
    for _ in range(ROUNDS):
        document = {"Version": "2012-10-17", "Statement": [statement(rng) for _ in range(rng.randint(0, 4))]}
        action = rng.choice(ACTIONS)
        ours = oracle.decide(json.dumps(document), READER, ROLE.arn, action, KEY, list(KEYS.items()))
        present = {name.lower(): [value] for name, value in KEYS.items() if value}
        verdict, _ = theirs.evaluate(
            document, theirs.Question(ROLE, action, KEY, present | {"aws:principalorgid": ["o-1"]})
        )
        seen[ours] += 1
        if ours != "cannot tell":
            expected = {"Allow": "allowed", "Deny": "denied", None: "not allowed"}[verdict]
            # One of ours says why there is no permission, the other that a denial would come on top.
            assert ours == expected or (ours, expected) == ("not allowed", "denied"), (document, action)
    print(dict(seen))
    assert all(seen[v] > ROUNDS / 20 for v in ("allowed", "denied", "not allowed"))
    assert seen["cannot tell"] < ROUNDS / 2


def test_what_is_known_of_the_whole_account_holds_for_its_role(oracle):
    rng = random.Random(7)
    definite = 0
    for _ in range(ROUNDS):
        document = json.dumps({"Statement": [statement(rng) for _ in range(rng.randint(1, 4))]})
        action = rng.choice(ACTIONS)
        anybody, role = (
            oracle.decide(document, READER, who, action, KEY, list(KEYS.items())) for who in ("", ROLE.arn)
        )
        if anybody != "cannot tell":
            definite += 1
            assert anybody == role or (anybody, role) == ("not allowed", "denied"), (document, action)
    assert definite > ROUNDS / 4


def test_an_identity_policy_is_judged_as_moto_does(oracle):
    rng = random.Random(8)
    patterns = [p for p in PATTERNS if "?" not in p and "KMS" not in p]  # which moto takes for other things
    expected = {
        PermissionResult.PERMITTED: "allowed",
        PermissionResult.DENIED: "denied",
        PermissionResult.NEUTRAL: "not allowed",
    }
    for _ in range(ROUNDS):
        statements = [statement(rng, True, patterns) for _ in range(rng.randint(1, 4))]
        document, action = json.dumps({"Statement": statements}), rng.choice(ACTIONS)
        verdict = oracle.decide(document, READER, ROLE.arn, action, KEY, own=True)
        assert verdict == expected[IAMPolicy(document).is_action_permitted(action, KEY)], (document, action)
