"""/metrics: figures for Prometheus, with the token unless `web.open_metrics` says otherwise."""

from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from desk.problems import problems
from desk.state import desk_of
from desk.who import DeskOf, somebody
from ivr.drivers.control_link import ControlAway, ControlRefused

router = APIRouter(tags=["operation"])

_bearer = HTTPBearer(auto_error=False)


def allowed(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """Refuses strangers, unless metrics are open."""
    if not desk_of(request).config.web.open_metrics:
        somebody(request, bearer, None)


@router.get("/metrics", summary="Figures for Prometheus", dependencies=[Depends(allowed)], response_class=Response,
            responses={**problems(401), 200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}})
async def metrics(desk: DeskOf) -> Response:
    try:
        snapshot = await desk.snapshots.get()
    except (ControlAway, ControlRefused):
        snapshot = None
    text = desk.metrics.text(snapshot, len(desk.accounts.differences),
                             chain(desk.overdue.families(), desk.channels.families()))
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
