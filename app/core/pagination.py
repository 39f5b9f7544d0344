"""Lists in pages: `max`, an opaque cursor, and `Link: <…>; rel="next"` that carries all filters."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.core.errors import INVALID_CURSOR, Problem
from app.core.texts import text

DEFAULT_MAX = 100

Item = TypeVar("Item")


class Page:
    """The page a request asks for, and the way to name the next one."""

    def __init__(self, request: Request, max_items: int, after: str | None) -> None:
        self._request = request
        self.max_items = max_items
        self.after = after

    @property
    def is_wished(self) -> bool:
        """Whether the request speaks of pages at all: Webex gives some lists whole."""
        return not {"max", "cursor"}.isdisjoint(self._request.query_params)

    def cut(
        self, found: list[Item], response: Response, key: Callable[[Item], object]
    ) -> list[Item]:
        """This page's items, of one more than it holds; the next page, if any, is linked.

        `key` gives the sort key of an item, which the next page begins behind.
        """
        if len(found) <= self.max_items:
            return found
        shown = found[: self.max_items]
        self.link_next(response, str(key(shown[-1])))
        return shown

    @property
    def after_id(self) -> UUID | None:
        """The sort key of the page before as an id. Raises 400 `invalidCursor` for another kind."""
        if self.after is None:
            return None
        try:
            return UUID(self.after)
        except ValueError:
            raise _refused() from None

    @property
    def after_number(self) -> int | None:
        """The sort key of the page before as a number. Raises 400 `invalidCursor` likewise."""
        if self.after is None:
            return None
        if not (self.after.isascii() and self.after.isdigit() and len(self.after) < 19):
            raise _refused()
        return int(self.after)

    @property
    def after_number_and_count(self) -> tuple[int | None, int]:
        """The same, with the number of items on the pages before."""
        if self.after is None:
            return None, 0
        number, _, count = self.after.partition("-")
        if not all(p.isascii() and p.isdigit() and len(p) < 19 for p in (number, count)):
            raise _refused()
        return int(number), int(count)

    def link_next(self, response: Response, after: str) -> None:
        """Tell that more follows behind the item whose sort key is `after`."""
        url = self._request.url.include_query_params(
            max=self.max_items, cursor=encode(after, self._request)
        )
        response.headers["Link"] = f'<{url}>; rel="next"'


def page(
    request: Request,
    max_items: Annotated[
        int,
        Query(alias="max", ge=1, le=1000, description="Entries a page at most.", examples=[100]),
    ] = DEFAULT_MAX,
    cursor: Annotated[
        str | None,
        Query(
            max_length=500,
            description="Where the page begins; taken from the `Link` header of the page before.",
            examples=["eyJhIjoiMTIwNjIwMDAwMTAiLCJmIjoiMGExYjJjM2QifQ"],
        ),
    ] = None,
) -> Page:
    """The page asked for. Raises 400 `invalidCursor` for a cursor of another list or filter."""
    return Page(request, max_items, decode(cursor, request) if cursor else None)


Paged = Annotated[Page, Depends(page)]


def encode(after: str, request: Request) -> str:
    """A cursor that belongs to this path and these filters only."""
    raw = json.dumps({"a": after, "f": _filters(request)}).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str, request: Request) -> str:
    """The sort key within a cursor."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        content = json.loads(raw)
        after, filters = content["a"], content["f"]
    except (ValueError, KeyError, TypeError):
        raise _refused() from None
    if not isinstance(after, str) or "\0" in after or filters != _filters(request):
        raise _refused()
    return after


def _refused() -> Problem:
    return Problem(
        INVALID_CURSOR,
        text("Take the cursor from the Link header as it is, or begin again without one."),
    )


def _filters(request: Request) -> str:
    filters = sorted(
        item for item in request.query_params.multi_items() if item[0] not in ("cursor", "max")
    )
    return hashlib.sha256(json.dumps([request.url.path, filters]).encode()).hexdigest()[:16]
