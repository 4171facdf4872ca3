# SPDX-License-Identifier: MPL-2.0
"""A new moto that drops a name we replace must fail here, loudly."""

from importlib.metadata import version
from pathlib import Path

import pytest

from simulator import moto_patches

REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


def test_the_pinned_moto_is_installed():
    pinned = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("moto"))
    assert pinned == f"moto[server]=={version('moto')}"


@pytest.mark.parametrize("target", moto_patches.PATCHES)
def test_what_is_replaced_is_there(target):
    owner, name = moto_patches.find(target)
    assert callable(getattr(owner, name)) or isinstance(getattr(owner, name), property)
    assert isinstance(owner, type) is ("." in target.partition(":")[2])
    if isinstance(owner, type):
        assert name in vars(owner), "inherited: moto moved it"


@pytest.mark.parametrize("target", moto_patches.ADDITIONS)
def test_what_is_added_is_not_there(target):
    owner, name = moto_patches.find(target)
    assert not hasattr(owner, name)


def test_a_missing_name_is_an_error(monkeypatch):
    monkeypatch.setattr(
        moto_patches, "PATCHES", {"moto.rds.models:RDSBackend.gone": lambda world, original: None}
    )
    with pytest.raises(AttributeError, match="gone"):
        moto_patches.install(None)
