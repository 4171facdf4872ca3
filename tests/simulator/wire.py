# SPDX-License-Identifier: MPL-2.0
"""The query protocol (RDS, STS) and JSON 1.1 (KMS), from botocore's service models.

Independent of moto's parser and serialiser, and by far quicker for the snapshot operations.
"""

import functools
import json
import uuid
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model

from .errors import JSON_CODES, AwsError, invalid_value
from .message import Response

JSON = "application/x-amz-json-1.1"


@functools.cache
def service_model(service):
    loader = botocore.loaders.create_loader()
    return botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)


@functools.cache
def operation_model(service, operation):
    """None for an operation that the service does not have."""
    try:
        return service_model(service).operation_model(operation)
    except botocore.model.OperationNotFoundError:
        return None


def new_request_id():
    return str(uuid.uuid4())


# Reading the query protocol


def read_query(model, flat):
    """Parameters by the operation's input shape; unknown ones are ignored, as AWS does."""
    if model.input_shape is None:
        return {}
    return _read(model.input_shape, _tree(flat))


def _tree(flat):
    root = {}
    for key, value in flat.items():
        *path, last = key.split(".")
        node = root
        for part in path:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise AwsError("MalformedQueryString", f"{key} is both a value and a structure")
        node[last] = value
    return root


def _read(shape, node):
    return READERS.get(shape.type_name, _read_text)(shape, node)


def _read_structure(shape, node):
    result = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        if wire in node:
            result[name] = _read(member, node[wire])
    missing = [name for name in shape.required_members if name not in result]
    if missing:
        raise AwsError("MissingParameter", f"The request must contain the parameter {missing[0]}")
    return result


def _read_list(shape, node):
    """Tags.Tag.1..., AWS also takes Tags.member.1... (as older SDKs write lists)."""
    if isinstance(node, str):
        return []  # "TagKeys=" is how an empty list is written
    if not all(key.isdigit() for key in node):
        node = next(iter(node.values()))
    return [_read(shape.member, node[key]) for key in sorted(node, key=int)]


def _read_boolean(_shape, node):
    if node.lower() not in ("true", "false"):
        raise AwsError("MalformedInput", f"Invalid boolean: {node}")
    return node.lower() == "true"


def _read_integer(_shape, node):
    try:
        return int(node)
    except ValueError:
        raise invalid_value(f"Invalid integer: {node}") from None


def _read_text(_shape, node):
    return node


READERS = {
    "structure": _read_structure,
    "list": _read_list,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "long": _read_integer,
}

# Writing it


def query_answer(model, result):
    namespace = model.service_model.metadata.get("xmlNamespace", "")
    parts = [f'<{model.name}Response xmlns="{namespace}">']
    if model.output_shape is not None:
        wrapper = model.output_shape.serialization.get("resultWrapper", f"{model.name}Result")
        parts.append(f"<{wrapper}>")
        _write_members(parts, model.output_shape, result)
        parts.append(f"</{wrapper}>")
    request_id = new_request_id()
    parts.append(
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{model.name}Response>"
    )
    return Response(200, "".join(parts).encode(), headers={"x-amzn-RequestId": request_id})


def json_answer(result):
    return Response(200, json.dumps(result).encode(), JSON, {"x-amzn-RequestId": new_request_id()})


def _write_members(parts, shape, values):
    for name, tag, member in _members(shape):
        value = values.get(name)
        if value is not None:
            _write(parts, tag, member, value)


@functools.cache
def _members(shape):
    return [(n, member.serialization.get("name", n), member) for n, member in shape.members.items()]


def _write(parts, tag, shape, value):
    if isinstance(value, dict):
        parts.append(f"<{tag}>")
        _write_members(parts, shape, value)
        parts.append(f"</{tag}>")
    elif isinstance(value, list):
        item = shape.member.serialization.get("name", "member")
        parts.append(f"<{tag}>")
        for element in value:
            _write(parts, item, shape.member, element)
        parts.append(f"</{tag}>")
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts.append(f"<{tag}>{escape(text)}</{tag}>")


# Errors in the service's form


def error_answer(service, error):
    if service == "kms":
        return json_error(error)
    request_id = new_request_id()
    fault = "Receiver" if error.status >= 500 else "Sender"
    namespace = (
        service_model(service).metadata.get("xmlNamespace", "") if service in ("rds", "sts", "iam") else ""
    )
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(error.status, body.encode(), headers={"x-amzn-RequestId": request_id})


def json_error(error):
    code = JSON_CODES.get(error.code, error.code)
    body = json.dumps({"__type": code, "message": error.message}).encode()
    status = error.status if error.status >= 500 else 400
    return Response(status, body, JSON, {"x-amzn-RequestId": new_request_id(), "x-amzn-ErrorType": code})
