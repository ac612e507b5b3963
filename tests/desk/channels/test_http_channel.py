"""The channel for programs of a real service: in by signed POST, out by signed POST, and nothing lost between."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ivr.base.file_said import FileSaid, written
from routing.requests.database import open_database
from tests.desk.chat.test_chat_files import sends
from tests.support.channel_receiver import Program, Receiver
from tests.support.chat_operator import Operator
from tests.support.pictures import PDF
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.71.1"
SECRET = "a secret that both sides know 42"
pytestmark = pytest.mark.timeout(180)


def secret_in(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "shop.secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(HOST, 8090, SECRET).start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("http")
    gateways = {"shop": {"url": f"http://{HOST}:8090/hook", "secret_file": secret_in(folder)}}
    with running_service(folder, host=HOST,
                         channels={"http": {"line": "100", "gateways": gateways}}) as service:
        yield service


@pytest.fixture
def program(service: Service) -> Program:
    return Program(str(service.config["web"]["listen"]), "shop", SECRET)


@pytest.fixture(scope="module")
def anna(service: Service) -> Operator:
    return Operator(service, "anna")


def at_operator(program: Program, receiver: Receiver, anna: Operator, visitor: str) -> str:
    """A chat of this visitor that anna has."""
    anna.answers()
    program.hand_in({"type": "open", "visitor": visitor, "name": "Мария"})
    receiver.reads(visitor, "English")
    for answer in ("English", "cards", "0"):
        call = str(program.say(visitor, answer, f"{visitor}-{answer}")["call"])
    anna.takes(call)
    return call


def test_http__files_are_refused_both_ways_and_both_see_it(program: Program, receiver: Receiver,
                                                           anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "nina")
    given = {"type": "file", "visitor": "nina", "id": "f1", "body": "card.png"}
    status, told = program.hand_in(given)
    assert (status, told["call"], told["again"]) == (200, call, False)
    assert program.hand_in(given)[1]["again"] is True
    assert receiver.reads("nina", "No pictures or files arrive here")["from"] == "hotline"
    wait_for(lambda: any(who == "caller" and body.startswith("[file: did not come") and body.endswith("] card.png")
                         for who, body in anna.reads(call)), 15, "anna does not see it")
    assert program.hand_in({"type": "file", "visitor": "nina"})[0] == 422       # it has no id
    assert program.hand_in({"visitor": "nina", "id": "f2", "body": "x", "file": "aGk="})[0] == 422
    assert sends(anna, call, PDF, "a.pdf").told["code"] == "no_files"
    over(program, receiver, "nina")


def test_http__a_file_that_was_kept_before_is_told_in_words(service: Service, program: Program, receiver: Receiver,
                                                            anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "olga")
    body = written(FileSaid("0" * 32, "bill.pdf", "application/pdf", 1_460_000))
    engine = open_database(f"sqlite:///{service.folder / 'hotline.db'}")
    wait_for(lambda: _is_quiet(engine, call), 30, "control goes on writing in this chat")
    number = _last(engine, call) + 1
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO messages (id, call_id, position, at, sender, audience, kind, body, key, options) VALUES "
            "(:id, :call, :number, '2026-11-23 12:00:00.000000', 'anna', 'all', 'file', :body, '', '[]')"),
            {"id": f"{call}/m{number}", "call": call, "number": number, "body": body})
    engine.dispose()
    assert receiver.reads("olga", "bill.pdf")["body"] == "[file bill.pdf, 1.5 MB: it can't be sent here]"
    assert not any("{" in one for one in bodies(receiver, "olga"))
    over(program, receiver, "olga")


def _is_quiet(engine: Engine, call: str) -> bool:
    """Whether control has written nothing in this chat for two seconds: the next place in it is free to be taken."""
    before = _last(engine, call)
    time.sleep(2)
    return before > 0 and before == _last(engine, call)


def _last(engine: Engine, call: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT max(position) FROM messages WHERE call_id = :call"),
                                      {"call": call}).scalar() or 0)


def over(program: Program, receiver: Receiver, visitor: str) -> None:
    assert program.hand_in({"type": "leave", "visitor": visitor})[0] == 200
    wait_for(lambda: any(one["type"] == "ended" for one in receiver.of(visitor)), 20, "nobody says that it ended")


def bodies(receiver: Receiver, visitor: str) -> list[str]:
    return [one["body"] for one in receiver.of(visitor) if one["type"] == "message"]


def test_http__menu_operator_and_the_end(service: Service, program: Program, receiver: Receiver,
                                         anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "maria")
    first = receiver.of("maria")[0]
    assert (first["type"], first["from"], first["call"], first["gateway"]) == ("message", "hotline", call, "shop")
    assert {"keys": "1", "label": "English"} in first["options"]
    program.say("maria", "My card is gone", "lost-1")
    wait_for(lambda: ("caller", "My card is gone") in anna.reads(call), 15, "not read")
    anna.say(call, "I have blocked it.")
    assert receiver.reads("maria", "I have blocked it.")["from"] == "operator"
    anna.say(call, "she is upset", private=True)
    anna.say(call, "Anything else?")
    receiver.reads("maria", "Anything else?")
    anna.ask("POST", f"/chats/{call}/typing")
    wait_for(lambda: any(one["type"] == "typing" for one in receiver.journal), 10, "nobody types")
    assert not any("upset" in body for body in bodies(receiver, "maria"))
    assert program.say("maria", "My card is gone", "lost-1")["again"] is True
    assert anna.reads(call).count(("caller", "My card is gone")) == 1
    over(program, receiver, "maria")
    positions = [one["position"] for one in receiver.of("maria") if one["type"] == "message"]
    assert positions == sorted(set(positions))
    row = next(one for one in service.calls() if one["id"] == call)
    assert (row["outcome"], row["operator"]) == ("answered", "anna")
    assert program.say("maria", "My card is gone", "lost-1") == {
        "call": call, "position": program.say("maria", "My card is gone", "lost-1")["position"], "again": True,
        "hidden": False}                        # it opens no new chat
    shown = service.api("/api/channels")["channels"]
    assert [(one["channel"], one["state"], one["waiting"]) for one in shown] == [("http/shop", "ok", 0)]
    assert service.metrics()['hotline_channel_up{channel="http/shop"}'] == 1.0
    listed = subprocess.run([sys.executable, "-m", "ivr.cli.main", "channels", "--json", "--config",
                             str(service.config_file)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(listed.stdout)[0]["channel"] == "http/shop"


BAD: list[tuple[dict[str, Any], Any, int, str]] = [
    ({"secret": "another secret, as long"}, {"visitor": "eve", "id": "1", "body": "x"}, 401, "bad_signature"),
    ({"timestamp": 1}, {"visitor": "eve", "id": "1", "body": "x"}, 401, "bad_signature"),
    ({"headers": {"X-Hotline-Signature": "é"}}, {"visitor": "eve"}, 401, "bad_signature"),
    ({"headers": {"X-Hotline-Timestamp": "now"}}, {"visitor": "eve"}, 401, "bad_signature"),
    ({}, b"{", 422, "invalid"), ({}, b"[" * 60_000, 422, "invalid"), ({}, b"7", 422, "invalid"),
    ({}, {"visitor": "a/b", "id": "1", "body": "x"}, 422, "invalid"),
    ({}, {"visitor": "eve", "id": "1", "body": ""}, 422, "invalid"),
    ({}, {"visitor": "eve", "id": "1", "body": "x" * 4097}, 422, "invalid"),
    ({}, {"visitor": "eve", "id": "1", "body": "x", "position": 3}, 422, "invalid"),
    ({}, b" " * 70_000, 413, "too_large"),
]


@pytest.mark.parametrize(("how", "payload", "status", "code"), BAD)
def test_http__what_is_not_signed_or_no_message_is_refused(program: Program, how: dict[str, Any], payload: Any,
                                                          status: int, code: str) -> None:
    answered, answer = program.hand_in(payload, **how)
    assert (answered, answer["code"]) == (status, code)


def test_http__what_was_signed_once_is_done_once(program: Program, receiver: Receiver) -> None:
    at = time.time()
    opens, leaves = {"type": "open", "visitor": "lena", "id": "o1"}, {"type": "leave", "visitor": "lena", "id": "l1"}
    status, first = program.hand_in(opens, timestamp=at)
    assert (status, first["again"]) == (200, False)
    assert program.hand_in(opens, timestamp=at) == (200, {**first, "again": True})
    assert program.hand_in(leaves, timestamp=at)[1]["again"] is False
    wait_for(lambda: any(one["type"] == "ended" for one in receiver.of("lena")), 20, "nobody says that it ended")
    call = program.say("lena", "English", "m1")["call"]
    assert call != first["call"]
    assert program.hand_in(leaves, timestamp=at)[1]["again"] is True        # the new chat goes on
    assert program.say("lena", "cards", "m2")["call"] == call
    program.hand_in({"type": "leave", "visitor": "lena"})


def test_http__another_programs_name_is_unknown(program: Program) -> None:
    status, answer = Program(program.web, "bank", SECRET).hand_in({"visitor": "eve", "id": "1", "body": "x"})
    assert (status, answer["code"]) == (404, "unknown_gateway")


def test_http__who_writes_too_fast_is_told_when_to_come_again(program: Program, receiver: Receiver) -> None:
    found = [program.hand_in({"visitor": "spam", "id": f"s{number}", "body": "x"}) for number in range(30)]
    assert found[0][0] == 200
    assert {answer["code"] for status, answer in found if status == 429} == {"too_many"}
    program.say("calm", "English")
    over(program, receiver, "calm")
    program.hand_in({"type": "leave", "visitor": "spam"})


def test_http__the_receiver_goes_away_and_everything_comes_in_order(
        service: Service, program: Program, receiver: Receiver, anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "oleg")
    receiver.stop()
    for number in range(12):
        anna.say(call, f"while you were away {number}")
    shown = wait_for(lambda: next((one for one in service.api("/api/channels")["channels"]
                                   if one["reason"] == "can't be reached"), None), 30, "nobody sees that it is away")
    assert shown["state"] == "away"
    assert shown["since"] is not None
    health = service.api("/health")
    assert health["checks"]["channels"]["ok"] is False
    assert "channel_away" in [alarm["code"] for alarm in service.api("/api/board")["alarms"]]
    receiver.start()
    receiver.reads("oleg", "while you were away 11", 60)
    assert [body for body in bodies(receiver, "oleg") if "away" in body] == [
        f"while you were away {number}" for number in range(12)]
    wait_for(lambda: service.api("/api/channels")["channels"][0]["state"] == "ok", 20, "it still seems to be away")
    over(program, receiver, "oleg")


def test_http__the_web_process_is_killed_mid_stream(service: Service, program: Program, receiver: Receiver,
                                                   anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "kira")
    receiver.delay = 0.2                    # some are always on their way
    for number in range(8):
        anna.say(call, f"before {number}")
    wait_for(lambda: "before 2" in bodies(receiver, "kira"), 20, "nothing comes")
    os.kill(service.child("web"), signal.SIGKILL)
    for number in range(5):
        program.say_until_safe("kira", f"of mine {number}", f"mine-{number}")
    receiver.delay = 0.0
    receiver.reads("kira", "before 7", 40)
    assert [body for body in bodies(receiver, "kira") if "before" in body] == [
        f"before {number}" for number in range(8)]
    again = Operator(service, "anna")
    mine = [body for sender, body in again.reads(call) if body.startswith("of mine")]
    assert mine == [f"of mine {number}" for number in range(5)]
    over(program, receiver, "kira")


def test_http__one_visitor_who_is_refused_holds_up_nobody(program: Program, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [500, 429, 302, 400], {"Retry-After": "1", "Location": "http://127.0.0.9/"}
    program.say("boris", "English", "b1")
    program.say("vera", "English", "v1")
    for visitor in ("boris", "vera"):
        wait_for(lambda who=visitor: receiver.of(who), 40, f"{visitor} is never told anything")
    receiver.answers, receiver.headers = [], {}
    for visitor in ("boris", "vera"):
        over(program, receiver, visitor)


def test_http__gone_ends_the_chat(service: Service, program: Program, receiver: Receiver) -> None:
    receiver.answers = [410]
    call = program.say("gone", "English", "g1")["call"]
    wait_for(lambda: any(one["id"] == call and one["outcome"] for one in service.calls()), 20, "the chat goes on")
    assert receiver.of("gone") == []


def test_http__a_restart_sends_nothing_twice(service: Service, program: Program, receiver: Receiver,
                                             anna: Operator) -> None:
    call = at_operator(program, receiver, anna, "rita")
    receiver.delay = 0.3
    for number in range(6):
        anna.say(call, f"around it {number}")
    wait_for(lambda: "around it 1" in bodies(receiver, "rita"), 20, "nothing comes")
    os.kill(service.child("web"), signal.SIGTERM)
    receiver.reads("rita", "around it 5", 40)
    receiver.delay = 0.0
    sent = [one["body"] for one in receiver.journal if one["visitor"] == "rita" and "around" in one.get("body", "")]
    assert sent == [f"around it {number}" for number in range(6)]
    over(program, receiver, "rita")
