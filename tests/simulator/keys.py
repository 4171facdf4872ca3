# SPDX-License-Identifier: MPL-2.0
"""KMS keys of many accounts: they live in moto, who may use them is decided here."""

import json
import math

from . import policy, wire
from .arns import dns_suffix, partition_of
from .errors import AwsError

# What RDS needs of a key, tried with the caller's rights ("Sharing encrypted snapshots" in the Aurora guide).
# Reading a snapshot made under a key, by `reader_actions`: what the guide's examples list and was once seen to work, or
# only what its words demand.
READ_ACTIONS = {
    "documented": ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom"),
    "minimal": ("kms:DescribeKey", "kms:CreateGrant"),
}
UNUSED_BY_RESTORES = "kms:ReEncryptFrom"  # of a shared snapshot, as was once seen (HHS/simpler-grants-gov 11815, 11883)
# Writing under it: the minimum that the Aurora guide's Overview.Encryption.Keys names.
WRITE_ACTIONS = ("kms:DescribeKey", "kms:CreateGrant")

# Operations that KMS lets another account call on a key ARN (API reference, "Cross-account use").
CROSS_ACCOUNT = {
    "CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetKeyRotationStatus", "GetPublicKey",
    "ListGrants", "ReEncrypt", "RetireGrant", "RevokeGrant", "Sign", "Verify", "VerifyMac",
}  # fmt: skip
GRANT_ACTIONS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")


def managed_policy(account, region):
    """The policy of alias/aws/rds (KMS developer guide, AWS managed keys): through RDS, from its
    own account only; that it cannot be shared follows from it."""
    return {
        "Version": "2012-10-17",
        "Id": "auto-rds-2",
        "Statement": [
            {
                "Sid": "Allow access through RDS for all principals of the account",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                    "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": f"rds.{region}.{dns_suffix(region)}",
                    }
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition_of(region)}:iam::{account}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }  # fmt: skip


class Keys:
    def __init__(self, moto, identities, settings, clock):
        self._moto = moto
        self._identities = identities
        self._settings = settings
        self._clock = clock

    def backend(self, account, region):
        return self._moto.backend("kms", account, region)

    def all(self):
        return [key for backend in self._moto.backends("kms") for key in backend.keys.values()]

    def resolve(self, account, region, text):
        """The key that an id, ARN, alias or alias ARN names in this Region; None if there is none."""
        parts = text.split(":", 5)
        if len(parts) == 6 and parts[0] == "arn":
            if parts[3] != region:
                return None
            account = parts[4]
            text = parts[5].removeprefix("key/")
        backend = self.backend(account, region)
        key_id = backend.get_key_id_from_alias(text) if text.startswith("alias/") else text
        return backend.keys.get(key_id)

    def default(self, account, region):
        """The account's aws/rds key, made on first use."""
        return self.resolve(account, region, "alias/aws/rds")

    def by_arn(self, arn):
        _, _, _, region, account, _ = arn.split(":", 5)
        return self.resolve(account, region, arn)

    def usable(self, key):
        """Enabled, and not so new that RDS has not heard of it yet."""
        if key is None or key.key_state != "Enabled":
            return False
        changed = getattr(key, "changed_at", -math.inf)
        return self._clock.now() >= changed + self._settings["key_visible_seconds"]

    def decide(self, caller, key, action, via):
        """`via`: the Region of the RDS that asks; None: the caller itself does."""
        keys = _condition_keys(caller, key, action, via)
        organization = self._settings["organizations"].get(caller.account)
        if organization:  # else the key is absent (IAM user guide, aws:PrincipalOrgID)
            keys["aws:principalorgid"] = [organization]
        question = policy.Question(caller, action, key.arn, keys)
        policies = self._identities.policies_of(caller)
        return policy.key_decision(key.policy, key.account_id, policies, question, _granted(key, question))

    def allows(self, caller, key, actions, via=None):
        """Whether RDS, called by `caller`, has the permission for all of `actions`, whatever the key's state. RDS of
        the key's Region, or of another one."""
        return all(self.decide(caller, key, action, via or key.region).allowed for action in actions)

    def admits(self, caller, key, actions, via=None):
        return self.usable(key) and self.allows(caller, key, actions, via)

    @property
    def read_actions(self):
        return READ_ACTIONS[self._settings["reader_actions"]]

    def readable(self, caller, arn, via=None):
        return self.admits(caller, self.by_arn(arn), self.read_actions, via)

    def restorable(self, caller, arn):
        """Whether the caller can restore another account's snapshot that was made under this key."""
        actions = [action for action in self.read_actions if action != UNUSED_BY_RESTORES]
        return self.admits(caller, self.by_arn(arn), actions)

    def target(self, caller, region, text, phrase="The target KMS key"):
        """The key a caller wants to encrypt with, or the refusal naming it as the caller did."""
        key = self.resolve(caller.account, region, text)
        if not self.admits(caller, key, WRITE_ACTIONS):
            raise not_accessible(phrase, text)
        return key


