"""Lists come a page at a time, the newest first."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from desk.problems import Refusal
from routing.requests.paging import LARGEST_PAGE, PAGE
from routing.requests.views import Page

T = TypeVar("T", bound=BaseModel)

ShortText = Annotated[str, Field(max_length=128)]
Number = Annotated[str, Field(max_length=64, description="A telephone number, as the caller's side sent it, in full")]


class Wanted(BaseModel):
    """The part of a list that is wanted."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, Field(max_length=200, description="`next_cursor` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Items on a page, at most")] = PAGE
    since: Annotated[AwareDatetime | None, Field(description="Not before, with a time zone")] = None
    until: Annotated[AwareDatetime | None, Field(description="Before, with a time zone")] = None

    def filters(self) -> dict[str, Any]:
        """Everything but the place of the page."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in ("cursor", "limit")}


class PageOf(BaseModel, Generic[T]):
    """Items, the newest first."""

    items: list[T]
    next_cursor: Annotated[str | None, Field(description="Asks for the next, older page; null at the end")]


class Row(BaseModel):
    """Made from a row of the record, field by field."""

    model_config = ConfigDict(from_attributes=True)


def page_of(item: type[T], read: Callable[[], Page[Any]]) -> PageOf[T]:
    """Read a page; a cursor that nobody gave out is refused."""
    try:
        page = read()
    except ValueError:
        raise Refusal(400, "bad_cursor", "`cursor` is not the next_cursor of a page.") from None
    return PageOf[T](items=[item.model_validate(one) for one in page.items], next_cursor=page.next_cursor)


Moment = Annotated[datetime, Field(description="UTC")]
