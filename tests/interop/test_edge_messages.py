"""Phones that write (RFC 3428) behind `deploy/kamailio-edge.cfg`, to the running service: menu, operator, an edge that
is gone for a while, and strangers who all come by one address."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phones.baresip import PASSWORD, Baresip
from tests.phones.conftest import CALLER_HERTZ
from tests.phones.hearing import write_tone
from tests.phones.linphone import Linphone
from tests.phones.test_sip_messages import over, said, taken
from tests.support.chat_operator import Operator
from tests.support.edge import running_edge
from tests.support.raw_sip import RawUdp, request
from tests.support.service import Service, running_service, wait_for

HOTLINE, OUTSIDE, INSIDE = "127.0.92.101", "127.0.92.102", "127.0.92.103"
LINPHONE, BARESIP, STRANGER = "127.0.92.111", "127.0.92.112", "127.0.92.113"
CROWD, ALONE = "127.0.92.121", "127.0.92.122"
MOST_OF_ONE = 20            # chats of strangers at one address

pytestmark = pytest.mark.timeout(240)


class BehindNat(RawUdp):
    """Hears only whom it writes to."""

    def __init__(self, host: str) -> None:
        super().__init__(host, (OUTSIDE, 5060))
        self._socket.connect((OUTSIDE, 5060))


class Edge:
    """Kamailio, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._starts, self._running = folder, 0, contextlib.ExitStack()

    def start(self) -> None:
        self._starts += 1
        self._running.enter_context(running_edge(
            self._folder / str(self._starts), inside=f"udp:{INSIDE}:5060",
            outside=[f"udp:{OUTSIDE}:5060", f"tcp:{OUTSIDE}:5060"], nodes=[f"sip:{HOTLINE}:5060"]))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("edge-messages")
    secret = folder / "softphone"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    with running_service(folder, host=HOTLINE, channels={"sip": {"line": "100"}},
                         sip={"listen": [f"udp:{HOTLINE}:5060"], "edges": [INSIDE]},
                         accounts={"dmitri": {"password_file": str(secret)}}) as service:
        yield service


@pytest.fixture
def edge(service: Service, tmp_path: Path) -> Iterator[Edge]:
    edge = Edge(tmp_path / "edge")
    try:
        edge.start()
        yield edge
    finally:
        edge.stop()


@pytest.fixture(scope="module")
def logged_in(service: Service) -> Operator:
    return Operator(service, "anna")


@pytest.fixture
def anna(logged_in: Operator) -> Operator:
    """Without a page, her desk is closed again some seconds after its last request."""
    logged_in.ask("PUT", "/desk/chats", {"answers": True})
    return logged_in


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone(tmp_path_factory.mktemp("tone") / "caller.wav", CALLER_HERTZ)


def test_linphone__a_stranger_at_another_network_than_the_edge_and_a_restart(
        service: Service, edge: Edge, anna: Operator, tmp_path: Path, tone: Path) -> None:
    phone = Linphone(tmp_path, f"{OUTSIDE}:5060", LINPHONE, "7000001", tone, port=5070)
    with contextlib.closing(phone):
        for text, answer in (("Hello", "1 English"), ("English", "2 "), ("cards", "0 ")):
            phone.write("100", text)
            phone.wait(answer)
        phone.write("100", "0")
        call = taken(anna)
        edge.stop()
        anna.say(call, "Nobody carries this yet.")
        edge.start()
        phone.wait("Nobody carries this yet.", timeout=60)
        phone.write("100", "Моя карта пропала")
        wait_for(lambda: ("caller", "Моя карта пропала") in anna.reads(call), 15, "not read")
        anna.say(call, "I have blocked it.")
        phone.wait("I have blocked it.")
        phone.write("100", "stop")
        phone.wait("This chat is over")
    assert phone.said.count("Nobody carries this yet.") == 1
    assert (over(service, call)["operator"], over(service, call)["outcome"]) == ("anna", "answered")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_baresip__with_a_password_and_the_edge_starts_anew(
        service: Service, edge: Edge, anna: Operator, tmp_path: Path, tone: Path, transport: str) -> None:
    before = service.log.count("phone_registered account=dmitri")
    phone = Baresip(tmp_path, f"{HOTLINE}:5060", BARESIP, "dmitri", tone, password=PASSWORD, contact="100",
                    proxy=f"{OUTSIDE}:5060", transport=transport)
    with contextlib.closing(phone):
        wait_for(lambda: service.log.count("phone_registered account=dmitri") > before, 15, phone.story())
        for text, answer in (("Hello", "1 English"), ("English", "Welcome"), ("cards", "Cards.")):
            phone.write(text)
            wait_for(said(phone, answer), 15, phone.story())
        phone.write("0")
        call = taken(anna)
        edge.stop()
        anna.say(call, "Nobody carries this yet.")
        edge.start()
        if transport == "tcp":                          # opens a connection when it has something to say
            phone.write("Are you there?")
        wait_for(said(phone, "Nobody carries this yet."), 60, phone.story())
        phone.write("Yes, still here.")
        wait_for(lambda: ("caller", "Yes, still here.") in anna.reads(call), 15, phone.story())
        phone.write("stop")
        wait_for(said(phone, "This chat is over"), 15, phone.story())
    assert over(service, call)["outcome"] == "answered"


