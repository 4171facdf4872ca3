#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Writes down, once, what a released provider leaves in Terraform's state and in AWS: README.md says what for."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from harness import script
from harness.processes import provider_of, wait_until_ended
from harness.sandbox import Sandbox, find_terraform, use_overrides
from harness.terraform import CommandFailed, Workspace
from harness.upgrade import COPIES, FOLDER, HOURS, UNDER_WAY, recorded, schema_of, start_waiting, write_json
from harness.world import NEW, OLD, OPERATOR, REGION, World, start_simulator

ADDRESS = "rds-snapshot/snapshot"
PROGRAM = "terraform-provider-snapshot"
TIME_SCALE = 60
CONFIGURATIONS = FOLDER / "configurations"
SOURCE_KEY = "11112222-3333-4111-8111-000000000001"
TARGET_KEY = "44445555-6666-4444-8444-000000000001"
TARGET_REGION = "eu-west-1"


def main():
    options = parse_arguments()
    made_by = provider_version(options)
    folder = FOLDER / made_by["version"]
    if folder.exists():
        raise SystemExit(
            f"{folder.relative_to(ROOT)} exists. What a released version has left is never made again: a new release "
            "gets a folder of its own. If this folder was never committed, delete it and run this again."
        )
    script.require_loopback()
    script.in_venv(__file__, options.terraform)
    sandbox = Sandbox("upgrade")
    maker = None
    try:
        maker = Maker(sandbox, options)
        made = maker.make()
        write_json(made / "made_by.json", {**made_by, "host": maker.host, "date": str(datetime.date.today())})
        shutil.copytree(made, folder)
        print(f"wrote {folder.relative_to(ROOT)}: commit it, and never change it")
    except CommandFailed as failed:
        raise SystemExit(str(failed)) from None
    finally:
        with script.undisturbed():
            if maker:
                maker.end()
            sandbox.remove()
    return 0


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="tests/upgrade/make.py",
        description="Runs Terraform with a released provider against the imitation of AWS, and writes the states and "
        "what is in AWS to tests/upgrade/VERSION. VERSION is what the provider says. Takes some seconds.",
        allow_abbrev=False,
    )
    parser.add_argument("--provider", type=Path, required=True, metavar="PATH", help="the released provider")
    parser.add_argument("--terraform", metavar="PATH", help="this Terraform (default: the one on PATH)")
    parser.add_argument("--draft", action="store_true", help="also of a provider built from uncommitted changes")
    options = parser.parse_args()
    options.provider = options.provider.absolute()
    if not os.access(options.provider, os.X_OK) or options.provider.is_dir():
        parser.error(f"--provider: {options.provider} is not a program")
    return options


def provider_version(options):
    said = subprocess.run([options.provider, "--version", "-json"], capture_output=True, text=True).stdout
    try:
        made_by = json.loads(said)
    except ValueError:
        said = f"{options.provider} --version -json prints no JSON: is it a release of this provider?"
        raise SystemExit(said) from None
    if made_by["commit"].endswith("-dirty") and not options.draft:
        raise SystemExit(
            f"{options.provider} was built from changes that are not committed (commit {made_by['commit']}). Give a "
            "released provider; --draft tries this one, and what it writes must not be committed."
        )
    return made_by


