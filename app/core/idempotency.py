"""`Idempotency-Key`: the answer is kept in the business transaction and replayed from then on.

`begin` runs as the transaction starts, `keep` while it is still open; so the answer is there
exactly if the change is, whoever is killed in between. One at a time: an advisory lock of the
transaction, which a crash lets go.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import DateTime, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import UploadFile

from app.core.database import Model, WriteSession
from app.core.errors import (
    IDEMPOTENCY_KEY_IN_FLIGHT,
    IDEMPOTENCY_KEY_REUSED,
    VALIDATION_FAILED,
    FieldError,
    Problem,
)
from app.core.texts import text

KEY = re.compile("^[!#-~]([ -~]{0,253}[!#-~])?$")
"""Without the quotes that a structured field has around it."""

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("location", "etag", "content-type", "content-language", "link")


class KeptAnswer(Model):
    """An answer kept for replay."""

    __tablename__ = "idempotency_keys"

    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    """The organisation asked for and the route with its ids."""
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    headers: Mapped[str]
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )


OLDEST = func.now() - literal(KEPT_FOR)
"""By the real clock: a simulation does not shorten the promise."""


class Replayed(Exception):  # noqa: N818 - it carries an answer, not an error
    """The answer is known already; nothing needs doing."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request, and no other, is working under."""

    session: WriteSession
    credential_id: UUID
    scope: str
    key: str
    fingerprint: bytes


def key_of(request: Request) -> str | None:
    """The key of a POST, if it has one. Raises 422 for one that is none."""
    header = request.headers.get("idempotency-key")
    if header is None or request.method != "POST":
        return None
    key = header.strip().strip('"')
    if not KEY.fullmatch(key):
        raise Problem(
            VALIDATION_FAILED,
            violations=[
                FieldError(
                    "", text("An Idempotency-Key has 1 to 255 printable characters of ASCII.")
                )
            ],
        )
    return key


async def begin(
    request: Request,
    session: WriteSession,
    *,
    credential_id: UUID,
    organization: str,
    secret: bytes,
) -> None:
    """Claim the request's key, if it has one.

    Raises:
        Replayed: this very request was answered before.
        Problem: `idempotencyKeyInFlight`, `idempotencyKeyReused`.
    """
    key = key_of(request)
    if key is None:
        return
    scope = f"{organization} {request.url.path}"
    lock = hashlib.sha256(f"{credential_id} {scope} {key}".encode()).digest()[:8]
    taken = await session.scalar(
        select(func.pg_try_advisory_xact_lock(int.from_bytes(lock, signed=True)))
    )
    if not taken:
        raise Problem(
            IDEMPOTENCY_KEY_IN_FLIGHT,
            text("Wait for the first answer, or ask again shortly with the same key."),
            headers={"Retry-After": "1"},
        )
    fingerprint = hmac.digest(secret, await _content(request), "sha256")
    kept = await session.scalar(
        select(KeptAnswer).where(
            KeptAnswer.credential_id == credential_id,
            KeptAnswer.scope == scope,
            KeptAnswer.key == key,
            KeptAnswer.created_at > OLDEST,
        )
    )
    if kept is None:
        request.state.claim = Claim(session, credential_id, scope, key, fingerprint)
        return
    if not hmac.compare_digest(kept.fingerprint, fingerprint):
        raise Problem(
            IDEMPOTENCY_KEY_REUSED,
            text("Use a fresh key for a request that differs from the first."),
        )
    raise Replayed(
        Response(
            kept.body,
            kept.status,
            headers=json.loads(kept.headers) | {"Idempotent-Replayed": "true"},
        )
    )


async def _content(request: Request) -> bytes:
    """What distinguishes one body from another; a file counts by its SHA-256."""
    form = getattr(request, "_form", None)
    if form is None:
        body = await request.body()
        try:
            return json.dumps(json.loads(body), sort_keys=True).encode()
        except ValueError:
            return body
    parts: list[tuple[str, str]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            digest = hashlib.sha256()
            while chunk := await value.read(1 << 20):
                digest.update(chunk)
            await value.seek(0)
            parts.append((name, digest.hexdigest()))
        else:
            parts.append((name, value))
    return json.dumps(sorted(parts)).encode()


async def keep(request: Request, response: Response) -> None:
    """Keep a success with the change it tells of; refusals are judged anew each time."""
    claim: Claim | None = getattr(request.state, "claim", None)
    if claim is None or response.status_code >= 400:
        return
    answer = {
        "fingerprint": claim.fingerprint,
        "status": response.status_code,
        "headers": json.dumps(
            {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        ),
        "body": _without_secrets(request, bytes(response.body)),
        "created_at": func.now(),
    }
    await claim.session.execute(
        insert(KeptAnswer)
        .values(credential_id=claim.credential_id, scope=claim.scope, key=claim.key, **answer)
        .on_conflict_do_update(index_elements=["credential_id", "scope", "key"], set_=answer)
    )


def _without_secrets(request: Request, body: bytes) -> bytes:
    """The answer without the members that are shown once only (`request.state.shown_once`)."""
    names: tuple[str, ...] = getattr(request.state, "shown_once", ())
    if not names:
        return body
    content = json.loads(body)
    return json.dumps({k: v for k, v in content.items() if k not in names}).encode()


async def forget_expired(session: WriteSession) -> None:
    """Delete the answers whose time is over."""
    await session.execute(delete(KeptAnswer).where(KeptAnswer.created_at <= OLDEST))
