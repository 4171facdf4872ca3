# SPDX-License-Identifier: MPL-2.0
"""The messages of tfplugin6 that a measurement sends: protobuf and msgpack, as much as they need."""


def field(number, data):
    """A length-delimited protobuf field."""
    length, size = b"", len(data)
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


def fields(message):
    """Number -> values, in their order: bytes, or an integer."""
    found, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        if key & 7 == 2:
            value, at = message[at : at + value], at + value
        found.setdefault(key >> 3, []).append(value)
    return found


def varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def pack(value):
    """msgpack of None, a text, a list or an object of these."""
    if value is None:
        return b"\xc0"
    if isinstance(value, str):
        data = value.encode()
        return b"\xda" + len(data).to_bytes(2, "big") + data
    if isinstance(value, dict):
        items = b"".join(pack(name) + pack(it) for name, it in value.items())
        return b"\xde" + len(value).to_bytes(2, "big") + items
    return b"\xdc" + len(value).to_bytes(2, "big") + b"".join(pack(it) for it in value)


def dynamic(value):
    """A DynamicValue."""
    return field(1, pack(value))


LIST_OR_SET = (2, 3)  # Schema.NestedBlock.NestingMode


def object_of(schema, **known):
    """What a configuration with these arguments is: all others null, no blocks."""
    block = fields(fields(schema)[2][0])
    values = {fields(it)[1][0].decode(): None for it in block.get(2, [])}
    for it in map(fields, block.get(3, [])):
        values[it[1][0].decode()] = [] if it[3][0] in LIST_OR_SET else None
    return {**values, **known}


def call_function(name, *texts):
    """CallFunction.Request with strings as arguments."""
    return field(1, name.encode()) + b"".join(field(2, dynamic(text)) for text in texts)
