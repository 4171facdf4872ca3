# SPDX-License-Identifier: MPL-2.0
"""Shared files as people have them: names, signs, prefixes; what is wrong is named with file and line.

The environment has no keys and no Region here: all comes from the files.
"""

import pytest
from harness.world import NEW, OLD, REGION

ROLE = f"arn:aws:iam::{OLD}:role/migration"


REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""


class Files:
    """The shared files of a workspace, and a plan with one of their profiles."""

    def __init__(self, workspace, world, home):
        self.workspace, self.world = workspace, world
        self.config, self.credentials = home / "aws-config", home / "aws-credentials"

    def keys(self, account=OLD):
        keys = self.world.accounts[account]
        return f"aws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"

    def write(self, config=None, credentials=None):
        for path, text in ((self.config, config), (self.credentials, credentials)):
            if text is not None:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def plan(self, profile, more="", **options):
        quoted = profile.replace("\\", "\\\\").replace('"', '\\"')
        self.workspace.write("provider.tf", f'provider "snapshot" {{\n profile = "{quoted}"\n {more}\n}}\n')
        return self.workspace.plan(**options)

    def refuse(self, profile, *fragments, more=""):
        """The plan fails with all of these in one error, before any call, and shows no line of the files."""
        refused = self.plan(profile, more, ok=False)
        refused.assert_error(*fragments)
        assert len(refused.errors) == 1, refused
        assert "hush" not in str(refused)
        assert self.world.aws.calls() == []

    def assert_caller(self, account=OLD):
        """Everybody who called belongs to this account."""
        assert {c["caller_arn"] for c in self.world.aws.calls()} == {f"arn:aws:iam::{account}:user/administrator"}


@pytest.fixture
def files(cluster_copy, world, sandbox):
    cluster_copy.workspace.write("terraform.tf", REQUIRED)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del cluster_copy.workspace.environment[name]
    return Files(cluster_copy.workspace, world, sandbox.home)


# ---- Names


@pytest.mark.parametrize(
    "written, given",
    [
        ("Orders Prod", "Orders Prod"),
        ("'Orders Prod'", "Orders Prod"),
        ("'Orders Prod'", "'Orders Prod'"),
        ('"Ops\'s laptop"', "Ops's laptop"),
        ("R&D", "R&D"),
        ("Büro & Söhne", "Büro & Söhne"),
        ("lone'quote", "lone'quote"),
        ("team[1]", "team[1]"),
        ("dev #2", "dev #2"),
        ("a/b\\c:d!", "a/b\\c:d!"),
    ],
)
def test_any_text_names_a_profile_in_both_files(files, written, given):
    files.write(f"[profile {written}]\nregion = {REGION}\n", f"[{written}]\n{files.keys()}")
    files.plan(given)
    files.assert_caller()


@pytest.mark.parametrize(
    "config",
    [
        f"\ufeff[profile mine]\nregion = {REGION}\n",
        f"[profile mine]\r\nregion = {REGION}\r\n",
        f"[profile\tmine]\t; ours\n\tregion = {REGION}\t# here\n",
        f"  [ profile   mine ]# ours\nREGION : '{REGION}'\n",
        f"[profile mine]\nregion = nowhere\n[profile mine]\noutput = json\nregion = {REGION}\n",
        f"[mine]\nregion = nowhere\n[profile mine]\nregion = {REGION}\n",
    ],
    ids=["bom", "crlf", "tabs", "signs", "twice", "without-prefix"],
)
def test_a_file_may_be_written_in_many_ways(files, config):
    files.write(config, f"[mine]\n{files.keys()}")
    files.plan("mine")
    files.assert_caller()


def test_keys_may_be_in_capitals_and_in_quotes(files):
    keys = files.world.accounts[OLD]
    files.write(
        f"[profile mine]\nregion = {REGION}\n",
        f'\ufeff[mine]\r\nAWS_ACCESS_KEY_ID = "{keys.access_key}"\r\nAws_Secret_Access_Key="{keys.secret_key}" ; x\r\n',
    )
    files.plan("mine")
    files.assert_caller()


def test_the_default_with_prefix_replaces_the_plain_one(files):
    files.write(
        f"[default]\nregion = nowhere\n{files.keys(NEW)}[profile default]\nregion = {REGION}\n{files.keys(OLD)}", ""
    )
    files.plan("default")
    files.assert_caller()


# ---- What is wrong is the cause, not the Region that the profile would have set


def test_a_profile_that_was_not_found_is_the_cause(files):
    files.write("[profile other]\n", "[other]\n")
    files.refuse("mine", 'the profile "mine" was not found in', str(files.config), str(files.credentials))


