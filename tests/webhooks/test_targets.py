"""Which targets are called, in every spelling: the public internet by https, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.webhooks.http import HttpWebhookSender
from app.integrations.webhooks.port import Failure, TargetFault
from app.integrations.webhooks.targets import Address, Target, forbidden, is_public

PUBLIC = ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:81b::200e"]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "10.0.0.1",
    "100.64.0.1",  # carrier-grade NAT
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # inside of Azure
    "169.254.169.254",  # metadata of clouds
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.0.192",  # metadata of Oracle's cloud
    "192.0.2.1",
    "192.88.99.1",  # relay of 6to4
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",  # IPv4-compatible
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",  # Teredo
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of Amazon's cloud
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
SPELLINGS = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "127.0.0.01",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "127。0。0。1",
    "localhost.",
    "a..b",
    "-",
    "[::1",
    "[fe80::1%25lo]",
    "[::1%lo]",
    "exa mple.com",
    "exa\tmple.com",
    "example.com\\@127.0.0.1",
    "żółw.example",
    "x" * 64 + ".example",
    ".".join(["x" * 60] * 5),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_called(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_else_is_called(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_another_one_is_not_called(inner: Address) -> None:
    """IPv4 in the clothes of NAT64, 6to4, Teredo, or mapped: never more than in its own."""
    number = int(inner)
    for outer in (
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | number << 80,
        (0x20010000 << 96) | (number ^ 0xFFFFFFFF),
        number,
    ):
        assert not is_public(ip_address(outer.to_bytes(16)))
    mapped = ip_address(f"::ffff:{inner}")
    assert is_public(mapped) is is_public(inner)


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_host_is_a_name_or_an_address_as_they_are_written(
    host: str, allow_loopback: bool
) -> None:
    target = Target.parse(f"https://{host}/", allow_loopback=allow_loopback)

    assert target in ((TargetFault.host,), (TargetFault.unreadable,))


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("http://example.com/", {"scheme"}),
        ("ftp://example.com/", {"scheme"}),
        ("file:///etc/passwd", {"unreadable"}),
        ("gopher://example.com:70/", {"scheme", "port"}),
        ("https://user:password@example.com/", {"credentials"}),
        ("https://@example.com/", {"credentials"}),
        ("https://example.com:22/", {"port"}),
        ("https://example.com:0/", {"port"}),
        ("https://example.com:99999/", {"unreadable"}),
        ("http://me@127.1:80/", {"scheme", "credentials", "port", "host"}),
        ("example.com", {"unreadable"}),
        ("https://", {"unreadable"}),
        ("", {"unreadable"}),
        ("https://example.com/\r\nHost: internal", {"unreadable"}),
    ],
)
def test_everything_wrong_is_told(url: str, faults: set[str]) -> None:
    found = Target.parse(url, allow_loopback=False)

    assert not isinstance(found, Target)
    assert set(found) == faults


def test_a_target_is_read_once_and_whole() -> None:
    target = Target.parse("HTTPS://Hooks.Example.com:443?a=b#part", allow_loopback=False)

    assert target == Target("https", "hooks.example.com", 443, "/?a=b")
    assert target.authority == "hooks.example.com"
    literal = Target.parse("https://[2606:4700::1111]/x", allow_loopback=False)
    assert isinstance(literal, Target)
    assert (literal.authority, str(literal.literal)) == ("[2606:4700::1111]", "2606:4700::1111")


@pytest.mark.parametrize(
    ("url", "address", "faults"),
    [
        ("http://127.0.0.1:8080/", "127.0.0.1", set()),
        ("http://localhost:8080/", "::1", set()),
        ("https://localhost/", "::ffff:127.0.0.1", set()),
        ("https://example.com/", "8.8.8.8", set()),
        ("http://example.com/", "8.8.8.8", {"scheme", "port"}),
        ("http://router.example:8080/", "192.168.1.1", {"scheme", "port", "address"}),
        ("https://metadata.example/", "169.254.169.254", {"address"}),
    ],
)
def test_development_opens_loopback_alone(url: str, address: str, faults: set[str]) -> None:
    target = Target.parse(url, allow_loopback=True)
    assert isinstance(target, Target)

    assert set(forbidden(target, [ip_address(address)], allow_loopback=True)) == faults


@pytest.mark.parametrize("others", [["8.8.8.8"], ["8.8.8.8", "2606:4700::1111"]])
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_one_address_that_is_not_public_spoils_the_others(
    others: Sequence[str], allow_loopback: bool
) -> None:
    target = Target.parse("https://example.com/", allow_loopback=allow_loopback)
    assert isinstance(target, Target)
    for place in range(len(others) + 1):
        addresses = [ip_address(address) for address in others]
        addresses.insert(place, ip_address("127.0.0.1"))
        assert forbidden(target, addresses, allow_loopback=allow_loopback) == (TargetFault.address,)


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_neither_a_name_nor_an_address_leads_inside(address: str) -> None:
    async def resolve(_name: str) -> list[Address]:
        return [ip_address(address)]

    sender = HttpWebhookSender(resolve=resolve)
    literal = f"[{address}]" if ":" in address else address

    for host in ("internal.example", literal):
        url = f"https://{host}/"
        assert await sender.check(url)
        outcome = await sender.send(url, {}, b"{}")
        assert outcome.failure is Failure.target_not_allowed


async def test_a_name_that_is_not_known_yet_is_no_fault_and_not_called() -> None:
    async def resolve(_name: str) -> list[Address]:
        raise socket.gaierror

    sender = HttpWebhookSender(resolve=resolve)

    assert await sender.check("https://soon.example/") == ()
    outcome = await sender.send("https://soon.example/", {}, b"{}")
    assert outcome.failure is Failure.host_not_found


async def test_the_system_s_own_spellings_of_loopback_are_refused() -> None:
    sender = HttpWebhookSender()

    for host in ("localhost", "127.0.0.1", "[::1]", "[::ffff:7f00:1]", *SPELLINGS[:8]):
        assert await sender.check(f"https://{host}/"), host
