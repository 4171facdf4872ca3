# SPDX-License-Identifier: MPL-2.0
"""How the provider finds the host of an endpoint: by /etc/hosts and by name servers, as this system's programs do.

Each test has a network and an /etc of its own (harness/namespace.py). What holds for one build holds for the other,
but for EDNS: release resolves names with glibc, static with c-ares."""

import contextlib
import socket
from urllib.parse import urlsplit

import pytest
from harness.elf import headers
from harness.nameserver import NameServer
from harness.namespace import Namespace
from harness.relay import Relay

pytestmark = [pytest.mark.root_with("nsenter"), pytest.mark.started]

SERVER, SECOND_SERVER = "127.0.0.53", "127.0.0.54"
HOST = "rds.inner.test"
HERE, HERE_BY_IPV6 = "127.0.0.1", "::1"
UNRESOLVED = "the name of the host could not be resolved"
SOON_SECONDS = 45  # with a start of Terraform, on a busy machine


ONE_TRY = """
provider "snapshot" {
  alias       = "once"
  region      = "eu-central-1"
  max_retries = 1
}
"""


class Names:
    """A copy to plan, against the imitation of AWS under a name."""

    def __init__(self, copy, sandbox, world, ends):
        """`ends` is an ExitStack."""
        self.ends = ends
        self.namespace = self.ended(Namespace(sandbox.folder))
        target = urlsplit(world.aws.url)
        listeners = self.namespace.listeners(0, HERE, HERE_BY_IPV6)
        self.relay = self.ended(Relay(listeners, (target.hostname, target.port)))
        self.etc("nsswitch.conf", "hosts: files dns\n")
        terraform = sandbox.folder / "terraform"
        self.namespace.wrap(terraform, copy.workspace.terraform)
        copy.workspace.terraform = terraform
        self.copy, self.workspace = copy, copy.workspace

    def ended(self, it):
        self.ends.callback(it.end)
        return it

    def etc(self, name, text):
        (self.namespace.etc / name).write_text(text)

    def server(self, names=None, address=SERVER, **options):
        (datagrams,) = self.namespace.listeners(53, address, kind=socket.SOCK_DGRAM)
        (connections,) = self.namespace.listeners(53, address)
        return self.ended(NameServer(datagrams, connections, names, **options))

    def plan(self, host=HOST, **options):
        url = f"http://{host}:{self.relay.port}"
        return self.workspace.plan(
            environment={f"AWS_ENDPOINT_URL_{service}": url for service in ("RDS", "KMS", "STS", "IAM")}, **options
        )


@pytest.fixture
def names(cluster_copy, sandbox, world):
    with contextlib.ExitStack() as ends:
        yield Names(cluster_copy, sandbox, world, ends)


def asked(server):
    return {name for name, *_ in server.asked}


def test_a_name_of_the_hosts_file_is_asked_of_nobody(names):
    server = names.server()
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    names.etc("hosts", f"# a comment\n{HERE}\tlocalhost\n{HERE} other {HOST} # and another\n")
    names.plan()
    assert server.asked == []


@pytest.mark.parametrize("address", [HERE, HERE_BY_IPV6])
def test_the_hosts_file_is_enough(names, address):
    """No resolv.conf, no nsswitch.conf."""
    (names.namespace.etc / "nsswitch.conf").unlink()
    names.etc("hosts", f"{address} {HOST}\n")
    names.plan()


@pytest.mark.parametrize("address", [HERE, HERE_BY_IPV6])
def test_a_name_server_knows_it(names, address):
    server = names.server({HOST: [address]})
    names.etc("resolv.conf", f"# by hand\n\nnameserver {SERVER}\noptions edns0 trust-ad\n")
    names.plan()
    assert asked(server) == {HOST}


def test_search_domains_are_tried_in_turn(names):
    server = names.server({HOST: [HERE]})
    names.etc("resolv.conf", f"nameserver {SERVER}\nsearch outer.test inner.test\n")
    names.plan("rds")
    assert "rds.outer.test" in asked(server) and "rds.inner.test" in asked(server)


