# SPDX-License-Identifier: MPL-2.0
"""What the forge reads. It has run on none; this is what can be checked without one, beside tests/lint/actionlint."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml
from harness.sandbox import ROOT, SOCKETS

FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").glob("*.yml"))
FORMS = [path for path in sorted((FORGE / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml"]
OUR_COMMAND = re.compile(r"(?<![\w/.])((?:script|\.ci|tests/lint)/\w+)((?:[ \t]+[^\s|&;]+)*)")
name_of = lambda path: path.name


def read(path):
    return yaml.safe_load(path.read_text())


def steps(workflow):
    return [step for job in read(workflow)["jobs"].values() for step in job["steps"]]


# ---- Workflows ---------------------------------------------------------------


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_an_action_is_one_commit_and_says_its_version(workflow):
    uses = re.findall(r"^\s*(?:- )?uses: (.*)$", workflow.read_text(), re.M)
    assert uses and [it for it in uses if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", it)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_a_job_may_do_no_more_than_it_needs(workflow):
    read_only = {"contents": "read"}
    allowed = {"draft": {"contents": "write", "id-token": "write", "attestations": "write"}}
    text = read(workflow)
    assert text["permissions"] in ({}, read_only)
    for name, job in text["jobs"].items():
        assert job.get("permissions", text["permissions"]) == allowed.get(name, read_only), name
        checkouts = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_a_secret_reaches_one_step_by_its_environment_and_no_command_line(workflow):
    with_secrets = [step for step in steps(workflow) if "secrets." in str(step)]
    assert all("secrets." not in str({**step, "env": ""}) for step in with_secrets)
    assert all("secrets." not in str({**job, "steps": ""}) for job in read(workflow)["jobs"].values())
    assert not any(re.search(r"set -\w*x|\bprintenv\b", step.get("run", "")) for step in with_secrets)
    assert len(with_secrets) == (workflow.name == "release.yml")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_what_it_runs_of_ours_exists_with_these_options(workflow):
    found = [command for step in steps(workflow) for command in OUR_COMMAND.findall(step.get("run", ""))]
    assert found
    for program, arguments in found:
        assert os.access(ROOT / program, os.X_OK), program
        if options := re.findall(r"(?<!\S)--[a-z-]+", arguments):
            shown = subprocess.run([ROOT / program, "--help"], capture_output=True, text=True, check=True).stdout
            assert [option for option in options if not re.search(rf"{option}\b", shown)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_the_clone_is_trusted_whatever_home_a_test_has(workflow):
    (trust,) = [step["run"] for step in steps(workflow) if "safe.directory" in step.get("run", "")]
    assert trust.startswith("git config --system ")


# ---- The tag of a release ----------------------------------------------------

VERSION = "1.2.3"


class Tagged:
    """A clone with a commit, two keys, and the step of release.yml that judges a tag."""

    def __init__(self, folder):
        self.clone, self.keys, self.tmp = folder / "clone", folder / "keys", folder / "tmp"
        self.keys.mkdir(mode=0o700)
        self.tmp.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "GNUPGHOME": str(self.keys),
            **{f"GIT_{who}_{what}": "x@x.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }  # fmt: skip
        for name in ("maintainer", "stranger"):
            self.run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", f"{name}@x.org", "ed25519", cwd=folder)
        self.run("git", "init", "--quiet", self.clone, cwd=folder)
        project = f"project(terraform-provider-snapshot VERSION {VERSION} LANGUAGES C)"
        (self.clone / "CMakeLists.txt").write_text(f"{project}\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "x")

    def run(self, *command, ok=True, cwd=None, **environment):
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd or self.clone, env=self.environment | environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0 or not ok, done.stderr
        return done

    def git(self, *arguments):
        self.run("git", *arguments)

    def tag(self, name, *options, by="maintainer"):
        self.git("tag", *(options or ("-s", "-u", f"{by}@x.org")), "-m", "x", name)

    def key(self, name, *, secret=False):
        export = "--export-secret-keys" if secret else "--export"
        return self.run("gpg", "--batch", export, "--armor", f"{name}@x.org", cwd=self.keys).stdout

    def step(self, name, **environment):
        """As the forge runs one with `shell: bash`."""
        (step,) = [step for step in steps(FORGE / "workflows" / "release.yml") if step.get("name") == name]
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return self.run(*command, ok=False, TMPDIR=str(self.tmp), **environment)

    def judge(self, tag=f"v{VERSION}"):
        return self.step("Verify the tag", TAG=tag, TAG_KEYS=self.key("maintainer"))

    def refuses(self, sentence, tag=f"v{VERSION}"):
        judged = self.judge(tag)
        assert judged.returncode == 1 and f"::error::{tag} {sentence}" in judged.stdout, judged
        return True


@pytest.fixture
def tagged():
    with tempfile.TemporaryDirectory(dir=SOCKETS) as folder:
        made = Tagged(Path(folder))
        yield made
        made.run("gpgconf", "--kill", "all")


def test_a_tag_signed_by_a_maintainer_is_taken_and_no_keyring_is_left(tagged):
    tagged.tag(f"v{VERSION}")
    judged = tagged.judge()
    assert judged.returncode == 0, judged
    assert list(tagged.tmp.iterdir()) == []


def test_a_tag_that_nobody_or_a_stranger_has_signed_is_refused(tagged):
    tagged.tag(f"v{VERSION}", "-a")
    assert tagged.refuses("is not signed")
    tagged.tag(f"v{VERSION}", "-f", "-s", "-u", "stranger@x.org")
    assert tagged.refuses("is not signed")
    tagged.git("tag", "-f", f"v{VERSION}")
    assert tagged.refuses("is not signed")


def test_a_tag_of_another_name_commit_or_version_is_refused(tagged):
    tagged.tag("v1.2.2")
    tagged.git("update-ref", f"refs/tags/v{VERSION}", "refs/tags/v1.2.2")
    assert tagged.refuses("was signed under another name")
    assert "has another version than v1.2.2" in tagged.judge("v1.2.2").stdout
    tagged.tag("v1.2.3-other")
    tagged.git("commit", "--quiet", "--allow-empty", "-m", "y")
    assert tagged.refuses("is not the commit checked out", "v1.2.3-other")


# In the place of script/release.
SIGNS = """#!/usr/bin/env bash
[ "$1 $2 $3" = "1.2.3 --made --sign" ] && echo x | gpg --batch --local-user "$4" --detach-sign >signature
env >environment
"""


def test_the_release_is_signed_by_a_key_that_is_gone_afterwards(tagged):
    script = tagged.clone / "script" / "release"
    script.parent.mkdir()
    script.write_text(SIGNS)
    script.chmod(0o755)
    signed = tagged.step("Sign", TAG=f"v{VERSION}", SIGNING_KEY=tagged.key("maintainer", secret=True))
    assert signed.returncode == 0, signed
    assert (tagged.clone / "signature").stat().st_size > 60
    assert "PRIVATE KEY" not in (tagged.clone / "environment").read_text() + signed.stdout + signed.stderr
    assert list(tagged.tmp.iterdir()) == []


# ---- Issue forms -------------------------------------------------------------

REPOSITORY = "https://github.com/rds-snapshot/terraform-provider-snapshot/"  # by the registry's rule, of our address
TYPES = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


@pytest.mark.parametrize("form", FORMS, ids=name_of)
def test_a_form_is_one_that_the_forge_can_show(form):
    text = read(form)
    assert text.keys() == {"name", "description", "labels", "body"}
    questions = [item for item in text["body"] if item["type"] != "markdown"]
    assert {item["type"] for item in text["body"]} <= TYPES
    assert len({item["id"] for item in questions}) == len(questions)
    assert all(item["attributes"]["label"] for item in questions)
    assert all(item.keys() <= {"type", "id", "attributes", "validations"} for item in text["body"])


def test_a_bug_report_asks_for_what_is_needed():
    body = {item.get("id"): item for item in read(FORGE / "ISSUE_TEMPLATE" / "bug_report.yml")["body"]}
    needed = {name for name, item in body.items() if item.get("validations", {}).get("required")}
    assert needed == {"happened", "versions", "place", "aws", "configuration", "output"}
    for name, words in {
        "versions": ("terraform version", "--version"),
        "aws": ("Region", "partition", "engine"),
        "log": ("TF_LOG_PROVIDER=DEBUG",),
    }.items():
        assert all(word in body[name]["attributes"]["description"] for word in words)


def test_what_the_forge_links_to_exists():
    for link in read(FORGE / "ISSUE_TEMPLATE" / "config.yml")["contact_links"]:
        assert link["url"].startswith(REPOSITORY), link
        page = link["url"].removeprefix(REPOSITORY)
        assert (ROOT / {"security/policy": "SECURITY.md"}.get(page, page.removeprefix("blob/main/"))).is_file()
