# SPDX-License-Identifier: MPL-2.0
"""The way of one AWS request: identify, log, authenticate, faults, authorise, act, faults again.

Only the middle holds the world's lock: a held or slow answer holds up nobody else.
"""

import json
import re
import sys
import traceback
from urllib.parse import parse_qsl

from . import databases, faults, identity, keys, needs, policy, rds, signature, wire
from .arns import partition_of
from .calls import Call
from .errors import AwsError

QUERY_SERVICES = ("rds", "sts", "iam")
READING = ("Describe", "Get", "List")
UNSIGNED = {"AssumeRoleWithWebIdentity": "sts"}
ALWAYS_ALLOWED = {"GetCallerIdentity", *UNSIGNED}  # STS: GetCallerIdentity needs no permission

# Parameters that name an RDS resource -> type in its ARN, for the Resource of identity policies.
RDS_RESOURCES = {
    "DBClusterSnapshotIdentifier": "cluster-snapshot",
    "SourceDBClusterSnapshotIdentifier": "cluster-snapshot",
    "TargetDBClusterSnapshotIdentifier": "cluster-snapshot",
    "SnapshotIdentifier": "cluster-snapshot",
    "DBSnapshotIdentifier": "snapshot",
    "SourceDBSnapshotIdentifier": "snapshot",
    "TargetDBSnapshotIdentifier": "snapshot",
    "DBClusterIdentifier": "cluster",
    "DBInstanceIdentifier": "db",
    "ResourceName": None,
}
# What may be tagged as it is made -> the parameter that names it: a dependent action on it
# (Service Authorization Reference, Amazon RDS).
TAGGED = {
    "CopyDBClusterSnapshot": "TargetDBClusterSnapshotIdentifier",
    "CopyDBSnapshot": "TargetDBSnapshotIdentifier",
    "CreateDBCluster": "DBClusterIdentifier",
    "CreateDBClusterSnapshot": "DBClusterSnapshotIdentifier",
    "CreateDBInstance": "DBInstanceIdentifier",
    "CreateDBSnapshot": "DBSnapshotIdentifier",
    "RestoreDBClusterFromSnapshot": "DBClusterIdentifier",
    "RestoreDBInstanceFromDBSnapshot": "DBInstanceIdentifier",
}
# With FinalDBSnapshotIdentifier -> the action on the database and on that snapshot (announced by AWS in 2024), and the
# parameter whose type of resource the snapshot has.
FINAL = {
    "DeleteDBCluster": ("rds:CreateDBClusterSnapshot", "DBClusterSnapshotIdentifier"),
    "DeleteDBInstance": ("rds:CreateDBSnapshot", "DBSnapshotIdentifier"),
}
ERROR_CODE = re.compile(rb'<Code>([^<]+)</Code>|"__type":\s*"(?:[^"#]*#)?([^"]+)"')


def answer(world, request):
    world.load_moto()
    call = Call(request)
    scope, problem = None, None
    try:
        scope = _identify(call)
    except AwsError as error:
        problem = error
    with world.lock:
        world.calls.begin(call)
    try:
        if problem:
            raise problem
        response = _serve(world, call, scope)
    except AwsError as error:
        call.error_code = error.code
        response = wire.error_answer(call.service, error)
    except Exception as bug:  # ours: loud on stderr, and a 500 for the client
        traceback.print_exc(file=sys.stderr)
        response = wire.error_answer(call.service, AwsError("InternalFailure", repr(bug), 500))
    if call.fault:
        if call.fault.when == faults.AFTER:
            response = faults.after(world, call.fault, response)
        response.headers |= call.fault.spec["header"] or {}
    call.status = 0 if response.delivery == "reset" else response.status
    return response


def _identify(call):
    """Service, Region, operation and parameters; returns the signature's scope, if there is one."""
    request = call.request
    header = request.header("authorization")
    scope = signature.read_scope(header) if header else None
    if scope:
        call.service, call.region = scope.service, scope.region
    target = request.header("x-amz-target")
    if target:
        call.service = call.service or "kms"
        call.operation = target.rpartition(".")[2]
        call.params = _json(request.body)
        return scope
    flat = _form(request)
    call.operation = flat.get("Action")
    call.service = call.service or UNSIGNED.get(call.operation)
    call.params = {k: v for k, v in flat.items() if k not in ("Action", "Version")}
    if call.service in QUERY_SERVICES and call.operation:
        model = wire.operation_model(call.service, call.operation)
        if model is None:
            text = f"Could not find operation {call.operation} for version {flat.get('Version')}"
            raise AwsError("InvalidAction", text)
        call.params = wire.read_query(model, flat)
    return scope


