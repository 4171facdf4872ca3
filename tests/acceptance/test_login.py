# SPDX-License-Identifier: MPL-2.0
"""`aws login`: its keys are read from the file of the AWS CLI, and never renewed from here."""

import json
import os
import subprocess
import sys

import pytest
from harness.access.login import SESSION, LoginFile, default_folder, profile
from harness.access.way import KEYS, Way
from harness.world import OLD, REGION

SCALE, LIFE = 2880, 4  # half a minute is a day; the keys last four seconds of it
LOG_IN = "Run `aws login --profile work`, then try again."


class Site:
    """A workspace with one copy in it, whose caller may have signed in."""

    def __init__(self, world, sandbox, workspace):
        way = Way(world, sandbox)
        way.account, way.name = OLD, "login"
        self.config, self.workspace = way.config, workspace
        self.file = LoginFile(way.mint, OLD, default_folder(sandbox.home))
        self.config.write_text(profile())
        key = world.aws.add_key(OLD, REGION)
        world.aws.add_snapshot(OLD, REGION, "before")
        workspace.write(
            "main.tf",
            f"""
            resource "snapshot_reencrypt_copy" "x" {{
              source_snapshot_identifier = "before"
              target_snapshot_identifier = "after"
              kms_key_id                 = "{key}"
            }}
            """,
        )
        for name in KEYS:
            workspace.environment.pop(name, None)
        workspace.environment |= {"AWS_PROFILE": "work"}

    def refuse(self, *fragments):
        """The plan's one error has these texts, and no secret; the file is left alone."""
        before = self.file.path.read_bytes() if self.file.path.exists() else None
        outcome = self.workspace.plan(ok=False)
        outcome.assert_error(*fragments)
        assert [secret for secret in self.file.secrets if secret in outcome.out + outcome.err] == []
        assert (self.file.path.read_bytes() if self.file.path.exists() else None) == before


@pytest.fixture
def site(world, sandbox, workspace):
    return Site(world, sandbox, workspace)


def test_nobody_has_signed_in(site):
    site.refuse(f'there is no login session for the profile "work": {site.file.path} is missing', LOG_IN)


def test_a_session_that_has_expired(site):
    site.file.sign_in(expiresAt="2026-01-31T23:59:59Z")
    site.refuse(
        f'the login session of the profile "work" expired at 2026-01-31T23:59:59Z ({site.file.path})',
        LOG_IN,
        "Within the hours of the session, any other aws command with that profile renews the keys, too.",
    )


@pytest.mark.parametrize("name", ["accessKeyId", "secretAccessKey", "sessionToken", "expiresAt"])
def test_a_file_that_lacks_something(site, name):
    site.file.sign_in(**{name: None})
    site.refuse(f"{site.file.path} has no accessToken.{name}", LOG_IN)


@pytest.mark.parametrize("text", ["", "hush", "[]", '{"accessToken": "hush"}'])
def test_a_file_that_is_no_token_file(site, text):
    site.file.sign_in()
    site.file.path.write_text(text)
    site.refuse(f"{site.file.path} is not a token file as the AWS CLI writes it", LOG_IN)


def test_the_file_is_only_read(site):
    site.file.sign_in()
    before = (site.file.path.read_bytes(), site.file.path.stat().st_mtime_ns, os.listdir(site.file.path.parent))
    site.workspace.plan()
    assert before == (site.file.path.read_bytes(), site.file.path.stat().st_mtime_ns, os.listdir(site.file.path.parent))


def test_a_time_with_the_offset_of_the_machine(site):
    """As aws-sdk-go-v2 writes it."""
    site.file.sign_in(expiresAt="2099-01-01T00:00:00.123456789+02:00")
    site.workspace.plan().assert_warning("They end at 2098-12-31T22:00:00Z")


def test_the_end_of_the_keys_is_warned_of(site):
    token = site.file.sign_in()
    site.workspace.plan().assert_warning(
        f'from login_session of the profile "work" ({site.config}, line 2)',
        f"They end at {token['accessToken']['expiresAt']}",
        "run aws login --profile work, or any aws command with that profile.",
    )


def test_another_folder(site, sandbox):
    site.file.path = sandbox.home / "elsewhere" / site.file.path.name
    site.file.sign_in()
    site.workspace.environment["AWS_LOGIN_CACHE_DIRECTORY"] = "~/elsewhere"
    site.workspace.plan()


def test_a_session_that_nobody_renews_while_a_copy_is_waited_for(site, world):
    world.aws.settings(time_scale=SCALE, session_seconds=LIFE)
    world.copies_take(SCALE * LIFE * 2)
    site.workspace.environment["TF_SNAPSHOT_TIME_SCALE"] = str(SCALE)
    site.file.sign_in()
    outcome = site.workspace.apply(ok=False)
    outcome.assert_error('the login session of the profile "work" expired at ', LOG_IN)
    world.aws.settings(session_seconds=None)
    site.file.sign_in()
    site.workspace.apply()  # adopts the copy
    assert len(world.copies_made()) == 1


def test_no_secret_is_in_the_log(site):
    site.file.sign_in()
    log = site.workspace.folder / "trace.log"
    outcome = site.workspace.plan(environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
    said = outcome.out + outcome.err + log.read_text("utf-8", "replace")
    assert "credentials come from login_session" in said
    assert [secret for secret in site.file.secrets if secret in said] == []


# ---- Beside botocore, as far as it goes without awscrt: which file, and what is in it

BOTOCORE = """
import json
import botocore.session
from botocore.credentials import LoginCredentialFetcher
from botocore.utils import JSONFileCache, LoginTokenLoader, get_login_token_cache_directory

session = botocore.session.Session(profile="work").get_scoped_config()["login_session"]
loader = LoginTokenLoader(JSONFileCache(get_login_token_cache_directory()))
print(json.dumps(LoginCredentialFetcher(session, loader, None).load_cached_credentials()))
"""


@pytest.mark.parametrize("folder", [None, "~/tilde", "$HOME/variable", "${HOME}/braces"])
@pytest.mark.parametrize("session", ["{}", "  {} \t"], ids=["plain", "blanks"])
def test_the_same_file_as_botocore(site, sandbox, world, folder, session):
    home = sandbox.home
    environment = {"HOME": str(home), "AWS_CONFIG_FILE": str(site.config)}
    if folder:
        site.workspace.environment["AWS_LOGIN_CACHE_DIRECTORY"] = folder
        environment["AWS_LOGIN_CACHE_DIRECTORY"] = folder
        site.file.path = home / folder.partition("/")[2] / site.file.path.name
    site.config.write_text(profile().replace(SESSION, session.format(SESSION)))
    token = site.file.sign_in()["accessToken"]
    done = subprocess.run(
        [sys.executable, "-c", BOTOCORE],
        env={**environment, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["access_key"] == token["accessKeyId"]
    site.workspace.plan()
    assert all(call["caller_arn"].endswith("/login-1") for call in world.aws.calls("GetCallerIdentity"))
