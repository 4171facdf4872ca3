# SPDX-License-Identifier: MPL-2.0
"""SSO (IAM Identity Center): what fails and what it says, and the token that is renewed and written back."""

import calendar
import json
import os
import stat
import subprocess
import sys
import threading
import time

import pytest
from harness.access.sso import (
    SECTION,
    SESSION,
    SSO_REGION,
    START_URL,
    IdentityCenter,
    Login,
    endpoints,
    legacy_profile,
    session_profile,
    timestamp,
)
from harness.access.way import KEYS, Way
from harness.world import OLD, REGION, ROLE

LONG = 8 * 3600


class Site:
    """A workspace with one copy in it, whose caller has signed in."""

    def __init__(self, world, sandbox, workspace, legacy=False):
        way = Way(world, sandbox)
        way.account, way.name = OLD, "sso"
        self.config = way.config
        self.center = IdentityCenter(way.mint, [(OLD, ROLE)], LONG)
        self.login = Login(self.center, sandbox.home, legacy)
        self.config.write_text((legacy_profile if legacy else session_profile)(OLD))
        self.workspace = workspace
        key = world.aws.add_key(OLD, REGION)
        world.aws.add_snapshot(OLD, REGION, "before")
        workspace.write("main.tf", copy_of("x", key))
        for name in KEYS:
            workspace.environment.pop(name, None)
        workspace.environment |= {"AWS_PROFILE": "work", **endpoints(self.center)}

    def refuse(self, *fragments):
        """The plan's one error has these texts."""
        outcome = self.workspace.plan(ok=False)
        outcome.assert_error(*fragments)
        said = outcome.out + outcome.err
        assert [secret for secret in self.center.secrets if secret in said] == []
        return outcome


def copy_of(name, key, provider="snapshot"):
    return f"""
    resource "snapshot_reencrypt_copy" "{name}" {{
      provider                   = {provider}
      source_snapshot_identifier = "before"
      target_snapshot_identifier = "after-{name}"
      kms_key_id                 = "{key}"
    }}
    """


@pytest.fixture
def new_site(world, sandbox, workspace):
    made = []

    def make(legacy=False):
        made.append(Site(world, sandbox, workspace, legacy))
        return made[-1]

    yield make
    for site in made:
        site.center.end()
        assert site.center.mistakes == []


@pytest.fixture
def site(new_site):
    return new_site()


# ---- What fails


def test_nobody_has_signed_in(site):
    site.refuse(
        f'there is no SSO session for the profile "work": {site.login.path} is missing',
        "Run `aws sso login --profile work`, then try again.",
    )
    assert site.center.asked == []


@pytest.mark.parametrize(
    "members, end",
    [
        ({"refreshToken": None}, ")"),
        ({"clientId": None}, ")"),
        ({"clientSecret": None}, ")"),
        ({"registrationExpiresAt": timestamp(0)}, ")"),
        (
            {"refreshToken": "spent"},
            "), and could not be renewed: the SSO OIDC service refuses to renew it (status 400)",
        ),
        (
            {"clientSecret": "of another"},
            "), and could not be renewed: the SSO OIDC service refuses to renew it (status 401)",
        ),
    ],
    ids=["no token", "no client", "no secret", "registration ended", "refused token", "refused client"],
)
def test_a_session_that_has_expired(site, members, end):
    when = site.login.sign_in(ends_in=-60, **members)["expiresAt"]
    before = site.login.path.read_bytes()
    site.refuse(
        f'the SSO session of the profile "work" expired at {when} ({site.login.path}{end}',
        "Run `aws sso login --profile work`, then try again.",
    )
    assert site.login.path.read_bytes() == before
    assert site.center.asked_for("/federation/credentials") == []


def test_a_renewal_that_gets_no_answer_does_not_send_anybody_to_log_in(site):
    site.login.sign_in(ends_in=-60)
    site.center.failures = [("/token", 500)] * 3
    outcome = site.refuse("and could not be renewed: the SSO OIDC service answers with status 500")
    assert "aws sso login" not in outcome.out
    assert len(site.center.asked_for("/token")) == 3
    site.workspace.plan()


