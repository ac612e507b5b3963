"""How many files may be under way at one time, whose, and how slowly: over real HTTP, with small figures."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from desk.chat.files.coming import Bounds, BrokenOff, Coming
from desk.chat.files.store import FileStore, NotStored, Owner, Stored, Upload
from ivr.base.config_files import FilesConfig
from routing.requests.database import open_database
from routing.requests.files import Files
from tests.support.service import wait_for

HOST = "127.0.88.1"
LENGTH = 200_000
pytestmark = pytest.mark.timeout(60)


class Gate(FileStore):
    """A store of which each file is looked at for as long as `open` is not set; `most` were so at one time."""

    open, inside, most = threading.Event(), 0, 0

    def begin(self, owner: Owner, most: int) -> Upload:
        super().begin(owner, most).close()
        return Watched(self, owner, most)


class Watched(Upload):
    _store: Gate

    def finish(self, name: str) -> Stored:
        self._store.inside += 1
        self._store.most = max(self._store.most, self._store.inside)
        self._store.open.wait(20)
        try:
            return super().finish(name)
        finally:
            self._store.inside -= 1


class House:
    """A server that takes files as the desk does. The path says who sends: /HOST/caller/NAME, or /HOST/ACCOUNT/-."""

    def __init__(self, folder: Path, engine: Engine, bounds: Bounds) -> None:
        self.store = Gate(FilesConfig(min_free_mb=0), str(folder), Files(engine), "hotline", lambda: datetime.now(UTC))
        self.store.open = threading.Event()
        self.store.open.set()
        self.coming = Coming(LENGTH, self.store, time.monotonic, bounds)
        app = Starlette(routes=[Route("/{host}/{sender}/{visitor}", self.take, methods=["POST"])])
        self.listener = socket.create_server((HOST, 0))
        self.port = int(self.listener.getsockname()[1])
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],))
        self.open: list[socket.socket] = []

    async def take(self, request: Request) -> Response:
        given = request.path_params
        owner = Owner(f"call-{given['visitor']}", given["sender"], f"web/{given['visitor']}")
        try:
            await self.coming.take(request, given["host"], owner, "a.txt")
        except NotStored as error:
            return PlainTextResponse(error.reason, 503)
        except BrokenOff:
            return PlainTextResponse("broken_off", 409)
        return PlainTextResponse("kept", 201)

    def begin(self, path: str) -> socket.socket:
        """An upload that goes on."""
        before = self.under_way
        connection = socket.create_connection((HOST, self.port), 15)
        self.open.append(connection)
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {LENGTH}\r\n\r\nhello".encode())
        wait_for(lambda: self.under_way > before, 10, f"{path} is not begun")
        return connection

    def send(self, path: str) -> str:
        """All of one; what is answered."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", path, b"hello")
            return connection.getresponse().read().decode()

    @property
    def under_way(self) -> int:
        part = self.store.folder / "part"
        return len([one for one in part.iterdir() if not one.suffix]) if part.is_dir() else 0

    def ends(self, connection: socket.socket) -> None:
        """Whoever sends it is gone: the place is free again, and nothing is left."""
        before = self.under_way
        connection.close()
        wait_for(lambda: self.under_way < before, 10, "its place is not free")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[[Bounds], House]]:
    engine, houses = open_database(f"sqlite:///{tmp_path / 'record.db'}"), list[House]()

    def begin(bounds: Bounds) -> House:
        house = House(tmp_path, engine, bounds)
        houses.append(house)
        house.thread.start()
        wait_for(lambda: house.server.started, 10, "no server")
        return house

    yield begin
    for one in houses:
        one.store.open.set()
        for connection in one.open:
            connection.close()
        one.server.should_exit = True
        one.thread.join(20)
    engine.dispose()


def test_coming__three_of_one_sender_at_one_time(house: Callable[[Bounds], House]) -> None:
    there = house(Bounds())
    first, *_ = [there.begin(f"/h{number}/caller/maria") for number in range(3)]
    assert there.send("/h4/caller/maria") == "busy"
    assert there.send("/h4/caller/nina") == "kept"
    for _ in range(3):
        there.begin("/h0/anna/-")
    assert there.send("/h0/anna/-") == "busy"               # an account has the same bound, and one of its own
    there.ends(first)
    assert there.send("/h4/caller/maria") == "kept"


