# SPDX-License-Identifier: MPL-2.0
"""What tests and demo stand on: nothing of the person's is seen by what they start, and script/test
counts honestly."""

import importlib.util
import os
import signal
import subprocess
import time

import pytest
from harness import runs
from harness import sandbox as surroundings
from harness.operations import MARK
from harness.sandbox import BUILD, ROOT, Sandbox, find_terraform, use_overrides
from harness.screen import Screen
from harness.terraform import Workspace
from harness.world import OLD, REGION, snapshot_arn

OF_A_PERSON = {
    "AWS_PROFILE": "mine",
    "AWS_ACCESS_KEY_ID": "AKIAMINE",
    "AWS_CA_BUNDLE": "/mine",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_PLUGIN_CACHE_DIR": "/mine",
    "TF_DATA_DIR": "/mine",
    "HTTPS_PROXY": "http://mine:3128",
    "http_proxy": "http://mine:3128",
    "SSL_CERT_FILE": "/mine",
}


def test_what_is_started_sees_only_the_path_of_the_person(monkeypatch, sandbox):
    for name, value in OF_A_PERSON.items():
        monkeypatch.setenv(name, value)
    environment = sandbox.environment()
    assert environment["PATH"] == os.environ["PATH"]
    assert not any("mine" in value.lower() for value in environment.values())
    assert not set(environment) & set(OF_A_PERSON)
    own = [
        environment[n]
        for n in ("HOME", "TMPDIR", "TF_CLI_CONFIG_FILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    ]
    assert all(path.startswith(str(BUILD)) for path in own)


def test_terraform_is_started_so_and_the_person_s_files_stay_unread(monkeypatch, sandbox, binaries, request):
    """A CLI configuration of the person that no Terraform would accept."""
    home = sandbox.subfolder("person")
    (home / ".terraformrc").write_text("not a configuration {")
    monkeypatch.setenv("HOME", str(home))
    for name, value in OF_A_PERSON.items():
        monkeypatch.setenv(name, value)
    use_overrides(sandbox, binaries)
    workspace = Workspace(sandbox.subfolder("workspace"), request.config.terraform, sandbox.environment())
    workspace.write("main.tf", 'output "x" { value = 1 }\n')
    workspace.apply()
    assert os.listdir(home) == [".terraformrc"]
    # Terraform's look for a newer version would race with its end, and keep a file in HOME.
    persons = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    broken = subprocess.run([request.config.terraform, "version"], env=persons, capture_output=True, text=True)
    assert "-no-such-option" in broken.stderr + broken.stdout or broken.returncode, "the person's would have broken it"


def test_a_lost_copy_is_named_once(world):
    """By what the harness asks at the end of each test: asked here, that one finds nothing."""
    rds = world.accounts[OLD].client("rds", REGION)
    world.aws.add_snapshot(OLD, REGION, "before", encrypted=False)
    for name in ("lost", "allowed"):
        rds.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier="before",
            TargetDBClusterSnapshotIdentifier=name,
            Tags=[{"Key": MARK, "Value": "1 holder source key time"}],
        )
    world.allow_delete("allowed")
    for name in ("allowed", "lost"):
        rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)
    (told,) = world.lost_copies()
    assert told.startswith(f"{snapshot_arn('lost')} was deleted") and "DeleteDBClusterSnapshot by arn:aws:iam" in told
    assert world.lost_copies() == []


def test_a_sandbox_leaves_no_folder():
    sandbox = Sandbox("surroundings")
    sandbox.subfolder("a/b")
    sandbox.remove()
    assert not sandbox.folder.exists()


def test_where_nothing_can_be_written_it_says_so(monkeypatch, sandbox):
    (sandbox.folder / "sandbox").write_text("in the way")
    monkeypatch.setattr(surroundings, "BUILD", sandbox.folder)
    with pytest.raises(
        SystemExit, match=f"{sandbox.folder}/sandbox must be a folder that you can write to: File exists."
    ):
        Sandbox("surroundings")


def test_a_terraform_that_is_not_there_is_named():
    with pytest.raises(SystemExit, match="/no/such/terraform"):
        find_terraform("/no/such/terraform")


# ---- script/test's count -------------------------------------------------------


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("script_test", ROOT / "script" / "test.py")
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "script")  # it imports what lies beside it
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "text, counted",
    [
        ("def test_a(): pass\ndef test_b(): pass\n", (2, 0)),
        ("def test_a(): pass\ndef test_b(): assert 0\n", (2, 1)),
        ("import pytest\ndef test_a(): pytest.skip()\n", (1, 1)),
        ("import pytest\n@pytest.fixture\ndef f(): assert 0\ndef test_a(f): pass\n", (1, 1)),
        ("import no_such_module\n", (1, 1)),
        ("", (1, 1)),
    ],
    ids=["passed", "failed", "skipped", "fixture", "import", "none"],
)
def test_what_did_not_pass_counts_as_failed(script, sandbox, text, counted):
    tests, report = sandbox.folder / "test_some.py", sandbox.folder / "report.xml"
    tests.write_text(text)
    command = [*runs.pytest(report), tests]
    with (sandbox.folder / "shown").open("w") as shown, Screen(shown) as screen:
        ran, failed = script.counted(screen, "some", command, report, sandbox)
    assert (ran, len(failed)) == counted