def test_baresip__a_stranger_by_tcp_writes_again_after_the_restart(
        service: Service, edge: Edge, anna: Operator, tmp_path: Path, tone: Path) -> None:
    phone = Baresip(tmp_path, f"{OUTSIDE}:5060", STRANGER, "7000003", tone, contact="100", transport="tcp")
    with contextlib.closing(phone):
        for text, answer in (("Hello", "1 English"), ("English", "Welcome"), ("cards", "Cards.")):
            phone.write(text)
            wait_for(said(phone, answer), 15, phone.story())
        phone.write("0")
        call = taken(anna)
        edge.stop()
        edge.start()
        anna.say(call, "Are you there?")                # no connection leads to them: sent when they write again
        phone.write("Yes.")
        wait_for(said(phone, "Are you there?"), 60, phone.story())
        wait_for(lambda: ("caller", "Yes.") in anna.reads(call), 15, "not read")
        phone.write("stop")
        wait_for(said(phone, "This chat is over"), 15, phone.story())
    assert over(service, call)["outcome"] == "answered"


def test_strangers__are_counted_where_they_are_and_not_at_the_edge(service: Service, edge: Edge) -> None:
    with BehindNat(CROWD) as crowd, BehindNat(ALONE) as alone:
        answers = [asked(crowd, f"crowd{number}") for number in range(MOST_OF_ONE + 1)]
        assert answers == [200] * MOST_OF_ONE + [480]
        assert asked(alone, "alone") == 200
        for number in range(MOST_OF_ONE):
            assert asked(crowd, f"crowd{number}", "stop") == 200
        assert asked(alone, "alone", "stop") == 200
    wait_for(lambda: all(row["outcome"] for row in service.calls()), 30, "a chat goes on")


def asked(phone: RawUdp, name: str, text: str = "Hello") -> int:
    """The answer to a message of somebody of this name; what comes meanwhile of the hotline's is acknowledged."""
    asks = request("MESSAGE", phone.host, f"sip:100@{OUTSIDE}", body=text).replace("sip:raw@", f"sip:{name}@")
    asks = asks.replace("application/sdp", "text/plain").replace("Call-ID: ", f"Call-ID: {secrets.token_hex(4)}", 1)
    branch = asks.partition("branch=")[2].partition(";")[0].encode()
    phone.send(asks.encode())
    found: list[int] = []

    def answered() -> bool:
        for message in phone.messages(1.0, enough=1):
            if message.startswith(b"MESSAGE "):
                phone.send(acknowledged(message))
            elif branch in message:
                found.append(int(message.split(b" ", 2)[1]))
        return bool(found)

    wait_for(answered, 30, f"{name} has no answer")
    return found[0]


def acknowledged(message: bytes) -> bytes:
    lines = message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    copied = [line for line in lines if line.partition(b":")[0] in (b"Via", b"From", b"To", b"Call-ID", b"CSeq")]
    return b"\r\n".join([b"SIP/2.0 200 OK", *copied, b"Content-Length: 0", b"", b""])
