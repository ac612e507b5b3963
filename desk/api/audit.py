"""/api/audit: who changed what, who came in and who was refused. For administrators."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from desk.api.paging import PageOf, Row, ShortText, Wanted, page_of
from desk.problems import problems
from desk.who import Admin, DeskOf
from routing.requests.audit import AuditFilter

router = APIRouter(prefix="/api/audit", tags=["audit"])


class AuditShown(Row):
    """One thing that somebody did."""

    id: str
    at: datetime
    node: Annotated[str, Field(description="The server that was asked")]
    who: Annotated[str, Field(description="A login, `token:` and its name, or `api`; empty: nobody was logged in")]
    what: Annotated[str, Field(examples=["tokens.make"])]
    subject: Annotated[str, Field(description="Of what: an id, a login, a name")]
    before: Annotated[Mapping[str, Any] | None, Field(description="What it was, where that says more")]
    after: Annotated[Mapping[str, Any] | None, Field(description="What it became")]


class AuditWanted(Wanted):
    """What is wanted; what is left out asks nothing."""

    who: ShortText | None = None
    what: Annotated[ShortText | None, Field(description="As `tokens.make`; with a dot at its end the whole kind: "
                                                        "`tokens.`")] = None
    subject: ShortText | None = None


@router.get("", summary="Who changed what, the newest first", responses=problems(400, 401, 403, 503))
def audit(desk: DeskOf, who: Admin, wanted: Annotated[AuditWanted, Query()]) -> PageOf[AuditShown]:
    desk.audit.flush()
    asked = AuditFilter(**wanted.filters())
    return page_of(AuditShown, lambda: desk.audit.kept.page(asked, wanted.cursor, wanted.limit))
