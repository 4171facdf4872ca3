# SPDX-License-Identifier: MPL-2.0
"""What is left of a copy whose operation does not end well: a table, each of whose rows is tried.

A row says what is done, where it has got to, what happens then; and what that must lead to: how
it is told, what the state holds, and, after one more apply (destroy), how many copies were made in all.
"""

import functools
import os
import re
import time
from typing import NamedTuple

import pytest
from harness.processes import provider_of, wait_until_ended
from harness.resources import HOURS

pytestmark = pytest.mark.tenth

RESUME = ["status UNDER WAY", "Apply again", "CANCEL", "terraform import"]
ADOPTING = ["The copy that exists could not be adopted", "ARN OF IT"]
SLOTS = {"code": "SnapshotQuotaExceeded", "message": "Cannot copy more than 5 snapshots across regions"}


class Row(NamedTuple):
    operation: str
    moment: str
    event: str
    told: str | None  # "error" or "warning"; None where nobody is left to tell
    texts: list
    state: str
    copies: int


ROWS = [
    # operation   moment                  event              told       texts                           state                 copies
    Row("create", "waiting for source",   "stop",            "error",   ["before"],                     "null",               1),
    Row("create", "waiting for source",   "deadline",        "error",   ["before", "time limit"],       "null",               1),
    Row("create", "source failed",        "failure",         "error",   ["before", '"failed"'],         "null",               1),
    Row("create", "waiting for key",      "stop",            "error",   ["alias/mine"],                 "null",               1),
    Row("create", "waiting for key",      "deadline",        "error",   ["alias/mine", "time limit"],   "null",               1),
    Row("create", "waiting for slot",     "stop",            "error",   ["stopped", "across regions"],  "null",               1),
    Row("create", "waiting for slot",     "deadline",        "error",   ["across regions"],             "null",               1),
    Row("create", "Copy refused",         "failure",         "error",   ["AccessDenied"],               "null",               1),
    Row("create", "Copy in flight",       "stop, answered",  "warning", ["goes on in AWS"],             "copying",            1),
    Row("create", "Copy in flight",       "stop, unanswered", "error",  ["may exist", "Apply again"],   "null",               1),
    Row("create", "copying",              "stop",            "warning", ["goes on in AWS"],             "copying",            1),
    Row("create", "copying",              "deadline",        "error",   RESUME,                         "null",               1),
    Row("create", "copying",              "lost connection", "error",   RESUME,                         "null",               1),
    Row("create", "copying",              "session expired", "error",   ["ExpiredToken", *RESUME],      "null",               1),
    Row("create", "copying",              "terraform killed", None,     [],                             "null",               1),
    Row("create", "copying",              "provider killed", "error",   [],                             "null",               1),
    Row("create", "copying",              "copy fails",      "error",   ["failed"],                     "null, nothing left", 2),
    Row("resume", "copying",              "stop",            "warning", ["goes on in AWS"],             "copying",            1),
    Row("resume", "copying",              "deadline",        "error",   RESUME,                         "copying",            1),
    Row("resume", "copying",              "lost connection", "error",   RESUME,                         "copying",            1),
    Row("resume", "copying",              "session expired", "error",   ["ExpiredToken", *RESUME],      "copying",            1),
    Row("resume", "copying",              "terraform killed", None,     [],                             "copying",            1),
    Row("resume", "copying",              "provider killed", "error",   [],                             "copying",            1),
    Row("resume", "copying",              "copy fails",      "error",   ["failed"],                     "failed",             2),
    Row("adopt",  "planned",              "key throttled",   "error",  ADOPTING,                       "null",               1),
    Row("adopt",  "planned",              "key unreachable", "error",  ADOPTING,                       "null",               1),
    Row("adopt",  "planned",              "source throttled", "error", ADOPTING,                       "null",               1),
    Row("adopt",  "planned",              "source unreachable", "error", ADOPTING,                     "null",               1),
    Row("update", "adding tags refused",  "failure",         "error",   ["AddTagsToResource"],          "prior",              1),
    Row("update", "removing tags refused", "failure",        "error",   ["RemoveTagsFromResource"],     "both tags",          1),
    Row("update", "adding tags in flight", "stop, answered", "error",   ["removing tags"],              "both tags",          1),
    Row("delete", "delete refused",       "failure",         "error",   ["AccessDenied"],               "prior",              1),
    Row("delete", "deleting",             "stop",            "error",   ["after"],                      "prior",              1),
    Row("delete", "deleting",             "deadline",        "error",   ["after", "time limit"],        "prior",              1),
    Row("delete", "Delete in flight",     "stop, answered",  "error",   ["after"],                      "prior, gone",        1),
    Row("delete", "Delete in flight",     "stop, unanswered", "error",  ["after"],                      "prior, gone",        1),
    Row("cancel", "deleting",             "stop",            "error",   ["after"],                      "prior",              1),
    Row("cancel", "deleting",             "deadline",        "error",   ["after", "time limit"],        "prior",              1),
]  # fmt: skip


