# SPDX-License-Identifier: MPL-2.0
"""Fixtures: a world per test (one simulator, emptied or forked), a workspace in it, the whole chain.

A test that fails leaves its sandbox under build/sandbox for a look.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from harness.sandbox import (
    BUILD,
    Sandbox,
    find_terraform,
    provider_binaries,
    use_overrides,
)
from harness.debugged import Reattached
from harness.machine import Machine
from harness.operations import Sites
from harness.resources import Copy, Share
from harness.site import Site
from harness.terraform import Workspace
from harness.whoami import Whoami
from harness.world import (
    LOST_IN_FORKS,
    OLD,
    OPERATOR,
    World,
    copy_flat_migration,
    migration_variables,
    start_simulator,
)

set_hypothesis_home_dir(BUILD / "hypothesis")

# One simulated minute is a real second, for the simulator and for both providers.
TIME_SCALE = 60


def pytest_addoption(parser):
    parser.addoption("--build", type=Path, default=BUILD / "release", help="the build to test")
    parser.addoption("--terraform", help="the CLI to test with")
    parser.addoption("--bare-machine", help="commands to run on bare machines in place of README's: 'script/test unit'")
    parser.addoption("--started", action="store_true", help="Terraform starts the providers for each walk in each test")
    parser.addoption("--seed", type=int, help="of the soak's random faults; it prints the one it took")


def pytest_configure(config):
    config.addinivalue_line("markers", "tenth: a tenth of a matrix, or a long table; run by script/test tenth")
    config.addinivalue_line("markers", "long: takes longer than 20 s; run by script/test long")
    config.addinivalue_line("markers", "started: Terraform starts the providers for each walk, as it does for users")
    config.addinivalue_line("markers", "host(version): needs at least this Terraform, by what the protocol has")
    config.addinivalue_line("markers", "opentofu: needs OpenTofu 1.10 or newer, as the host or tofu on PATH")
    config.addinivalue_line("markers", "root_with(program): needs root, and that program on PATH")
    config.terraform = find_terraform(config.getoption("--terraform"))
    line = subprocess.run(
        [config.terraform, "version"], capture_output=True, text=True, check=True, env=Sandbox.bare_environment()
    ).stdout
    config.host = line.splitlines()[0]
    config.is_opentofu = "OpenTofu" in line
    config.opentofu = config.terraform if config.is_opentofu else shutil.which("tofu")
    config.terraform_version = tuple(int(n) for n in re.search(r"v(\d+)\.(\d+)", line).groups())


def pytest_terminal_summary(terminalreporter):
    """What the matrices found is shown also when all is well, whichever process ran them."""
    told = [
        lines
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, lines in report.user_properties
        if name == MATRIX
    ]
    if told:
        terminalreporter.section("matrices")
        terminalreporter.write_line("\n".join(told))


def pytest_report_header(config):
    return f"host: {config.terraform}, build: {config.getoption('--build')}"


def pytest_collection_modifyitems(config, items):
    """What an older host or this machine cannot do is left out, and said so; nothing is skipped silently."""

    def is_offered(item):
        host, root = item.get_closest_marker("host"), item.get_closest_marker("root_with")
        if host and tuple(int(n) for n in host.args[0].split(".")) > config.terraform_version:
            return False
        if item.get_closest_marker("opentofu") and not config.opentofu:
            return False
        return not root or (os.geteuid() == 0 and shutil.which(root.args[0]))

    left_out = [item for item in items if not is_offered(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_offered(item)]
    if not config.option.keyword or config.option.markexpr == "tenth":  # asked for by name, both kinds run
        leave_twins_to_tenth(items)
    items.sort(key=lambda item: "sites" not in item.fixturenames)  # the matrices take longest: they begin


def leave_twins_to_tenth(items):
    """Of a test of both kinds of snapshot, which differ in names alone: script/test has the cluster's."""
    names = {item.nodeid for item in items}
    for item in items:
        twin = item.nodeid.replace("[instance", "[cluster").replace("-instance", "-cluster")
        if twin != item.nodeid and twin in names and not item.get_closest_marker("long"):
            item.add_marker(pytest.mark.tenth)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """No test may lose a copy, whatever it is about: an available one is deleted only where `allow_delete` says so."""
    LOST_IN_FORKS.clear()
    result = yield
    world = pyfuncitem.funcargs.get("world")
    assert_nothing_lost(world.lost_copies() if world else [])
    return result


def assert_nothing_lost(lost=()):
    found = [*lost, *LOST_IN_FORKS]
    LOST_IN_FORKS.clear()
    assert not found, "lost copies:\n" + "\n".join(found)


FAILED = pytest.StashKey[bool]()
MATRIX = "matrix"


@pytest.fixture
def show(request, record_property):
    """Shows lines at the end of the run, under the name of the host that they were found with."""
    return lambda lines: record_property(MATRIX, "\n".join([f"with {request.config.host}:", *lines]))


@pytest.fixture(scope="session")
def binaries(request):
    found = provider_binaries(request.config.getoption("--build").resolve())
    for binary in found.values():
        assert binary.exists(), f"{binary} is not built; script/build builds it"
    return found


