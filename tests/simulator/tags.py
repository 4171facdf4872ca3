# SPDX-License-Identifier: MPL-2.0
"""Tag rules of RDS (user guide, "Tagging Amazon RDS resources")."""

import re

from .errors import invalid_value

MAX_TAGS = 50
ALLOWED = re.compile(r"[\w .:/=+\-@]*")  # \w: letters of any script, digits, underscore
RESERVED = ("aws:", "rds:")


def checked(tag_list):
    """{key: value} of a Tags parameter, or the refusal."""
    tags = {}
    for tag in tag_list or []:
        key, value = tag.get("Key") or "", tag.get("Value") or ""
        if not 1 <= len(key) <= 128:
            raise invalid_value(f"Tag keys must have 1 to 128 characters: {key[:140]}")
        if len(value) > 256:
            raise invalid_value(f"Tag values must have at most 256 characters: {key}")
        if key.lower().startswith(RESERVED):
            raise invalid_value(f"Tag keys cannot start with the reserved prefix: {key}")
        if not ALLOWED.fullmatch(key) or not ALLOWED.fullmatch(value):
            raise invalid_value(
                "Tags may only contain letters, digits, white space and the characters _ . : / = + - @"
            )
        if key in tags:
            raise invalid_value(f"Duplicate tag key: {key}")
        tags[key] = value
    return limited(tags)


def limited(tags):
    if len(tags) > MAX_TAGS:
        raise invalid_value(f"A resource cannot have more than {MAX_TAGS} tags.")
    return tags


def copied(source_tags):
    """What CopyTags carries over: everything but AWS's own."""
    return {k: v for k, v in source_tags.items() if not k.lower().startswith("aws:")}
