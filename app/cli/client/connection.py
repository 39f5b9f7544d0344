"""Where the service is and who calls it: the environment, else the demo's file. See `find`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.client.errors import Misused

CUSTOMER = "customerAdmin"
HOME_LOCATIONS = {"trialAdmin": "trialUs"}
"""The location of the demo that a role means when it names none; of the others it is `paidUs`."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A service, a token for it, and the locations that have a name of their own."""

    url: str
    token: str = field(repr=False)
    locations: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None
    """The one meant when none is named."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What `make run` left to script against."""

    url: str
    tokens: Mapping[str, str] = field(repr=False)
    locations: Mapping[str, str]


def demo_file() -> Path:
    """`$PSTN_HOME/demo.json`."""
    return Path(os.environ.get("PSTN_HOME", ".data")).expanduser() / "demo.json"


def find(role: str | None) -> Connection:
    """`PSTN_URL` with `PSTN_TOKEN`; else the demo, with the token of a role.

    A role that is named outranks `PSTN_TOKEN`. A token of the demo goes to no other service.

    Raises:
        Misused: neither says enough.
    """
    url, token = os.environ.get("PSTN_URL"), os.environ.get("PSTN_TOKEN")
    if token and role is None:
        if url:
            return Connection(url.rstrip("/"), token)
        demo = _demo()
        return Connection(demo.url, token, demo.locations)
    demo = _demo()
    if url and url.rstrip("/") != demo.url:
        raise Misused(f"PSTN_URL needs PSTN_TOKEN: the tokens of {demo_file()} are for {demo.url}.")
    role = role or CUSTOMER
    if role not in demo.tokens:
        raise Misused(f"{demo_file()} has no token of {role}; it has: {', '.join(demo.tokens)}.")
    home = demo.locations.get(HOME_LOCATIONS.get(role, "paidUs"))
    return Connection(demo.url, demo.tokens[role], demo.locations, home)


def _demo() -> Demo:
    path = demo_file()
    try:
        content = json.loads(path.read_text())
        return Demo(content["baseUrl"].rstrip("/"), content["tokens"], content["locations"])
    except FileNotFoundError:
        raise Misused(
            f"Which service? Set PSTN_URL and PSTN_TOKEN; or start one with make run, which leaves"
            f" {path} (PSTN_HOME says in which folder)."
        ) from None
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Misused(f"{path} is not as make run leaves it.") from None
