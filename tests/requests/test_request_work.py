"""Working on requests on both databases: nobody overwrites another, control's rows and people's don't meet, callers who
come again are linked, and an erased caller is forgotten."""

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from ivr.base.config import Config
from ivr.base.topics import load_topics
from ivr.call.record import Batch, MessageRow, Outcome, PersonRow, RequestStatus
from routing.requests.database import make_engine, open_database
from routing.requests.erasure import Erased, calls_like, erase_call, erase_caller, erase_old
from routing.requests.links import link_requests
from routing.requests.messages import messages_of
from routing.requests.recordings import RecordingView
from routing.requests.repository import Repository
from routing.requests.tables import RequestChange
from routing.requests.transaction import write
from routing.requests.views import RequestFilter
from routing.requests.work import Change, ChangedMeanwhile, NoSuchRequest, change_request, work_of
from routing.requests.working import NotAllowed, worked_on
from tests.requests.visits import BEGAN, call_row, entry_row, recording_row, request_row, uuid

NOW = BEGAN + timedelta(hours=1)
CONFIG = Config.model_validate({"lines": [{"numbers": "100", "menu": "m.yaml"}], "operators": {"anna": {}},
                                "queues": {"cards": {"operators": ["anna"]}, "loans": {}}})
TOPICS = load_topics("topics: {lost: {title: Lost}}\nfields:\n  cards: {digits: {type: digits, required: yes}}\n", "t")


def put(engine: Engine, *batches: Batch) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, batches)


def visit(number: int, caller: str | None = "+7", **request: Any) -> Batch:
    call = call_row(number, outcome=Outcome.ANSWERED)
    return Batch((call,), (PersonRow(call.id, caller, "Ünal"),), (request_row(number, **request),))


