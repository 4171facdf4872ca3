# SPDX-License-Identifier: MPL-2.0
"""Credentials that end while a copy is waited for: renewed where they can be, reported where they cannot."""

import base64
import json
import threading

import pytest
from harness.world import NEW, OLD, OPERATOR, REGION, ROLE, snapshot_arn

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
DAY = 24 * 3600
ROLE_ARN = f"arn:aws:iam::{OLD}:role/{ROLE}"

REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""


def copy_of(name, key, more=""):
    return f"""
    resource "snapshot_reencrypt_copy" "{name}" {{
      source_snapshot_identifier = "before"
      target_snapshot_identifier = "after-{name}"
      kms_key_id                 = "{key}"
      {more}
    }}
    """


@pytest.fixture
def by_session(workspace, world):
    """A copy by session keys from the environment."""
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write("main.tf", copy_of("x", key) + copy_of("y", key))
    workspace.environment |= world.session_keys()
    return workspace


# ---- What cannot be renewed


def warnings_of_session(outcome):
    return [d for d in outcome.warnings if d.summary == "These credentials cannot be refreshed"]


def test_session_keys_are_warned_of_once_with_a_set_up_that_lasts(by_session):
    planned = by_session.plan()
    assert len(warnings_of_session(planned)) == 1, planned
    planned.assert_warning("AWS_SESSION_TOKEN", "assume_role", "web_identity_token_file", "the next apply", "adopts it")
    by_session.apply()
    assert warnings_of_session(by_session.plan()) == [], "nothing will be waited for"


def test_a_rename_is_warned_of_too(by_session):
    by_session.apply()
    made = (by_session.folder / "main.tf").read_text()
    by_session.write("main.tf", made.replace('"after-x"', '"after-x-2"'))
    assert len(warnings_of_session(by_session.plan())) == 1


def test_session_keys_in_the_provider_block_are_warned_of_too(by_session):
    keys = {name: by_session.environment.pop(name) for name in KEYS}
    by_session.write(
        "override.tf",
        f"""
        provider "snapshot" {{
          access_key = "{keys["AWS_ACCESS_KEY_ID"]}"
          secret_key = "{keys["AWS_SECRET_ACCESS_KEY"]}"
          token      = "{keys["AWS_SESSION_TOKEN"]}"
        }}
        """,
    )
    assert len(warnings_of_session(by_session.plan())) == 1


def as_profile(workspace, sandbox, name="mine"):
    """The keys of the environment, moved to a profile; its file."""
    path = sandbox.home / "aws-credentials"
    keys = {key.lower(): workspace.environment.pop(key) for key in KEYS if key in workspace.environment}
    path.write_text(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
    workspace.environment["AWS_PROFILE"] = name
    return path


def test_session_keys_of_a_profile_are_warned_of_too(by_session, sandbox):
    path = as_profile(by_session, sandbox)
    planned = by_session.plan()
    assert len(warnings_of_session(planned)) == 1, planned
    planned.assert_warning('the profile "mine"', f"{path}, line 2", "reads the profile again")
    del by_session.environment["AWS_PROFILE"]
    by_session.write("override.tf", 'provider "snapshot" {\n profile = "mine"\n}\n')
    assert len(warnings_of_session(by_session.plan())) == 1


def test_the_warning_does_not_propose_a_role_where_one_is_assumed(by_session):
    by_session.write("override.tf", f'provider "snapshot" {{\n assume_role {{\n role_arn = "{ROLE_ARN}"\n }}\n}}\n')
    planned = by_session.plan()
    [warning] = warnings_of_session(planned)
    assert "role_arn" not in warning.detail, warning
    planned.assert_warning("the assume_role blocks as before")


def test_keys_that_last_are_not_warned_of(workspace, world):
    key = world.aws.add_key(OLD, REGION)
    workspace.write("main.tf", copy_of("x", key))
    assert warnings_of_session(workspace.plan()) == []


def test_a_session_that_ends_midway_is_an_error_the_copy_goes_on_and_is_adopted(by_session, world):
    world.copies_take(6 * 3600)
    running = by_session.start("apply", "-json", "-auto-approve")
    copies = ("after-x", "after-y")
    world.wait_until(lambda: all(world.snapshot(name) for name in copies), "both copies", 60)
    world.aws.expire_credentials()
    ended = running.wait(60)
    assert ended.code != 0
    for name in copies:
        ended.assert_error(snapshot_arn(name), "copying", "session has expired", "goes on", "ExpiredToken", OLD, REGION)
    assert by_session.state() == {}
    assert all(world.snapshot(name)["status"] == "copying" for name in copies)

    by_session.environment |= world.session_keys()
    world.finish_copies()
    by_session.apply().assert_warning("adopted", snapshot_arn("after-x"))
    assert len(world.copies_made()) == 2
    assert by_session.is_settled()


@pytest.mark.parametrize("block", ["", f'assume_role {{\n role_arn = "{ROLE_ARN}"\n }}\n'], ids=["keys", "role"])
def test_a_profile_is_read_again_when_its_session_has_ended(by_session, world, sandbox, block):
    """What a tool has written there meanwhile is used, and nobody needs to apply again."""
    path = as_profile(by_session, sandbox)
    by_session.write("override.tf", f'provider "snapshot" {{\n profile = "mine"\n {block}}}\n')
    world.copies_take(6 * 3600)
    running = by_session.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: all(world.snapshot(name) for name in ("after-x", "after-y")), "both copies", 60)
    keys = world.accounts[OLD]
    path.write_text(f"[mine]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n")
    world.aws.expire_credentials()
    world.wait_until(lambda: [c for c in world.aws.calls() if c["error_code"] == "ExpiredToken"], "the end", 60)
    world.finish_copies()
    ended = running.wait(60)
    assert ended.code == 0, ended
    assert len(by_session.state()) == 2