def test_coming__strangers_leave_places_to_accounts(house: Callable[[Bounds], House]) -> None:
    there = house(Bounds(at_once=4, for_accounts=2))
    strangers = [there.begin(f"/h{number}/caller/v{number}") for number in range(2)]
    assert there.send("/h9/caller/v9") == "busy"
    there.begin("/h1/anna/-")
    assert there.send("/h1/boris/-") == "kept"
    there.begin("/h1/boris/-")
    assert there.send("/h1/clara/-") == "busy"              # that is all of them
    there.ends(strangers[0])
    assert there.send("/h9/caller/v9") == "kept"


def test_coming__strangers_at_one_address_have_a_bound_and_accounts_none(house: Callable[[Bounds], House]) -> None:
    there = house(Bounds(of_host=2))
    for number in range(2):
        there.begin(f"/office/caller/v{number}")
    assert there.send("/office/caller/v9") == "busy"
    assert there.send("/office/anna/-") == "kept"
    assert there.send("/home/caller/v9") == "kept"


def sending(there: House, told: list[str], count: int, who: str = "caller") -> list[threading.Thread]:
    """So many visitors, or accounts `who0`…, each with a file of theirs; what they are told comes into `told`."""
    threads = [threading.Thread(target=lambda path: told.append(there.send(path)),
                                args=(f"/h{number}/{who}/v{number}" if who == "caller" else f"/h/{who}{number}/-",))
               for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_coming__two_are_looked_at_and_others_wait_their_turn(house: Callable[[Bounds], House]) -> None:
    there, told = house(Bounds(turn=20)), list[str]()
    there.store.open.clear()
    senders = sending(there, told, 3) + sending(there, told, 3, "account")
    wait_for(lambda: there.store.inside == 2 and there.under_way == 6, 10, "they are not there")
    time.sleep(0.2)
    there.store.open.set()
    for sender in senders:
        sender.join(20)
    assert (told, there.store.most, there.under_way) == (["kept"] * 6, 2, 0)


def test_coming__strangers_leave_a_turn_to_accounts(house: Callable[[Bounds], House]) -> None:
    there, strangers, ours = house(Bounds(turn=0.5)), list[str](), list[str]()
    there.store.open.clear()
    senders = sending(there, strangers, 8)
    wait_for(lambda: len(strangers) == 7, 15, "nobody is sent away")
    assert (strangers, there.store.inside) == (["busy"] * 7, 1)
    senders += sending(there, ours, 1, "anna")
    wait_for(lambda: there.store.inside == 2, 10, "the file of an account is not looked at")
    there.store.open.set()
    for sender in senders:
        sender.join(20)
    assert (strangers[7:], ours, there.store.most) == (["kept"], ["kept"], 2)
    there.store.open.clear()
    senders = sending(there, ours, 2, "boris")
    wait_for(lambda: there.store.inside == 2, 10, "accounts have both turns where nobody else has one")
    there.store.open.set()
    for sender in senders:
        sender.join(20)
    assert (ours, there.send("/h9/caller/v9")) == (["kept"] * 3, "kept")


def test_coming__who_waits_too_long_for_a_turn_is_told_busy(house: Callable[[Bounds], House]) -> None:
    there, told = house(Bounds(turn=0.3)), list[str]()
    there.store.open.clear()
    senders = sending(there, told, 1) + sending(there, told, 1, "anna")
    wait_for(lambda: there.store.inside == 2, 10, "they are not looked at")
    assert (there.send("/h9/caller/v9"), there.send("/h9/boris/-")) == ("busy", "busy")
    there.store.open.set()
    for sender in senders:
        sender.join(20)
    assert told == ["kept"] * 2
    for _ in range(2):                                      # the turns that they did not get are nobody's
        assert (there.send("/h9/caller/v9"), there.send("/h9/boris/-")) == ("kept", "kept")


@pytest.mark.parametrize(("pause", "octets", "ended"), [(0.05, 1, True), (0.05, 4000, False), (5.0, 1, True)])
def test_coming__a_trickle_and_silence_are_ended(house: Callable[[Bounds], House], pause: float, octets: int,
                                                 ended: bool) -> None:
    """Of 1 kB in half a second: one octet in 50 ms keeps no place, 80 kB/s does; nor does who is silent."""
    there = house(Bounds(window=0.5, least=1000, silence=1.0))
    connection = there.begin("/h/caller/maria")
    connection.settimeout(pause)
    sent, answer, end = 5, b"", time.monotonic() + 20
    while sent < LENGTH and not answer and time.monotonic() < end:
        connection.sendall(b"x" * min(octets, LENGTH - sent))
        sent += octets
        with contextlib.suppress(TimeoutError):
            answer = connection.recv(1000)
    connection.settimeout(15)
    answer = answer or connection.recv(1000)
    assert (b" 409 " in answer, b" 201 " in answer) == (ended, not ended)
    assert there.under_way == 0
