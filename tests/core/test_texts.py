"""Texts in both languages, the choice of the language, and the tool that keeps the catalogues."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from app.cli.texts import PLACEHOLDER, SOURCE, faults, marked, update
from app.core.texts import CATALOGUES, Language, Text, negotiate, plural_text, text

POLISH = CATALOGUES / "pl/LC_MESSAGES/messages.po"


# --- Which language ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pl", "pl"),
        ("PL", "pl"),
        ("pl-PL", "pl"),
        ("pl-PL,pl;q=0.9", "pl"),
        ("pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7", "pl"),
        ("en-US,en;q=0.9,pl;q=0.8", "en"),
        ("en-US,pl;q=0.9,en;q=0.8", "en"),
        ("en;q=0.5,pl", "pl"),
        ("en;q=0.500 , pl ; q=0.501", "pl"),
        ("en, pl", "en"),
        ("pl, en", "pl"),
        ("de", "en"),
        ("de, pl;q=0.1", "pl"),
        ("plx, pl_PL", "en"),
        ("*", "en"),
        ("de, *;q=0.5", "en"),
        ("*;q=0.1,pl;q=0.5", "pl"),
        ("pl;q=0.5,*;q=0.1", "pl"),
        ("pl;q=0,en", "en"),
        ("pl;q=0", "en"),
        ("pl;q=0.000, *", "en"),
        ("en;q=0, *", "pl"),
        ("en;q=0", "en"),
        ("q=abc", "en"),
        ("pl;q=abc", "en"),
        ("pl;q=abc, en;q=0.1", "en"),
        ("", "en"),
        (" ", "en"),
        (",;,=;q", "en"),
        (", ,pl,", "pl"),
        ("\x00\xff;;;q=;q=1", "en"),
        ("pl," * 2731, "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_one_preferred(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param("pl, *;q=0", "pl", id="what is named is not refused by a star"),
        pytest.param("*;q=0, pl;q=0.5", "pl", id="nor by one in front"),
        pytest.param("en;q=0.1, *", "pl", id="a star does not raise what is named"),
        pytest.param("*, pl", "pl", id="a name outweighs a star"),
        pytest.param("pl;Q=0, en;q=0.1", "en", id="the q may be a capital"),
        pytest.param("pl-PL;q=0, pl", "pl", id="a refused region is not a refused language"),
        pytest.param("en;q=abc, *", "en", id="an unreadable weight is no refusal"),
        pytest.param("pl, pl;q=abc", "pl", id="nor of what was named before"),
        pytest.param("pl;q=nan, en;q=0.1", "en", id="not a number is unreadable"),
    ],
)
def test_the_language_is_the_one_preferred_in_rare_headers(header: str, language: str) -> None:
    assert negotiate(header) == language


# --- Texts ------------------------------------------------------------------------------------

COUNTS = {0: 2, 1: 0, 2: 1, 4: 1, 5: 2, 12: 2, 14: 2, 21: 2, 22: 1, 25: 2, 100: 2, 102: 1, 112: 2}
"""Which of Polish's three forms a count takes."""


def messages_of(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def polish(path: Path = POLISH) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="pl", abort_invalid=True)


def forms(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (message or "",) if isinstance(message, str | None) else tuple(message)


def dummies(message: Message) -> dict[str, object]:
    return {name: f"<{name}>" for name in PLACEHOLDER.findall(" ".join(forms(message.id)))}


def as_text(message: Message, count: int) -> Text:
    singular, *plural = forms(message.id)
    parameters = dummies(message)
    if not plural:
        return text(singular, **parameters)
    return plural_text(singular, plural[0], count, **(parameters | {"count": count}))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("count", [1, 2, 5, 22])
def test_every_message_can_be_written(language: Language, count: int) -> None:
    for message in messages_of(marked(SOURCE, Language.pl)):
        written = as_text(message, count).to(language)
        assert written
        assert not PLACEHOLDER.search(written), written
        for value in (
            dummies(message) | ({"count": count} if message.pluralizable else {})
        ).values():
            assert str(value) in written


def test_every_plural_takes_the_form_of_its_count() -> None:
    plurals = [message for message in messages_of(polish()) if message.pluralizable]
    assert plurals
    for message in plurals:
        for count, form in COUNTS.items():
            expected = message.string[form] % (dummies(message) | {"count": count})
            assert as_text(message, count).to(Language.pl) == expected


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 numerów"),
        (1, "1 numer"),
        (2, "2 numery"),
        (5, "5 numerów"),
        (12, "12 numerów"),
        (22, "22 numery"),
        (25, "25 numerów"),
        (112, "112 numerów"),
    ],
)
def test_numbers_are_counted_in_polish(count: int, words: str) -> None:
    limit = plural_text(
        "An order takes %(count)s number at most; order the rest in further orders.",
        "An order takes %(count)s numbers at most; order the rest in further orders.",
        count,
    )
    assert re.search(rf"\b{words}\b", limit.to(Language.pl))


