"""The table of what channels have delivered. Beside messages, which never change, it says how far each chat is."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from routing.requests.columns import Base


class Delivery(Base):
    """How far a chat of a messenger is told to its visitor (routing.requests.deliveries). `visitor` is personal data:
    the row goes soon after the chat is over."""

    __tablename__ = "deliveries"

    # No foreign key: control may have the call's own row in its spool.
    call_id: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    channel: Mapped[str]
    visitor: Mapped[str]
    began_at: Mapped[datetime]
    position: Mapped[int]       # of the last message that arrived; -1: none
    piece: Mapped[int]          # how many pieces of the next message arrived
    attempts: Mapped[int]       # of the next piece, in vain
    next_at: Mapped[datetime]
    error: Mapped[str]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "channel", "visitor"),
        Index("ix_deliveries_open", "node", "channel", sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
    )
