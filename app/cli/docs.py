"""Keeps the pages of `docs/` in step with the code they tell of.

`python -m app.cli.docs` writes them, see `pages`; with `--check` it only says which are stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from app.core.settings import Settings
from app.core.texts import Language
from app.domains.number_orders import lifecycle as number_orders
from app.domains.orders.kinds import ErrorType, Remedy, RemedyAction
from app.domains.orders.lifecycle import Lifecycle, State
from app.domains.port_orders import lifecycle as port_orders
from app.domains.port_orders.errors import ERRORS
from app.domains.support_cases.lifecycle import AFTER_COMMENT, TRANSITIONS
from app.integrations.carriers.simulator import PORT_ERRORS

DOCS = Path(__file__).parents[2] / "docs"
NOTICE = "<!-- Written by `make docs` from the code; change it there. -->"
SETTINGS = "<!-- settings: written by `make docs` from app/core/settings.py -->"
END = "<!-- end of settings -->"

CALLS: Mapping[RemedyAction, str] = {
    RemedyAction.update_field: "`PATCH …/portOrders/{orderId}` with the fields it points at",
    RemedyAction.remove_numbers: "`POST …/portOrders/{orderId}/removeNumbers`",
    RemedyAction.split_order: "`POST …/portOrders/{orderId}/split`, a billing number for each",
    RemedyAction.upload_document: "`POST …/portOrders/{orderId}/documents` with `kind` and `file`",
    RemedyAction.sign_loa: "`POST …/portOrders/{orderId}/loa/sign`",
    RemedyAction.contact_support: "`POST …/supportCases` with `orderId` and the need `rejection`",
}
"""How each remedy is done."""

REJECTIONS = """\
# The 19 rejections of a port

{notice}

A rejected port has them in `errors`, each with its `remedies`, the one advised first, in English or
Polish by `Accept-Language`; `GET /v1/telephony/pstn/portErrors` has this table. Do one remedy of
each error, sign the letter of authorisation again where `loa` became `void`, and submit again:
`POST …/portOrders/{{orderId}}/submit`. Nothing done is refused with `remedyOutstanding`.

| `action` | how |
|---|---|
{actions}

The simulated carrier rejects the first submission of a port whose lowest number has the ending.

| ending | `code` | what is wrong | remedies |
|---|---|---|---|
{rows}
"""

STATES = """\
# States

{notice}

A status is what is shown, its stage refines it; `nextActor` says whose turn it is.

## Orders of new numbers

{number_orders}

## Port orders

{port_orders}

`cancelRequested` keeps the status; the support desk confirms or declines.

## Support cases

{support_cases}

