"""Secrets at rest open where they belong, with any key of the ring, and nowhere else."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sealing import HIDDEN, KeyRing, SealBroken, masked
from app.core.settings import Settings

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


@given(st.text(), st.text())
def test_what_was_sealed_opens_where_it_belongs(plain: str, binding: str) -> None:
    ring = KeyRing({"old": OLD})
    assert ring.open(ring.seal(plain, binding), binding) == plain


def test_a_new_key_seals_and_an_old_one_still_opens() -> None:
    before = KeyRing({"old": OLD}).seal("4711", "row")
    both = KeyRing({"new": NEW, "old": OLD})
    after = both.seal("4711", "row")
    assert both.open(before, "row") == both.open(after, "row") == "4711"
    assert KeyRing({"new": NEW}).open(after, "row") == "4711"
    with pytest.raises(SealBroken):
        KeyRing({"new": NEW}).open(before, "row")


def test_the_same_text_is_never_sealed_alike() -> None:
    ring = KeyRing({"old": OLD})
    assert ring.seal("4711", "row") != ring.seal("4711", "row")


def test_copied_to_another_row_or_changed_it_does_not_open() -> None:
    ring = KeyRing({"old": OLD})
    sealed = ring.seal("4711", "row 1")
    with pytest.raises(SealBroken):
        ring.open(sealed, "row 2")
    for index in range(len(sealed)):
        broken = bytearray(sealed)
        broken[index] ^= 1
        with pytest.raises(SealBroken):
            ring.open(bytes(broken), "row 1")


@given(st.text(min_size=1))
def test_at_most_four_characters_and_less_than_half_are_shown(plain: str) -> None:
    shown = masked(plain).removeprefix(HIDDEN)
    assert len(shown) <= 4
    assert len(shown) * 2 < len(plain) or not shown
    assert plain.endswith(shown)


def test_with_no_key_given_one_is_made_and_kept_closed(tmp_path: Path) -> None:
    sealed = Settings(home=tmp_path).key_ring().seal("4711", "row")
    assert Settings(home=tmp_path).key_ring().open(sealed, "row") == "4711"
    path = tmp_path / "encryption.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_come_from_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given_keys = {"2027": NEW, "2026": OLD}
    as_json = ", ".join(
        f'"{name}": "{base64.b64encode(key).decode()}"' for name, key in given_keys.items()
    )
    monkeypatch.setenv("PSTN_ENCRYPTION_KEYS", "{" + as_json + "}")
    ring = Settings(home=tmp_path).key_ring()
    assert ring.open(KeyRing({"2026": OLD}).seal("4711", "row"), "row") == "4711"
    assert KeyRing({"2027": NEW}).open(ring.seal("4711", "row"), "row") == "4711"
    monkeypatch.setenv("PSTN_ENCRYPTION_KEYS", '{"short": "AAAA"}')
    with pytest.raises(ValueError, match="32 bytes"):
        Settings(home=tmp_path)
