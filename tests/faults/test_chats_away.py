"""The database is away while a visitor writes more than control remembers: a page that comes back misses nothing."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ivr.exchange.texting.recent import MOST
from tests.faults.test_database_away import LockedSqlite
from tests.support.chat_operator import Operator
from tests.support.chat_page import ChatPage
from tests.support.service import ROOT, running_service, wait_for

HOST = "127.0.89.1"


@pytest.mark.timeout(180)
def test_away__what_was_spooled_comes_to_a_page_in_order_and_once(tmp_path: Path) -> None:
    shutil.copy(ROOT / "menus/bank.yaml", tmp_path / "bank.yaml")
    channel = {"web": {"line": "100", "messages_per_minute": 600}}
    with running_service(tmp_path, host=HOST, channels=channel,
                         lines=[{"numbers": ["100"], "menu": str(tmp_path / "bank.yaml")}]) as service:
        web, database = str(service.config["web"]["listen"]), LockedSqlite(service.folder / "hotline.db")
        anna = Operator(service, "anna")
        anna.ask("PUT", "/desk/chats", {"answers": True})
        one = ChatPage(web)
        token = one.hello()["token"]
        one.tell("start")
        call = one.told("started")["call"]
        for answer in ("English", "cards", "0"):
            one.say(answer)
        assert anna.rings() == call
        known = max(one.texts)
        other = ChatPage(web)
        other.hello(token, call, known)
        known = max((*other.texts, known))
        one.close()
        database.kill()
        try:
            for number in range(MOST + 5):
                other.say(f"word {number}", key=f"w{number}")
            back = ChatPage(web)
            back.hello(token, call, known)
            other.say("the last", key="last")
        finally:
            database.start()
        def told() -> list[dict[str, Any]]:
            """A message that is read with its id may be said to be kept once more, as to its other pages."""
            return list({one["position"]: one for one in back.messages if one["type"] in ("message", "kept")}.values())

        wait_for(lambda: "the last" in [one["body"] for one in told()], 40, "the page is not told all")
        positions = [one["position"] for one in told()]
        assert positions == sorted(positions), "in order"
        shown = [one["position"] for one in back.all("message")]
        assert len(shown) == len(set(shown)), "none doubled"
        words = [one["body"] for one in told() if one["body"].startswith("word ")]
        assert words == [f"word {number}" for number in range(MOST + 5)], "none lost"
        for page in (other, back):
            page.close()
