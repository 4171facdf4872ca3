# SPDX-License-Identifier: MPL-2.0
"""The start of the provider's process, seen by a host of our own: handshake, AutoMTLS, by hand."""

import base64
import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from cryptography import x509
from harness.certificate import certificate
from harness.handshake import HOST
from harness.sandbox import project_version

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # and empty SETTINGS


class Plugin:
    def __init__(self, command, sandbox, **environment):
        self.process = subprocess.Popen(
            command,
            env=sandbox.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def handshake(self):
        readable, _, _ = select.select([self.process.stdout], [], [], 10)
        assert readable, "no handshake within 10 s"
        return self.process.stdout.readline().decode().rstrip("\n").split("|")

    def end(self):
        self.process.terminate()  # which, unlike a kill, leaves no socket behind
        for pipe in (self.process.stdout, self.process.stderr):
            pipe.close()
        self.process.wait(10)


@pytest.fixture
def start(binaries, sandbox):
    started = []

    def run(address="rds-snapshot/snapshot", **environment):
        started.append(Plugin([binaries[address]], sandbox, **environment))
        return started[-1]

    yield run
    for plugin in started:
        plugin.end()


def connect(address, server_certificate, own=None, folder=None):
    """What the server says first over TLS, as a client with certificate `own`."""
    context = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(server_certificate))
    context.set_alpn_protocols(["h2"])
    if own:
        for name, data in zip(("certificate.pem", "key.pem"), own, strict=True):
            (folder / name).write_bytes(data)
        context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    plain = socket.socket(socket.AF_UNIX)
    plain.settimeout(10)
    plain.connect("\0" + address[1:] if address.startswith("@") else address)
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        secure.sendall(HTTP2_PREFACE)
        return secure.recv(64)


def decode(text):
    assert "=" not in text, "no padding: go-plugin's decoder refuses it"
    return base64.b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("address", ["rds-snapshot/snapshot", "hashicorp/aws"])
def test_the_handshake_line(start, address):
    line = start(address, **HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).handshake()
    assert line[:3] == ["1", "6", "unix"] and line[4] == "grpc" and len(line) == 6
    server = x509.load_der_x509_certificate(decode(line[5]))
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_the_host_s_certificate_is_accepted(start, sandbox):
    own = certificate()
    line = start(**HOST, PLUGIN_CLIENT_CERT=own[0].decode()).handshake()
    answer = connect(line[3], decode(line[5]), own, sandbox.folder)
    assert answer[3:4] == b"\x04", "an HTTP/2 SETTINGS frame"


def test_it_serves_on_when_its_host_closes_both_pipes(start, sandbox):
    own = certificate()
    plugin = start(**HOST, PLUGIN_CLIENT_CERT=own[0].decode(), TF_LOG="TRACE")
    line = plugin.handshake()
    plugin.process.stdout.close()
    plugin.process.stderr.close()
    for _ in range(2):
        assert connect(line[3], decode(line[5]), own, sandbox.folder)[3:4] == b"\x04"
    assert plugin.process.poll() is None


def test_another_certificate_is_refused(start, sandbox):
    line = start(**HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).handshake()
    assert is_refused(lambda: connect(line[3], decode(line[5]), certificate(), sandbox.folder))


def test_no_certificate_is_refused(start):
    line = start(**HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).handshake()
    assert is_refused(lambda: connect(line[3], decode(line[5])))


def test_no_tls_is_refused(start):
    line = start(**HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).handshake()
    plain = socket.socket(socket.AF_UNIX)
    plain.settimeout(10)
    with plain:
        plain.connect("\0" + line[3][1:] if line[3].startswith("@") else line[3])
        plain.sendall(HTTP2_PREFACE)
        assert is_refused(lambda: plain.recv(64))


# ---- PLUGIN_UNIX_SOCKET_DIR: clients built on gRPC's core have no way to "@name"