def cases():
    """All rows for both kinds; of the second kind the first of each operation and state, without `long`."""
    seen = set()
    for kind in ("cluster", "instance"):
        for row in ROWS:
            waits = row.event == "stop, unanswered"  # ten seconds of real time
            again = kind == "instance" and (row.operation, row.state) in seen
            seen |= {(row.operation, row.state)} if kind == "instance" else set()
            name = f"{kind} {row.operation}, {row.moment}, {row.event}"
            yield pytest.param(
                kind, row, id=re.sub(r"[ ,]+", "-", name.lower()), marks=[pytest.mark.long] if waits or again else []
            )


@pytest.mark.parametrize("copy, row", list(cases()), indirect=["copy"])
def test_outcome(copy, row):
    before = BEGIN[row.operation](copy)
    moment = Moment(copy, row)
    outcome = EVENTS[row.event](moment)
    assert outcome.code != 0
    if row.told:
        told = outcome.errors if row.told == "error" else outcome.warnings
        assert any(all(text in d.text for text in words(copy, row)) for d in told), outcome
    if "CANCEL" in row.texts and copy.kind == "instance":
        assert "To cancel it" not in str(outcome)
    if a_copy_runs(row):
        assert "cannot be created" not in str(outcome), "a copy that exists is not said not to"
    if row.told == "warning":
        assert not [d for d in outcome.errors if d.address], outcome
    copy.world.aws.clear_faults()
    STATES[row.state](copy, before)
    goes_on(copy, row)


def a_copy_runs(row):
    """Or may run; also one of before the operation."""
    is_made = row.operation in ("resume", "adopt") or row.moment in ("Copy in flight", "copying")
    return is_made and row.event != "copy fails"


def words(copy, row):
    """RDS deletes no instance snapshot that is "creating", so nothing says how to cancel it."""
    cancel = {"cluster": "To cancel it, delete the snapshot", "instance": ""}[copy.kind]
    meant = {"UNDER WAY": copy.copying, "CANCEL": cancel, "ARN OF IT": copy.arn}
    return [functools.reduce(lambda text, word: text.replace(word, meant[word]), meant, text) for text in row.texts]


def goes_on(copy, row):
    """With nothing in the way any more, once more is enough."""
    copy.world.aws.settings(delete_seconds=0)
    copy.world.aws.change_snapshot(copy.source_arn, status=None)
    copy.world.aws.change_key(copy.key, state="Enabled")
    copy.world.finish_copies()
    copy.set()
    if row.operation in ("delete", "cancel"):
        copy.workspace.destroy()
        assert copy.snapshot is None
    else:
        copy.apply()
        assert copy.snapshot["status"] == copy.state["status"] == "available"
        assert copy.holder == copy.state["holder_id"] and copy.mark[4] == copy.state["source_snapshot_create_time"]
        assert copy.state["tags_all"] == copy.tags
    assert copy.copies == row.copies


# ---- What went before


def nothing(copy):
    return None


def made(copy):
    copy.set(tags='{ old = "1" }')
    copy.apply()
    return copy.instance


def made_and_tags_changed(copy):
    before = made(copy)
    copy.set(tags='{ new = "2" }')
    return before


