# SPDX-License-Identifier: MPL-2.0
"""docs/guides/authentication.md: what it shows for each place, done. Of a job on a forge, only its shell runs here."""

import contextlib
import json
import os
import re
import signal
import subprocess

import pytest
import yaml
from harness.access.web_identity import WebIdentity
from harness.pages import DOCS, fences
from harness.world import NEW, OLD, REGION

GUIDE = DOCS / "guides" / "authentication.md"


def jobs():
    return [yaml.safe_load(text) for text in fences(GUIDE.read_text(), ["yaml"])]


GITHUB, GITLAB, _ = jobs()


def run_shell(script, environment, folder):
    """What a job shows that runs these lines; `terraform` and `curl` are what is in `folder`. Whatever it has
    started ends with it."""
    log = folder / "log"
    with log.open("wb") as out:
        job = subprocess.Popen(
            ["bash", "-e", "-c", script],  # as both forges do
            env={**environment, "PATH": f"{folder}:{environment['PATH']}"},
            start_new_session=True,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        job.wait(30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
    return log.read_text()


@pytest.fixture
def tools(sandbox):
    """Programs of a job: a terraform that shows the token it finds, a curl that answers as GitHub's service does."""
    folder = sandbox.subfolder("tools")
    programs = {
        "terraform": 'echo "$1: $(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")"; [ "$1" != apply ] || sleep 1',
        # It fails the second and the third time.
        "curl": f'echo >>{folder}/asked; n=$(wc -l <{folder}/asked); for url; do :; done; '
        '[ "$n" != 2 ] && [ "$n" != 3 ] || exit 22; '
        'printf \'{"value": "%s token %s"}\' "${url##*audience=}" "$(date +%s%N)"',
        "sleep": "exec /bin/sleep 0.1",
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


def test_githubs_job_keeps_the_token_fresh(sandbox, tools):
    job = GITHUB["jobs"]["apply"]
    later = f"until [ $(wc -l <{tools}/asked) -ge 6 ]; do sleep 1; done; terraform apply"
    apply = "terraform apply -auto-approve"
    script = job["steps"][-1]["run"].replace(apply, f"{apply}; {later}")
    token = sandbox.folder / "token"
    script = script.replace("/tmp/aws-token", str(token))
    environment = sandbox.environment(
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
        ACTIONS_ID_TOKEN_REQUEST_TOKEN="hush",
        ACTIONS_ID_TOKEN_REQUEST_URL="https://token.example/?x=1",
    )
    out = run_shell(script, environment, tools)
    shown = re.findall(r"^(?:init|apply): (sts\.amazonaws\.com token \d+)$", out, re.MULTILINE)
    assert len(shown) >= 2 and len(set(shown)) >= 2, out
    assert token.stat().st_mode & 0o777 == 0o600
    assert "hush" not in out
    assert out.count("no new token yet") == 2


def test_githubs_job_asks_for_the_token_that_it_needs():
    assert GITHUB["permissions"]["id-token"] == "write"
    names = {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_REGION"}
    assert names <= set(GITHUB["jobs"]["apply"]["env"])


def test_gitlabs_job_writes_the_token(sandbox, tools):
    job = GITLAB["migration"]
    token = sandbox.folder / "token"
    environment = sandbox.environment(AWS_TOKEN="a.b.c", AWS_WEB_IDENTITY_TOKEN_FILE=str(token))
    out = run_shell("\n".join(job["script"]), environment, tools)
    assert out == "init: a.b.c\napply: a.b.c\n"
    assert token.stat().st_mode & 0o777 == 0o600
    assert list(job["id_tokens"]) == ["AWS_TOKEN"]


def test_a_token_file_of_a_job_assumes_the_roles_of_both_blocks(cluster_copy, world, sandbox):
    """What all jobs come to."""
    way = WebIdentity(world, sandbox)
    workspace = cluster_copy.workspace
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del workspace.environment[name]
    workspace.environment |= way.open()
    workspace.write(
        "provider.tf",
        f'provider "snapshot" {{\n region = "{REGION}"\n assume_role {{\n'
        f' role_arn = "arn:aws:iam::{OLD}:role/snapshot-migration"\n }}\n}}\n',
    )
    workspace.write(
        "terraform.tf", 'terraform {\n required_providers {\n snapshot = { source = "rds-snapshot/snapshot" }\n }\n}\n'
    )
    workspace.apply()
    accounts = {c["account_id"] for c in world.aws.calls() if c["operation"].startswith("Copy")}
    assert accounts == {OLD} and world.calls("AssumeRoleWithWebIdentity")


def test_hcp_terraforms_files_are_profiles_with_a_web_identity(new_workspace, world, sandbox):
    """A shared config file for each set of credentials, as its run writes them."""
    files = {}
    for name, account in (("default", OLD), ("NEW", NEW)):
        way = WebIdentity(world, sandbox)
        way.account = account
        given = way.open()
        file = sandbox.home / f"dynamic-{name}"
        file.write_text(
            f"[default]\nrole_arn = {given['AWS_ROLE_ARN']}\nrole_session_name = run\n"
            f"web_identity_token_file = {given['AWS_WEB_IDENTITY_TOKEN_FILE']}\n"
        )
        files[name] = {"shared_config_file": str(file)}
    workspace = new_workspace(OLD)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del workspace.environment[name]
    workspace.environment["TF_VAR_tfc_aws_dynamic_credentials"] = json.dumps(
        {"default": files["default"], "aliases": {"NEW": files["NEW"]}}
    )
    text = next(t for t in fences(GUIDE.read_text(), ["terraform"]) if "tfc_aws_dynamic" in t)
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write(
        "main.tf",
        text
        + f"""
        resource "snapshot_reencrypt_copy" "old" {{
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{key}"
        }}

        resource "snapshot_share" "new" {{
          provider            = snapshot.new_account
          snapshot_identifier = "none"
          account_ids         = ["{OLD}"]
        }}
        """,
    )
    workspace.plan(ok=None)
    callers = {c["caller_arn"] for c in world.aws.calls() if c["operation"] == "GetCallerIdentity"}
    assert callers == {f"arn:aws:sts::{account}:assumed-role/snapshot-migration/run" for account in (OLD, NEW)}


def test_whoami_prints_what_the_guide_shows(binaries, world, sandbox):
    keys = world.accounts[OLD]
    config = sandbox.home / "aws-config"
    config.write_text(
        f"[profile work]\nrole_arn = arn:aws:iam::{OLD}:role/snapshot-migration\nsource_profile = base\n"
        f"[profile base]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
    )
    environment = sandbox.environment(AWS_PROFILE="work", AWS_REGION=REGION, **world.environment(OLD))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del environment[name]
    command = [binaries["rds-snapshot/snapshot"], "whoami"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    shown = next(text for text in fences(GUIDE.read_text(), ["text"]) if text.startswith("source "))
    assert [line[:16].split()[:2] for line in printed.splitlines()] == [
        line[:16].split()[:2] for line in shown.splitlines()
    ]