def test_a_profile_whose_session_has_ended_and_is_not_renewed_is_an_error(by_session, world, sandbox):
    """With one copy: two that are planned one after the other each ask."""
    by_session.write("main.tf", copy_of("x", "alias/any"))
    as_profile(by_session, sandbox)
    world.aws.expire_credentials()
    refused = by_session.plan(ok=False)
    refused.assert_error("ExpiredToken", "GetCallerIdentity")
    assert [c["operation"] for c in world.aws.calls()].count("GetCallerIdentity") == 2, (
        "the second with what was read again"
    )


# ---- What is renewed


def token_of(generation):
    parts = ({"alg": "none"}, {"sub": f"generation-{generation}"})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "signature"])


class Rotation(threading.Thread):
    """Writes the token file anew all the time; of the tokens before, only the last is still good."""

    def __init__(self, world, path, seconds):
        super().__init__(daemon=True)
        self.world, self.path, self.seconds = world, path, seconds
        self.generation, self.over = 0, threading.Event()
        self.write()

    def write(self):
        draft = self.path.with_suffix(".new")
        draft.write_text(token_of(self.generation))
        draft.replace(self.path)

    def run(self):
        while not self.over.wait(self.seconds):
            self.generation += 1
            self.write()
            if self.generation > 1:
                self.world.aws.fault("AssumeRoleWithWebIdentity", "expired_token", count=None,
                                     match=token_of(self.generation - 2))  # fmt: skip

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


@pytest.mark.long
def test_a_day_of_waiting_outlives_every_session(new_workspace, world):
    """Half a minute is a day; a session lasts a sixth of it, a web identity token half of that."""
    scale, life = 2880, 5
    world.aws.settings(time_scale=scale, session_seconds=life)
    workspace = new_workspace(OPERATOR, time_scale=scale)
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    token_file = workspace.folder / "token.jwt"
    limits = 'timeouts {\n create = "30h"\n }'
    workspace.write(
        "main.tf",
        f"""
        {REQUIRED}
        provider "snapshot" {{
          alias  = "role"
          region = "{REGION}"
          assume_role {{
            role_arn = "{ROLE_ARN}"
          }}
        }}

        provider "snapshot" {{
          alias  = "chain"
          region = "{REGION}"
          assume_role {{
            role_arn = "arn:aws:iam::{NEW}:role/{ROLE}"
          }}
          assume_role {{
            role_arn     = "{ROLE_ARN}"
            session_name = "chain"
          }}
        }}

        provider "snapshot" {{
          alias  = "web"
          region = "{REGION}"
          assume_role_with_web_identity {{
            role_arn                = "{ROLE_ARN}"
            session_name            = "web"
            web_identity_token_file = "{token_file}"
          }}
        }}
        """
        + "".join(copy_of(name, key, f"provider = snapshot.{name}\n{limits}") for name in ("role", "chain", "web")),
    )
    world.copies_take(DAY)
    with Rotation(world, token_file, life / 2) as rotation:
        outcome = workspace.apply(limit=180)
    assert outcome.seconds > DAY / scale
    assert [d.text for d in outcome.diagnostics] == []
    failed = [c for c in world.aws.calls() if c["error_code"] not in (None, "DBClusterSnapshotNotFoundFault")]
    assert failed == []
    assert rotation.generation > 8
    renewals = {name: len(world.calls(name)) for name in ("AssumeRole", "AssumeRoleWithWebIdentity")}
    assert renewals["AssumeRole"] >= 3 * 5 and renewals["AssumeRoleWithWebIdentity"] >= 5, renewals