@pytest.fixture
def sockets():
    """A folder with a short path: a socket's path has 107 bytes at most."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield folder


def test_in_the_host_s_folder_there_is_a_file_under_mtls_too(start, sandbox, sockets):
    own = certificate()
    line = start(**HOST, PLUGIN_CLIENT_CERT=own[0].decode(), PLUGIN_UNIX_SOCKET_DIR=sockets).handshake()
    assert line[3].startswith(f"{sockets}/") and Path(line[3]).is_socket()
    assert connect(line[3], decode(line[5]), own, sandbox.folder)[3:4] == b"\x04"
    assert is_refused(lambda: connect(line[3], decode(line[5]), certificate(), sandbox.folder))


def test_a_group_of_the_host_can_connect(start, sockets):
    group = os.getgid()
    line = start(**HOST, PLUGIN_UNIX_SOCKET_DIR=sockets, PLUGIN_UNIX_SOCKET_GROUP=str(group)).handshake()
    file, folder = os.stat(line[3]), os.stat(os.path.dirname(line[3]))
    assert (file.st_mode & 0o777, file.st_gid) == (0o660, group)
    assert (folder.st_mode & 0o777, folder.st_gid) == (0o770, group)


@pytest.mark.parametrize(
    "name, value, reason",
    [
        ("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all", "No such file or directory"),
        ("PLUGIN_UNIX_SOCKET_DIR", "/proc", "No such file or directory"),
        ("PLUGIN_UNIX_SOCKET_DIR", "/tmp/" + "x" * 90, "of at most 107"),
        ("PLUGIN_UNIX_SOCKET_GROUP", "no-such-group", "does not exist"),
    ],
    ids=["missing", "not writable", "too long", "group"],
)
def test_a_folder_or_a_group_that_cannot_be_used_is_an_error(start, sandbox, name, value, reason):
    plugin = start(**HOST, **{name: value})
    out, err = plugin.process.communicate(timeout=10)
    assert plugin.process.returncode == 1 and out == b""
    assert f"{name}={value}: " in err.decode() and reason in err.decode()
    assert list(sandbox.tmp.iterdir()) == []


# ---- Signals, while no host is connected


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("was_reached", [False, True], ids=["before a host", "after a host"])
def test_a_signal_ends_it_and_its_folder_goes_away(start, sandbox, sockets, name, was_reached):
    own = certificate()
    plugin = start(**HOST, PLUGIN_CLIENT_CERT=own[0].decode(), PLUGIN_UNIX_SOCKET_DIR=sockets)
    line = plugin.handshake()
    if was_reached:
        connect(line[3], decode(line[5]), own, sandbox.folder)
    plugin.process.send_signal(getattr(signal, name))
    assert plugin.process.wait(10) == 0
    assert os.listdir(sockets) == []


def test_ctrl_c_is_the_host_s_to_act_on_even_before_it_connects(start, sandbox):
    own = certificate()
    plugin = start(**HOST, PLUGIN_CLIENT_CERT=own[0].decode())
    line = plugin.handshake()
    plugin.process.send_signal(signal.SIGINT)
    assert connect(line[3], decode(line[5]), own, sandbox.folder)[3:4] == b"\x04"


def is_refused(talk):
    """By an alert, a reset or an end; never by an answer."""
    try:
        answer = talk()
    except (ssl.SSLError, ConnectionError):
        return True
    return answer == b"" or answer[3:4] != b"\x04"


def test_without_a_client_certificate_there_is_no_tls(start):
    plugin = start(**HOST)
    line = plugin.handshake()
    assert line[5:] in ([], [""])
    path = line[3]
    if not path.startswith("@"):
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


@pytest.mark.parametrize("cookie", [{}, {"TF_PLUGIN_MAGIC_COOKIE": "another"}])
def test_started_by_hand_it_says_what_it_is(start, cookie):
    plugin = start(**cookie)
    out, err = plugin.process.communicate(timeout=10)
    assert plugin.process.returncode == 1 and out == b""
    assert b"Terraform" in err and b"terraform init" in err


def say(binaries, sandbox, *arguments):
    return subprocess.run(
        [binaries["rds-snapshot/snapshot"], *arguments], env=sandbox.environment(), capture_output=True, text=True
    )


def test_version_says_what_the_binary_was_made_of(binaries, sandbox):
    said = say(binaries, sandbox, "--version")
    lines = said.stdout.splitlines()
    assert said.returncode == 0 and said.stderr == ""
    assert lines[0] == f"terraform-provider-snapshot {project_version()}"
    assert re.fullmatch(r"on linux_(amd64|arm64), plugin protocol 6\.\d+", lines[1])
    assert re.fullmatch(r"commit ([0-9a-f]{40}(-dirty)?|unknown)", lines[2])
    assert lines[3] == "libraries:" and any(line.startswith("  openssl 3.") for line in lines[4:])


@pytest.mark.parametrize("arguments", [("--version", "-json"), ("--version", "--json"), ("-json", "-version")])
def test_version_as_json_has_the_same(binaries, sandbox, arguments):
    said = say(binaries, sandbox, *arguments)
    found = json.loads(said.stdout)
    assert said.returncode == 0 and said.stderr == ""
    as_text = say(binaries, sandbox, "--version").stdout.splitlines()
    assert as_text[:4] == [
        f"{found['name']} {found['version']}",
        f"on {found['platform']}, plugin protocol {found['protocol']}",
        f"commit {found['commit']}",
        "libraries:",
    ]
    assert as_text[4:] == [f"  {name} {version}" for name, version in found["libraries"].items()]


@pytest.mark.parametrize("arguments", [("--json",), ("--version", "json"), ("-version", "--all"), ("version",)])
def test_version_with_anything_else_is_refused(binaries, sandbox, arguments):
    refused = say(binaries, sandbox, *arguments)
    assert refused.returncode == 2 and refused.stdout == "" and "see --help" in refused.stderr


def test_it_ends_when_its_host_is_gone(binaries, sandbox):
    """The parent dies without a word; no PDEATHSIG, no Shutdown call."""
    script = 'exec 3>&1; "$0" >&3 & read -r _ <&0'
    parent = subprocess.Popen(
        ["sh", "-c", script, str(binaries["rds-snapshot/snapshot"])],
        env=sandbox.environment(**HOST),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert parent.stdout.readline().startswith(b"1|6|")
    parent.kill()
    parent.wait()
    began = time.monotonic()
    while os.path.exists(f"/proc/{parent.pid}") or group_has_members(parent.pid):
        assert time.monotonic() - began < 10, "still running 10 s after its host"
        time.sleep(0.05)
    parent.stdin.close()
    parent.stdout.close()


def group_has_members(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


# Whoever runs the tests, these processes have no capability: root's would open everything.
ORDINARY = ["setpriv", "--bounding-set", "-all"] if os.geteuid() == 0 else []


def is_open_to_its_user(pid):
    """Whether another process of the same user reads its environment."""
    return subprocess.run([*ORDINARY, "cat", f"/proc/{pid}/environ"], capture_output=True).returncode == 0


def largest_core_file(pid):
    (line,) = [
        line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if line.startswith("Max core file")
    ]
    return line.split()[4:6]


def is_sanitized(binary):
    """Sanitizers look at their own process: such a build stays as it is."""
    return b"__asan_init" in Path(binary).read_bytes()


@pytest.mark.parametrize(
    "arguments, environment, is_open",
    [
        ([], {**HOST, "TF_SNAPSHOT_DEBUGGABLE": ""}, False),
        ([], {**HOST, "TF_SNAPSHOT_DEBUGGABLE": "1"}, True),
        (["-debug"], {"TF_SNAPSHOT_DEBUGGABLE": ""}, True),
    ],
    ids=["always", "asked for", "-debug"],
)
def test_its_memory_is_closed_to_others_and_leaves_no_core(binaries, sandbox, arguments, environment, is_open):
    """But for developers."""
    binary = binaries["rds-snapshot/snapshot"]
    is_open = is_open or is_sanitized(binary)
    plugin = Plugin([*ORDINARY, binary, *arguments], sandbox, **environment)
    try:
        plugin.handshake()
        assert is_open_to_its_user(plugin.process.pid) == is_open
        assert is_open or largest_core_file(plugin.process.pid)[0] == "0"
    finally:
        if arguments:  # it has a socket that only its own end removes
            plugin.process.send_signal(signal.SIGINT)
            plugin.process.wait(10)
        plugin.end()


def test_noise_in_the_environment_does_not_matter(start):
    noise = {"GRPC_VERBOSITY": "DEBUG", "GRPC_TRACE": "all", "PLUGIN_MIN_PORT": "10000", "PLUGIN_MAX_PORT": "25000"}
    assert start(**HOST, **noise).handshake()[0] == "1"
