# SPDX-License-Identifier: MPL-2.0
"""The whole chain changed, under conditions, disturbed: no available copy is ever lost.

harness/chain.py has the rows, harness/chain_run.py runs them.
"""

import pytest
from harness.chain import CHAIN_BASES, disturbed, rows
from harness.chain_run import ChainSites, try_row, undisturbed
from harness.matrix import every_tenth, in_parallel, table
from harness.operations import BASES

BASES |= CHAIN_BASES


@pytest.fixture(scope="module")
def chain_sites(sites):
    made = ChainSites(sites)
    yield made
    made.end()


def run(chain_sites, rows, show, title):
    in_parallel(chain_sites.prepare, list(dict.fromkeys(undisturbed(row) for row in rows if row.way)))
    problems = in_parallel(lambda row: try_row(row, chain_sites), rows)
    tried = [(label(row), row.disturbance or row.base, not told) for row, told in zip(rows, problems, strict=True)]
    show(table(title, tried, "rows", "as expected"))
    failed = [f"{row}\n    " + "\n    ".join(told) for row, told in zip(rows, problems, strict=True) if told]
    assert not failed, f"{len(failed)} of {len(rows)} rows:\n" + "\n".join(failed)


def test_a_tenth_of_the_rows(chain_sites, show):
    run(chain_sites, every_tenth(list(rows())), show, "chain matrix")
