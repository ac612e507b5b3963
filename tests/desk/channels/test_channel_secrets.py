"""What is a secret in a menu is one in every channel: said to be one, hidden in the record, and in no log."""

from collections.abc import Iterator

import pytest

from tests.support.channel_receiver import Program, Receiver
from tests.support.secret_menu import secret_menu
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.71.2"
SECRET = "a secret that both sides know 42"
CODE = "471147"
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(HOST, 8090, SECRET).start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o600)
    with running_service(
            folder, host=HOST, lines=[{"numbers": ["100"], "menu": secret_menu(folder)}],
            channels={"http": {"line": "100", "gateways": {
                "shop": {"url": f"http://{HOST}:8090/hook", "secret_file": str(folder / "secret")}}}}) as service:
        yield service


def test_http__a_secret_is_said_to_be_one_and_kept_nowhere(service: Service, receiver: Receiver) -> None:
    program = Program(str(service.config["web"]["listen"]), "shop", SECRET)
    program.hand_in({"type": "open", "visitor": "pin"})
    first = receiver.reads("pin", "English")
    assert first["secret"] is False
    program.say("pin", "3", "way")
    wait_for(lambda: [one for one in receiver.of("pin") if one.get("secret")], 15, "no secret is asked")
    told = program.say("pin", CODE, "the-secret")
    assert (told["hidden"], told["again"]) == (True, False)
    again = program.say("pin", CODE, "the-secret")
    assert (again["hidden"], again["again"], again["position"]) == (True, True, told["position"])
    assert receiver.reads("pin", "Welcome")["secret"] is False
    program.hand_in({"type": "leave", "visitor": "pin"})
    wait_for(lambda: [one for one in receiver.of("pin") if one["type"] == "ended"], 20, "it does not end")
    assert CODE not in service.log
    for file in service.folder.glob("hotline.db*"):
        assert CODE.encode() not in file.read_bytes()
