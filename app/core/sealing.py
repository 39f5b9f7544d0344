"""Secrets at rest: `KeyRing.seal` encrypts a text bound to its row, `KeyRing.open` reads it again.

AES-GCM; what a text is bound to (table, column, row) is authenticated with it, so a value copied
to another row or column does not open. The first key of the ring seals, all of them open: a key
is changed by putting a new one in front.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
SHOWN_CHARACTERS = 4
HIDDEN = "••••"


class SealBroken(Exception):  # noqa: N818 - what happened to the seal
    """The value was changed, bound to something else, or sealed with a key that is not here."""


class KeyRing:
    """Keys by id; the first one seals."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._sealing = next(iter(self._ciphers))

    def seal(self, plain: str, binding: str) -> bytes:
        """The text encrypted: length and id of the key, nonce, ciphertext."""
        key_id = self._sealing.encode()
        header = bytes([len(key_id)]) + key_id
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._ciphers[self._sealing]
        return header + nonce + cipher.encrypt(nonce, plain.encode(), header + binding.encode())

    def open(self, sealed: bytes, binding: str) -> str:
        """The text again. Raises `SealBroken`."""
        start = 1 + sealed[0]
        header, nonce = sealed[:start], sealed[start : start + NONCE_BYTES]
        try:
            cipher = self._ciphers[header[1:].decode()]
            plain = cipher.decrypt(nonce, sealed[start + NONCE_BYTES :], header + binding.encode())
        except (KeyError, InvalidTag, UnicodeDecodeError):
            raise SealBroken from None
        return plain.decode()


def masked(plain: str) -> str:
    """What may be shown of a secret: its last characters, four at most and never half of it."""
    return HIDDEN + plain[len(plain) - min(SHOWN_CHARACTERS, (len(plain) - 1) // 2) :]
