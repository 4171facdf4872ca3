# SPDX-License-Identifier: MPL-2.0
"""script/bench: that it measures what it names, beside another provider, and what it says of one that is none."""

import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from itertools import product

import pytest
from harness.sandbox import ROOT

sys.path.append(str(ROOT / "tests" / "bench"))
import figures
import plot

LIMIT_SECONDS = 300
SVG = "{http://www.w3.org/2000/svg}"


def bench(sandbox, *options):
    """Run by the tests' own Python."""
    return subprocess.run(
        [sys.executable, ROOT / "script" / "bench.py", *options],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )


def measure(sandbox, config, *options):
    """(what it printed, what it wrote), of a run that measures each thing once."""
    file = sandbox.folder / "bench.json"
    build = config.getoption("--build").resolve()
    of_all = ("--preset", build.name, "--terraform", config.terraform, "--repeat", "1", "--json", file)
    run = bench(sandbox, *of_all, *options)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout, json.loads(file.read_text())


def standin(config):
    return config.getoption("--build").resolve() / "tests" / "terraform-provider-aws"


# ---- What it measures


def test_a_start_is_measured_beside_another_provider_and_the_reference(sandbox, request):
    groups = ("size", "handshake", "schema")
    only = [option for group in groups for option in ("--only", group)]
    printed, report = measure(sandbox, request.config, "--against", standin(request.config), *only)
    ours, other, reference = report["providers"]
    assert (other, reference) == ("stand-in", "reference")
    assert report["providers"][ours]["resource"] == "snapshot_reencrypt_copy"
    assert report["providers"][other]["resource"] == "aws_db_cluster_snapshot"
    assert report["providers"][reference]["resource"] is None
    assert_complete(printed, report, groups)
    values = {row["figure"]: row["values"] for row in report["figures"]}
    assert all(values["with certificate, median"].values())
    assert values["without certificate, median"][reference] is None, "it has but one way to start"


@pytest.mark.tenth
def test_every_figure_is_in_the_table_and_in_the_json(sandbox, request):
    printed, report = measure(sandbox, request.config, "--against", standin(request.config), "--copies", "1", "3")
    assert_complete(printed, report, {figure.group for figure in figures.FIGURES})
    calls = {(row["figure"], row["count"]): row["values"]["stand-in"] for row in report["figures"]}
    assert calls["calls, {} new", 3] == 0, "the stand-in asks nothing of what is not made yet"
    assert calls["calls, {} existing", 3] == 3 * 2 + 1, "two for each, and who it is"
    lag = next(row["values"] for row in report["figures"] if row["figure"] == "after available, median")
    assert all(0 < seconds < 200 for seconds in lag.values() if seconds is not None)


def assert_complete(printed, report, groups):
    """Each figure of these groups, with a value of this provider and with what was found beside it."""
    ours, other = list(report["providers"])[:2]
    assert {(row["group"], row["figure"]) for row in report["figures"]} == {
        (figure.group, figure.name) for figure in figures.FIGURES if figure.group in groups
    }
    for row in report["figures"]:
        assert row["figure"].format(row["count"]) in printed
        assert row["better"] in ("lower", "higher") and row["how"]
        assert row["values"][ours] is not None, row
        assert row["times_better"] == figures.advantage(
            figures.BY_NAME[row["group"], row["figure"]], row["values"][ours], row["values"][other]
        )
    assert sum(line.startswith("  ") and line[2] != "…" for line in printed.splitlines()) == len(report["figures"])


def test_a_ratio_says_which_way_is_better():
    slower, fewer = figures.measured("handshake", "with certificate, p90", {"a": 20, "b": 10}), None
    fewer = figures.measured("calls", "{} in flight", {"a": 500, "b": 1000}, 10)
    faster = figures.measured("handshake", "with certificate, p90", {"a": 10, "b": 25})
    none = figures.measured("copies", "calls, {} new", {"a": 10, "b": 0}, 20)
    assert [figures.verdict(row["times_better"]).strip() for row in (slower, fewer, faster, none)] == [
        "2.0x worse", "2.0x worse", "2.5x better", ""
    ]  # fmt: skip


# ---- What it says of a PATH that it cannot measure

PROGRAMS = {  # the program -> what is said of it
    "exit 3": "ended with exit status 3 before its first line",
    "echo out of luck >&2; kill -SEGV $$": "It said:\nout of luck",
    "echo hello": 'began with "hello", which is no handshake of a Terraform provider',
    "echo '1|6|unix|/nowhere|grpc|'; exec sleep 60": "did not answer: No such file or directory",
}


@pytest.mark.parametrize("program, said", PROGRAMS.items(), ids=list(PROGRAMS))
def test_a_program_that_is_no_provider_is_told(sandbox, program, said):
    path = sandbox.folder / "program"
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)
    refused = bench(sandbox, "--against", path)
    assert refused.returncode == 1
    assert refused.stderr.startswith(str(path)) and said in refused.stderr
    assert "Traceback" not in refused.stderr and refused.stdout == "", "nothing was built for it"


def test_a_file_that_is_no_program_of_this_machine_is_told(sandbox):
    path = sandbox.folder / "program"
    path.write_bytes(b"\x7fELF of another machine")
    path.chmod(0o755)
    refused = bench(sandbox, "--against", path)
    assert refused.returncode == 1
    assert refused.stderr == f"{path} cannot be started: Exec format error.\n"


@pytest.mark.parametrize(
    "options, said",
    [
        (["--against", "/no/such/program"], "/no/such/program is not a program"),
        (["--against", "/tmp"], "/tmp is not a program"),
        (["--only", "nothing"], "invalid choice: 'nothing'"),
        (["--repeat", "0"], "--repeat"),
        (["--json", "/no/such/folder/bench.json"], "the folder of /no/such/folder/bench.json does not exist"),
        (["--plot", "/tmp/bench.svg", "--only", "size"], "add --only copies"),
    ],
)
def test_an_option_that_cannot_be_is_named(sandbox, options, said):
    refused = bench(sandbox, *options)
    assert refused.returncode == 2
    assert said in refused.stderr and "Traceback" not in refused.stderr


# ---- The picture


@pytest.fixture
def rows():
    """Of two providers and Terraform alone; one of them makes no calls for new copies."""
    names = [name for _, lines in plot.PANELS for name, _ in lines]
    return [
        figures.measured("copies", name, {"this": n / 10, "other": 0 if "calls" in name else n, "reference": n}, n)
        for name, n in product(names, (1, 10, 1000))
    ]


def test_the_picture_has_a_curve_for_each_provider_and_figure(rows):
    drawn = xml.fromstring(plot.svg(rows, {name: name for name in ("this", "other", "reference")}, "plans & calls"))
    assert drawn.find(f"{SVG}title").text == "plans & calls"
    curves = [line.get("points").split() for line in drawn.iter(f"{SVG}polyline")]
    assert sorted(map(len, curves)) == [0, 0] + [3] * 10, "what makes no calls has no points"
    left, top = plot.LEFT, plot.TOP
    assert all(
        left <= float(x) <= left + 2 * plot.PANEL_WIDTH + plot.GAP and top <= float(y) <= top + plot.HEIGHT
        for curve in curves
        for x, y in [point.split(",") for point in curve]
    )


def test_the_picture_in_the_documents_goes_to_a_thousand_copies():
    """script/bench --only copies --against PATH --plot docs/bench.svg makes it."""
    words = [text.text for text in xml.parse(ROOT / "docs" / "bench.svg").iter(f"{SVG}text")]
    assert words.count("1,000") >= 2 and "new copies" in words