@pytest.fixture(scope="session")
def simulator():
    sandbox = Sandbox("simulator")
    server = start_simulator(sandbox, sys.executable, TIME_SCALE)
    yield server
    server.stop()
    sandbox.remove()


@pytest.fixture(scope="session")
def migrated(request, simulator, binaries):
    """A site where the seven steps are done, to be forked."""
    sandbox = Sandbox("migrated")
    use_overrides(sandbox, binaries)
    providers = kept_providers(request, binaries)
    site = Site.make(simulator, sandbox, request.config.terraform, TIME_SCALE, providers=providers)
    prepare_migration(site.world, site.workspace)
    site.workspace.apply()
    yield site.keep()
    site.end()
    sandbox.remove()
    assert_nothing_lost()


def kept_providers(request, binaries):
    """Providers of a workspace; None: Terraform starts them."""
    started = request.config.getoption("--started") or request.node.get_closest_marker("started")
    return None if started else Reattached(binaries)


@pytest.fixture
def providers(request, binaries):
    return functools.partial(kept_providers, request, binaries)


@pytest.fixture
def beginning(request):
    """Of a test that asks for the chain `applied`: a site of its own where that is done. Of others: None."""
    if "applied" not in request.fixturenames:
        yield None
        return
    sandbox = request.getfixturevalue("sandbox")
    use_overrides(sandbox, request.getfixturevalue("binaries"))
    site = request.getfixturevalue("migrated").fork(sandbox)
    if request.node.get_closest_marker("started"):
        site.workspace.providers = None
    yield site
    site.end(remove=False)


@pytest.fixture
def world(simulator, beginning):
    if beginning:
        yield beginning.world
        return
    yield World(simulator, TIME_SCALE)
    simulator.clear_faults()


@pytest.fixture
def sandbox(request):
    sandbox = Sandbox(re.sub(r"[^a-z0-9_]+", "-", request.node.name.lower())[:60])
    yield sandbox
    if not request.node.stash.get(FAILED, False):
        sandbox.remove()


@pytest.fixture
def machine(sandbox):
    made = Machine(sandbox.subfolder("machine"), sandbox.environment())
    yield made
    made.end()


@pytest.fixture(scope="module")
def module_sandbox(request, binaries):
    """Of all tests of a file together; kept, like a test's own, if one of them failed."""
    sandbox = Sandbox(request.node.name.removeprefix("test_").removesuffix(".py"))
    use_overrides(sandbox, binaries)
    failed_before = request.session.testsfailed
    yield sandbox
    if request.session.testsfailed == failed_before:
        sandbox.remove()


@pytest.fixture(scope="module")
def make_site(request, module_sandbox, simulator, binaries):
    """Site.make, for what is set up once and forked by many tests."""
    make = functools.partial(Site.make, simulator, module_sandbox, request.config.terraform, TIME_SCALE)
    yield functools.partial(make, providers=kept_providers(request, binaries))
    assert_nothing_lost()  # by what was made or ended outside of a test


@pytest.fixture(scope="module")
def sites(request, module_sandbox, make_site):
    """Sites to fork, each made when first asked for."""
    made = Sites(make_site, module_sandbox, getattr(request.module, "LIMIT", "24h"))
    yield made
    made.end()


@pytest.fixture
def new_workspace(request, sandbox, binaries, world, providers):
    """Makes an empty workspace with the credentials of an account."""
    use_overrides(sandbox, binaries)
    made = []

    def make(account=OLD, time_scale=None):
        folder = sandbox.subfolder(f"workspace-{len(made)}")
        environment = sandbox.environment(**world.environment(account, time_scale))
        made.append(Workspace(folder, request.config.terraform, environment, world.allow_delete_of, providers()))
        return made[-1]

    yield make
    for workspace in made:
        workspace.end()


@pytest.fixture
def workspace(new_workspace):
    """With the old account's provider block: a test writes the rest."""
    workspace = new_workspace(OLD)
    workspace.write("provider.tf", PROVIDER)
    return workspace


PROVIDER = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}
"""


KINDS = ["cluster", "instance"]


@pytest.fixture(params=KINDS)
def copy(request, workspace, world):
    return Copy(workspace, world, request.param)


@pytest.fixture
def cluster_copy(workspace, world):
    return Copy(workspace, world, "cluster")


@pytest.fixture(params=KINDS)
def share(request, workspace, world):
    return Share(workspace, world, request.param)


@pytest.fixture
def cluster_share(workspace, world):
    return Share(workspace, world, "cluster")


def prepare_migration(world, workspace):
    world.add_source_cluster()
    copy_flat_migration(workspace)
    workspace.set_variables(**migration_variables())


@pytest.fixture
def chain(new_workspace, world, beginning):
    """The seven steps of the example's module, not applied yet, unless the test asks for `applied`."""
    if beginning:
        return beginning.workspace
    workspace = new_workspace(OPERATOR)
    prepare_migration(world, workspace)
    return workspace


@pytest.fixture
def applied(chain, beginning):
    """The seven steps, done."""
    if not beginning:
        chain.apply()
    return chain


@pytest.fixture
def whoami(binaries, world, sandbox):
    return Whoami(binaries["rds-snapshot/snapshot"], world, sandbox)
