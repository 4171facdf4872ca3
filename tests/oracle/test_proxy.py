# SPDX-License-Identifier: MPL-2.0
"""Which requests go past the proxy: random exceptions, beside the rules as Python's ipaddress reads addresses.

They agree with golang.org/x/net/http/httpproxy v0.30.0, by which hashicorp/aws decides, but for an IPv6
address in brackets without a port, which Go takes for no address, and for AGENTS.
"""

import ipaddress
from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

ROUNDS = 3000
PORTS = {"http": "80", "https": "443"}
# They hand out credentials, which pass no proxy.
AGENTS = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"]

NAMES = ["example.com", "a.example.com", "b.a.example.com", "notexample.com", "com", "EXAMPLE.com", "localhost"]
PUBLIC = ["10.1.2.3", "10.1.2.200", "10.9.9.9", "2001:db8::1", "2001:db9::1"]
ADDRESSES = [*PUBLIC, "127.0.0.1", "127.9.9.9", "::1", *AGENTS]
PORT = st.sampled_from(["", ":80", ":443", ":8080"])


def bracketed(address):
    return f"[{address}]" if ":" in address else address


HOST = st.sampled_from([*NAMES, *map(bracketed, ADDRESSES), "[::ffff:10.1.2.3]"])
DOMAIN = st.tuples(st.sampled_from(["", ".", "*.", "*"]), st.sampled_from(NAMES), PORT).map("".join)
ADDRESS = st.sampled_from(ADDRESSES) | st.tuples(st.sampled_from(ADDRESSES).map(bracketed), PORT).map("".join)
BLOCK = st.tuples(st.sampled_from([*ADDRESSES, "::ffff:10.1.2.3"]), st.integers(-1, 130)).map("%s/%d".__mod__)
ODD = st.sampled_from("* *:80 . *. :80 [] / 10.1.2.3/ 10.1.2.3/x 10.1.2 example.com.".split() + ["", " ", "a b"])
ENTRY = st.tuples(st.sampled_from(["", " "]), DOMAIN | ADDRESS | BLOCK | ODD, st.sampled_from(["", " "])).map("".join)


def address_of(text):
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def block_of(text):
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    return ipaddress.ip_network((mapped, found.prefixlen - 96)) if mapped and found.prefixlen >= 96 else found


def is_under(host, domain):
    """ "example.com" is also below itself, ".example.com" is not."""
    host, domain = host.lower(), domain.lower()
    domain = domain[1:] if domain.startswith("*.") else domain
    below = domain if domain.startswith(".") else "." + domain
    return host.endswith(below) and len(host) > len(below) or (host == domain and not domain.startswith("."))


def split_port(entry):
    """(host, port); more than one colon without brackets is an address."""
    host, colon, port = entry.rpartition(":")
    if colon and (host.startswith("[") and host.endswith("]") or ":" not in host):
        return host.removeprefix("[").removesuffix("]"), port
    return entry.removeprefix("[").removesuffix("]"), ""


def excepts(entry, host, port):
    address = address_of(host)
    if entry == "*":
        return True
    if "/" in entry:
        block = block_of(entry)
        return bool(block and address and address.version == block.version and address in block)
    name, wanted = split_port(entry)
    if not name or (wanted and wanted != port):
        return False
    return address_of(name) == address if address_of(name) else name.strip("*.") != "" and is_under(host, name)


def is_direct(url, no_proxy):
    parts = urlsplit(url)
    host, port = parts.hostname, str(parts.port or PORTS[parts.scheme])
    address = address_of(host)
    if host.lower() == "localhost" or address and (address.is_loopback or address in map(address_of, AGENTS)):
        return True
    return any(excepts(entry.strip(), host, port) for entry in no_proxy.split(","))


def test_what_goes_past_the_proxy_agrees(oracle, capsys):
    counts = {True: 0, False: 0}

    @settings(max_examples=ROUNDS, deadline=None, derandomize=True)
    @given(st.sampled_from(["http", "https"]), HOST, PORT, st.lists(ENTRY, max_size=3))
    def compare(scheme, host, port, entries):
        url, no_proxy = f"{scheme}://{host}{port}/", ",".join(entries)
        expected = is_direct(url, no_proxy)
        assert oracle.is_direct(url, no_proxy) is expected
        counts[expected] += 1

    compare()
    with capsys.disabled():
        print(f"\nproxies: {sum(counts.values())} compared, {counts[True]} of them direct, 0 differing")
    assert all(counts.values())
