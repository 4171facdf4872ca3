# SPDX-License-Identifier: MPL-2.0
"""Evaluates IAM policy documents: identity policies and key policies, and the two together.

Follows the policy evaluation logic of the IAM user guide ("Policy evaluation logic",
"Cross-account policy evaluation logic") as far as RDS and KMS need it: no boundaries, no session
policies, no variables. A condition operator that is not in the table never matches.
"""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

ALLOW, DENY = "Allow", "Deny"


@dataclass(frozen=True)
class Question:
    """One request for permission: who wants to do what to which resource, and how."""

    caller: object  # identity.Credential
    action: str
    resource: str | None = None  # None: the operation's resources are not modelled, any matches
    keys: dict = field(default_factory=dict)  # condition keys in lower case -> list of texts

    def all_keys(self):
        return {
            "aws:principalarn": [self.caller.principal_arn],
            "aws:principalaccount": [self.caller.account],
            **self.keys,
        }


def document(policy):
    return json.loads(policy) if isinstance(policy, str) else policy


def listed(value):
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=4096)
def _pattern(pattern):
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


def like(pattern, text):
    return _pattern(pattern).fullmatch(text) is not None


# Principals


def principal_match(principal, caller):
    """How a Principal element names the caller: "direct", "account" (its IAM decides), or None.

    A service principal never is the caller: RDS reaches KMS with the rights of whoever called
    RDS (forward access session), so {"Service": "rds.amazonaws.com"} admits no copy.
    """
    if principal == "*":
        return "direct"
    names = listed(principal.get("AWS", [])) if isinstance(principal, dict) else []
    if "*" in names or caller.principal_arn in names or caller.arn in names:
        return "direct"
    root = caller.principal_arn.rpartition(":")[0] + ":root"
    return "account" if root in names or caller.account in names else None


def _named(statement, caller):
    if "Principal" in statement:
        return principal_match(statement["Principal"], caller)
    if "NotPrincipal" in statement:
        return None if principal_match(statement["NotPrincipal"], caller) else "direct"
    return "direct"  # identity policies have no principal


# Actions and resources


def _covers(statement, element, text, fold):
    """True when the element (Action, Resource) or its Not form covers the text."""

    def matches(patterns):
        return any(like(fold(p), fold(text)) for p in listed(patterns))

    if element in statement:
        return matches(statement[element])
    negated = "Not" + element
    return negated in statement and not matches(statement[negated])


def _applies(statement, question):
    resource_counts = question.resource is not None and {"Resource", "NotResource"} & set(statement)
    return (
        _covers(statement, "Action", question.action, str.lower)
        and (not resource_counts or _covers(statement, "Resource", question.resource, str))
        and conditions_hold(statement.get("Condition", {}), question.all_keys())
    )


# Conditions

OPERATORS = {
    "stringequals": lambda want, have: have == want,
    "stringequalsignorecase": lambda want, have: have.lower() == want.lower(),
    "stringlike": like,
    "arnequals": like,
    "arnlike": like,
    "bool": lambda want, have: have.lower() == want.lower(),
    "numericequals": lambda want, have: float(have) == float(want),
    "numericlessthan": lambda want, have: float(have) < float(want),
    "numericlessthanequals": lambda want, have: float(have) <= float(want),
    "numericgreaterthan": lambda want, have: float(have) > float(want),
    "numericgreaterthanequals": lambda want, have: float(have) >= float(want),
}
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
}


def conditions_hold(conditions, keys):
    return all(
        _condition(operator.lower(), name.lower(), [_text(v) for v in listed(values)], keys)
        for operator, block in conditions.items()
        for name, values in block.items()
    )


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _condition(operator, name, wanted, keys):
    have = keys.get(name)
    if operator == "null":
        return (have is None) == (wanted[0].lower() == "true")
    quantifier, _, operator = operator.rpartition(":")
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    positive = NEGATED.get(operator, operator)
    if positive not in OPERATORS:
        return False
    if have is None:
        # An absent key fails a positive test and passes a negated one (IAM: "Condition operators").
        return if_exists or quantifier == "forallvalues" or operator in NEGATED

    def passes(value):
        hit = any(OPERATORS[positive](want, value) for want in wanted)
        return hit != (operator in NEGATED)

    return all(map(passes, have)) if quantifier == "forallvalues" else any(map(passes, have))


# Verdicts


def evaluate(policy, question):
    """(DENY | ALLOW | None, how the allowing statement names the caller)."""
    verdict, how = None, None
    for statement in listed(document(policy).get("Statement", [])):
        named = _named(statement, question.caller)
        if named is None or not _applies(statement, question):
            continue
        if statement["Effect"] == DENY:
            return DENY, named
        verdict = ALLOW
        how = "direct" if "direct" in (how, named) else named
    return verdict, how


@dataclass(frozen=True)
class Decision:
    allowed: bool
    reason: str = ""  # the end of AWS's sentence "... is not authorized to perform: X because ..."


def identity_decision(policies, question):
    """What the caller's own account says; without any policy set the caller is an administrator."""
    if not policies:
        return Decision(True)
    verdicts = [evaluate(policy, question)[0] for policy in policies]
    if DENY in verdicts:
        return Decision(False, "with an explicit deny in an identity-based policy")
    if ALLOW in verdicts:
        return Decision(True)
    return Decision(False, f"because no identity-based policy allows the {question.action} action")


def key_decision(key_policy, key_account, policies, question, granted=False):
    """A KMS key: the key policy and, unless it names the caller itself, the caller's IAM too.

    Across accounts both halves are always needed (KMS developer guide, "Allowing users in other
    accounts to use a KMS key"). `granted`: a grant on the key allows it; no policy need allow it
    then, but one may deny it.
    """
    verdict, how = evaluate(key_policy, question)
    identity = identity_decision(policies, question)
    if verdict == DENY:
        return Decision(False, "with an explicit deny in a resource-based policy")
    if "explicit deny" in identity.reason:
        return identity
    if granted:
        return Decision(True)
    if verdict is None:
        return Decision(False, f"because no resource-based policy allows the {question.action} action")
    if how == "direct" and key_account == question.caller.account:
        return Decision(True)
    return identity
