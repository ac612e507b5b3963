"""How often passwords may be tried, in virtual time: nobody uses up another's attempts, or more than one core."""

import asyncio
import threading
import time
from typing import Any

import pytest

from desk import login_limit, password_turns
from desk.bucket import Bucket, Buckets
from desk.devices import KEPT_S, Devices
from desk.login_limit import LOGIN_BURST, LoginLimit
from desk.password_turns import MOST_WAITING, OF_ONE, PasswordTurns
from desk.problems import Refusal
from tests.desk.desk_rig import PAGE, Rig


def waits(limit: LoginLimit, host: str, now: float, name: str = "anna", device: str = "") -> float:
    return limit.attempt(name, host, device, now).wait


def right(limit: LoginLimit, host: str, now: float, name: str = "anna", device: str = "") -> bool:
    attempt = limit.attempt(name, host, device, now)
    if not attempt.wait:
        limit.succeeded(attempt)
    return not attempt.wait


def test_bucket__a_burst_and_then_so_many_a_second() -> None:
    bucket = Bucket(1 / 12, 5)
    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert (bucket.wait(100.0), bucket.wait(106.0), bucket.wait(90.0)) == (12.0, 6.0, 6.0)
    assert [bucket.take(at) for at in (112.0, 112.0)] == [True, False]
    bucket.give_back()
    assert bucket.take(112.0)


def test_buckets__the_one_that_was_longest_quiet_is_forgotten() -> None:
    buckets = Buckets(1.0, 2, 10)
    for number in range(50):
        buckets.of(str(number % 30)).take(1.0)
    assert len(buckets) == 10


def test_limit__five_at_once_then_one_every_twelve_seconds() -> None:
    limit = LoginLimit()
    assert [waits(limit, "192.0.2.1", 100.0) for _ in range(5)] == [0.0] * 5
    assert waits(limit, "192.0.2.1", 100.0) == 12.0
    assert waits(limit, "192.0.2.1", 106.0) == 6.0
    assert waits(limit, "192.0.2.1", 112.0) == 0.0
    assert waits(limit, "192.0.2.2", 112.0) == 0.0


def test_limit__a_right_one_is_free_and_makes_no_guess_free() -> None:
    limit, now, wrong = LoginLimit(), 100.0, 0
    for _ in range(20):                 # a guess, and a login of one's own
        wrong += waits(limit, "192.0.2.1", now, "boris") == 0.0
        right(limit, "192.0.2.1", now)
    assert wrong == login_limit.BURST
    assert all(right(limit, "192.0.2.2", now) for _ in range(20))


def test_limit__an_ipv6_network_is_one_address_and_many_of_a_customer_are_bounded() -> None:
    limit = LoginLimit()
    for last in range(5):
        assert waits(limit, f"2001:db8::{last}", 100.0) == 0
    assert waits(limit, "2001:db8::ffff", 100.0) > 0
    assert waits(limit, "2001:db8:0:1::1", 100.0) == 0
    tried = [waits(limit, f"2001:db8:0:{network:x}::1", 100.0, f"name{network}") for network in range(2, 100)]
    assert tried.count(0.0) == login_limit.NETWORK_BURST - 6
    assert waits(limit, "2001:db9::1", 100.0) == 0


def test_limit__a_crowd_of_addresses_keeps_nobody_else_out() -> None:
    """As many as there are: who tries another login is not told to wait, and was so after sixty attempts of others."""
    limit = LoginLimit()
    for host in range(250):
        for _ in range(6):
            limit.attempt(f"nobody{host}", f"192.0.2.{host}", "", 100.0)
    assert right(limit, "198.51.100.1", 100.0)


def test_limit__strangers_who_guess_at_a_login__keep_out_strangers_alone() -> None:
    limit = LoginLimit()
    assert right(limit, "198.51.100.1", 90.0)           # anna was here, and has a cookie of another browser
    guesses = [waits(limit, f"192.0.2.{host}", 100.0) for host in range(100)]
    assert guesses.count(0.0) == LOGIN_BURST
    assert waits(limit, "203.0.113.1", 100.0) > 0
    assert right(limit, "198.51.100.1", 100.0)
    assert right(limit, "203.0.113.1", 100.0, device="d1")
    assert right(limit, "203.0.113.1", 100.0)           # from there she has come in now
    assert right(limit, "203.0.113.9", 100.0, "boris")


def test_limit__a_browser_that_was_let_in_guesses_no_faster() -> None:
    limit = LoginLimit()
    assert right(limit, "192.0.2.1", 100.0, device="d1")
    got = [waits(limit, f"192.0.2.{host}", 100.0, device="d1") for host in range(20)]
    assert got.count(0.0) == login_limit.BURST


def test_limit__remembers_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_limit, "REMEMBERED", 10)
    limit = LoginLimit()
    for host in range(50):
        right(limit, f"192.0.2.{host}", 100.0, f"name{host}")
    assert (len(limit.hosts), len(limit.logins), len(limit._seen)) == (10, 10, 10)


