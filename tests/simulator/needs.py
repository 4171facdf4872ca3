# SPDX-License-Identifier: MPL-2.0
"""What a running copy needs until its end, and the queue it waits in. Both are judged again after every call that
may have changed something: that call fixes when a copy begins and when it fails."""

import math
from dataclasses import dataclass

from .snapshots import ALL

AT_ONCE, NEXT_STEP, NEVER = "at_once", "next_step", "never"
STEPS = 10  # of a copy's progress


@dataclass
class Needs:
    source: object  # the snapshot itself: one made later under its name is another
    source_key_arn: str | None
    caller: object  # with whose rights the source's key is read


def review(world):
    now, ends = world.clock.now(), {}
    for copy in world.snapshots.all():  # in the order in which they were accepted
        if copy.needs is None or copy.gone_at is not None or now >= copy.end[0]:
            continue
        if now < copy.begins_at:
            copy.queued_until = ends.get(copy.origin, now) if world.settings["copies_queue"] else now
        copy.broken = _first_break(world, copy, now)
        ends[copy.origin] = copy.end[0]


def _first_break(world, copy, now):
    """(time, reason) of the first failure that lies ahead; None if the copy has all that it needs."""
    ahead = [
        (now if when == AT_ONCE else _next_step(copy, now), reason)
        for setting, (is_gone, reason) in CAUSES.items()
        if (when := world.settings[setting]) != NEVER and is_gone(world, copy)
    ]
    return min(ahead, default=None)


def _next_step(copy, now):
    if now < copy.begins_at:
        return copy.begins_at
    step = math.floor(STEPS * (now - copy.begins_at) / copy.working_seconds)
    return copy.begins_at + copy.working_seconds * (step + 1) / STEPS


def _is_deleted(world, copy):
    source = copy.needs.source
    return source.gone_at is not None or world.snapshots.by_arn(source.arn) is not source


def _is_unshared(_world, copy):
    source = copy.needs.source
    is_public = ALL in source.shared_with and not source.encrypted
    return copy.account != source.account and copy.account not in source.shared_with and not is_public


def _is_unusable(world, arn):
    key = arn and world.keys.by_arn(arn)
    return bool(arn) and (key is None or key.key_state != "Enabled")


def _is_closed(world, copy):
    """Also by a policy of the caller's own."""
    arn = copy.needs.source_key_arn
    key = arn and world.keys.by_arn(arn)
    return bool(key) and not world.keys.allows(copy.needs.caller, key, world.keys.read_actions)


# Setting -> (whether it is gone, why the copy fails)
CAUSES = {
    "without_source": (_is_deleted, "The source snapshot was deleted."),
    "without_share": (_is_unshared, "The source snapshot is no longer shared with this account."),
    "without_source_key": (
        lambda world, copy: _is_unusable(world, copy.needs.source_key_arn),
        "The key of the source snapshot is not enabled.",
    ),
    "without_target_key": (
        lambda world, copy: _is_unusable(world, copy.kms_key_arn),
        "The key of the copy is not enabled.",
    ),
    "without_permission": (_is_closed, "The key of the source snapshot no longer admits the caller."),
}