def test_the_legacy_form_is_never_renewed(new_site):
    site = new_site(legacy=True)
    token = site.login.sign_in(
        ends_in=-60, refreshToken="r", clientId=site.center.client_id, clientSecret=site.center.client_secret
    )
    site.refuse(
        f'the SSO session of the profile "work" expired at {token["expiresAt"]} ({site.login.path})',
        "Run `aws sso login --profile work`, then try again.",
    )
    assert site.center.asked == []


def test_a_token_that_has_been_revoked(site):
    site.login.sign_in()
    site.center.ends.clear()
    site.refuse(
        'the SSO portal rejects the token of the profile "work": the session has ended',
        "Run `aws sso login --profile work`, then try again.",
    )


@pytest.mark.parametrize(
    "account, role, status", [(OLD, "Other", 403), ("123456789012", ROLE, 404)], ids=["role", "account"]
)
def test_a_role_that_is_not_assigned(site, account, role, status):
    site.config.write_text(session_profile(account, role))
    site.login.sign_in()
    config = site.config
    site.refuse(
        f'SSO does not give you the role "{role}" of account {account}, by sso_session of the profile "work" '
        f"({config}, line 2): it is not assigned to you, or does not exist (status {status})",
        f"Correct sso_account_id ({config}, line 3) and sso_role_name ({config}, line 4), or ask the administrator of "
        "IAM Identity Center for the assignment.",
    )
    assert len(site.center.asked) == 1


def test_a_portal_that_fails_is_asked_three_times(site):
    site.login.sign_in()
    site.center.failures = [("/federation/credentials", 500)] * 3
    site.refuse("the SSO portal answers with status 500 when it is asked for the role")
    site.center.failures = [("/federation/credentials", 429), ("/federation/credentials", 503)]
    site.workspace.plan()
    assert [asked.status for asked in site.center.asked] == [500, 500, 500, 429, 503, 200]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", " is not a token file as the AWS CLI writes it"),
        ("{}", " has no accessToken"),
        ('{"accessToken": "hush"}', " has no expiresAt"),
        ('{"accessToken": "hush", "expiresAt": "soon"}', " is not a time as the AWS CLI writes it"),
    ],
    ids=["empty", "no token", "no end", "no time"],
)
def test_a_file_that_is_no_token_file(site, text, problem):
    site.login.sign_in()
    site.login.path.write_text(text)
    outcome = site.refuse(problem, str(site.login.path), "Run `aws sso login --profile work`, then try again.")
    assert "hush" not in outcome.out


PROFILE = f"[profile work]\nsso_session = {SESSION}\nsso_account_id = {OLD}\nsso_role_name = {ROLE}\n"


@pytest.mark.parametrize(
    "config, problem, remedy",
    [
        (
            PROFILE,
            'sso_session of the profile "work" (FILE, line 2): there is no [sso-session corp] in FILE',
            "Add the section with sso_region and sso_start_url, or run `aws configure sso-session`.",
        ),
        (
            PROFILE + "[sso_session corp]\n",
            'sso_session of the profile "work" (FILE, line 2): there is no [sso-session corp] in FILE',
            "FILE, line 5 has a section that may be meant: write [sso-session corp], in the config file.",
        ),
        (
            f"{PROFILE}[sso-session corp]\nsso_start_url = {START_URL}\n",
            "[sso-session corp] (FILE, line 5) has no sso_region",
            "Add it to that section, or run `aws configure sso-session`.",
        ),
        (
            f"[profile work]\nsso_session = {SESSION}\n{SECTION}",
            'sso_session of the profile "work" (FILE, line 2): the profile has no sso_account_id, sso_role_name',
            "Add it to the profile, or run `aws configure sso --profile work`.",
        ),
        (
            f"[profile work]\nsso_start_url = {START_URL}\nsso_role_name = {ROLE}\n",
            'sso_start_url of the profile "work" (FILE, line 2): the profile has no sso_region, sso_account_id',
            "Add it to the profile, or run `aws configure sso --profile work`.",
        ),
        (
            f"{PROFILE}sso_region = us-east-1\n{SECTION}",
            'sso_region of the profile "work" (FILE, line 5) is "us-east-1", but [sso-session corp] says '
            f'"{SSO_REGION}" (FILE, line 7)',
            "Remove it from the profile: the SSO session's value counts.",
        ),
    ],
    ids=["no section", "misspelt section", "section without Region", "no role", "legacy", "disagreement"],
)
def test_a_profile_that_is_not_whole(site, config, problem, remedy):
    site.login.sign_in()
    site.config.write_text(config)
    site.refuse(*(text.replace("FILE", str(site.config)) for text in (problem, remedy)))
    assert site.center.asked == []