def _json(body):
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "The body is not a JSON object")
    return params


def _form(request):
    text = request.body.decode("utf-8", "replace") if request.method == "POST" else request.query
    return dict(parse_qsl(text, keep_blank_values=True))


def _serve(world, call, scope):
    _authenticate(world, call, scope)
    call.fault = world.faults.take(call)
    if call.fault and call.fault.when == faults.BEFORE:
        instead = faults.before(world, call.fault, call)
        if instead:
            return instead
    with world.lock:
        _authorise(world, call)
        response = _act(world, call)
        call.acted = response.status < 400
        if call.acted and call.service in ("rds", "kms") and not call.operation.startswith(READING):
            needs.review(world)
        return response


def _authenticate(world, call, scope):
    if scope is None:
        if call.operation in UNSIGNED:
            call.signature = "unsigned"
            return
        call.signature = "MissingAuthenticationToken"
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    try:
        call.caller = _verified(world, call, scope)
        call.signature = "ok"
    except AwsError as error:
        call.signature = error.code
        raise


def _verified(world, call, scope):
    credential = world.identities.find(scope.access_key)
    token = call.request.header("x-amz-security-token")
    if credential is None or credential.token != token:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    wall = world.clock.wall()
    signature.verify(call.request, scope, credential, wall)
    if credential.expires is not None and wall >= credential.expires:
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    return credential


def _authorise(world, call):
    """The caller's own policies. Operations on a KMS key are judged with the key's, in keys.py."""
    if call.operation in ALWAYS_ALLOWED or call.service == "kms" and "KeyId" in call.params:
        return
    policies = world.identities.policies_of(call.caller)
    if not policies:
        return
    for action, resource in _permissions(call):
        condition_keys = {"aws:requestedregion": [call.region]}
        decision = policy.identity_decision(
            policies, policy.Question(call.caller, action, resource, condition_keys)
        )
        if not decision.allowed:
            on = f" on resource: {resource}" if resource else ""
            text = f"User: {call.caller.arn} is not authorized to perform: {action}{on} {decision.reason}"
            raise AwsError("AccessDenied", text, 403)


def _permissions(call):
    """(action, resource) of all that the caller must be allowed."""
    for resource in _resources(call) or [None]:
        yield f"{call.service}:{call.operation}", resource
    if call.params.get("Tags"):
        if call.service == "rds" and call.operation in TAGGED:
            name = TAGGED[call.operation]
            yield "rds:AddTagsToResource", _resource(call, name, call.params[name])
        if call.service == "kms" and call.operation == "CreateKey":
            yield "kms:TagResource", None  # KMS developer guide, "Permissions to create tags"
    final = call.params.get("FinalDBSnapshotIdentifier")
    if final and call.operation in FINAL:
        action, name = FINAL[call.operation]
        for resource in (*_resources(call), _resource(call, name, final)):
            yield action, resource


def _resources(call):
    if call.service == "sts":
        return [call.params["RoleArn"]] if "RoleArn" in call.params else []
    if call.service != "rds":
        return []
    return [_resource(call, name, value) for name, value in call.params.items() if name in RDS_RESOURCES]


def _resource(call, name, value):
    if value.startswith("arn:"):
        return value
    prefix = f"arn:{partition_of(call.region)}:rds:{call.region}:{call.account}"
    return f"{prefix}:{RDS_RESOURCES[name]}:{value.lower()}"


def _act(world, call):
    if call.service == "kms":
        owner = keys.guard(world, call)
        own = keys.OPERATIONS.get(call.operation)
        return own and own(world, call, owner) or _forward(world, call, owner)
    own = OWN_OPERATIONS.get(call.service, {}).get(call.operation)
    if own:
        result = own(world, call)
        if result is not rds.FORWARD:
            return wire.query_answer(wire.operation_model(call.service, call.operation), result)
    if call.service == "rds" and call.operation in databases.GUARDS:
        databases.GUARDS[call.operation](world, call)
    return _forward(world, call, call.account)


OWN_OPERATIONS = {"rds": rds.OPERATIONS, "sts": identity.OPERATIONS}


def _forward(world, call, account):
    response = world.moto.forward(call.request, account)
    if response.status >= 400:
        code = ERROR_CODE.search(response.body)
        call.error_code = (code.group(1) or code.group(2)).decode() if code else None
    return response