@pytest.fixture
def record(engine: Engine) -> Engine:
    put(engine, visit(1))
    return engine


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables, made once, for what is the same on every database."""
    path = tmp_path_factory.mktemp("template") / "record.db"
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def sqlite(template: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(template, tmp_path / "record.db")
    engine = make_engine(f"sqlite:///{tmp_path}/record.db")
    yield engine
    engine.dispose()


def change(engine: Engine, revision: int, number: int = 1, **given: Any) -> int:
    made = change_request(engine, uuid(f"request {number}"), revision, Change(**given), "anna", NOW)
    return made.revision


def test_work__what_people_make_of_it_wins(record: Engine) -> None:
    view = Repository(record).request(uuid("request 1"))
    assert view is not None
    assert (view.revision, view.topic, view.status, view.filled) == (0, "", RequestStatus.OPEN, {})
    assert change(record, 0, topic="lost", note="звонил дважды", filled={"digits": "12", "other": "x"}) == 1
    assert change(record, 1, filled={"other": ""}, result="solved") == 2
    assert change(record, 2, status=RequestStatus.CLOSED) == 3
    put(record, visit(1, revision=9, operator="boris", status=RequestStatus.ANSWERED))    # control writes on
    view = Repository(record).request(uuid("request 1"))
    assert view is not None
    assert (view.status, view.closed_at, view.operator) == (RequestStatus.CLOSED, NOW, "boris")
    assert (view.topic, view.result, view.note, view.filled) == ("lost", "solved", "звонил дважды", {"digits": "12"})
    assert change(record, 3, status=RequestStatus.OPEN) == 4
    assert work_of(record, view.id).closed_at is None
    assert change(record, 4, queue="loans", operator="") == 5
    (found,) = Repository(record).requests(RequestFilter(queue="loans", status=RequestStatus.OPEN)).items
    assert (found.id, found.operator) == (view.id, "")
    assert Repository(record).requests(RequestFilter(queue="cards")).items == ()


def test_work__each_change_is_a_row_without_anything_personal(record: Engine) -> None:
    change(record, 0, note="her son called", filled={"digits": "4711"}, topic="lost")
    with record.connect() as connection:
        (row,) = connection.execute(select(RequestChange.revision, RequestChange.who, RequestChange.what))
    assert tuple(row) == (1, "anna", {"note": None, "filled": None, "topic": "lost"})


def test_work__the_slower_of_two_is_refused(record: Engine) -> None:
    change(record, 0, topic="lost")
    with pytest.raises(ChangedMeanwhile) as caught:
        change(record, 0, topic="other")
    assert (caught.value.now.revision, caught.value.now.topic) == (1, "lost")
    with pytest.raises(NoSuchRequest):
        change(record, 0, number=99, topic="lost")


def test_work__many_at_once_and_one_wins_each_round(record: Engine) -> None:
    won: list[tuple[int, str]] = []     # with the revision: who wins may note it later than who wins after

    def work(name: str) -> None:
        revision = 0
        for _ in range(100):
            if revision >= 5:
                return
            try:
                change(record, revision, topic=name)
                revision += 1
                won.append((revision, name))
            except ChangedMeanwhile as error:
                revision = error.now.revision

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == work_of(record, uuid("request 1")).revision >= 5
    assert work_of(record, uuid("request 1")).topic == max(won)[1]


@pytest.mark.parametrize(("given", "said"), [
    ({"queue": "nowhere"}, "no queue `nowhere`"), ({"operator": "zoe"}, "no operator `zoe`"),
    ({"topic": "colour"}, "no topic `colour`"), ({"result": "won"}, "no outcome `won`"),
    ({"filled": {"digits": "x"}}, "digits are expected"), ({"filled": {"name": "x"}}, "no field `name`"),
    ({"status": RequestStatus.CLOSED}, "a topic is needed to close it; `digits` is needed to close it"),
    ({"status": RequestStatus.CLOSED, "topic": "lost"}, "`digits` is needed")])
def test_working__what_the_rules_refuse(sqlite: Engine, given: dict[str, Any], said: str) -> None:
    put(sqlite, visit(1))
    with pytest.raises(NotAllowed, match=said):
        worked_on(sqlite, CONFIG, TOPICS, uuid("request 1"), 0, Change(**given), "anna", NOW)
    assert work_of(sqlite, uuid("request 1")).revision == 0


def test_working__closed_once_all_is_there(sqlite: Engine) -> None:
    put(sqlite, visit(1))
    request = uuid("request 1")
    worked_on(sqlite, CONFIG, TOPICS, request, 0, Change(filled={"digits": "12"}), "anna", NOW)
    with pytest.raises(ChangedMeanwhile):
        worked_on(sqlite, CONFIG, TOPICS, request, 0, Change(topic="lost"), "anna", NOW)
    worked_on(sqlite, CONFIG, TOPICS, request, 1, Change(topic="lost"), "anna", NOW)
    closed = worked_on(sqlite, CONFIG, TOPICS, request, 2, Change(status=RequestStatus.CLOSED), "anna", NOW)
    assert (closed.status, closed.closed_at) == (RequestStatus.CLOSED, NOW)


def test_working__fields_of_the_queue_before_keep_nobody_from_closing(sqlite: Engine) -> None:
    put(sqlite, visit(1))
    request = uuid("request 1")
    worked_on(sqlite, CONFIG, TOPICS, request, 0, Change(filled={"digits": "12"}, topic="lost"), "anna", NOW)
    worked_on(sqlite, CONFIG, TOPICS, request, 1, Change(queue="loans"), "anna", NOW)
    done = worked_on(sqlite, CONFIG, TOPICS, request, 2, Change(status=RequestStatus.CLOSED), "anna", NOW)
    assert done.status is RequestStatus.CLOSED


# --- overdue, links -------------------------------------------------------------------------------------------------
def test_overdue__by_the_time_of_each_queue(engine: Engine) -> None:
    put(engine, visit(1), visit(2, queue="loans"), visit(3), visit(4, status=RequestStatus.CLOSED, closed_at=NOW))
    change(engine, 0, number=3, status=RequestStatus.CLOSED)
    due = {"cards": BEGAN + timedelta(hours=1), "loans": BEGAN - timedelta(hours=1)}
    found = Repository(engine).requests(RequestFilter(overdue=due)).items
    assert [each.id for each in found] == [uuid("request 1")]
    assert Repository(engine).requests(RequestFilter(overdue={})).items == ()


def at(days: float) -> datetime:
    return BEGAN + timedelta(days=days)


@pytest.mark.parametrize(("earlier", "later", "link"), [
    ({}, {}, ("duplicates", None)),
    ({"status": RequestStatus.CLOSED, "closed_at": at(1)}, {}, (None, "reopens")),
    ({"status": RequestStatus.CLOSED, "closed_at": at(-5)}, {}, None),
    ({"queue": "loans"}, {}, None), ({"subject": "other"}, {}, None), ({"opened_at": at(-9)}, {}, None)])
def test_links__who_comes_again(sqlite: Engine, earlier: dict[str, Any], later: dict[str, Any],
                                link: tuple[str | None, str | None] | None) -> None:
    put(sqlite, visit(1, **{"opened_at": at(0), **earlier}), visit(2, **{"opened_at": at(3), **later}))
    assert link_requests(sqlite, at(3.01), timedelta(days=7)) == (link is not None)
    assert link_requests(sqlite, at(3.01), timedelta(days=7)) == 0
    view = Repository(sqlite).request(uuid("request 2"))
    assert view is not None
    first = uuid("request 1")
    assert (view.duplicates, view.reopens) == tuple(first if way else None for way in link or (None, None))


@pytest.mark.parametrize("number", [None, ""])
def test_links__withheld_numbers_are_nobodys(sqlite: Engine, number: str | None) -> None:
    put(sqlite, visit(1, number, opened_at=at(0)), visit(2, number, opened_at=at(1)))
    assert link_requests(sqlite, at(1.01), timedelta(days=7)) == 0


def test_links__by_what_people_made_of_the_earlier_one(engine: Engine) -> None:
    put(engine, visit(1, opened_at=at(0)), visit(2, opened_at=at(1)))
    change_request(engine, uuid("request 1"), 0, Change(status=RequestStatus.CLOSED), "anna", at(0.5))
    assert link_requests(engine, at(1.01), timedelta(days=7)) == 1
    view = Repository(engine).request(uuid("request 2"))
    assert view is not None
    assert view.reopens == uuid("request 1")


# --- erasure --------------------------------------------------------------------------------------------------------
def test_erase__all_of_one_caller_and_nothing_of_others(engine: Engine) -> None:
    mine, other = recording_row(uuid("call 1"), 1), recording_row(uuid("call 3"), 1)
    put(engine, visit(1), visit(2), visit(3, "+8"), Batch(recordings=(mine, other)))
    change(engine, 0, note="secret", filled={"digits": "4711"}, topic="lost")
    change(engine, 0, number=3, note="stays")
    gone: list[str] = []

    def unlink(recording: RecordingView) -> bool:
        gone.append(recording.id)
        Repository(engine).recordings.erased([recording.id], "erase", NOW)
        return True

    assert erase_caller(engine, ["+7"], NOW, unlink) == Erased(calls=2, notes=1, recordings=1)
    assert gone == [mine.id]
    first, third = (Repository(engine).request(uuid(f"request {number}")) for number in (1, 3))
    assert first is not None
    assert third is not None
    assert (first.caller_number, first.caller_name, first.note, first.filled) == (None, None, "", {})
    assert (first.topic, first.revision) == ("lost", 2)
    assert (third.caller_number, third.note) == ("+8", "stays")
    put(engine, visit(1))       # out of the spool, late
    assert erase_caller(engine, ["+7"], NOW, unlink) == Erased(0, 0, 0)
    with engine.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM people WHERE caller_number = '+7'")).scalar()
    assert left == 0


def test_erase__a_file_that_is_elsewhere_is_named(sqlite: Engine) -> None:
    row = recording_row(uuid("call 1"), 1)
    put(sqlite, visit(1), Batch(recordings=(row,)))
    assert erase_caller(sqlite, ["+7"], NOW, lambda recording: False) == Erased(1, 0, 0, (row.id,))
    assert erase_caller(sqlite, [""], NOW, lambda recording: False) == Erased(0, 0, 0)


def test_erase_old__callers_whose_time_is_over(engine: Engine) -> None:
    old, new = (Batch((call_row(number, outcome=Outcome.ANSWERED, ended_at=at(days)),),
                      (PersonRow(uuid(f"call {number}"), "+7", "A"),), (request_row(number),))
                for number, days in ((1, 0), (2, 20)))
    put(engine, old, new)
    change(engine, 0, note="secret")
    assert erase_old(engine, at(10), at(30)) == Erased(1, 1, 0)
    assert erase_old(engine, at(10), at(30)) == Erased(0, 0, 0)
    first, second = (Repository(engine).request(uuid(f"request {number}")) for number in (1, 2))
    assert first is not None
    assert second is not None
    assert (first.caller_number, first.note, second.caller_number) == (None, "", "+7")


def test_erase_old__what_was_written_in_a_chat_goes_too(engine: Engine) -> None:
    call = uuid("call 1")
    said = MessageRow(id=f"{call}/m0", call_id=call, position=0, at=at(0), sender="caller", body="my card 4000…")
    put(engine, Batch((call_row(1, outcome=Outcome.ANSWERED, ended_at=at(0), channel="web"),),
                      (PersonRow(call, None, "Maria"),), messages=(said,)))
    erase_old(engine, at(10), at(30))
    put(engine, Batch(messages=(said,)))        # out of the spool, late
    (left,) = messages_of(engine, call, staff=True)
    assert (left.sender, left.body) == ("caller", None)


def chat_of(number: int, *said: tuple[str, str], caller: str | None = None, **call: Any) -> Batch:
    """Sender and body of each message."""
    row = call_row(number, outcome=Outcome.ANSWERED, ended_at=at(0), channel="web", **call)
    return Batch((row,), (PersonRow(row.id, caller, "Maria"),), messages=tuple(
        MessageRow(id=f"{row.id}/m{position}", call_id=row.id, position=position, at=at(0), sender=sender, body=body)
        for position, (sender, body) in enumerate(said)))


def bodies(engine: Engine, number: int) -> list[str | None]:
    return [message.body for message in messages_of(engine, uuid(f"call {number}"), staff=True)]


def test_erase__a_chat_by_its_id_with_the_calls_about_it(engine: Engine) -> None:
    """Who writes has no number: an admin has the chat before them. Others of the same name are left alone."""
    request = uuid("request 1")
    chat = chat_of(1, ("caller", "I am Maria"), ("anna", "Hello"), request_id=request)
    back = visit(2, "+7900")
    put(engine, Batch(chat.calls, chat.people, (request_row(1),), messages=chat.messages),
        Batch((call_row(2, outcome=Outcome.ANSWERED, request_id=request, direction="outbound"),), back.people),
        chat_of(3, ("caller", "not mine")))
    change(engine, 0, note="secret")
    assert calls_like(engine, uuid("call 1")[:8]) == [uuid("call 1")]
    assert calls_like(engine, "%") == []
    assert erase_call(engine, uuid("call 1"), NOW, lambda recording: True) == Erased(2, 1, 0)
    assert (bodies(engine, 1), bodies(engine, 3)) == ([None, None], ["not mine"])
    assert Repository(engine).request(request).note == ""       # type: ignore[union-attr]
    assert erase_call(engine, "nothing", NOW, lambda recording: True) == Erased(0, 0, 0)


def test_erase__chats_in_which_the_number_was_given(engine: Engine) -> None:
    """As the one to be called back at, or in a message of its own; a message that has it among words is not looked
    into."""
    callback = chat_of(1, ("caller", "ring me"))
    put(engine, Batch(callback.calls, (PersonRow(uuid("call 1"), None, "Maria", "+79161234567"),),
                      messages=callback.messages),
        chat_of(2, ("hotline", "Your number?"), ("caller", "+7 (916) 123-45-67")),
        chat_of(3, ("anna", "+79161234567"), ("caller", "not that")))
    assert erase_caller(engine, ["+79161234567"], NOW, lambda recording: True) == Erased(2, 0, 0)
    assert (bodies(engine, 1), bodies(engine, 2)) == ([None], [None, None])
    assert bodies(engine, 3) == ["+79161234567", "not that"]


def test_erase__messages_that_come_late_say_nothing(engine: Engine) -> None:
    """Some were in the spool when their chat was erased; those of others in the same transaction are not touched."""
    whole = chat_of(1, ("caller", "my card"), ("anna", "thanks"), ("caller", "4000"))
    put(engine, Batch(whole.calls, whole.people, messages=whole.messages[:1]))
    erase_call(engine, uuid("call 1"), NOW, lambda recording: True)
    put(engine, Batch(whole.calls, whole.people, messages=whole.messages), chat_of(2, ("caller", "another")))
    assert bodies(engine, 1) == [None, None, None]
    assert bodies(engine, 2) == ["another"]


def test_solved__as_the_caller_said_last(engine: Engine) -> None:
    """Of the request that they waited with; a message that they left is another matter."""
    def said(number: int, *answers: tuple[str, str], kind: str = "queue") -> None:
        batch = visit(number, kind=kind)
        put(engine, Batch(batch.calls, batch.people, batch.requests, tuple(
            entry_row(number, position, "survey_answered", survey="service", question=question, answer=answer)
            for position, (question, answer) in enumerate(answers))))
    said(1, ("friendly", "5"), ("solved", "no"), ("solved", "yes"), ("clear", "4"))
    said(2, ("solved", "no"))
    said(3, ("friendly", "1"))
    said(4, ("solved", "no"), kind="voicemail")
    found = {each.call_id: each.solved for each in Repository(engine).requests().items}
    assert found == {uuid("call 1"): "yes", uuid("call 2"): "no", uuid("call 3"): None, uuid("call 4"): None}
    one = Repository(engine).request(uuid("request 2"))
    assert one is not None
    assert one.solved == "no"