@pytest.mark.parametrize("service", ["SSO", "SSO_OIDC"])
def test_an_endpoint_that_cannot_be_used(site, service):
    site.login.sign_in()
    site.workspace.environment[f"AWS_ENDPOINT_URL_{service}"] = "portal.test"
    site.refuse(f"AWS_ENDPOINT_URL_{service}: the endpoint cannot be used: it does not begin with https:// or http://")


# ---- What is renewed


def assert_written_back(site, before):
    after = site.login.token()
    assert after["accessToken"] != before["accessToken"] and after["accessToken"] in site.center.ends
    assert {after["refreshToken"]} == site.center.refresh_tokens
    renewed = ("accessToken", "expiresAt", "refreshToken")
    assert {k: v for k, v in after.items() if k not in renewed} == {k: v for k, v in before.items() if k not in renewed}
    assert stat.S_IMODE(site.login.path.stat().st_mode) == 0o600
    assert os.listdir(site.login.path.parent) == [site.login.path.name], "nothing is left beside it"


@pytest.mark.parametrize("ends_in", [-60, 14 * 60], ids=["expired", "soon"])
def test_a_token_is_renewed_and_written_back(site, ends_in):
    before = site.login.sign_in(ends_in=ends_in, theirs={"a": [1, 2.5, None]})
    site.login.path.chmod(0o644)
    site.workspace.plan()
    assert_written_back(site, before)
    site.workspace.plan()
    assert len(site.center.asked_for("/token")) == 1, "the next run finds it in the file"


def test_a_token_that_lasts_is_left_alone(site):
    site.login.sign_in(ends_in=16 * 60)
    before = site.login.path.read_bytes()
    site.workspace.plan()
    assert site.login.path.read_bytes() == before and site.center.asked_for("/token") == []


def test_a_registration_without_an_end_is_used_as_aws_sdk_go_v2_does(site):
    before = site.login.sign_in(ends_in=-60, registrationExpiresAt=None)
    site.workspace.plan()
    assert_written_back(site, before)


def test_a_renewal_that_fails_early_is_no_failure(site):
    site.login.sign_in(ends_in=300)
    before = site.login.path.read_bytes()
    site.center.failures = [("/token", 500)] * 3
    site.workspace.plan()
    assert site.login.path.read_bytes() == before


# Terraform, where that folder cannot be written.
READ_ONLY = """#!/bin/sh
exec unshare --mount sh -c '
  mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"' {folder} {terraform} "$@"
"""


@pytest.mark.started
@pytest.mark.root_with("unshare")
def test_a_folder_that_cannot_be_written_is_a_warning_in_the_log(site):
    site.login.sign_in(ends_in=-60)
    before = site.login.path.read_bytes()
    terraform, log = site.workspace.folder / "read-only", site.workspace.folder / "warn.log"
    terraform.write_text(READ_ONLY.format(folder=site.login.path.parent, terraform=site.workspace.terraform))
    terraform.chmod(0o700)
    site.workspace.terraform = terraform
    site.workspace.plan(environment={"TF_LOG_PROVIDER": "WARN", "TF_LOG_PATH": str(log)})
    said = log.read_text()
    assert "the SSO token was renewed, but it could not be written back" in said and "Read-only file system" in said
    assert [secret for secret in site.center.secrets if secret in said] == []
    assert site.login.path.read_bytes() == before
    assert os.listdir(site.login.path.parent) == [site.login.path.name]


def test_whoever_reads_the_file_finds_it_whole(site):
    site.center.token_seconds = 600  # each fetch renews it
    site.login.sign_in(ends_in=-60)
    over, reads = threading.Event(), []

    def read():
        while not over.is_set():
            reads.append(json.loads(site.login.path.read_text())["accessToken"])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(5):
            site.workspace.plan()
    finally:
        over.set()
        reader.join()
    assert len(set(reads)) == 6 and len(reads) > 100


def test_two_aliases_that_renew_at_the_same_moment(site):
    site.workspace.write(
        "more.tf",
        f'provider "snapshot" {{\n alias = "other"\n region = "{REGION}"\n}}\n'
        + copy_of("y", "alias/aws/rds", "snapshot.other"),
    )
    renew_together(site)


