"""What /.ruff.toml refuses, each kind once."""

import json
import os  # refused


def pairs(names, values):
    return dict(zip(names, values))  # refused


def read(text):
    try:
        return json.loads(text)  # noqa: E501  # refused
    except ValueError:
        raise RuntimeError("not JSON")  # refused


def add(name, names=[]):  # refused
    unused = len(names)  # refused
    return name == None or names  # refused


A_LINE_THAT_IS_WIDER_THAN_A_HUNDRED_AND_TWENTY_CHARACTERS = "which no window beside another one shows as a whole"  # refused