def unfinished(copy):
    copy.stop_while_copying()
    return copy.instance


def unfinished_and_lost(copy):
    copy.stop_while_copying()
    copy.workspace.remove("terraform.tfstate")


def cancellable(copy):
    """As the API reference says; what RDS refuses is in test_delete.py."""
    copy.world.aws.settings(delete_creating="accept")
    return unfinished(copy)


BEGIN = {
    "create": nothing,
    "resume": unfinished,
    "adopt": unfinished_and_lost,  # a create that finds the copy under way
    "update": made_and_tags_changed,
    "delete": made,
    "cancel": cancellable,  # the delete of a copy under way
}


# ---- Moments: what makes it last, and how it is seen that it has come


class Moment:
    def __init__(self, copy, row):
        self.copy, self.row, self.world = copy, row, copy.world
        self.after = self.world.aws.last_call()
        self.fault = None
        arrange, self._is_reached = MOMENTS[row.moment]
        arrange(self)

    @property
    def deletes(self):
        return self.row.operation in ("delete", "cancel")

    def is_reached(self):
        return self._is_reached(self)

    def seen(self, operation, about="", times=1):
        return len(self.copy.calls(operation, about, self.after)) >= times

    def is_held(self):
        return any(f["id"] == self.fault and f["holding"] for f in self.world.aws.faults())

    def start(self):
        arguments = ("destroy" if self.deletes else "apply", "-json", "-auto-approve")
        return self.copy.workspace.start(*arguments)

    def reach(self):
        running = self.start()
        self._wait(running, lambda: any(m["type"] == "apply_start" for m in running.messages()), "the end of the plan")
        self.after = self.world.aws.last_call()  # the plan may have looked at the same things
        self._wait(running, self.is_reached, self.row.moment)
        return running

    def _wait(self, running, condition, what):
        def is_so():
            assert running.process.poll() is None, running.wait()
            return condition()

        self.world.wait_until(is_so, what, 40)

    def arm(self, operation, kind, **fields):
        self.fault = self.copy.fault(operation, kind, **fields)

    def limit(self, minutes):
        name = {"create": "create", "delete": "delete", "cancel": "delete"}.get(self.row.operation, "update")
        self.copy.set(block=f'timeouts {{\n {name} = "{minutes}m"\n }}')
        if self.deletes:  # which heeds what the state says
            self.copy.workspace.edit_state(
                self.copy.address, lambda values: values.update(timeouts={"create": None, "update": None, name: f"{minutes}m"})
            )



MOMENTS = {
    "waiting for source": (
        lambda m: m.world.aws.change_snapshot(m.copy.source_arn, status="creating"),
        lambda m: m.seen("describe", "before", 3),
    ),
    "waiting for key": (
        lambda m: m.arm("DescribeKey", "not_found", count=None),
        lambda m: m.seen("DescribeKey", times=2),
    ),
    "waiting for slot": (lambda m: m.arm("copy", "error", count=None, **SLOTS), lambda m: m.seen("copy", times=2)),
    "planned": (lambda m: (m.limit(minutes=2), m.copy.workspace.plan()), None),
    "Copy refused": (lambda m: m.arm("copy", "access_denied", count=None), None),
    "Copy in flight": (lambda m: (m.world.copies_take(HOURS), m.arm("copy", "hold")), Moment.is_held),
    "copying": (
        lambda m: m.world.copies_take(HOURS),
        lambda m: (m.copy.snapshot or {}).get("status") == m.copy.copying and m.seen("describe", "after", 3),
    ),
    "deleting": (
        lambda m: m.world.aws.settings(delete_seconds=HOURS),
        lambda m: m.copy.snapshot["status"] == "deleting",
    ),
    "source failed": (lambda m: m.world.aws.change_snapshot(m.copy.source_arn, status="failed"), None),
    "Delete in flight": (lambda m: m.arm("delete", "hold"), Moment.is_held),
    "delete refused": (lambda m: m.arm("delete", "access_denied", count=None), None),
    "adding tags refused": (lambda m: m.arm("AddTagsToResource", "access_denied", count=None), None),
    "removing tags refused": (lambda m: m.arm("RemoveTagsFromResource", "access_denied", count=None), None),
    "adding tags in flight": (lambda m: m.arm("AddTagsToResource", "hold"), Moment.is_held),
}


