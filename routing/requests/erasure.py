"""Forgets a caller: numbers and names, what was written about them, and their recordings' files.

What is left of their calls is that they were: times, queues, outcomes, and who listened to which recording. Rows that
come late out of a spool do not bring anything back.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, or_, select, update

from routing.requests.recordings import RecordingFilter, RecordingView
from routing.requests.repository import Repository
from routing.requests.rows import clean
from routing.requests.tables import Call, File, Message, Person, Request, RequestWork

AT_ONCE = 500           # calls of one statement
# Every column of a person that holds a number: the caller's, and where they want to be called.
NUMBERS = tuple(column for column in Person.__table__.columns if column.name.endswith("_number"))


@dataclass(frozen=True)
class Erased:
    """How many calls, notes and recordings; `elsewhere`: ids of recordings whose files are not here."""

    calls: int
    notes: int
    recordings: int
    elsewhere: tuple[str, ...] = ()


def erase_caller(engine: Engine, numbers: Collection[str], at: datetime,
                 unlink: Callable[[RecordingView], bool]) -> Erased:
    """Erase everything of callers with one of these numbers. `unlink` erases a recording and writes that down; False if
    its file is another machine's. Files go first: what is interrupted is done by asking again. Raises SQLAlchemyError
    and what `unlink` raises."""
    repository = Repository(engine)
    calls = notes = recordings = 0
    elsewhere: list[str] = []
    while found := _calls_of(engine, numbers):
        for call in found:
            for recording in repository.recordings.page(RecordingFilter(call_id=call), limit=AT_ONCE).items:
                if recording.erased_at is None:
                    here = unlink(recording)
                    recordings += here
                    elsewhere += [] if here else [recording.id]
        notes += _erase_notes(engine, found, at)
        for call in found:
            calls += repository.erase_person(call, at)
    return Erased(calls, notes, recordings, tuple(elsewhere))


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
        notes += _erase_notes(engine, found, at)
        calls += sum(repository.erase_person(call, at) for call in found)


def _calls_of(engine: Engine, numbers: Collection[str]) -> list[str]:
    wanted = [clean(number) for number in numbers if number]
    query = select(Person.call_id).where(or_(*(column.in_(wanted) for column in NUMBERS))).limit(AT_ONCE)
    with engine.connect() as connection:
        return list(connection.scalars(query)) if wanted else []


def _erase_notes(engine: Engine, calls: Collection[str], at: datetime) -> int:
    """A change like any other to whoever has the request open: their revision is behind. What was written in chats goes
    as well; that there was a message, and whose, stays."""
    of_calls = select(Request.id).where(Request.call_id.in_(calls))
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        changed = connection.execute(
            update(RequestWork).where(RequestWork.request_id.in_(of_calls),
                                      or_(RequestWork.note.is_not(None), RequestWork.filled.is_not(None)))
            .values(note=None, filled=None, at=at, revision=RequestWork.revision + 1))
        connection.execute(update(Message).where(Message.call_id.in_(calls), Message.body.is_not(None))
                           .values(body=None))
        # The content goes by `desk.chat.files.sweep`, which knows the disk.
        connection.execute(update(File).where(File.call_id.in_(calls), File.erased_at.is_(None))
                           .values(erased_at=at, name="", visitor=""))
        return int(changed.rowcount)
