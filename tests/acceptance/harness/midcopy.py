# SPDX-License-Identifier: MPL-2.0
"""Rows of the fault matrix: a copy of the seven steps loses what it needs while it runs.

The apply ends with an error that names the copy and the likely cause. Once that is given back, the same command ends
as if nothing had happened."""

import functools
from dataclasses import dataclass

from .crash import try_again
from .operations import COPY_SECONDS, SEVEN_STEPS
from .world import NEW, OLD

HOURS = 10 * 3600  # that a copy takes, simulated
STEP = HOURS / 10
LINKS = {"the first copy": OLD, "the second copy": NEW}  # and the account in which it is made
MOMENTS = ("at_once", "next_step")


@dataclass(frozen=True)
class Need:
    setting: str  # of the simulator: when a copy fails without it
    links: list
    take: object  # (world, copy as the control endpoint reports it)
    give_back: object
    words: tuple  # of which the error has one


def _source_key(world, copy):
    return world.aws.snapshot(copy["source_arn"])["kms_key_arn"]


def _nothing(_world, _copy):
    """Terraform makes it again."""


# A foreign key's state is not told to the new account: its error names the key's policy, the grant and the state.
NEEDS = {
    "source deleted": Need(
        "without_source",
        list(LINKS),
        lambda world, copy: world.aws.remove_snapshot(copy["source_arn"]),
        _nothing,
        ("the source was deleted",),
    ),
    "share taken back": Need(
        "without_share",
        ["the second copy"],
        lambda world, copy: world.aws.change_snapshot(copy["source_arn"], shared_with=[]),
        lambda world, copy: world.aws.change_snapshot(copy["source_arn"], shared_with=[NEW]),
        ("no longer shared",),
    ),
    "source's key disabled": Need(
        "without_source_key",
        ["the second copy"],  # that of the first source is AWS's own
        lambda world, copy: world.aws.change_key(_source_key(world, copy), state="Disabled"),
        lambda world, copy: world.aws.change_key(_source_key(world, copy), state="Enabled"),
        ("the key of the source", "the source's key"),
    ),
    "key disabled": Need(
        "without_target_key",
        list(LINKS),
        lambda world, copy: world.aws.change_key(copy["kms_key_arn"], state="Disabled"),
        lambda world, copy: world.aws.change_key(copy["kms_key_arn"], state="Enabled"),
        ("the key of the copy became unusable",),
    ),
}


@dataclass(frozen=True)
class MidCopy:
    link: str
    kind: str  # of NEEDS
    moment: str
    scenario = SEVEN_STEPS[0]

    def __str__(self):
        return f"{self.scenario.name}: {self.kind} while {self.link} runs, {self.moment}"

    @property
    def row(self):
        return f"during {self.link}"

    def disturb(self, site, start, expected):
        """(whether it succeeded at once: no; what is wrong, in words)"""
        need, world = NEEDS[self.kind], site.world
        world.aws.settings(**{need.setting: self.moment, "copy_seconds": HOURS})
        running = site.workspace.start("apply", "-json", "plan")
        copy = self._under_way(world)
        need.take(world, copy)
        if self.moment == "next_step":
            world.aws.advance(STEP)
        outcome = running.wait()
        told = "\n".join(d.text for d in outcome.errors)
        problems = [f"no error names {copy['arn']}: {outcome}"] if copy["arn"] not in told else []
        if not any(word in told for word in need.words):
            problems.append(f"none of {need.words} is named: {outcome}")
        if world.aws.snapshot(copy["arn"]):
            problems.append("the failed snapshot was left")
        need.give_back(world, copy)
        world.copies_take(COPY_SECONDS)
        return False, problems + try_again(self.scenario, site, start, self._with_copies_again(expected, copy))

    def _under_way(self, world):
        """The copy of this link, once the apply waits for it. The ones before it are let end."""
        for account in LINKS.values():
            world.wait_until(functools.partial(self._waited_for, world, account), f"a copy in {account}", 60)
            if account == LINKS[self.link]:
                return running_copy(world, account)
            world.aws.advance(HOURS)
        raise AssertionError(f"no such link: {self.link}")

    @staticmethod
    def _waited_for(world, account):
        copy, looks = running_copy(world, account), world.aws.calls("DescribeDBClusterSnapshots")
        return copy and sum(copy["identifier"] in str(look["parameters"]) for look in looks) > 3

    def _with_copies_again(self, expected, failed):
        """The failed one, and the one that it was made of if that is gone."""
        made = expected["copies made"]
        again = [name for name in made if f'"{failed["identifier"]}"' in name]
        if self.kind == "source deleted" and self.link == "the second copy":
            again = made
        return {**expected, "copies made": sorted(made + again)}


def running_copy(world, account):
    return next((s for s in world.aws.snapshots(account) if s["source_arn"] and s["status"] == "copying"), None)


def mid_copies():
    return [MidCopy(link, kind, moment) for kind, need in NEEDS.items() for link in need.links for moment in MOMENTS]