def test_device__is_of_one_person_for_half_a_year() -> None:
    devices = Devices(b"k" * 32, lambda: "id1")
    cookie = devices.cookie("anna", "", 1000.0)
    assert devices.check(cookie, "anna", 1000.0) == "id1"
    assert devices.check(devices.cookie("anna", "id0", 1000.0), "anna", 1000.0) == "id0"
    assert devices.check(cookie, "boris", 1000.0) == devices.check(cookie, "anna", 1000.0 + KEPT_S) == ""
    assert Devices(b"x" * 32, lambda: "").check(cookie, "anna", 1000.0) == ""
    for nonsense in ("", ".", "a.b", "W10.e30", "x" * 10_000, cookie[:-4], f"{cookie}.x"):
        assert devices.check(nonsense, "anna", 1000.0) == ""


def test_cookies__of_a_session_and_of_a_browser_are_not_taken_for_each_other(rig: Rig) -> None:
    anna = rig.logged_in("anna")
    session, device = anna.cookies["hotline_session"], anna.cookies["hotline_device"]
    assert rig.client(cookies={"hotline_session": device}).get("/api/session").status_code == 401
    assert rig.app.state.desk.devices.check(session, "anna", 1000.0) == ""
    assert rig.client(cookies={"hotline_device": device}).get("/api/queues").status_code == 401


def test_login__who_was_here_before_gets_in_while_a_crowd_guesses(rig: Rig) -> None:
    """The crowd tries from the very address that everybody comes from, too: behind a proxy that says nothing."""
    anna = rig.logged_in("anna")
    first = anna.cookies["hotline_device"]
    assert anna.post("/api/logout").status_code == 204
    limit = rig.app.state.desk.limit
    for host in range(100):
        limit.attempt("anna", f"192.0.2.{host}", "", rig.clock.now)
        limit.attempt("anna", "127.0.0.1", "", rig.clock.now)
    given = {"login": "anna", "password": "anna's password"}
    assert rig.client(headers=PAGE).post("/api/login", json=given).status_code == 429
    assert anna.post("/api/login", json=given).status_code == 200
    devices = rig.app.state.desk.devices
    assert [devices.check(one, "anna", 1000.0) for one in (first, anna.cookies["hotline_device"])] == [
        devices.check(first, "anna", 1000.0)] * 2


def test_login__the_cookie_of_a_browser_is_not_for_scripts(rig: Rig) -> None:
    answer = rig.client("https://desk", headers=PAGE | {"Origin": "https://desk"}).post(
        "/api/login", json={"login": "anna", "password": "anna's password"})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if "device" in one]
    assert cookie.startswith("__Host-hotline_device=")
    for word in ("HttpOnly", "SameSite=strict", "Path=/", "Secure", f"Max-Age={KEPT_S}"):
        assert word in cookie


class Work:
    """Checks that take as long as `go` says, and how many of them went on at one time."""

    def __init__(self) -> None:
        self.go, self.lock = threading.Event(), threading.Lock()
        self.now = self.most = 0
        self.done: list[str] = []

    def __call__(self, name: str) -> str:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(10)
        time.sleep(0.001)
        with self.lock:
            self.now -= 1
        self.done.append(name)
        return name


async def _checked(turns: PasswordTurns, work: Work, key: str, known: bool = False) -> Any:
    try:
        return await turns.check(key, known, lambda: work(key))
    except Refusal as refused:
        return refused.status


def test_turns__one_at_a_time_and_a_flood_is_sent_away() -> None:
    async def scene() -> None:
        turns, work = PasswordTurns(), Work()
        flood = [asyncio.create_task(_checked(turns, work, f"192.0.2.{number}")) for number in range(200)]
        await asyncio.sleep(0.05)
        known = asyncio.create_task(_checked(turns, work, "anna", True))
        await asyncio.sleep(0.05)
        work.go.set()
        assert await known == "anna"
        got = await asyncio.gather(*flood)
        assert work.most == 1
        assert work.done[1] == "anna"       # behind the one that was being looked at
        assert got.count(503) == 200 - MOST_WAITING
        assert await _checked(turns, work, "192.0.2.1") == "192.0.2.1"

    asyncio.run(scene())


def test_turns__one_address_waits_for_itself() -> None:
    async def scene() -> None:
        turns, work = PasswordTurns(), Work()
        work.go.set()
        got = await asyncio.gather(*(_checked(turns, work, "192.0.2.1") for _ in range(10)),
                                   _checked(turns, work, "192.0.2.2"))
        assert (got.count(503), got[-1]) == (10 - OF_ONE, "192.0.2.2")

    asyncio.run(scene())


def test_turns__who_goes_away_while_waiting_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_turns, "OF_ONE", 5)

    async def scene() -> None:
        turns, work = PasswordTurns(), Work()
        tasks = [asyncio.create_task(_checked(turns, work, f"192.0.2.{number}")) for number in range(4)]
        await asyncio.sleep(0.05)
        tasks[1].cancel()
        work.go.set()
        while not work.done:
            await asyncio.sleep(0)
        tasks[2].cancel()                   # it may have been told that it is its turn
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await _checked(turns, work, "198.51.100.1") == "198.51.100.1"
        assert not turns._busy

    asyncio.run(scene())