@pytest.mark.parametrize("ndots, first", [(1, "rds.zone"), (3, "rds.zone.inner.test")])
def test_ndots_decides_what_is_tried_first(names, ndots, first):
    server = names.server({"rds.zone": [HERE], "rds.zone.inner.test": [HERE]})
    names.etc("resolv.conf", f"nameserver {SERVER}\nsearch inner.test\noptions ndots:{ndots}\n")
    names.plan("rds.zone")
    assert asked(server) == {first}


def test_an_answer_too_long_for_a_datagram_is_fetched_again(names):
    many = [f"127.0.1.{n}" for n in range(1, 60)] + [HERE]
    server = names.server({HOST: [HERE_BY_IPV6, *many]})
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    names.plan()
    assert (HOST, "A", "tcp", False) in server.asked


def test_a_server_that_knows_no_edns_is_not_asked_with_it(names):
    server = names.server({HOST: [HERE]}, knows_edns=False)
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    names.plan()
    assert not any(has_edns for *_, has_edns in server.asked)


def test_edns_is_sent_if_resolv_conf_says_so(names, binaries):
    """With glibc, which then fails at a server that knows none. c-ares 1.18 does not read `edns0`."""
    server = names.server({HOST: [HERE]})
    names.etc("resolv.conf", f"nameserver {SERVER}\noptions edns0\n")
    names.plan()
    has_glibc = "INTERP" in headers(binaries["rds-snapshot/snapshot"])
    assert {has_edns for *_, has_edns in server.asked} == {has_glibc}


@pytest.mark.tenth
def test_a_silent_first_server_costs_seconds(names):
    silent, second = names.server(is_silent=True), names.server({HOST: [HERE]}, SECOND_SERVER)
    names.etc("resolv.conf", f"nameserver {SERVER}\nnameserver {SECOND_SERVER}\n")
    outcome = names.plan()
    assert asked(silent) == asked(second) == {HOST}
    assert outcome.seconds < SOON_SECONDS


@pytest.mark.tenth
def test_servers_that_are_all_silent_are_given_up(names):
    silent = names.server(is_silent=True)
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    names.workspace.write("once.tf", ONE_TRY)
    names.copy.set("  provider = snapshot.once")
    outcome = names.plan(ok=False)
    outcome.assert_error(HOST, UNRESOLVED)
    assert asked(silent) == {HOST} and outcome.seconds < SOON_SECONDS


def test_a_name_that_does_not_exist_is_named_with_what_to_check(names):
    server = names.server({})
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    outcome = names.plan(ok=False)
    outcome.assert_error(f"http://{HOST}:", UNRESOLVED, "/etc/resolv.conf", "endpoints")
    assert asked(server) == {HOST} and outcome.seconds < SOON_SECONDS


def test_without_a_name_server_the_error_comes_soon(names):
    """No resolv.conf: programs then ask this machine, where nobody listens."""
    outcome = names.plan(ok=False)
    outcome.assert_error(HOST, UNRESOLVED, "/etc/resolv.conf")
    assert outcome.seconds < SOON_SECONDS


def test_a_network_that_changes_meanwhile_is_seen(names):
    """The first tries ask a server that is no longer there."""
    names.etc("resolv.conf", f"nameserver {SECOND_SERVER}\n")
    gone = names.server({}, SECOND_SERVER)
    server = names.server({HOST: [HERE]})
    names.workspace.environment["TF_SNAPSHOT_TIME_SCALE"] = "1"
    url = f"http://{HOST}:{names.relay.port}"
    running = names.workspace.start(
        "plan",
        "-json",
        environment={f"AWS_ENDPOINT_URL_{service}": url for service in ("RDS", "KMS", "STS", "IAM")},
    )
    names.copy.world.wait_until(lambda: gone.asked, "the name is asked for")
    names.etc("resolv.conf", f"nameserver {SERVER}\n")
    assert running.wait().ok
    assert asked(server) == {HOST}