class Maker:
    def __init__(self, sandbox, options):
        self.sandbox, self.terraform = sandbox, find_terraform(options.terraform)
        binary = sandbox.subfolder("provider") / PROGRAM
        shutil.copy2(options.provider, binary)
        use_overrides(sandbox, {ADDRESS: binary})
        self.made = sandbox.subfolder("made")
        self.simulator = start_simulator(sandbox, sys.executable, TIME_SCALE)
        self.workspaces = []
        version = subprocess.run([self.terraform, "version"], capture_output=True, text=True, env=sandbox.environment())
        self.host = version.stdout.splitlines()[0]

    def end(self):
        for workspace in self.workspaces:
            workspace.end()
        self.simulator.stop()

    def make(self):
        for case, make in CASES.items():
            started = time.monotonic()
            world = World(self.simulator, TIME_SCALE)
            prepare(world)
            make(self, case, world)
            print(f"{case} ... {time.monotonic() - started:.0f} s", flush=True)
        schema = schema_of(self.workspaces[0])
        del schema["provider"]  # its names of endpoints alone are twice as long as all else, and no state has it
        write_json(self.made / "schema.json", schema)
        return self.made

    def workspace(self, case, world, configuration, account):
        folder = self.sandbox.subfolder(f"run/{case}")
        made = Workspace(folder, self.terraform, self.sandbox.environment(**world.environment(account)))
        made.copy_from(CONFIGURATIONS / configuration)
        self.workspaces.append(made)
        return made

    def keep(self, case, world, workspace, status, with_state):
        """What a later version gets to see; `status` is what each copy must have, so that nothing else is kept."""
        folder = self.made / case
        folder.mkdir()
        aws = recorded(world)
        found = {it["identifier"]: it["status"] for it in aws["snapshots"] if it["source_arn"]}
        if not found or not all(it in status for it in found.values()):
            raise SystemExit(f"{case}: the copies should be {' or '.join(status)}, but are {found}")
        write_json(folder / "aws.json", aws)
        for path in workspace.folder.glob("*.tf"):
            shutil.copy(path, folder)
        if with_state:
            shutil.copy(workspace.folder / "terraform.tfstate", folder)


def prepare(world):
    for account, region, key_id in ((OLD, REGION, SOURCE_KEY), (NEW, TARGET_REGION, TARGET_KEY)):
        world.aws.add_key(account, region, key_id=key_id, alias="alias/migration")
    zones = {"AvailabilityZones": [f"{REGION}a", f"{REGION}b"]}
    for name, kind, fields in (("orders", "cluster", zones), ("billing", "instance", {})):
        database = f"{name}-production"
        world.aws.add_snapshot(
            OLD, REGION, f"{name}-1", kind=kind, database=database, fields=fields, tags={"app": "shop"}
        )


# ---- The cases


def migration(maker, case, world):
    """Done, with the key policies that the provider wrote."""
    workspace = maker.workspace(case, world, "migration", OPERATOR)
    whole = (workspace.folder / "main.tf").read_text()
    workspace.write("main.tf", whole[: whole.index('resource "')])  # the policies first: the keys need them
    workspace.apply()
    for key in world.aws.keys():
        if key["manager"] == "CUSTOMER":
            side = "source" if key["account_id"] == OLD else "target"
            policy = json.loads(workspace.state()[f"data.snapshot_key_policy.{side}"]["json"])
            world.aws.change_key(key["arn"], policy=policy)
    workspace.write("main.tf", whole)
    workspace.apply()
    settled = workspace.is_settled()
    if not settled:
        raise SystemExit(f"The migration should be done, but its next plan is not empty:\n{settled}")
    maker.keep(case, world, workspace, ["available"], with_state=True)


def lost(maker, case, world):
    """Done, and its state lost."""
    workspace = maker.workspace(case, world, "copies", OLD)
    workspace.apply()
    maker.keep(case, world, workspace, ["available"], with_state=False)


def interrupted(maker, case, world):
    """By Ctrl-C: the state has both copies."""
    workspace = maker.workspace(case, world, "copies", OLD)
    running = start_copying(workspace, world)
    running.interrupt()
    running.wait()
    if len(workspace.managed()) != len(COPIES):
        raise SystemExit(f"{case}: the state should have both copies, but has {list(workspace.managed())}")
    maker.keep(case, world, workspace, UNDER_WAY, with_state=True)


def killed(maker, case, world):
    """Terraform is gone, and nothing but the marks knows of the copies."""
    workspace = maker.workspace(case, world, "copies", OLD)
    running = start_copying(workspace, world)
    providers = provider_of(workspace)
    running.kill()
    running.wait()
    wait_until_ended(providers)
    maker.keep(case, world, workspace, UNDER_WAY, with_state=False)


def start_copying(workspace, world):
    world.copies_take(HOURS)
    return start_waiting(workspace, world)


CASES = {"migration": migration, "lost": lost, "interrupted": interrupted, "killed": killed}


if __name__ == "__main__":
    script.run(main)