def test_numbers_are_counted_in_english() -> None:
    assert plural_text("%(count)s number", "%(count)s numbers", 1).to(Language.en) == "1 number"
    assert plural_text("%(count)s number", "%(count)s numbers", 22).to(Language.en) == "22 numbers"


def test_a_text_within_a_text_is_written_in_the_same_language() -> None:
    inner = text("The order is %(status)s; that is not possible now.", status=text("Pending"))
    outer = text("One of: %(expected)s.", expected=inner)
    assert "Pending" in outer.to(Language.en)
    assert "Oczekujące" in outer.to(Language.pl)
    assert not re.search("Pending|One of|order", outer.to(Language.pl))


def test_a_plural_within_a_text_is_written_in_the_same_language() -> None:
    inner = plural_text("%(count)s thing here", "%(count)s things here", 5)
    outer = text("One of: %(expected)s.", expected=inner)
    assert outer.to(Language.en) == "One of: 5 things here."
    assert outer.to(Language.pl) == "Dozwolone wartości: 5 things here."


def test_a_text_without_parameters_may_have_a_percent_sign() -> None:
    assert text("100%").to(Language.pl) == "100%"


def test_parameters_are_not_read_as_templates() -> None:
    written = text("One of: %(expected)s.", expected="100% %(roles)s %%").to(Language.pl)
    assert written == "Dozwolone wartości: 100% %(roles)s %%."


# --- Extraction -------------------------------------------------------------------------------


def test_only_marked_texts_are_found(tmp_path: Path) -> None:
    write(
        tmp_path / "shop.py",
        """
        import app.core.texts
        import app.core.texts as t
        from app.core import texts
        from app.core.texts import plural_text as many
        from app.core.texts import text as localised
        from sqlalchemy import text

        STATEMENT = text("select 1")
        LINES = [
            localised("In two" " pieces"),
            localised(
                "In more"
                " lines with %(name)s",
                name="x",
            ),
            many("%(count)s shop", "%(count)s shops", len("x")),
            t.text("Through an alias"),
            texts.text("Through the package"),
            app.core.texts.text("In full"),
            localised("In two" " pieces"),
        ]

        def within() -> object:
            return [LINES[0].text("A method of something else")]
        """,
    )
    write(tmp_path / "elsewhere/sql.py", 'from sqlalchemy import text\ntext("select 2")')
    found = marked(tmp_path, Language.pl)
    assert {message.id: message.python_format for message in messages_of(found)} == {
        "In two pieces": False,
        "In more lines with %(name)s": True,
        ("%(count)s shop", "%(count)s shops"): True,
        "Through an alias": False,
        "Through the package": False,
        "In full": False,
    }


@pytest.mark.parametrize(
    "call",
    [
        'text(f"{NAME}")',
        "text(NAME)",
        'text("Hello " + NAME)',
        'text("%s" % NAME)',
        'text("")',
        'text(b"bytes")',
        "text(*NAMES)",
        'plural_text(NAME, "%(count)s shops", 2)',
        'plural_text("%(count)s shop", NAME, 2)',
    ],
)
def test_a_message_has_to_be_a_literal(tmp_path: Path, call: str) -> None:
    write(tmp_path / "shop.py", f"from app.core.texts import plural_text, text\n\n{call}\n")
    update(tmp_path, tmp_path)
    (fault,) = faults(tmp_path, tmp_path)
    assert "shop.py:3: " in fault
    assert "literal" in fault


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(content))


# --- The catalogue is kept up -----------------------------------------------------------------