@pytest.mark.parametrize("line, shown", [
    ("  7/141 Test  #7: base_arena_test ........   Passed    0.01 sec", ""),
    ("7/141 Test tests/simulator/test_x.py::test_y[a Failed b] Passed", ""),
    ("7/141 Test test_x.py::test_y[ Passed ] Failed", "7/141 Test test_x.py::test_y[ Passed ] Failed\n"),
    ("      Start   8: base_str_test", ""),
    ("7/141 Test tests/simulator/test_x.py::test_y Failed", "7/141 Test tests/simulator/test_x.py::test_y Failed\n"),
    ("  8/141 Test  #8: x_test .....***Failed    0.01 sec", "  8/141 Test  #8: x_test .....***Failed    0.01 sec\n"),
    ("E       assert 1 == 2", "E       assert 1 == 2\n"),
    ("3/12 Within test_every_row", ""),
])  # fmt: skip
def test_what_passes_is_only_counted(script, sandbox, line, shown):
    with (sandbox.folder / "shown").open("w") as out, Screen(out) as screen:
        script.show(screen, "some", script.HowFar(), line)
    assert (sandbox.folder / "shown").read_text() == shown


def test_how_far_it_is_is_said_also_within_a_long_test(script):
    far, said = script.HowFar(), []
    for line in [
        "7/141 Test test_x.py::test_y Passed",
        "1/4 Within test_every_row",
        "2/4 Within test_every_row",
        "1/9 Within test_every_case",
        "8/141 Test test_chain_matrix.py::test_every_row Passed",
    ]:
        far.reads(line)
        said.append(str(far))
    assert said == [
        "7 of 141 tests",
        "7 of 141 tests, 1 of 4 in test_every_row",
        "7 of 141 tests, 2 of 4 in test_every_row",
        "7 of 141 tests, 2 of 4 in test_every_row, 1 of 9 in test_every_case",
        "8 of 141 tests, 1 of 9 in test_every_case",
    ]


NOTED = """
from harness.matrix import in_parallel
def test_matrix(): assert in_parallel(abs, [-1, -2, -3]) == [1, 2, 3]
"""


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_a_matrix_says_how_far_it_is(script, sandbox, workers):
    tests = sandbox.folder / "test_some.py"
    tests.write_text(NOTED)
    command = [*runs.pytest(sandbox.folder / "report.xml"), tests, *workers]
    done = subprocess.run(command, env=runs.environment(sandbox), capture_output=True, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    assert [f"{n}/3 Within test_matrix" for n in (1, 2, 3)] == [line for line in lines if "Within" in line], lines


def sandboxes_of(process):
    return list((BUILD / "sandbox").glob(f"test-simulator-{process.pid}-*"))


@pytest.fixture
def run_script(sandbox):
    """script/test with a folder for temporary files of its own, in a process group of its own."""
    temporary = sandbox.subfolder("temporary")
    started = []

    def run(*arguments):
        process = subprocess.Popen(
            [ROOT / "script" / "test", *arguments],
            env=sandbox.environment(TMPDIR=str(temporary)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    assert not list(temporary.iterdir()), "nothing stays in the folder for temporary files"
    assert not [left for process in started for left in sandboxes_of(process)]


@pytest.mark.long
@pytest.mark.parametrize(
    "selected, code, line", [("the_pinned_moto", 0, "1 passed, 0 failed"), ("no_such", 1, "0 passed, 1 failed")]
)
def test_the_closing_line(run_script, selected, code, line):
    process = run_script("simulator", "-k", selected)
    out, err = process.communicate()
    assert out.splitlines()[-1] == line, out + err
    assert process.returncode == code


@pytest.mark.long
def test_interrupted_the_suite_says_so_in_a_word(run_script):
    process = run_script("simulator")
    while "==> simulator" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(2)  # tests are under way
    assert sandboxes_of(process)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert err == "\ninterrupted\n" and "Interrupt" not in out


@pytest.mark.long
def test_read_by_nobody_the_suite_stops(run_script):
    process = run_script("simulator")
    while "==> simulator" not in process.stdout.readline():
        assert process.poll() is None
    process.stdout.close()
    assert process.stderr.read() == "stopped: nobody reads the output\n"
    assert process.wait() == 1
