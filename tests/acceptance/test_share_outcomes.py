# SPDX-License-Identifier: MPL-2.0
"""What is left of a share whose operation does not end well: a table, each of whose rows is tried."""

import re
import time
from typing import NamedTuple

import pytest
from harness.world import NEW

THIRD = "999988887777"
LOST = "an answer lost"
UNANSWERED = ["changing the accounts", "ModifyDB"]


class Row(NamedTuple):
    operation: str
    moment: str
    event: str
    told: list  # of the error; None where there is none
    state: list | None  # the accounts in it; None: no state
    tainted: bool = False


ROWS = [
    # operation    moment                   event              error is told as       accounts in the state
    Row("create", "waiting for the snapshot", "stop",          ["stopped"],           None),
    Row("create", "Modify refused",         "failure",         ["AccessDenied"],      None),
    Row("create", "Modify in flight",       "stop, answered",  None,                  [NEW]),
    Row("create", "Modify in flight",       LOST,              UNANSWERED,            [NEW], tainted=True),
    Row("create", "Modify in flight",       "stop, unanswered", UNANSWERED,           [NEW], tainted=True),
    Row("update", "waiting for the snapshot", "stop",          ["stopped"],           [NEW]),
    Row("update", "Modify refused",         "failure",         ["AccessDenied"],      [NEW]),
    Row("update", "Modify in flight",       "stop, answered",  None,                  [THIRD]),
    Row("update", "Modify in flight",       LOST,              UNANSWERED,            [NEW, THIRD]),
    Row("update", "Modify in flight",       "stop, unanswered", UNANSWERED,           [NEW, THIRD]),
    Row("delete", "waiting for the snapshot", "stop",          ["stopped"],           [NEW]),
    Row("delete", "Modify refused",         "failure",         ["AccessDenied"],      [NEW]),
    Row("delete", "Modify in flight",       "stop, answered",  None,                  None),
    Row("delete", "Modify in flight",       LOST,              UNANSWERED,            [NEW]),
    Row("delete", "Modify in flight",       "stop, unanswered", UNANSWERED,           [NEW]),
]  # fmt: skip


def cases():
    """All rows for both kinds; of the second kind one for each operation, without `long`."""
    first = {row.operation: row for row in reversed(ROWS)}
    for kind in ("cluster", "instance"):
        for row in ROWS:
            name = f"{kind} {row.operation}, {row.moment}, {row.event}"
            waits = row.event == "stop, unanswered"  # ten seconds of real time
            again = kind == "instance" and first[row.operation] is not row
            yield pytest.param(
                kind, row, id=re.sub(r"[ ,]+", "-", name.lower()), marks=[pytest.mark.long] if waits or again else []
            )


@pytest.mark.parametrize("share, row", list(cases()), indirect=["share"])
def test_outcome(share, row):
    workspace = share.workspace
    provider = (workspace.folder / "provider.tf").read_text()
    workspace.write("provider.tf", provider.replace('"eu-central-1"', '"eu-central-1"\n  max_retries = 1'))
    if row.operation != "create":
        share.apply()
        share.set([THIRD])
    outcome = MOMENTS[row.moment](share, row)
    if row.told:
        outcome.assert_error(*row.told)
    else:
        assert not [d for d in outcome.errors if d.address], outcome
    assert (sorted(share.state["account_ids"]) if share.instance else None) == row.state
    assert not share.instance or share.instance.tainted == row.tainted

    share.world.aws.clear_faults()
    share.world.aws.change_snapshot(share.arn, status=None)
    if row.operation == "delete":
        workspace.destroy()
        assert share.shared_with() == []
    else:
        share.apply()
        assert share.shared_with() == share.state["account_ids"] == ([NEW] if row.operation == "create" else [THIRD])
        assert workspace.is_settled()


def start(share, row):
    return share.workspace.start("destroy" if row.operation == "delete" else "apply", "-json", "-auto-approve")


def waiting_for_the_snapshot(share, row):
    share.world.aws.change_snapshot(share.arn, status="creating")
    before = share.world.aws.last_call()
    running = start(share, row)
    share.world.wait_until(lambda: len(share.calls("describe", after=before)) >= 3, row.moment)
    running.interrupt()
    return running.wait()


def modify_refused(share, row):
    share.fault("share", "access_denied", count=None)
    return start(share, row).wait()


def modify_in_flight(share, row):
    if row.event == LOST:
        share.fault("share", "reset_after", count=None)
        return start(share, row).wait()
    fault = share.fault("share", "hold")
    running = start(share, row)
    share.world.aws.wait_until_held(fault, 20)
    running.interrupt()
    if row.event == "stop, answered":
        time.sleep(0.3)  # the stop has come through by then
        share.world.aws.release(fault)
    return running.wait()


MOMENTS = {
    "waiting for the snapshot": waiting_for_the_snapshot,
    "Modify refused": modify_refused,
    "Modify in flight": modify_in_flight,
}
