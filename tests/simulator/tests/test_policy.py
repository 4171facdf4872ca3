# SPDX-License-Identifier: MPL-2.0
"""The evaluator alone: elements and condition operators of the IAM user guide's policy reference."""

from types import SimpleNamespace

import pytest

from simulator import policy

ROLE = SimpleNamespace(
    account="222222222222",
    arn="arn:aws:sts::222222222222:assumed-role/migrator/me",
    principal_arn="arn:aws:iam::222222222222:role/migrator",
)


def verdict(*statements, action="kms:Decrypt", resource="arn:aws:kms:x:1:key/k", **keys):
    keys = {name.replace("_", ":"): values for name, values in keys.items()}
    question = policy.Question(ROLE, action, resource, keys)
    return policy.evaluate({"Statement": list(statements)}, question)[0]


def allow(**elements):
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **elements}


def deny(**elements):
    return allow(**elements) | {"Effect": "Deny"}


def test_deny_wins_in_any_order_and_nothing_is_the_default():
    assert verdict(allow()) == "Allow"
    assert verdict(allow(), deny()) == verdict(deny(), allow()) == "Deny"
    assert verdict() is None


@pytest.mark.parametrize(
    "patterns, matches",
    [
        ("kms:Decrypt", True),
        ("KMS:decrypt", True),
        ("kms:*", True),
        ("kms:De?rypt", True),
        (["a:b", "kms:D*"], True),
        ("kms:", False),
        ("kms:Decrypt?", False),
        ("*:Encrypt", False),
    ],
)
def test_actions(patterns, matches):
    assert verdict(allow(Action=patterns)) == ("Allow" if matches else None)
    without = {k: v for k, v in allow(NotAction=patterns).items() if k != "Action"}
    assert verdict(without) == (None if matches else "Allow")


@pytest.mark.parametrize("pattern, matches", [("*", True), ("arn:aws:kms:*", True), ("arn:aws:KMS:*", False)])
def test_resources(pattern, matches):
    assert verdict(allow(Resource=pattern)) == ("Allow" if matches else None)
    without = {k: v for k, v in allow(NotResource=pattern).items() if k != "Resource"}
    assert verdict(without) == (None if matches else "Allow")
    assert verdict(allow(Resource=pattern), resource=None) == "Allow"


@pytest.mark.parametrize(
    "principal, how",
    [
        ("*", "direct"),
        ({"AWS": "*"}, "direct"),
        ({"AWS": ROLE.arn}, "direct"),
        ({"AWS": [ROLE.principal_arn]}, "direct"),
        ({"AWS": "222222222222"}, "account"),
        ({"AWS": "arn:aws:iam::222222222222:root"}, "account"),
        ({"AWS": "arn:aws:iam::111111111111:root"}, None),
        ({"AWS": "arn:aws:iam::222222222222:role/other"}, None),
        ({"Service": "rds.amazonaws.com"}, None),
        ({"Federated": "*"}, None),
    ],
)
def test_principals(principal, how):
    assert policy.principal_match(principal, ROLE) == how


def test_not_principal():
    without = {k: v for k, v in deny(NotPrincipal={"AWS": ROLE.principal_arn}).items() if k != "Principal"}
    assert verdict(allow(), without) == "Allow"
    without["NotPrincipal"] = {"AWS": "111111111111"}
    assert verdict(allow(), without) == "Deny"


PRESENT = [
    ("StringEquals", "v", True),
    ("StringEquals", "V", False),
    ("StringEqualsIgnoreCase", "V", True),
    ("StringNotEquals", "v", False),
    ("StringNotEquals", "w", True),
    ("StringNotEqualsIgnoreCase", "V", False),
    ("StringLike", "?", True),
    ("StringNotLike", "v*", False),
    ("ArnLike", "*", True),
    ("ArnEquals", "v", True),
    ("ArnNotLike", "x", True),
    ("ArnNotEquals", "v", False),
    ("StringEquals", ["a", "v"], True),
    ("StringNotEquals", ["a", "v"], False),
    ("StringEqualsIfExists", "w", False),
    ("Null", "false", True),
    ("Null", True, False),
    ("ForAnyValue:StringEquals", "v", True),
    ("ForAllValues:StringEquals", ["v", "w"], True),
    ("ForAllValues:StringEquals", "w", False),
    ("NoSuchOperator", "v", False),
    ("stringequals", "v", True),
]


@pytest.mark.parametrize("operator, wanted, holds", PRESENT)
def test_conditions_on_a_present_key(operator, wanted, holds):
    assert verdict(allow(Condition={operator: {"A:Key": wanted}}), a_key=["v"]) == (
        "Allow" if holds else None
    )


@pytest.mark.parametrize(
    "operator, holds",
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("Bool", False),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ],
)
def test_conditions_on_an_absent_key(operator, holds):
    assert verdict(allow(Condition={operator: {"a:key": "v"}})) == ("Allow" if holds else None)


@pytest.mark.parametrize(
    "operator, wanted, holds",
    [
        ("NumericEquals", 5, True),
        ("NumericNotEquals", "5.0", False),
        ("NumericLessThan", 6, True),
        ("NumericLessThanEquals", 5, True),
        ("NumericGreaterThan", 5, False),
        ("NumericGreaterThanEquals", 5, True),
        ("Bool", True, False),
    ],
)
def test_numbers(operator, wanted, holds):
    assert verdict(allow(Condition={operator: {"a:key": wanted}}), a_key=["5"]) == (
        "Allow" if holds else None
    )


def test_all_conditions_must_hold():
    both = {"StringEquals": {"a:key": "v", "b:key": "w"}}
    assert verdict(allow(Condition=both), a_key=["v"], b_key=["w"]) == "Allow"
    assert verdict(allow(Condition=both), a_key=["v"], b_key=["x"]) is None


def test_bool():
    condition = {"Bool": {"a:key": True}}
    assert verdict(allow(Condition=condition), a_key=["true"]) == "Allow"
    assert verdict(allow(Condition=condition), a_key=["false"]) is None


# A key: its own policy and the caller's


BY_NAME, BY_ACCOUNT = allow(Principal={"AWS": ROLE.principal_arn}), allow(Principal={"AWS": ROLE.account})
OWN = {"an administrator": [], "allowed": [allow()], "silent": [allow(Action="rds:*")], "denied": [allow(), deny()]}


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("key_statement, by", [(BY_NAME, "name"), (BY_ACCOUNT, "account"), (None, "nothing")])
@pytest.mark.parametrize("is_foreign", [False, True], ids=["own", "foreign"])
def test_the_two_halves_of_a_key(is_foreign, key_statement, by, own):
    """A foreign principal needs both; in its own account the key's is enough where it names the principal itself."""
    key_policy = {"Statement": [key_statement] if key_statement else []}
    policies = [{"Statement": statement} for statement in OWN[own]]
    owner = "111111111111" if is_foreign else ROLE.account
    question = policy.Question(ROLE, "kms:Decrypt")
    is_allowed_by_own = own in ("an administrator", "allowed")
    is_enough = by == "name" and not is_foreign and own != "denied"
    decision = policy.key_decision(key_policy, owner, policies, question)
    assert decision.allowed == (by != "nothing" and (is_allowed_by_own or is_enough))
