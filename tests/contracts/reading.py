# SPDX-License-Identifier: MPL-2.0
"""How Describe answers: filters, pages, order."""

from .contract import contract, outcome
from .field import name_of
from .kinds import CLUSTER

SMALLEST_PAGE, COPIES_AT_A_TIME = 20, 5


@contract("the others")
def a_filter_with_one_name_that_is_missing(field):
    """Many copies are read in one call, by a filter; one that is gone must not hide the others."""
    there = name_of(field.snapshot(CLUSTER, field.key(field.old)))
    names = {"Name": "db-cluster-snapshot-id", "Values": [there, field.name()]}
    found = []

    def look():
        found.extend(CLUSTER.describe(field.rds(field.old), Filters=[names]))

    refusal = outcome(look)
    return "the others" if [it["DBClusterSnapshotIdentifier"] for it in found] == [there] else refusal


@contract("each once, in order", "all at once")
def pages_of_describe(field):
    """A page has at least 20; no snapshot is missing or twice."""
    source = field.snapshot(CLUSTER, field.key(field.old))
    rds, made = field.rds(field.old), [field.name() for _ in range(SMALLEST_PAGE + 1)]
    for begin in range(0, len(made), COPIES_AT_A_TIME):
        some = made[begin : begin + COPIES_AT_A_TIME]
        for name in some:
            CLUSTER.copy(rds, source, name)
        for name in some:
            field.ended(CLUSTER, field.old, name)
    found, sizes, marker = [], [], {}
    while True:
        page = CLUSTER.describe_page(rds, MaxRecords=SMALLEST_PAGE, **marker)
        names = [it["DBClusterSnapshotIdentifier"] for it in page["DBClusterSnapshots"]]
        found += names
        sizes.append(len(names))
        if not page.get("Marker"):
            break
        marker = {"Marker": page["Marker"]}
    assert set(made) <= set(found) and len(set(found)) == len(found), found
    if len(sizes) == 1:
        return "all at once"
    return "each once, in order" if found == sorted(found) else "each once"
