"""How soon people who write are answered by a person: the first message of an operator in a chat.

The row of a chat says when an operator took it, and that is what waits in queues are made of; what the visitor waits
for is the first line. So both are figures, and neither stands for the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from routing.reports.facts import Visit
from routing.reports.figure import Figure
from routing.reports.tally import Tally
from routing.requests.tables import Call, Message

NO_PERSON = ("caller", "hotline")       # senders of messages


_said: Any = aliased(Message)
# Of a call that is a chat: the first message of a person of ours that the visitor could read. Looked up call by call,
# in the order of an index: a report costs no more for the messages that other periods have.
FIRST_MESSAGE = and_(
    Message.call_id == Call.id, Call.channel != "voice",
    Message.position == (select(_said.position)
                         .where(_said.call_id == Call.id, _said.sender.not_in(NO_PERSON), _said.audience == "all")
                         .order_by(_said.position).limit(1).correlate(Call).scalar_subquery()))


@dataclass(frozen=True, slots=True)
class Reply:
    """The first one of a chat: by whom, in which queue ("" for none), and after how many seconds: since the chat came
    into that queue (into none: since it began), and since it began."""

    operator: str
    queue: str
    at: datetime
    waited: float
    since_begin: float


def reply_of(visit: Visit) -> Reply | None:
    """None while nobody has written."""
    if visit.replied_at is None:
        return None
    before = [stay for stay in visit.stays if stay.began_at <= visit.replied_at]
    queue, since = (before[-1].queue, before[-1].began_at) if before else ("", visit.began_at)
    return Reply(visit.replied_by, queue, visit.replied_at, (visit.replied_at - since).total_seconds(),
                 (visit.replied_at - visit.began_at).total_seconds())


def add_reply(tally: Tally, reply: Reply) -> None:
    tally.replies.add(reply.waited)
    tally.replies_begun.add(reply.since_begin)


REPLIES = (
    Figure("replies", "replied chats", "count", "R: chats in which an operator wrote to the visitor",
           lambda tally: len(tally.replies)),
    Figure("first_response", "first reply s", "seconds",
           "mean over R of (first message of an operator - entry into the queue that led to them)",
           lambda tally: tally.replies.mean),
    Figure("first_response_90", "first reply 90 % s", "seconds",
           "90th percentile over R of (first message of an operator - entry into the queue that led to "
           "them)",
           lambda tally: tally.replies.percentile(0.9)),
    Figure("first_response_begun", "first reply, of all s", "seconds",
           "mean over R of (first message of an operator - begin of the chat)",
           lambda tally: tally.replies_begun.mean),
    Figure("first_response_begun_90", "first reply, of all 90 % s", "seconds",
           "90th percentile over R of (first message of an operator - begin of the chat)",
           lambda tally: tally.replies_begun.percentile(0.9)),
)
