"""Control of a real service is killed in the middle of chats, and they go on."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator

import pytest

from tests.desk.chat.test_web_chat import web
from tests.support.chat_operator import Operator
from tests.support.chat_page import ChatPage
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.68.1"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("again")
    shutil.copy(ROOT / "menus/bank.yaml", folder / "bank.yaml")
    with running_service(folder, host=HOST, channels={"web": {"line": "100"}},
                         lines=[{"numbers": ["100"], "menu": str(folder / "bank.yaml")}]) as service:
        yield service


def begin(service: Service) -> tuple[ChatPage, str]:
    page = ChatPage(web(service))
    page.hello()
    page.tell("start")
    call = page.told("started")["call"]
    page.reads("English")
    return page, str(call)


def kill(service: Service, page: ChatPage) -> None:
    """And wait until another one says to the page what it may type."""
    told = len(page.all("asks"))
    os.kill(service.child("control"), signal.SIGKILL)
    wait_for(lambda: page.all("asks")[told:] or page.all("ended"), 60, "nobody tells the page")
    assert page.all("ended") == []


def entries(service: Service, call: str) -> list[str]:
    with sqlite3.connect(service.folder / "hotline.db") as database:
        return [kind for (kind,) in database.execute(
            "SELECT kind FROM entries WHERE call_id = ? ORDER BY position", (call,))]


def bodies(service: Service, call: str) -> list[str]:
    with sqlite3.connect(service.folder / "hotline.db") as database:
        return [body for (body,) in database.execute(
            "SELECT body FROM messages WHERE call_id = ? ORDER BY position", (call,))]


def states(service: Service) -> int:
    with sqlite3.connect(service.folder / "hotline.db") as database:
        return int(database.execute("SELECT count(*) FROM chat_states WHERE state != ''").fetchone()[0])


def test_killed__in_the_menu_the_next_answer_is_of_the_same_step(service: Service) -> None:
    page, call = begin(service)
    page.say("English")
    kill(service, page)
    page.say("cards", key="after")
    assert page.reads("Cards")["options"][0][0] == "1"
    page.tell("leave")
    assert page.told("ended")["call"] == call
    wait_for(lambda: entries(service, call).count("ended") == 1, 15, "it never ends")
    assert entries(service, call).count("went_on") == 1
    page.close()


def test_killed__while_a_message_is_on_its_way_it_is_there_once(service: Service) -> None:
    page, call = begin(service)
    asked = len(page.all("asks"))
    os.kill(service.child("control"), signal.SIGKILL)
    page.tell("say", key="lost", body="English")
    told = wait_for(lambda: page.all("refused") or page.all("kept"), 20, "neither kept nor refused")
    assert told[0].get("reason", "away") == "away"
    wait_for(lambda: page.all("asks")[asked:], 60, "nobody tells the page")
    page.say("English", key="lost")
    page.reads("Welcome")
    assert bodies(service, call).count("English") == 1
    page.tell("leave")
    page.told("ended")
    page.close()


def test_killed__waiting_and_then_with_an_operator(service: Service) -> None:
    anna = Operator(service, "anna")
    anna.ask("PUT", "/desk/chats", {"answers": True})
    anna.ask("PUT", "/operators/anna/status", {"status": "on_break", "reason": "lunch"})
    boris = Operator(service, "boris")
    boris.ask("PUT", "/desk/chats", {"answers": True})
    page, call = begin(service)
    for answer in ("English", "cards", "0"):
        page.say(answer)
    assert boris.rings() == call
    kill(service, page)                                     # while it is offered: it is offered again
    assert boris.rings() == call
    boris.ask("POST", f"/chats/{call}/take")
    wait_for(lambda: [card["state"] for card in boris.ask("GET", "/desk")["cards"]] == ["talking"], 15, "no chat")
    boris.say(call, "Boris here.")
    page.reads("Boris here.")
    kill(service, page)
    shown = service.operators()["boris"]
    assert shown["chats"] == 1
    page.say("are you there?", key="q")
    wait_for(lambda: ("caller", "are you there?") in boris.reads(call), 15, "boris does not read it")
    boris.say(call, "Still here.")
    page.reads("Still here.")
    page.tell("leave")
    assert page.told("ended")["call"] == call
    row = wait_for(lambda: next((one for one in service.calls() if one["id"] == call and one["outcome"]), None), 15,
                   "no outcome")
    assert (row["outcome"], row["operator"], row["queue"]) == ("answered", "boris", "cards")
    kinds = entries(service, call)
    for kind, count in (("request_opened", 1), ("queued", 1), ("bridged", 1), ("ended", 1), ("went_on", 2)):
        assert kinds.count(kind) == count, kinds
    assert len([one for one in service.requests() if one["call_id"] == call]) == 1
    page.close()


def test_state__that_is_damaged_ends_its_chat_and_no_other(service: Service) -> None:
    page, call = begin(service)
    other, kept = begin(service)
    with sqlite3.connect(service.folder / "hotline.db", timeout=20) as database:
        database.execute("UPDATE chat_states SET state = 'AAAA' || substr(state, 5) WHERE call_id = ?", (call,))
    kill(service, other)
    assert page.told("ended")["call"] == call
    row = wait_for(lambda: next((one for one in service.calls() if one["id"] == call and one["outcome"]), None), 15,
                   "no outcome")
    assert row["outcome"] == "failed"
    other.say("English")
    other.reads("Welcome")
    other.tell("leave")
    assert other.told("ended")["call"] == kept
    wait_for(lambda: states(service) == 0, 15, "something of chats that are over is kept")
    for one in (page, other):
        one.close()


def test_restart__of_the_whole_service_goes_on_with_a_chat(service: Service) -> None:
    page, call = begin(service)
    token = page.told("hello")["token"]
    page.say("English")
    known = max(page.texts)
    page.close()
    assert service.stop() == 0
    service.start()
    again = ChatPage(web(service))
    assert again.hello(token, call, known)["call"] == call
    again.say("cards", key="after")
    again.reads("Cards")
    again.tell("leave")
    assert again.told("ended")["call"] == call
    again.close()


def test_menu__changed_meanwhile_the_chat_keeps_the_one_it_came_in_with(service: Service) -> None:
    page, call = begin(service)
    file = service.folder / "bank.yaml"
    file.write_text(file.read_text().replace("Welcome to North Bank.", "Good day."))
    kill(service, page)
    page.say("English")
    page.reads("Welcome to North Bank.")
    other, _ = begin(service)
    other.say("English")
    other.reads("Good day.")
    for one in (page, other):
        one.tell("leave")
        one.told("ended")
        one.close()
    row = next(one for one in service.calls() if one["id"] == call)
    assert row["outcome"] != "failed"