A comment hands the turn to the other side: `open` is support's, `answered` the customer's.
"""


def pages(folder: Path) -> dict[Path, str]:
    """What each page in that folder should say."""
    operating = folder / "operating.md"
    return {
        folder / "rejections.md": REJECTIONS.format(
            notice=NOTICE,
            actions="\n".join(f"| `{action}` | {how} |" for action, how in CALLS.items()),
            rows="\n".join(
                _rejection(f"{index:02}", ERRORS[code])
                for index, code in enumerate(PORT_ERRORS, start=1)
            ),
        ),
        folder / "states.md": STATES.format(
            notice=NOTICE,
            number_orders=_lifecycle(
                number_orders.LIFECYCLE, (number_orders.QUEUED, number_orders.WITH_SUPPORT)
            ),
            port_orders=_lifecycle(
                port_orders.LIFECYCLE, (port_orders.DRAFT,), aside=port_orders.CANCELLED
            ),
            support_cases=_picture(TRANSITIONS, tuple(AFTER_COMMENT.values())),
        ),
        operating: _with_settings(operating.read_text()),
    }


def _rejection(ending: str, error: ErrorType) -> str:
    titles = "<br>".join(error.title.to(language) for language in Language)
    remedies = "<br>".join(_remedy(remedy) for remedy in error.remedies)
    detail = error.detail.to(Language.en)
    return f"| `{ending}` | `{error.code}`<br>{titles} | {detail} | {remedies} |"


def _remedy(remedy: Remedy) -> str:
    kind = f" `{remedy.document_kind}`" if remedy.document_kind else ""
    pointers = "".join(f" `{pointer}`" for pointer in remedy.pointers)
    return f"`{remedy.action}`{kind}{pointers}: {remedy.text.to(Language.en)}"


def _lifecycle(lifecycle: Lifecycle, first: Sequence[State], aside: State | None = None) -> str:
    """A picture, and a table of what is shown in which state.

    Moves to the state `aside`, to which nearly every other leads, are told and not drawn.
    """
    moves = lifecycle.transitions
    drawn = {state: following - {aside} for state, following in moves.items() if state != aside}
    parts = [_picture(drawn, first), ""]
    if aside is not None:
        others = [s for s, to in moves.items() if to and aside not in to]
        but = " and ".join(f"`{_label(state)}`" for state in others)
        parts += [f"Not drawn: `{_label(aside)}`, which may follow all that go on but {but}.", ""]
    parts += ["| status | stage | shown as | next actor |", "|---|---|---|---|"]
    for state in moves:
        stage = f"`{state.stage}`" if state.stage else ""
        shown = " / ".join(lifecycle.titles[state.status].to(language) for language in Language)
        parts.append(f"| `{state.status}` | {stage} | {shown} | {lifecycle.next_actor[state]} |")
    return "\n".join(parts)


def _picture(moves: Mapping[Any, frozenset[Any]], first: Sequence[State | str]) -> str:
    """States and moves as Mermaid draws them."""
    lines = [f"  {_node(s)}: {_label(s)}" for s in moves if _node(s) != _label(s)]
    lines += [f"  [*] --> {_node(state)}" for state in first]
    for state, following in moves.items():
        lines += [f"  {_node(state)} --> {_node(to)}" for to in moves if to in following]
        if not following:
            lines.append(f"  {_node(state)} --> [*]")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _node(state: State | str) -> str:
    return _label(state).replace(" ", "_")


def _label(state: State | str) -> str:
    if isinstance(state, State):
        return f"{state.status} {state.stage}" if state.stage else state.status
    return str(state)


def _with_settings(page: str) -> str:
    head, _, rest = page.partition(SETTINGS)
    _, _, tail = rest.partition(END)
    rows = [_setting(name, field) for name, field in Settings.model_fields.items()]
    table = "\n".join(["| variable | default | what it is |", "|---|---|---|", *rows])
    return f"{head}{SETTINGS}\n{table}\n{END}{tail}"


def _setting(name: str, field: FieldInfo) -> str:
    assert field.description, f"say in app/core/settings.py what {name} is"  # noqa: S101
    variable = str(field.validation_alias or f"PSTN_{name.upper()}")
    default = field.get_default(call_default_factory=True)
    shown = "" if default is None or default == {} else f"`{_as_written(default)}`"
    return f"| `{variable}` | {shown} | {' '.join(field.description.split())} |"


def _as_written(default: object) -> str:
    """A default as one would write it in the environment."""
    match default:
        case bool():
            return str(default).lower()
        case tuple():
            return str(list(default))
    return str(default)


def write(folder: Path) -> None:
    """Write the pages."""
    for path, content in pages(folder).items():
        path.write_text(content)


def stale(folder: Path) -> Iterator[Path]:
    """The pages that do not say what they should."""
    for path, content in pages(folder).items():
        if not path.exists() or path.read_text() != content:
            yield path


def main(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail on a fault.")] = False,
) -> None:
    """Write the pages of docs/ that tell of the code."""
    if not check:
        write(DOCS)
        return
    found = list(stale(DOCS))
    for path in found:
        typer.echo(f"docs/{path.name} is stale: run make docs", err=True)
    if found:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
