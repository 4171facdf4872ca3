# SPDX-License-Identifier: MPL-2.0
"""What is written for readers: every configuration in it is initialised and planned as it is printed, and the
registry takes docs/ as it is. That docs/ is up to date is tests/lint/docs_fresh's to say."""

import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
from harness.pages import COMMANDS, CONFIGURATION, DOCS, commands, configuration, configurations, languages
from harness.sandbox import BUILD, EXAMPLES, ROOT, project_version, use_mirror
from harness.terraform import Workspace
from harness.world import ANYBODY, OLD, OPERATOR, snapshot_arn

PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", *(ROOT / "examples").rglob("*.md")])
OTHER_LANGUAGES = (*COMMANDS, "text", "json", "yaml", "ini", "console", "")
# What a part of a configuration needs, by the host's version.
NEEDS = {"provider::": "1.8", "\nmoved {": "1.8", "\nremoved {": "1.7"}
STANDIN_VERSION = "5.0.0"  # one that the pages ask for


def every_configuration():
    for page in PAGES:
        for number, text in enumerate(configurations(page), 1):
            marks = [pytest.mark.host(version) for sign, version in NEEDS.items() if sign in f"\n{text}"]
            yield pytest.param(text, id=f"{page.relative_to(ROOT)}-{number}", marks=marks)


@pytest.fixture(scope="module")
def installed(module_sandbox, binaries):
    """The machine of a reader: both providers are where init finds them, and examples/terraform/modules beside
    the reader's folders."""
    versions = {"rds-snapshot/snapshot": project_version(), "hashicorp/aws": STANDIN_VERSION}
    use_mirror(module_sandbox, {address: (versions[address], binary) for address, binary in binaries.items()})
    (module_sandbox.folder / "modules").symlink_to(EXAMPLES / "modules")
    return module_sandbox


@pytest.fixture
def fresh_folder(installed, world, request):
    """Of a reader whose credentials come from the environment."""
    made = []

    def make(account):
        folder = installed.subfolder("reader-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()))
        environment = installed.environment(**world.environment(account))
        made.append(Workspace(folder, request.config.terraform, environment))
        return made[-1]

    yield make
    for workspace in made:
        workspace.end()


@pytest.mark.parametrize("text", list(every_configuration()))
def test_configuration_is_initialised_and_planned_as_printed(fresh_folder, world, text):
    workspace = fresh_folder(OPERATOR if "assume_role {" in text else OLD)
    for name in re.findall(r'^  profile += "(\w+)"', text, re.MULTILINE):
        has_profile(workspace, name)
    for import_id in re.findall(r'^import {\n.*?^  id = "(\S+)"', text, re.MULTILINE | re.DOTALL):
        exists(world, import_id, *re.findall(r'"(alias/\S+)"', text)[:1])
    workspace.environment |= variables_of_hcp(workspace, text)
    workspace.write("main.tf", text)
    workspace.init()
    workspace.plan()


def variables_of_hcp(workspace, text):
    """What its runs set for dynamic credentials, with profiles that say nothing."""
    if "tfc_aws_dynamic_credentials" not in text:
        return {}
    file = {"shared_config_file": str(workspace.folder / "dynamic-config")}
    return {"TF_VAR_tfc_aws_dynamic_credentials": json.dumps({"default": file, "aliases": {"NEW": file}})}


def test_example_is_planned_with_its_own_values(fresh_folder):
    """As its README says: terraform.tfvars is a copy of the file that comes with it."""
    example = EXAMPLES / "cross-account-migration"
    copied, *others = commands(example / "README.md")
    _, source, target = shlex.split(copied)
    assert others == ["terraform init", "terraform plan -out=plan", "terraform apply plan"]
    workspace = fresh_folder(OPERATOR)
    workspace.copy_from(example)
    workspace.write(target, (example / source).read_text())
    workspace.init()
    workspace.plan()


def has_profile(workspace, name):
    """In the reader's shared credentials file: what was in the environment."""
    keys = [workspace.environment.pop(f"AWS_{key}") for key in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
    workspace.write("credentials", "[{}]\naws_access_key_id = {}\naws_secret_access_key = {}\n".format(name, *keys))
    workspace.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(workspace.folder / "credentials")


def exists(world, import_id, alias=None):
    """The snapshot that a page imports, under the key that it names: nothing can be planned without it."""
    arn, _, accounts = import_id.partition("/")
    if not arn.startswith("arn:"):
        kind, name = arn.split(":")
        arn = snapshot_arn(name, kind=kind)
    *_, region, account, noun, name = arn.split(":")
    if not world.aws.snapshot(arn):
        key = world.aws.add_key(account, region, alias=alias, policy=ANYBODY)
        kind = "cluster" if noun == "cluster-snapshot" else "instance"
        world.aws.add_snapshot(account, region, name, kind=kind, kms_key_id=key)
    if accounts:
        world.aws.change_snapshot(arn, shared_with=accounts.split(","))


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
    workspace.write("main.tf", configuration(DOCS / "index.md"))
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


# ---- The program that makes the pages ------------------------------------------


@pytest.mark.parametrize(
    "arguments, code, fragment",
    [
        ((), 2, "usage: provider-docs EXAMPLES DOCS"),
        (("nowhere", "docs"), 1, "nowhere/provider/provider.tf: No such file or directory"),
        ((str(ROOT / "examples/terraform"), "/dev/null"), 1, "/dev/null"),
    ],
)
def test_program_says_what_it_lacks(request, sandbox, arguments, code, fragment):
    command = [request.config.getoption("--build").resolve() / "provider-docs", *arguments]
    done = subprocess.run(command, env=sandbox.environment(), cwd=sandbox.folder, capture_output=True, text=True)
    assert done.returncode == code
    assert fragment in done.stderr
    assert not done.stdout
