"""Tables that the web process alone writes: who changed what, the tokens of programs, and the files of chats."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from routing.requests.columns import Base


class AuditEntry(Base):
    """Somebody changed something, or tried to come in: appended, never changed; goes when it is old."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    node: Mapped[str]
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (Index(None, "at", "id"), Index(None, "who", "at"))


class ApiToken(Base):
    """A token of a program; of the token itself only its SHA-256 is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class File(Base):
    """A file of a chat; its content is on the disk of its node, under its id. Erased, the row stays without a name."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(primary_key=True)
    # No foreign key: it is there before the chat's own row need be.
    call_id: Mapped[str] = mapped_column(index=True)
    node: Mapped[str]
    at: Mapped[datetime]
    sender: Mapped[str]
    # Who may have it besides people of ours: channel and name, as control knows them.
    visitor: Mapped[str]
    # Personal data, as the content is.
    name: Mapped[str]
    type: Mapped[str]
    octets: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    # Whether its message has been seen in the record: what nobody ever says goes after a day.
    said: Mapped[bool]
    erased_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "node", "erased_at"),)