@pytest.mark.parametrize("region", [f'region = "{REGION}"', ""], ids=["region", "no-region"])
@pytest.mark.parametrize(
    "config, credentials, named",
    [
        ("\n[mine]\nregion = hush\n", "", "aws-config (line 2: write [profile mine], not [mine])"),
        ("", "[profile mine]\nhush\n", "aws-credentials (line 1: write [mine], not [profile mine])"),
        ("[profile mine\nregion = hush\n", "", "aws-config (the heading in line 1 cannot be read)"),
        ("", "[mine]\nhush\n".encode("utf-16"), "aws-credentials (not read: it is UTF-16, save it as UTF-8)"),
        ("[profile mine]\nhush\n".encode("utf-16-be"), "", "aws-config (not read: it is UTF-16, save it as UTF-8)"),
        ("[profile Büro]\nhush\n".encode("latin-1"), "", "aws-config (line 1 is not UTF-8)"),
        ("[Profile Mine]\nregion = hush\n", "", "aws-config (line 1 has [Profile Mine])"),
        ("", "aws_access_key_id = hush\n", "aws-credentials (line 1 comes before the first heading)"),
    ],
    ids=["prefix", "no-prefix", "unclosed", "utf-16", "utf-16-be", "latin-1", "capitals", "no-heading"],
)
def test_a_heading_that_does_not_count_is_the_cause(files, config, credentials, named, region):
    files.write(config, credentials)
    files.refuse("mine", 'the profile "mine" was not found in', named, more=region)


def test_a_profile_of_the_environment_that_was_not_found_is_the_cause_too(files):
    files.write("[mine]\nregion = hush\n", "")
    files.workspace.environment["AWS_PROFILE"] = "mine"
    files.workspace.remove("provider.tf")
    refused = files.workspace.plan(ok=False)
    refused.assert_error('the profile "mine" was not found in', "write [profile mine]", "AWS_PROFILE")


def test_a_region_that_is_missing_names_the_file_that_should_have_it(files):
    files.write(f"[mine]\nregion = {REGION}\n", f"[mine]\n{files.keys()}")
    files.refuse("mine", "no Region is set", 'the profile "mine" has none', "line 1: write [profile mine], not [mine]")


def test_a_region_that_cannot_be_one_is_named_with_its_line(files):
    files.write("[profile mine]\noutput = json\nregion = [Region]\n")
    files.refuse("mine", 'region of the profile "mine"', f"{files.config}, line 3", '"[Region]"')


def test_keys_that_are_missing_name_the_file_that_should_have_them(files):
    files.write(f"[profile mine]\nregion = {REGION}\n", f"[profile mine]\n{files.keys()}")
    files.refuse("mine", "no aws_access_key_id", "aws-credentials (line 1: write [mine], not [profile mine])")


@pytest.mark.parametrize(
    "lines, named",
    [
        ("x = 1\naws_access_key_id = AK\n", ("has aws_access_key_id without aws_secret_access_key", "line 3")),
        (
            "aws_access_key_id = \u200bAK\naws_secret_access_key = hush\n",
            ("access key id", "line 2", "not ASCII", "Copy it again"),
        ),
    ],
)
def test_keys_that_cannot_be_used_are_named_with_their_line(files, lines, named):
    files.write(f"[profile mine]\nregion = {REGION}\n", f"[mine]\n{lines}")
    files.refuse("mine", str(files.credentials), *named)


# ---- Profiles that assume a role with what another profile has


def test_roles_are_assumed_along_the_source_profiles(files):
    """The last profile's role is the caller; the first one's keys sign only for the next role."""
    files.write(
        f"[profile mine]\nrole_arn = {ROLE}\nrole_session_name = me\nsource_profile = My base\n"
        f"[profile My base]\nrole_arn = arn:aws:iam::{NEW}:role/base\nsource_profile = keys\n",
        f"[keys]\n{files.keys(NEW)}",
    )
    files.plan("mine", f'region = "{REGION}"')
    callers = {c["operation"]: c["caller_arn"] for c in files.world.aws.calls()}
    assert callers["GetCallerIdentity"] == f"arn:aws:sts::{OLD}:assumed-role/migration/me"


@pytest.mark.parametrize(
    "config, named",
    [
        (f"role_arn = {ROLE}\nsource_profile = gone\n", ["line 3", 'the profile "gone" was not found']),
        (f"role_arn = {ROLE}\nsource_profile = b\n[profile b]\nregion = r\n", ["line 3", "without credentials"]),
        ("source_profile = mine\n", ["line 2", "no role_arn"]),
        (f"role_arn = {ROLE}\ncredential_source = hush\n".replace("hush", "Ec2"), ["line 3", '"Ec2"', "EcsContainer"]),
        (f"role_arn = {ROLE}\nsource_profile = mine\nmfa_serial = hush\n", ["line 4", "needs an MFA code"]),
    ],
    ids=["gone", "empty", "no-role", "source", "mfa"],
)
def test_a_profile_that_leads_nowhere_is_named_with_its_line(files, config, named):
    files.write(f"[profile mine]\n{config}")
    files.refuse("mine", '"mine"', *named, more=f'region = "{REGION}"')