@dataclass(frozen=True)
class Copy:
    """The modules and catalogues of the service, in a folder of the test's own."""

    home: Path

    @property
    def source(self) -> Path:
        return self.home / "app"

    @property
    def catalogues(self) -> Path:
        return self.source / "core/locales"

    @property
    def path(self) -> Path:
        return self.catalogues / "pl/LC_MESSAGES/messages.po"

    def edit(self, change: Callable[[Catalog], None]) -> None:
        catalogue = polish(self.path)
        change(catalogue)
        with self.path.open("wb") as file:
            write_po(file, catalogue)

    def update(self) -> bytes:
        update(self.source, self.catalogues)
        return self.path.read_bytes()

    def faults(self) -> list[str]:
        return faults(self.source, self.catalogues)

    def content(self) -> dict[Path, bytes]:
        return {
            path: path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli.texts", *options],
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )


def translate_the_rest(catalogue: Catalog) -> None:
    for message in messages_of(catalogue):
        if message.fuzzy or not all(forms(message.string)):
            message.flags.discard("fuzzy")
            singular, *plural = forms(message.id)
            message.string = (singular, plural[0], plural[0]) if plural else singular


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy whose catalogue is complete, whatever is being written in the original."""
    made = Copy(tmp_path_factory.mktemp("texts"))
    shutil.copytree(SOURCE, made.source, ignore=shutil.ignore_patterns("__pycache__"))
    made.update()
    made.edit(translate_the_rest)
    made.update()
    assert made.faults() == []
    return made


@pytest.fixture
def copy(complete: Copy, tmp_path: Path) -> Copy:
    """A complete copy for one test to spoil."""
    shutil.copytree(complete.source, tmp_path / "app")
    return Copy(tmp_path)


def plain(catalogue: Catalog) -> Message:
    return next(m for m in messages_of(catalogue) if not m.pluralizable and not m.python_format)


def with_placeholder(catalogue: Catalog) -> Message:
    return next(m for m in messages_of(catalogue) if not m.pluralizable and m.python_format)


def with_plural(catalogue: Catalog) -> Message:
    return next(m for m in messages_of(catalogue) if m.pluralizable)


def leave_untranslated(catalogue: Catalog) -> str:
    plain(catalogue).string = ""
    return f"untranslated: {plain(catalogue).id}"


def leave_plural_untranslated(catalogue: Catalog) -> str:
    message = with_plural(catalogue)
    message.string = ("", "", "")
    return f"untranslated: {message.id[0]}"


def mark_fuzzy(catalogue: Catalog) -> str:
    plain(catalogue).flags.add("fuzzy")
    return f"fuzzy: {plain(catalogue).id}"


def remove(catalogue: Catalog) -> str:
    message = plain(catalogue)
    catalogue.delete(message.id)
    return f"missing: {message.id}"


def keep_stale(catalogue: Catalog) -> str:
    catalogue.add("No module says this.", "Nikt tak nie mówi.")
    return "stale: No module says this."


def keep_obsolete(catalogue: Catalog) -> str:
    catalogue.obsolete["Old"] = Message("Old", "Stare")
    return "stale: Old"


def lose_placeholder(catalogue: Catalog) -> str:
    message = with_placeholder(catalogue)
    message.string = PLACEHOLDER.sub("", str(message.string), count=1)
    return f'other placeholders in "{message.string}": {message.id}'


def add_placeholder(catalogue: Catalog) -> str:
    message = plain(catalogue)
    message.string = f"{message.string} %(nobody)s"
    return f'other placeholders in "{message.string}": {message.id}'


def break_placeholder(catalogue: Catalog) -> str:
    message = with_placeholder(catalogue)
    message.string = f"{message.string} 100%"
    return f'other placeholders in "{message.string}": {message.id}'


def lose_placeholder_in_a_plural(catalogue: Catalog) -> str:
    message = with_plural(catalogue)
    last = PLACEHOLDER.sub("", message.string[2], count=1)
    message.string = (*message.string[:2], last)
    return f'other placeholders in "{last}": {message.id[0]}'


def lose_plural_form(catalogue: Catalog) -> str:
    message = with_plural(catalogue)
    message.string = (*message.string[:2], "")
    return f"plural form missing: {message.id[0]}"


@pytest.mark.parametrize(
    "seed",
    [
        leave_untranslated,
        leave_plural_untranslated,
        mark_fuzzy,
        remove,
        keep_stale,
        keep_obsolete,
        lose_placeholder,
        add_placeholder,
        break_placeholder,
        lose_placeholder_in_a_plural,
        lose_plural_form,
    ],
)
def test_a_fault_of_the_catalogue_is_found(copy: Copy, seed: Callable[[Catalog], str]) -> None:
    expected = []
    copy.edit(lambda catalogue: expected.append(f"pl: {seed(catalogue)}"))
    assert copy.faults() == expected


def test_a_message_that_became_a_plural_is_missing_and_stale(copy: Copy) -> None:
    write(
        copy.source / "shop.py",
        """
        from app.core.texts import plural_text

        plural_text("%(count)s shop", "%(count)s shops", 2)
        """,
    )

    def keep_singular(catalogue: Catalog) -> None:
        catalogue.add("%(count)s shop", "%(count)s sklep")

    copy.edit(keep_singular)
    assert copy.faults() == ["pl: missing: %(count)s shop", "pl: stale: %(count)s shop"]


def test_other_plural_rules_than_the_languages_own_are_found(copy: Copy) -> None:
    content = copy.path.read_text()
    copy.path.write_text(content.replace("n%10>=2", "n%10>=3"))
    (fault,) = copy.faults()
    assert "wrong plural forms" in fault


def test_a_catalogue_that_is_not_there_lacks_every_message(copy: Copy) -> None:
    copy.path.unlink()
    messages = messages_of(marked(copy.source, Language.pl))
    assert len([fault for fault in copy.faults() if "missing" in fault]) == len(messages)


def test_an_update_of_what_is_up_to_date_changes_no_byte(copy: Copy) -> None:
    before = copy.path.read_bytes()
    assert copy.update() == before
    assert b"#:" not in before
    assert b"Date" not in before


def test_an_update_adds_what_is_new_untranslated_and_guesses_nothing(copy: Copy) -> None:
    before = polish(copy.path)
    write(
        copy.source / "shop.py",
        f"""
        from app.core.texts import plural_text, text

        text({f"{plain(before).id}!"!r})
        plural_text("%(count)s shop", "%(count)s shops", 2)
        """,
    )
    copy.update()
    after = polish(copy.path)
    reworded, plural = after.get(f"{plain(before).id}!"), after.get("%(count)s shop")
    assert reworded is not None
    assert plural is not None
    assert (reworded.string, reworded.fuzzy) == ("", False)
    assert plural.string == ("", "", "")
    assert len(after) == len(before) + 2
    for message in messages_of(before):
        kept = after.get(message.id)
        assert kept is not None
        assert kept.string == message.string


def test_an_update_removes_what_is_gone(copy: Copy) -> None:
    before = copy.path.read_bytes()
    seeded = []
    copy.edit(lambda catalogue: seeded.append(keep_stale(catalogue)))
    assert copy.path.read_bytes() != before
    assert copy.update() == before


def test_an_update_keeps_the_translators_marks(copy: Copy) -> None:
    def annotate(catalogue: Catalog) -> None:
        plain(catalogue).flags.add("fuzzy")
        plain(catalogue).user_comments.append("Ask the carrier.")

    copy.edit(annotate)
    copy.update()
    kept = plain(polish(copy.path))
    assert kept.fuzzy
    assert kept.user_comments == ["Ask the carrier."]


def test_the_command_checks_without_writing(copy: Copy) -> None:
    clean = copy.run("--check")
    assert (clean.returncode, clean.stdout + clean.stderr) == (0, "")
    seeded = []
    copy.edit(lambda catalogue: seeded.append(leave_untranslated(catalogue)))
    before = copy.content()
    failed = copy.run("--check")
    assert failed.returncode == 1
    assert seeded[0] in failed.stderr
    assert copy.content() == before


def test_the_command_writes_the_catalogue_and_nothing_else(copy: Copy) -> None:
    before = copy.content()
    copy.path.unlink()
    assert copy.run().returncode == 0
    after = copy.content()
    assert {path for path in after if before.get(path) != after[path]} == {copy.path}
    assert before.keys() == after.keys()