def _condition_keys(caller, key, action, via):
    keys = {"kms:calleraccount": [caller.account], "aws:requestedregion": [key.region]}
    if via:
        host = f"rds.{via}.{dns_suffix(via)}"
        keys |= {
            "kms:viaservice": [host],
            "aws:viaawsservice": ["true"],
            "aws:calledvia": ["rds.amazonaws.com"],
        }
    else:
        keys |= {"aws:viaawsservice": ["false"]}
    # Present in grant operations only (KMS condition keys, kms:GrantIsForAWSResource).
    if action in GRANT_ACTIONS:
        keys |= {"kms:grantisforawsresource": ["true" if via else "false"]}
    return keys


def _granted(key, question):
    """Does a grant on the key allow it? One that asks for an encryption context is not used: RDS's
    own is not imitated."""
    return any(
        "kms:" + operation == question.action and not grant.constraints
        for grant in key.grants.values()
        for operation in grant.operations
        if policy.principal_match({"AWS": grant.grantee_principal}, question.caller)
    )


MAXIMUM_GRANTS, USUAL_GRANTS = 100, 50


def list_grants(world, call, owner):
    """Page by page; moto gives all at once. None: moto's own answer will do."""
    key = world.keys.resolve(owner, call.region, call.params["KeyId"])
    if key is None or "GrantId" in call.params:
        return None
    size = call.params.get("Limit", USUAL_GRANTS)
    if not 1 <= size <= MAXIMUM_GRANTS:
        raise AwsError("ValidationException", f"Value '{size}' at 'limit' must be between 1 and 100")
    size = min(size, world.settings["page_size"] or size)
    wanted = call.params.get("GranteePrincipal")
    grants = [g for g in key.grants.values() if wanted in (None, g.grantee_principal)]
    begin = _position(call.params.get("Marker"), grants)
    page = grants[begin : begin + size]
    more = begin + size < len(grants)
    result = {"Grants": [_grant(key, grant) for grant in page], "Truncated": more}
    return wire.json_answer({**result, "NextMarker": page[-1].id} if more else result)


def _position(marker, grants):
    if marker is None:
        return 0
    for position, grant in enumerate(grants):
        if grant.id == marker:
            return position + 1
    raise AwsError("InvalidMarkerException", "The marker is not valid")


def _grant(key, grant):
    made = grant.to_json() | {"KeyId": key.arn, "IssuingAccount": f"arn:aws:iam::{key.account_id}:root"}
    return {name: value for name, value in made.items() if value}


OPERATIONS = {"ListGrants": list_grants}  # (world, call, account of the key) -> response or None


def not_accessible(phrase, key):
    """`phrase` says which side; both forms are AWS's own texts."""
    text = f"{phrase} [{key}] does not exist, is not enabled or you do not have permissions to access it."
    return AwsError("KMSKeyNotAccessibleFault", text)


def guard(world, call):
    """Before moto answers a KMS operation: may the caller do this to this key? Returns the account
    whose keys the operation is about."""
    text = call.params.get("KeyId") or call.params.get("TargetKeyId")
    caller, action = call.caller, f"kms:{call.operation}"
    if not isinstance(text, str):
        return caller.account
    parts = text.split(":", 5)
    owner = parts[4] if len(parts) == 6 else caller.account
    if len(parts) == 6 and parts[3] != call.region:
        raise AwsError("NotFoundException", f"Invalid arn {parts[3]}")
    key = world.keys.resolve(caller.account, call.region, text)
    if owner != caller.account and (key is None or call.operation not in CROSS_ACCOUNT):
        # KMS does not tell a missing foreign key from a closed one.
        raise _denied(
            caller,
            action,
            text,
            "because the resource does not exist in this Region, no resource-based policies allow access,"
            " or a resource-based policy explicitly denies access",
        )
    if key is None:
        return caller.account  # moto says "not found" in KMS's words
    decision = world.keys.decide(caller, key, action, via=None)
    if not decision.allowed:
        raise _denied(caller, action, key.arn, decision.reason)
    return owner


def _denied(caller, action, resource, reason):
    text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
    return AwsError("AccessDeniedException", text)


def report(key):
    return {
        "arn": key.arn,
        "key_id": key.id,
        "account_id": key.account_id,
        "region": key.region,
        "state": key.key_state,
        "manager": key.key_manager,
        "policy": json.loads(key.policy),
        "aliases": sorted(key.aliases),
    }
