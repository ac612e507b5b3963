"""/api/trunks: how the lines to the providers stand."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Supervisor

router = APIRouter(prefix="/api/trunks", tags=["trunks"])


class Trunk(BaseModel):
    """One trunk now. An empty word: not in use."""

    name: str
    registration: Annotated[str, Field(description="State of the registration with the provider")] = ""
    reason: Annotated[str, Field(description="Why the registration is in this state")] = ""
    expires_in_s: Annotated[float | None, Field(description="Seconds until the registration would end")] = None
    ping: Annotated[str, Field(description="State of the OPTIONS pings")] = ""
    ping_reason: str = ""
    round_trip_s: Annotated[float | None, Field(description="Of the last ping that was answered")] = None
    calls: Annotated[int, Field(description="In progress")] = 0
    max_calls: Annotated[int | None, Field(description="Null: no limit")] = None
    calls_per_s: Annotated[float | None, Field(description="Null: no limit")] = None
    last_error: Annotated[str, Field(description="The last thing that went wrong, whether or not it was mended")] = ""
    addresses: Annotated[list[str], Field(description="Where our calls to it go, the next one first")] = []


class Trunks(BaseModel):
    """All trunks in the order of config.yaml."""

    trunks: list[Trunk]


@router.get("", summary="All trunks now", responses=problems(401, 403, 503))
async def trunks(desk: DeskOf, who: Supervisor) -> Trunks:
    snapshot = await desk.snapshots.get()
    limits = {trunk.name: trunk.calls_per_s for trunk in desk.config.trunks}
    return Trunks(trunks=[Trunk.model_validate({**shown, "calls_per_s": limits.get(shown["name"])})
                          for shown in snapshot.get("trunks", ())])
