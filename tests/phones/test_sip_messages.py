"""linphone and baresip write to the running service: its menu answers, then an operator does."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.phones.baresip import PASSWORD, Baresip
from tests.phones.linphone import Linphone
from tests.support.chat_operator import Operator
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.72.31"
LINPHONE, BARESIP, MOVED = "127.0.72.41", "127.0.72.42", "127.0.72.43"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("messages")
    secret = folder / "softphone"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    with running_service(folder, host=HOST, channels={"sip": {"line": "100"}},
                         accounts={"dmitri": {"password_file": str(secret)}}) as service:
        yield service


@pytest.fixture(scope="module")
def logged_in(service: Service) -> Operator:
    return Operator(service, "anna")


@pytest.fixture
def anna(logged_in: Operator) -> Operator:
    """Without a page, her desk is closed again some seconds after its last request."""
    logged_in.answers()
    return logged_in


def taken(anna: Operator) -> str:
    call = anna.rings()
    anna.takes(call)
    wait_for(lambda: [card["state"] for card in anna.ask("GET", "/desk")["cards"]] == ["talking"], 30, "not taken")
    return call


def to_operator(phone: Linphone, anna: Operator, complaint: str, *, first: str = "") -> str:
    """In English, by the menu `first` if one is named, to anna, who reads the complaint; the chat."""
    phone.write("100", "Hello")
    phone.wait("1 English")
    phone.write("100", "English")
    if first:
        phone.wait("2 ")
        phone.write("100", first)
    phone.wait("0 ")
    phone.write("100", "0")
    call = taken(anna)
    phone.write("100", complaint)
    wait_for(lambda: ("caller", complaint) in anna.reads(call), 30, "not read")
    return call


def over(service: Service, call: str) -> dict[str, Any]:
    row: dict[str, Any] = wait_for(
        lambda: next((one for one in service.calls() if one["id"] == call and one["outcome"]), None), 30,
        "the chat has no outcome")
    return row


def test_linphone__menu_operator_and_back(service: Service, anna: Operator, tmp_path: Path,
                                          tones: Mapping[str, Path]) -> None:
    phone = Linphone(tmp_path, service.sip, LINPHONE, "7000001", tones["caller"], port=5070)
    with contextlib.closing(phone):
        call = to_operator(phone, anna, "Моя карта пропала", first="cards")
        anna.say(call, "I have blocked it.")
        phone.wait("I have blocked it.")
        phone.write("100", "stop")
        phone.wait("This chat is over")
    row = over(service, call)
    assert (row["outcome"], row["operator"], row["queue"], row["channel"]) == ("answered", "anna", "cards", "sip")


def test_linphone__control_dies_and_the_chat_goes_on(service: Service, anna: Operator, tmp_path: Path,
                                                     tones: Mapping[str, Path]) -> None:
    phone = Linphone(tmp_path, service.sip, LINPHONE, "7000002", tones["caller"], port=5080)
    with contextlib.closing(phone):
        call = to_operator(phone, anna, "My card is gone")
        begun = service.log.count("chats_taken_up")
        os.kill(service.child("control"), signal.SIGKILL)
        wait_for(lambda: service.log.count("chats_taken_up") > begun, 60, "control is not back")
        wait_for(lambda: [card["call"] for card in anna.ask("GET", "/desk")["cards"]] == [call], 30, "not hers")
        anna.say(call, "Still here.")
        phone.wait("Still here.", timeout=30)
        phone.write("100", "stop")
        phone.wait("This chat is over")
    assert phone.said.count("Still here.") == 1
    assert over(service, call)["operator"] == "anna"


def test_baresip__with_a_password_and_started_anew_in_the_middle(
        service: Service, anna: Operator, tmp_path: Path, tones: Mapping[str, Path]) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    phone = Baresip(tmp_path / "one", service.sip, BARESIP, "dmitri", tones["caller"], password=PASSWORD,
                    contact="100")
    with contextlib.closing(phone):
        wait_for(lambda: "phone_registered account=dmitri" in service.log, 30, "baresip did not register")
        for text, answer in (("Hello", "1 English"), ("English", "Welcome"), ("cards", "Cards.")):
            phone.write(text)
            wait_for(said(phone, answer), 30, phone.story())
        phone.write("0")
        call = taken(anna)
    anna.say(call, "Are you there?")                     # nobody is: it is sent again until the phone is back
    again = Baresip(tmp_path / "two", service.sip, MOVED, "dmitri", tones["caller"], password=PASSWORD, contact="100")
    with contextlib.closing(again):
        wait_for(said(again, "Are you there?"), 60, again.story())
        again.write("Yes, back.")
        wait_for(lambda: ("caller", "Yes, back.") in anna.reads(call), 30, "not read")
        again.write("stop")
        wait_for(said(again, "This chat is over"), 30, again.story())
    assert over(service, call)["outcome"] == "answered"


def said(phone: Baresip, words: str) -> Callable[[], bool]:
    return lambda: any(words in text for text in phone.read())