def test_two_providers_that_renew_at_the_same_moment(site):
    site.workspace.write(
        "provider.tf",
        f"""
        terraform {{
          required_providers {{
            snapshot = {{ source = "rds-snapshot/snapshot" }}
            aws      = {{ source = "hashicorp/aws" }}
          }}
        }}
        provider "snapshot" {{
          region = "{REGION}"
        }}
        provider "aws" {{
          region = "{REGION}"
        }}
        data "aws_caller_identity" "this" {{}}
        """,
    )
    renew_together(site)


def renew_together(site):
    """A refresh token is good for one use: who comes second finds what the first one wrote."""
    before = site.login.sign_in(ends_in=-60)
    site.center.together = threading.Barrier(2)
    site.workspace.plan()
    assert sorted(asked.status for asked in site.center.asked_for("/token")) == [200, 400]
    bearers = {asked.headers["x-amz-sso_bearer_token"] for asked in site.center.asked_for("/federation/credentials")}
    assert bearers == {site.login.token()["accessToken"]}
    assert_written_back(site, before)


# ---- How long it lasts

SCALE, LIFE = 2880, 4  # half a minute is a day; the keys last four seconds of it


def copy_that_takes(site, world, seconds):
    """An apply under way, whose keys end every LIFE seconds."""
    world.aws.settings(time_scale=SCALE, session_seconds=LIFE)
    world.copies_take(SCALE * seconds)
    site.workspace.environment |= {"TF_SNAPSHOT_TIME_SCALE": str(SCALE)}
    return site.workspace.start("apply", "-json", "-auto-approve")


def test_a_new_login_is_used_while_a_copy_is_waited_for(new_site, world):
    site = new_site(legacy=True)
    token = site.login.sign_in(ends_in=6)
    running = copy_that_takes(site, world, 12)
    world.wait_until(lambda: site.center.asked, "the first keys", 30)
    again = site.login.sign_in()
    outcome = running.wait(60)
    assert outcome.ok, outcome
    bearers = [asked.headers["x-amz-sso_bearer_token"] for asked in site.center.asked]
    assert bearers[0] == token["accessToken"] and bearers[-1] == again["accessToken"]


def test_a_login_that_ends_while_a_copy_is_waited_for(new_site, world):
    site = new_site(legacy=True)
    site.login.sign_in(ends_in=6)
    outcome = copy_that_takes(site, world, 16).wait(60)
    assert not outcome.ok
    outcome.assert_error('the SSO session of the profile "work" expired at ', "Run `aws sso login --profile work`")
    site.login.sign_in()
    site.workspace.apply()  # adopts the copy
    assert len(world.copies_made()) == 1


def test_the_end_of_a_login_that_cannot_be_renewed_is_warned_of(new_site):
    site = new_site(legacy=True)
    token = site.login.sign_in()
    planned = site.workspace.plan()
    planned.assert_warning(f"They end at {token['expiresAt']}", "run aws sso login --profile work.", "sso_start_url")


def test_a_login_that_can_be_renewed_is_not_warned_of(site):
    site.login.sign_in()
    assert site.workspace.plan().warnings == []


def test_a_role_is_assumed_with_the_keys_of_sso(site, world):
    site.login.sign_in()
    role = f"arn:aws:iam::{OLD}:role/{ROLE}"
    base = session_profile(OLD).replace("[profile work]", "[profile base]")
    site.config.write_text(f"[profile work]\nrole_arn = {role}\nsource_profile = base\n{base}")
    before = len(world.calls("AssumeRole"))
    site.workspace.plan()
    assert len(world.calls("AssumeRole")) == before + 2  # the keys of SSO, and the role


def test_the_endpoint_of_the_provider_block_goes_before_that_of_the_environment(site):
    """As in hashicorp/aws it is the portal's; the token is renewed where the environment says."""
    site.login.sign_in(ends_in=60)
    site.workspace.environment["AWS_ENDPOINT_URL_SSO"] = "http://127.0.0.1:9"
    head = 'provider "snapshot" {\n'
    before = (site.workspace.folder / "provider.tf").read_text()
    assert head in before
    block = f'  endpoints {{\n    sso = "{site.center.url}/"\n  }}\n'
    site.workspace.write("provider.tf", before.replace(head, head + block))
    site.workspace.plan()
    assert len(site.center.asked_for("/token")) == 1
    assert len(site.center.asked_for("/federation/credentials")) >= 1


