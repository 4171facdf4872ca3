# SPDX-License-Identifier: MPL-2.0
"""What is written for readers: every configuration in it is one that Terraform accepts, and the
registry takes docs/ as it is. That docs/ is up to date is tests/lint/docs_fresh's to say."""

import json
import os
import re
import shutil
import subprocess

import pytest
from harness.pages import COMMANDS, CONFIGURATION, DOCS, configurations, languages
from harness.sandbox import BUILD, ROOT
from harness.world import link_modules

PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", *(ROOT / "examples").rglob("*.md")])
OTHER_LANGUAGES = (*COMMANDS, "text", "json", "console", "")
# What a part of a configuration needs, by the host's version.
NEEDS = {"provider::": "1.8", "\nmoved {": "1.8", "\nremoved {": "1.7"}

REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""


def every_configuration():
    for page in PAGES:
        for number, (text, changed) in enumerate(configurations(page), 1):
            marks = [pytest.mark.host(version) for sign, version in NEEDS.items() if sign in f"\n{text}"]
            yield pytest.param(text, changed, id=f"{page.relative_to(ROOT)}-{number}", marks=marks)


@pytest.mark.parametrize("text, changed", list(every_configuration()))
def test_configuration_is_valid(new_workspace, text, changed):
    workspace = new_workspace()
    workspace.write("page_override.tf" if changed else "page.tf", text)
    workspace.write("changed.tf", changed or "")
    if "required_providers" not in text + (changed or ""):
        workspace.write("required.tf", REQUIRED)
    if "\nmodule " in f"\n{text}":
        link_modules(workspace)
        workspace.get()
    workspace.validate()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_fence_says_what_it_holds(page):
    """One without a known language would be a configuration that nobody looks at."""
    assert languages(page) <= {*CONFIGURATION, *OTHER_LANGUAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page):
    text = page.read_text()
    anchors = set(re.findall(r'<a id="([^"]+)">', text)) | {slug(it) for it in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# ---- The registry's rules ----------------------------------------------------


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_page_is_one_that_the_registry_takes(page):
    assert page.stat().st_size < 500_000
    folder = str(page.parent.relative_to(DOCS))
    assert folder in (".", "resources", "data-sources", "functions", "guides")
    head = re.match(r"---\n(.*?)\n---\n", page.read_text(), re.DOTALL)
    assert head, "no front matter"
    names = re.findall(r"^(\w+):", head.group(1), re.MULTILINE)
    wanted = ["page_title", "description"] if folder == "." else ["page_title", "subcategory", "description"]
    assert names == wanted


def test_each_thing_offered_has_its_page(new_workspace):
    ours = schema(new_workspace())
    for folder, offered in (
        ("resources", ours["resource_schemas"]),
        ("data-sources", ours["data_source_schemas"]),
        ("functions", ours.get("functions")),  # hosts from 1.8
    ):
        if offered is not None:
            names = sorted(name.removeprefix("snapshot_") if folder != "functions" else name for name in offered)
            assert sorted(page.stem for page in (DOCS / folder).glob("*.md")) == names


def schema(workspace):
    workspace.write("required.tf", REQUIRED)
    found = json.loads(workspace.run("providers", "schema", "-json").out)["provider_schemas"]
    return next(it for address, it in found.items() if address.endswith("rds-snapshot/snapshot"))


@pytest.mark.long
@pytest.mark.host("1.8")
def test_tfplugindocs_accepts_the_docs(new_workspace, sandbox):
    """HashiCorp's own check, built with Go."""
    tool = BUILD / "bin" / "tfplugindocs"
    if not tool.exists():
        package = "github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs@v0.25.0"
        go = shutil.which("go") or "/usr/local/go/bin/go"
        subprocess.run([go, "install", package], env={**os.environ, "GOBIN": str(tool.parent)}, check=True)
    path = sandbox.folder / "schemas.json"
    # Unless it builds the provider itself, it looks for one of HashiCorp's by that name.
    named = {"registry.terraform.io/hashicorp/snapshot": schema(new_workspace())}
    path.write_text(json.dumps({"format_version": "1.0", "provider_schemas": named}))
    done = subprocess.run(
        [tool, "validate", f"--provider-dir={ROOT}", "--provider-name=snapshot", f"--providers-schema={path}"],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# ---- The command that makes the pages ------------------------------------------


@pytest.mark.parametrize(
    "arguments, code, fragment",
    [
        ((), 2, "usage: terraform-provider-snapshot docs EXAMPLES DOCS"),
        (("nowhere", "docs"), 1, "nowhere/provider/provider.tf: No such file or directory"),
        ((str(ROOT / "examples/terraform"), "/dev/null"), 1, "/dev/null"),
    ],
)
def test_command_says_what_it_lacks(binaries, sandbox, arguments, code, fragment):
    command = [binaries["rds-snapshot/snapshot"], "docs", *arguments]
    done = subprocess.run(command, env=sandbox.environment(), cwd=sandbox.folder, capture_output=True, text=True)
    assert done.returncode == code
    assert fragment in done.stderr
    assert not done.stdout
