"""/api/phones: which phones are registered, and how they are reached."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Somebody

router = APIRouter(prefix="/api/phones", tags=["phones"])


class Contact(BaseModel):
    """One registered phone."""

    contact: Annotated[str, Field(description="The address that the phone names itself")]
    transport: Annotated[str, Field(description="udp, tcp, tls, or browser: a page of the desk")]
    address: Annotated[str, Field(description="Where its messages come from")]
    user_agent: Annotated[str, Field(description="What the phone says it is")] = ""
    expires_in_s: Annotated[float | None, Field(description="Seconds until it must have registered again; null: never, "
                                                            "it is there as long as its page is")]
    since_s: Annotated[float, Field(description="Seconds since it has been registered like this")]
    q: Annotated[float, Field(description="Its preference among the account's phones")] = 1.0
    nat: Annotated[bool, Field(description="Whether it names another address than its messages come from")]


class LastRefusal(BaseModel):
    """The last wrong password that somebody gave for an account."""

    address: Annotated[str, Field(description="Where it came from")]
    user_agent: Annotated[str, Field(description="What the phone says it is")] = ""
    since_s: Annotated[float, Field(description="Seconds since then")]


class Account(BaseModel):
    """An operator or an account with its phones; none: it can't be called."""

    account: str
    operator: Annotated[bool, Field(description="Whether it is an operator's")]
    contacts: list[Contact]
    last_refusal: Annotated[LastRefusal | None, Field(description="Whether or not it was mended; null: none")] = None


class Phones(BaseModel):
    """Every account in the order of config.yaml, operators first."""

    phones: list[Account]


@router.get("", summary="All accounts with their phones now; for an operator, their own", responses=problems(401, 503))
async def phones(desk: DeskOf, who: Somebody) -> Phones:
    found = Phones.model_validate(await desk.control.call("phones"))
    if not who.may("supervisor"):       # addresses of colleagues are none of their business
        found.phones = [phone for phone in found.phones if who.is_person(phone.account)]
    return found
