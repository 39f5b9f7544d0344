"""Which targets are called: `Target.parse` reads one, `forbidden` judges where it leads. Pure.

Customers choose targets, and the service calls them from inside its network: only what lies on the
public internet is called. A target's text is read here once; the request is made of what was read,
so no second reader can understand it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from app.integrations.webhooks.port import TargetFault

Address = IPv4Address | IPv6Address

PORTS = {"https": 443, "http": 80}
ALLOWED_PORTS = frozenset({443})
READABLE = re.compile(r"[!-~]{1,2000}")
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?:{LABEL}\.)*{LABEL}")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label like this makes a spelling of an IPv4 address: 127.1, 0x7f.1, 2130706433."""

# What is refused though `is_global` lets it pass, in one Python or another.
NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # the inside of Azure's machines
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # protocol assignments, among them Teredo, which holds an IPv4 address
        "2002::/16",  # 6to4 holds an IPv4 address
        "3fff::/20",  # documentation
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""Outside of it lie NAT64 (64:ff9b::/96, 64:ff9b:1::/48), IPv4-compatible addresses, multicast."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target as it is called."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""

    @classmethod
    def parse(cls, url: str, *, allow_loopback: bool) -> Target | tuple[TargetFault, ...]:
        """What an address says, or everything wrong with it.

        For development `http` and any port may be written; `forbidden` then asks for loopback.
        """
        try:
            parts = urlsplit(url) if READABLE.fullmatch(url) and "\\" not in url else None
            port = parts.port if parts else None
        except ValueError:
            parts = port = None
        if parts is None or not parts.hostname:
            return (TargetFault.unreadable,)
        faults = _faults(parts, port, allow_loopback=allow_loopback)
        if faults:
            return faults
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], path)

    @property
    def authority(self) -> str:
        """The host as the `Host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def literal(self) -> Address | None:
        """The address that stands in the place of a name."""
        return _address(self.host)


def _faults(
    parts: SplitResult, port: int | None, *, allow_loopback: bool
) -> tuple[TargetFault, ...]:
    found = []
    if parts.scheme != "https" and not (allow_loopback and parts.scheme == "http"):
        found.append(TargetFault.scheme)
    if "@" in parts.netloc:
        found.append(TargetFault.credentials)
    if port is not None and port not in ALLOWED_PORTS and not (allow_loopback and port):
        found.append(TargetFault.port)
    host = parts.hostname or ""
    if _address(host) is None and not _is_name(host):
        found.append(TargetFault.host)
    return tuple(found)


def _is_name(host: str) -> bool:
    return (
        len(host) <= 253
        and NAME.fullmatch(host) is not None
        and NUMBER.fullmatch(host.rpartition(".")[2]) is None
    )


def _address(host: str) -> Address | None:
    try:
        return ip_address(host) if "%" not in host else None
    except ValueError:
        return None


def forbidden(
    target: Target, addresses: Collection[Address], *, allow_loopback: bool
) -> tuple[TargetFault, ...]:
    """Why a target that leads to these addresses, all of them, is not called."""
    if allow_loopback and all(_unwrapped(address).is_loopback for address in addresses):
        return ()
    found = []
    if target.scheme != "https":
        found.append(TargetFault.scheme)
    if target.port not in ALLOWED_PORTS:
        found.append(TargetFault.port)
    if not all(is_public(address) for address in addresses):
        found.append(TargetFault.address)
    return tuple(found)


def is_public(address: Address) -> bool:
    """Whether an address is a single machine's on the public internet."""
    address = _unwrapped(address)
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address.version == n.version and address in n for n in NOT_PUBLIC)
    )


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 socket calls by a mapped one."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