# ---- Events


def stop(moment):
    running = moment.reach()
    running.interrupt()
    return running.wait()


def stop_answered(moment):
    running = moment.reach()
    running.interrupt()
    # The stop has come through by then; a create is answered late, well within the ten seconds.
    time.sleep(3 if moment.row.operation == "create" else 0.3)
    moment.world.aws.release(moment.fault)
    return running.wait()


def deadline(moment):
    moment.limit(minutes=2)
    return moment.start().wait()


def failure(moment):
    return moment.start().wait()


def copy_fails(moment):
    running = moment.reach()
    moment.world.aws.change_snapshot(moment.copy.arn, status="failed", percent=40)
    return running.wait()


def lost_connection(moment):
    moment.limit(minutes=3)
    running = moment.reach()
    moment.arm("describe", "reset_before", count=None, match="after")
    return running.wait()


def session_expired(moment):
    running = moment.reach()
    moment.arm("describe", "expired_token", count=None, match="after")
    return running.wait()


def cannot_look(operation, kind, about=None):
    """From the apply on, as the plan has looked already."""

    def look(moment):
        moment.arm(operation, kind, count=None, match=about)
        return moment.copy.workspace.apply_plan(ok=None)

    return look


def terraform_killed(moment):
    running = moment.reach()
    running.kill()
    outcome = running.wait()
    wait_until_ended(provider_of(moment.copy.workspace))
    return outcome


def provider_killed(moment):
    running = moment.reach()
    for process in provider_of(moment.copy.workspace):
        os.kill(process, 9)
    return running.wait()


EVENTS = {
    "stop": stop,
    "stop, answered": stop_answered,
    "stop, unanswered": stop,
    "deadline": deadline,
    "failure": failure,
    "copy fails": copy_fails,
    "lost connection": lost_connection,
    "session expired": session_expired,
    "key throttled": cannot_look("DescribeKey", "throttle"),
    "key unreachable": cannot_look("DescribeKey", "reset_before"),
    "source throttled": cannot_look("describe", "throttle", "before"),
    "source unreachable": cannot_look("describe", "reset_before", "before"),
    "terraform killed": terraform_killed,
    "provider killed": provider_killed,
}


# ---- States


def is_null(copy, before):
    assert copy.instance is None


def is_null_and_nothing_left(copy, before):
    is_null(copy, before)
    assert copy.snapshot is None


def is_prior(copy, before):
    assert not copy.instance.tainted
    assert {**copy.instance.values, "timeouts": None} == {**before.values, "timeouts": None}
    assert copy.snapshot["status"] in ("available", copy.copying, "deleting")


def is_prior_and_gone(copy, before):
    assert copy.instance.values == before.values and not copy.instance.tainted
    assert copy.snapshot is None
    assert copy.workspace.plan().actions == {copy.address: "create"}


def is_new(status):
    def check(copy, before):
        expected = copy.copying if status == "copying" else status
        assert copy.state["status"] == expected and not copy.instance.tainted
        assert copy.holder == copy.state["holder_id"]
        assert copy.state["engine"] and copy.state["kms_key_arn"] == copy.key
        assert copy.state["source_snapshot_create_time"] == copy.mark[4]
        planned = copy.workspace.plan()
        assert planned.actions == {copy.address: "replace" if status == "failed" else "update"}
        change = copy.workspace.planned(copy.address)
        assert change["after_unknown"].get("status") and change["after_unknown"].get("percent_progress")
        assert bool(change["after_unknown"].get("holder_id")) == (status == "failed")

    return check


def has_both_tags(copy, before):
    assert copy.state["tags_all"] == copy.tags == {"old": "1", "new": "2"}


STATES = {
    "null": is_null,
    "null, nothing left": is_null_and_nothing_left,
    "prior": is_prior,
    "prior, gone": is_prior_and_gone,
    "copying": is_new("copying"),
    "failed": is_new("failed"),
    "both tags": has_both_tags,
}
