"""`/simulator`: there in simulator mode only."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from app.auth.caller import Caller, Role
from app.auth.guard import allow
from app.core.database import Database
from app.core.errors import NotFound
from app.core.http import ApiRoute, Speaks
from app.core.openapi import problems
from app.core.validation import CodeText, Entries, ProseText, RequestSchema, Schema
from app.domains.simulation import service
from app.integrations.carriers.simulator import SCRIPT

router = APIRouter(route_class=ApiRoute, tags=["Simulator"], prefix="/simulator")

Operator = Annotated[Caller, allow(Role.operator)]


class ClockView(Schema):
    """The simulation's clock."""

    now: datetime = Field(description="What time it is.", examples=["2026-11-22T10:00:00Z"])


class ClockAdvance(RequestSchema):
    """How far to advance the clock."""

    seconds: float = Field(
        gt=0,
        le=366 * 86_400,
        strict=True,
        allow_inf_nan=False,
        description="Seconds, a year at most.",
        examples=[86400],
    )


class ScriptLine(Schema):
    """What the simulated carrier does for a number."""

    ending: CodeText = Field(
        description="The last two digits of an order's lowest number.", examples=["30"]
    )
    effect: ProseText = Field(description="What happens.", examples=["The carrier refuses."])


class Script(Schema):
    """The simulated carrier's script; every other order goes well."""

    items: Entries[ScriptLine] = Field(description="By ending.")


def _simulated(request: Request) -> Database:
    if not request.app.state.simulator:
        raise NotFound
    database: Database = request.app.state.database
    return database


@router.get("/clock", summary="Read the clock", responses=problems())
async def get_clock(caller: Operator, request: Request) -> ClockView:  # noqa: ARG001 - the guard
    """What time it is in the simulation."""
    return ClockView(now=await service.now(_simulated(request)))


@router.post("/clock/advance", summary="Advance the clock", responses=problems(415, 422))
async def advance_clock(
    caller: Operator,  # noqa: ARG001 - the guard
    body: ClockAdvance,
    request: Request,
) -> ClockView:
    """Advance the clock; answers when everything that fell due on the way is done, in its order."""
    return ClockView(now=await service.advance(_simulated(request), body.seconds))


@router.get("/script", summary="Read the carrier's script", responses=problems())
async def get_script(
    caller: Operator,  # noqa: ARG001 - the guard
    request: Request,
    language: Speaks,
) -> Script:
    """What the simulated carrier does for which numbers."""
    _simulated(request)
    return Script(
        items=[
            ScriptLine(ending=ending, effect=effect.to(language))
            for ending, effect in SCRIPT.items()
        ]
    )
