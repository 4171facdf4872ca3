# SPDX-License-Identifier: MPL-2.0
"""The whole chain changed, under conditions, disturbed: no available copy is ever lost.

harness/chain.py has the rows, harness/chain_run.py runs them.
"""

import pytest
from harness.chain import CHAIN_BASES, FORGETTING, disturbed, rows
from harness.chain_run import ChainSites, try_row, undisturbed
from harness.matrix import a_handful, every_tenth, in_parallel, table
from harness.operations import BASES

BASES |= CHAIN_BASES


@pytest.fixture(scope="module")
def chain_sites(sites):
    made = ChainSites(sites)
    yield made
    made.end()


@pytest.fixture(scope="module")
def offered(request):
    """What this host knows: only newer ones have lifecycle { destroy = false }."""
    since = (1, 12) if request.config.is_opentofu else (1, 16)
    can_forget = request.config.terraform_version >= since
    return [row for row in rows() if can_forget or row.base != FORGETTING]


def run(chain_sites, rows, show, title):
    in_parallel(chain_sites.prepare, undisturbed(rows))
    ends = in_parallel(lambda row: try_row(row, chain_sites), rows)
    outcomes = [(row.label, row.column, not told) for row, (told, _) in zip(rows, ends, strict=True)]
    show(table(title, outcomes, "rows", "as expected", [cures for _, cures in ends]))
    failed = [f"{row}\n    " + "\n    ".join(told) for row, (told, _) in zip(rows, ends, strict=True) if told]
    assert not failed, f"{len(failed)} of {len(rows)} rows:\n" + "\n".join(failed)
    assert not (odd := chain_sites.odd_moments(rows)), "\n".join(odd)


def test_a_handful_of_the_rows(chain_sites, offered, show):
    run(chain_sites, a_handful(offered), show, "chain matrix")


@pytest.mark.tenth
def test_a_tenth_of_the_rows(chain_sites, offered, show):
    run(chain_sites, every_tenth(offered), show, "chain matrix")


@pytest.mark.tenth
def test_a_tenth_of_the_disturbed_rows(chain_sites, offered, show):
    run(chain_sites, every_tenth(every_tenth(disturbed(offered))), show, "chain matrix, disturbed")


@pytest.mark.long
def test_every_row(chain_sites, offered, show):
    run(chain_sites, offered, show, "chain matrix")


@pytest.mark.long
def test_every_disturbed_row(chain_sites, offered, show):
    run(chain_sites, disturbed(offered), show, "chain matrix, disturbed")
