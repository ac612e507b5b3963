"""`hotline dial` against a running service, and against peers that refuse as it does not: how a call ends is told."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.drivers.softphone import Dialled, Target, dial
from tests.support.peers import need_module
from tests.support.service import PASSWORD, ROOT, Service, running_service, wait_for

HOST = "127.0.79.1"
PEER = "127.0.79.9"
MENU = str(ROOT / "menus/bank.yaml")
# pyVoIP's own thread may look at its socket once more after it was closed; the call is over then
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception in thread SIP Recieve:pytest.PytestUnhandledThreadExceptionWarning")
LINES = [{"numbers": ["100"], "menu": MENU}, {"numbers": ["200"], "menu": MENU, "callers": {"accounts": ["anna"]}}]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    need_module("pyVoIP")
    with running_service(tmp_path_factory.mktemp("service"), host=HOST, lines=LINES, sip={"max_calls": 1}) as running:
        yield running


def call(number: str, host: str = HOST, duration: float = 1.0, said: list[str] | None = None) -> Dialled:
    return dial(Target(number, host, 5060), "softphone", PASSWORD, "", pause=0.1, duration=duration, record=None,
                say=(said if said is not None else []).append)


def registered(service: Service) -> list[object]:
    phones = {phone["account"]: phone["contacts"] for phone in service.api("/api/phones")["phones"]}
    found: list[object] = phones["softphone"]
    return found


@pytest.mark.parametrize(("number", "says"), [
    ("999", "it was refused with 404 Not Found (there is no such number"),
    ("200", "it was refused with 403 Forbidden (may this account call there?"),
])
def test_dial__is_refused(service: Service, capfd: pytest.CaptureFixture[str], number: str, says: str) -> None:
    went = call(number)
    assert not went.answered
    assert went.ended_by.startswith(says)
    assert capfd.readouterr() == ("", "")           # pyVoIP prints what it has left to do
    assert registered(service) == []


def test_dial__no_more_calls_are_taken(service: Service) -> None:
    said: list[str] = []
    first = threading.Thread(target=call, args=("100",), kwargs={"duration": 6.0, "said": said})
    first.start()
    wait_for(lambda: "answered" in said, 10, "no answer")
    assert call("100").ended_by.startswith("it was refused with 486 Busy Here (busy, or as many calls as may be")
    first.join(30)
    wait_for(service.snapshot_is_idle, 10, "a call is left")


def test_dial__leaves_no_registration_behind(service: Service) -> None:
    went = call("100")
    assert (went.answered, went.ended_by) == (True, "us")
    assert registered(service) == []


@contextmanager
def refuser(status: str, challenges: bool) -> Iterator[list[bytes]]:
    """A registrar that lets everybody register and refuses every call: at once, or after asking for the password."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
        sip.bind((PEER, 5060))
        sip.settimeout(0.1)
        over = threading.Event()

        def run() -> None:
            while not over.is_set():
                try:
                    request, caller = sip.recvfrom(8192)
                except TimeoutError:
                    continue
                heard.append(request)
                if not request.startswith(b"ACK"):
                    sip.sendto(answer(request), caller)

        def answer(request: bytes) -> bytes:
            says, extra = "200 OK", b""
            if request.startswith(b"INVITE"):
                says = status
                if challenges and b"Authorization" not in request:
                    says, extra = "401 Unauthorized", b'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'
            kept = re.findall(rb"^(?:Via|From|To|Call-ID|CSeq): [^\r]*\r\n", request, re.MULTILINE)
            return f"SIP/2.0 {says}\r\n".encode() + b"".join(kept) + extra + b"Content-Length: 0\r\n\r\n"

        thread = threading.Thread(target=run)
        thread.start()
        yield heard
        over.set()
        thread.join()


@pytest.mark.parametrize("challenges", [False, True])
@pytest.mark.parametrize(("status", "look"), [
    ("486 Busy Here", "busy, or as many calls as may be; see hotline calls and its log"),
    ("503 Service Unavailable", "no calls are taken now; its log says why"),
    ("606 Not Acceptable", "the log of the hotline says why"),
])
def test_dial__any_refusal_ends_it(tmp_path: Path, capfd: pytest.CaptureFixture[str], status: str, look: str,
                                   challenges: bool) -> None:
    need_module("pyVoIP")
    with refuser(status, challenges) as heard:
        went = call("100", PEER)
    assert (went.answered, went.ended_by) == (False, f"it was refused with {status} ({look})")
    assert capfd.readouterr() == ("", "")
    words = [request.split()[0] for request in heard]
    assert words == [b"REGISTER", *([b"INVITE", b"ACK"] * (2 if challenges else 1)), b"REGISTER"]
