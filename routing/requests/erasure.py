"""Forgets a caller: numbers and names, what was written by and about them, and their recordings' files.

What is left of their calls is that they were: times, queues, outcomes, and who listened to which recording. Rows that
come late out of a spool do not bring anything back.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select, update

from routing.requests.recordings import RecordingFilter, RecordingView
from routing.requests.repository import Repository
from routing.requests.rows import clean
from routing.requests.tables import Call, ChatState, Delivery, File, Message, Person, Request, RequestWork

AT_ONCE = 500           # calls of one statement
SILENT = timedelta(days=1)      # of a chat of another node; no menu awaits an answer for so long
# Every column of a person that holds a number: the caller's, and where they want to be called.
NUMBERS = tuple(column for column in Person.__table__.columns if column.name.endswith("_number"))


@dataclass(frozen=True)
class Erased:
    """How many calls, notes and recordings; `elsewhere`: ids of recordings whose files are not here."""

    calls: int
    notes: int
    recordings: int
    elsewhere: tuple[str, ...] = ()

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(self.calls + other.calls, self.notes + other.notes, self.recordings + other.recordings,
                      self.elsewhere + other.elsewhere)


class GoesOn(Exception):
    """Chats that are not over: their visitors would read nothing of what is answered, and what control knows of them
    would be written again. `calls`: their ids."""

    def __init__(self, calls: Collection[str]) -> None:
        super().__init__(f"chats go on: {', '.join(calls)}")
        self.calls = tuple(calls)


def erase_caller(engine: Engine, numbers: Collection[str], at: datetime,
                 unlink: Callable[[RecordingView], bool], here: str | None = None) -> Erased:
    """Erase everything of callers with one of these numbers; of who writes: who gave it as theirs, or wrote nothing but
    it in a message. `unlink` erases a recording and writes that down; False if
    its file is another machine's. Files go first: what is interrupted is done by asking again. `here` is this node: a
    chat of another one in which nothing was written for a day counts as over, since that node may never end it. Raises
    SQLAlchemyError, what `unlink` raises, and GoesOn: before anything is erased, unless one begins meanwhile."""
    erased, wanted = Erased(0, 0, 0), [clean(number) for number in numbers if number]
    if not wanted:
        return erased
    _refuse_open(engine, or_(*(Call.id.in_(query) for query in _queries(wanted))), at, here)
    while found := _calls_of(engine, wanted):
        _refuse_open(engine, Call.id.in_(found), at, here)
        for call in found:
            erased += _erase(engine, call, at, unlink, here)
    return erased


def erase_call(engine: Engine, call: str, at: datetime, unlink: Callable[[RecordingView], bool],
               here: str | None = None) -> Erased:
    """The same of whose call or chat this is, and of the calls in which they were called back about it: for who has no
    number. Nothing of a call that the record does not have. Raises as above."""
    erased = Erased(0, 0, 0)
    found = _about_the_same(engine, clean(call))
    _refuse_open(engine, Call.id.in_(found), at, here)
    for one in found:
        erased += _erase(engine, one, at, unlink, here)
    return erased


def calls_like(engine: Engine, beginning: str, most: int = 2) -> list[str]:
    """Ids of calls that begin like this, `most` of them."""
    with engine.connect() as connection:
        return list(connection.scalars(select(Call.id).where(Call.id.startswith(clean(beginning), autoescape=True))
                                       .order_by(Call.id).limit(most)))


def _refuse_open(engine: Engine, which: ColumnElement[bool], at: datetime, here: str | None) -> None:
    query = _open(at, here).where(which).order_by(Call.began_at, Call.id)
    with engine.connect() as connection:
        found = connection.scalars(query).all()
    if found:
        raise GoesOn(found)


def _open(at: datetime, here: str | None) -> Select[str]:
    """Chats that go on; of other nodes those of which something was written lately: nobody ends those of a node that
    never starts again (`close_orphans`), while who runs this one can start it."""
    query = select(Call.id).where(Call.channel != "voice", Call.outcome.is_(None), Call.ended_at.is_(None))
    if here is None:
        return query
    lately = at - SILENT
    said = select(Message.call_id).where(Message.call_id == Call.id, Message.at >= lately).exists()
    changed = select(ChatState.call_id).where(ChatState.call_id == Call.id, ChatState.at >= lately).exists()
    return query.where(or_(Call.node == here, Call.began_at >= lately, said, changed))


def _erase(engine: Engine, call: str, at: datetime, unlink: Callable[[RecordingView], bool],
           here: str | None) -> Erased:
    repository = Repository(engine)
    recordings, elsewhere = 0, list[str]()
    for recording in repository.recordings.page(RecordingFilter(call_id=call), limit=AT_ONCE).items:
        if recording.erased_at is None:
            unlinked = unlink(recording)
            recordings += unlinked
            elsewhere += [] if unlinked else [recording.id]
    notes = _erase_notes(engine, [call], at, here)
    return Erased(int(repository.erase_person(call, at)), notes, recordings, tuple(elsewhere))


def erase_old(engine: Engine, before: datetime, at: datetime) -> Erased:
    """The same of everybody whose call ended before that, but for recordings, which have a time of their own. Raises
    SQLAlchemyError; the rest waits for the next time."""
    repository = Repository(engine)
    calls = notes = 0
    old = (select(Person.call_id).join(Call, Call.id == Person.call_id)
           .where(Person.erased_at.is_(None), Call.ended_at < before).limit(AT_ONCE))
    while True:
        with engine.connect() as connection:
            found = list(connection.scalars(old))
        if not found:
            return Erased(calls, notes, 0)
        for call in found:
            notes += _erase_notes(engine, [call], at)
            calls += repository.erase_person(call, at)


def _calls_of(engine: Engine, wanted: Collection[str]) -> list[str]:
    """Some of those that are left."""
    people, wrote = (query.limit(AT_ONCE) for query in _queries(wanted))
    with engine.connect() as connection:
        return list(connection.scalars(people)) or list(connection.scalars(wrote))


def _queries(wanted: Collection[str]) -> tuple[Select[str], Select[str]]:
    """Calls of people with one of these numbers; and those in which one was written."""
    bare: Any = Message.body
    for sign in " -()":
        bare = func.replace(bare, sign, "")
    people = select(Person.call_id).where(or_(*(column.in_(wanted) for column in NUMBERS)))
    said = [*wanted, *(f"wish{number}" for number in wanted)]      # and where they asked to be called (form `call`)
    return people, select(Message.call_id).where(Message.sender == "caller", bare.in_(said)).distinct()


def _about_the_same(engine: Engine, call: str) -> list[str]:
    """The call, and those of the request that it led to."""
    request = select(Call.request_id).where(Call.id == call).scalar_subquery()
    with engine.connect() as connection:
        return list(connection.scalars(select(Call.id).where(or_(Call.id == call, Call.request_id == request))
                                       .order_by(Call.began_at)))


def _erase_notes(engine: Engine, calls: Collection[str], at: datetime, here: str | None = None) -> int:
    """A change like any other to whoever has the request open: their revision is behind. What was written in chats goes
    as well; that there was a message, and whose, stays. The people are marked first: the writer looks at the
    mark (`transaction`), and so one of the two waits for the other."""
    of_calls = select(Request.id).where(Request.call_id.in_(calls))
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(update(Person).where(Person.call_id.in_(calls)).values(erased_at=at))
        changed = connection.execute(
            update(RequestWork).where(RequestWork.request_id.in_(of_calls),
                                      or_(RequestWork.note.is_not(None), RequestWork.filled.is_not(None)))
            .values(note=None, filled=None, at=at, revision=RequestWork.revision + 1))
        connection.execute(update(Message).where(Message.call_id.in_(calls), Message.body.is_not(None))
                           .values(body=None))
        # Of a chat that is over but for the row that says so; a later one says nothing either (`transaction`).
        connection.execute(update(ChatState).where(ChatState.call_id.in_(calls)).values(state=""))
        # The content goes by `desk.chat.files.sweep`, which knows the disk.
        connection.execute(update(File).where(File.call_id.in_(calls), File.erased_at.is_(None))
                           .values(erased_at=at, name="", visitor=""))
        # Who is known to a messenger; a chat that goes on keeps it, or its visitor would hear nothing more.
        on = _open(at, here).where(Call.id.in_(calls))
        connection.execute(update(Delivery).where(Delivery.call_id.in_(calls),
                                                  or_(Delivery.closed_at.is_not(None), Delivery.call_id.not_in(on)))
                           .values(visitor="", closed_at=func.coalesce(Delivery.closed_at, at)))
        return int(changed.rowcount)
