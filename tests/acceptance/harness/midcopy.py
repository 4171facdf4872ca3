# SPDX-License-Identifier: MPL-2.0
"""Rows of the fault matrix: a copy of the seven steps, or one of an instance, loses what it needs while it runs.

The apply ends with an error that names the copy and the likely cause. Once that is given back, the same command ends
as if nothing had happened."""

import functools
from dataclasses import dataclass

from .crash import try_again
from .operations import COPY_AND_SHARE, COPY_SECONDS, SEVEN_STEPS
from .world import ANYBODY, NEW, OLD, OWNER_ALONE, REGION, ROLE

HOURS = 10 * 3600  # that a copy takes, simulated
STEP = HOURS / 10
INSTANCE = next(s for s in COPY_AND_SHARE if s.name == "instance: create")
# The scenario that makes it, and the accounts of the copies before it and of itself.
LINKS = {
    "the first copy": (SEVEN_STEPS[0], [OLD]),
    "the second copy": (SEVEN_STEPS[0], [OLD, NEW]),
    "an instance's copy": (INSTANCE, [OLD]),
}
MOMENTS = ("at_once", "next_step")
UNDER_WAY = ("copying", "creating")


@dataclass(frozen=True)
class Need:
    setting: str  # of the simulator: when a copy fails without it
    links: list
    take: object  # (world, copy as the control endpoint reports it)
    give_back: object  # likewise
    words: tuple  # of which the error has one
    arrange: object = lambda world, copy: None  # likewise, once it runs and before anything can fail


def _source_key(world, copy):
    return world.aws.snapshot(copy["source_arn"])["kms_key_arn"]


def _make_source_again(world, copy):
    """In the seven steps Terraform does."""
    if copy["kind"] == "instance":
        world.aws.add_snapshot(OLD, REGION, "before", kind="instance", tags={"from": "the source"})


def _set_source_key(**fields):
    return lambda world, copy: world.aws.change_key(_source_key(world, copy), **fields)


def _set_key(**fields):
    return lambda world, copy: world.aws.change_key(copy["kms_key_arn"], **fields)


def _by_a_grant_alone(world, copy):
    world.accounts[OLD].client("kms", REGION).create_grant(
        KeyId=_source_key(world, copy),
        GranteePrincipal=f"arn:aws:iam::{NEW}:role/{ROLE}",
        Operations=["Decrypt", "ReEncryptFrom", "DescribeKey", "CreateGrant"],
    )
    _set_source_key(policy=OWNER_ALONE)(world, copy)


def _revoke(world, copy):
    kms, key = world.accounts[OLD].client("kms", REGION), _source_key(world, copy)
    for grant in kms.list_grants(KeyId=key)["Grants"]:
        kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])


SECOND = ["the second copy"]
STATES = {"disabled": "Disabled", "to be deleted": "PendingDeletion"}  # of a key
OF_SOURCE_KEY, OF_KEY = ("the key of the source", "the source's key"), ("the key of the copy became unusable",)
# A foreign key's state is not told to the new account: its error names the key's policy, the grant and the state.
NEEDS = {
    "source deleted": Need(
        "without_source",
        list(LINKS),
        lambda world, copy: world.aws.remove_snapshot(copy["source_arn"]),
        _make_source_again,
        ("the source was deleted",),
    ),
    "share taken back": Need(
        "without_share",
        SECOND,
        lambda world, copy: world.aws.change_snapshot(copy["source_arn"], shared_with=[]),
        lambda world, copy: world.aws.change_snapshot(copy["source_arn"], shared_with=[NEW]),
        ("no longer shared",),
    ),
    **{  # that of the first source, and of an instance's, is AWS's own
        f"source's key {said}": Need(
            "without_source_key", SECOND, _set_source_key(state=state), _set_source_key(state="Enabled"), OF_SOURCE_KEY
        )
        for said, state in STATES.items()
    },
    **{
        f"key {said}": Need("without_target_key", list(LINKS), _set_key(state=state), _set_key(state="Enabled"), OF_KEY)
        for said, state in STATES.items()
    },
    "policy closed": Need(
        "without_permission",
        SECOND,
        _set_source_key(policy=OWNER_ALONE),
        _set_source_key(policy=ANYBODY),  # until Terraform writes its own
        OF_SOURCE_KEY,
    ),
    "grant revoked": Need(
        "without_permission", SECOND, _revoke, _set_source_key(policy=ANYBODY), OF_SOURCE_KEY, _by_a_grant_alone
    ),
}


@dataclass(frozen=True)
class MidCopy:
    link: str
    kind: str  # of NEEDS
    moment: str

    @property
    def scenario(self):
        return LINKS[self.link][0]

    def __str__(self):
        return f"{self.scenario.name}: {self.kind} while {self.link} runs, {self.moment}"

    @property
    def row(self):
        return f"during {self.link}"

    def disturb(self, site, start, expected):
        """(whether it succeeded at once: no; what is wrong, in words)"""
        need, world = NEEDS[self.kind], site.world
        world.copies_take(HOURS)
        running = site.workspace.start("apply", "-json", "plan")
        copy = self._under_way(world)
        need.arrange(world, copy)
        world.aws.settings(**{need.setting: self.moment})
        assert world.aws.snapshot(copy["arn"])["status"] in UNDER_WAY, "it has failed before anything is taken"
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
        *before, account = LINKS[self.link][1]
        for earlier in before:
            world.wait_until(functools.partial(self._waited_for, world, earlier), f"a copy in {earlier}", 60)
            world.aws.advance(HOURS)
        world.wait_until(functools.partial(self._waited_for, world, account), f"a copy in {account}", 60)
        return running_copy(world, account)

    @staticmethod
    def _waited_for(world, account):
        copy, looks = running_copy(world, account), [c for c in world.aws.calls() if "Snapshots" in c["operation"]]
        return copy and sum(copy["identifier"] in str(look["parameters"]) for look in looks) > 3

    def _with_copies_again(self, expected, failed):
        """The failed one, and the one that it was made of if that is gone."""
        made = expected["copies made"]
        again = [name for name in made if f'"{failed["identifier"]}"' in name]
        if self.kind == "source deleted" and self.link == "the second copy":
            again = made
        return {**expected, "copies made": sorted(made + again)}


def running_copy(world, account):
    return next((s for s in world.aws.snapshots(account) if s["source_arn"] and s["status"] in UNDER_WAY), None)


def mid_copies():
    return [MidCopy(link, kind, moment) for kind, need in NEEDS.items() for link in need.links for moment in MOMENTS]