# ---- What is seen


@pytest.mark.parametrize("legacy", [False, True], ids=["session", "legacy"])
def test_no_secret_is_in_the_log(new_site, legacy):
    site = new_site(legacy)
    site.login.sign_in(ends_in=600)
    log = site.workspace.folder / "trace.log"
    outcome = site.workspace.plan(environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
    said = outcome.out + outcome.err + log.read_text("utf-8", "replace")
    assert len(site.center.asked_for("/token")) == (0 if legacy else 1)
    assert "credentials come from the role" in said
    assert [secret for secret in site.center.secrets if secret in said] == []


# ---- Beside botocore

BOTOCORE = """
import json, sys
import botocore.session

try:
    session = botocore.session.Session(profile="work")
    print(json.dumps(session.get_credentials().get_frozen_credentials().access_key is not None))
except Exception as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    print("false")
"""
HEADERS = ("x-amz-sso_bearer_token", "content-type", "authorization")


def by_botocore(site, sandbox):
    """Does it get keys?"""
    environment = {name: site.workspace.environment[name] for name in ("HOME", "AWS_CONFIG_FILE", "AWS_PROFILE")}
    done = subprocess.run(
        [sys.executable, "-c", BOTOCORE],
        env={**environment, **endpoints(site.center), "AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def by_us(site, sandbox):
    return site.workspace.plan(ok=None).ok


def named(site, text):
    """With the secrets, which differ from run to run, by their order."""
    for number, secret in enumerate([site.center.client_id, *site.center.secrets]):
        text = text.replace(secret, f"<{number}>")
    return text


def traces_of(site, prepare, fetch, sandbox):
    """What it came to: keys or not, the requests, the file."""
    site.center.asked.clear()
    site.center.failures.clear()
    site.center.secrets[1:] = []
    site.center.refresh_tokens.clear()
    site.login.sign_in()
    prepare(site)
    has_keys = fetch(site, sandbox)
    asked = [
        (
            it.method,
            it.path,
            {name: named(site, value) for name, value in it.headers.items() if name in HEADERS},
            json.loads(named(site, it.body)) if it.body else None,
            it.status,
        )
        for it in site.center.asked
    ]
    token = json.loads(named(site, json.dumps(site.login.token())))
    ends = calendar.timegm(time.strptime(token["expiresAt"], "%Y-%m-%dT%H:%M:%SZ"))
    token["expiresAt"] = round((ends - time.time()) / 100)  # from now
    return has_keys, asked, token


def signs_in(**options):
    return lambda site: site.login.sign_in(**options)


def fails(path, status, times=1, **options):
    def prepare(site):
        site.login.sign_in(**options)
        site.center.failures = [(path, status)] * times

    return prepare


CASES = {
    "lasts": signs_in(),
    "soon": signs_in(ends_in=14 * 60),
    "expired": signs_in(ends_in=-60),
    "expired without refresh token": signs_in(ends_in=-60, refreshToken=None),
    "expired without client": signs_in(ends_in=-60, clientId=None),
    "registration ended": signs_in(ends_in=-60, registrationExpiresAt="2020-01-01T00:00:00Z"),
    "registration ended, soon": signs_in(ends_in=800, registrationExpiresAt="2020-01-01T00:00:00Z"),
    "refused, soon": signs_in(ends_in=800, refreshToken="spent"),
    "refused, expired": signs_in(ends_in=-60, refreshToken="spent"),
    "service fails once": fails("/token", 500, ends_in=-60),
    "portal fails once": fails("/federation/credentials", 500),
    "portal throttles once": fails("/federation/credentials", 429),
    "portal fails": fails("/federation/credentials", 503, 3),
    "not authorized": fails("/federation/credentials", 401),
    "forbidden": fails("/federation/credentials", 403),
    "not found": fails("/federation/credentials", 404),
}


@pytest.mark.parametrize("legacy", [False, True], ids=["session", "legacy"])
@pytest.mark.parametrize("prepare", CASES.values(), ids=CASES)
def test_the_same_as_botocore(new_site, sandbox, prepare, legacy):
    site = new_site(legacy)
    assert traces_of(site, prepare, by_us, sandbox) == traces_of(site, prepare, by_botocore, sandbox)
