# SPDX-License-Identifier: MPL-2.0
"""What a test can turn: start values and what a value may be. Seconds are simulated ones."""

START = {
    "time_scale": 1.0,
    "pending_seconds": 0,
    "create_seconds": 0,
    "copy_seconds": 0,
    "delete_seconds": 0,
    "restore_seconds": 0,
    "instance_seconds": 0,
    "page_size": None,
    "share_visible_seconds": 0,
    "key_visible_seconds": 0,
    "max_manual_snapshots": 100,
    "copy_slots": {"cluster": 5, "instance": 20},
    "clock_offset_seconds": 0,
    "session_seconds": None,
    "default_key_share": "refuse",
    "sse_rds": "default_key",
    "unencrypted_copy": "refuse",
    "reader_actions": "documented",
    "organizations": {},
    "foreign_unshared": "not_found",
    "one_step": "accept",
    "one_step_via": "source",
    "copy_fails": None,
    "without_source": "never",
    "without_share": "never",
    "without_source_key": "never",
    "without_target_key": "never",
    "without_permission": "never",
    "copies_queue": False,
    "instance_copy_status": "creating",
    "delete_creating": "refuse",
}


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _duration(value):
    return _number(value) and value >= 0


def _count(value):
    return isinstance(value, int) and value >= 0


def _moment(value):
    return value in ("at_once", "next_step", "never")


CHECKS = {
    "time_scale": lambda v: _number(v) and v > 0,
    "page_size": lambda v: v is None or _count(v) and v > 0,
    "max_manual_snapshots": _count,
    "copy_slots": lambda v: set(v) == {"cluster", "instance"} and all(map(_count, v.values())),
    "clock_offset_seconds": _number,
    "session_seconds": lambda v: v is None or (_number(v) and v > 0),
    "default_key_share": lambda v: v in ("refuse", "accept"),
    "sse_rds": lambda v: v in ("accept", "unencrypted", "default_key"),
    "unencrypted_copy": lambda v: v in ("refuse", "accept"),
    "reader_actions": lambda v: v in ("documented", "minimal"),
    "organizations": lambda v: isinstance(v, dict) and all(isinstance(text, str) for text in v.values()),
    "foreign_unshared": lambda v: v in ("not_found", "access_denied"),
    "one_step": lambda v: v in ("accept", "refuse"),
    "one_step_via": lambda v: v in ("source", "copy"),
    "copy_fails": lambda v: v is None or set(v) <= {"match", "at_percent", "count", "reason"},
    "without_source": _moment,
    "without_share": _moment,
    "without_source_key": _moment,
    "without_target_key": _moment,
    "without_permission": _moment,
    "copies_queue": lambda v: isinstance(v, bool),
    "instance_copy_status": lambda v: v in ("creating", "copying"),
    "delete_creating": lambda v: v in ("refuse", "accept"),
}


def check(changes):
    for name, value in changes.items():
        if name not in START:
            raise ValueError(f"unknown setting {name}")
        if not CHECKS.get(name, _duration)(value):
            raise ValueError(f"{name} cannot be {value!r}")
