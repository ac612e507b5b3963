"""Session cookies and the limit of attempts, in virtual time."""

import base64
import itertools
import json

import pytest

from desk import login_limit, sessions
from desk.login_limit import LoginLimit
from desk.sessions import Sessions
from ivr.drivers.secrets_file import WebLogin

ANNA = WebLogin("anna", "operator", "hash of a password", None)


def made(key: bytes = b"k" * 32, *logins: WebLogin) -> Sessions:
    ids = itertools.count()
    return Sessions(key, {login.name: login for login in logins or (ANNA,)}, 100.0, lambda: f"id{next(ids)}")


def test_session__is_checked_until_it_is_over() -> None:
    kept = made()
    cookie, session = kept.begin(ANNA, 1000.0)
    assert kept.check(cookie, 1099.9) == session
    assert kept.check(cookie, 1100.0) is None


def test_session__outlives_the_web_process() -> None:
    cookie, session = made().begin(ANNA, 1000.0)
    assert made().check(cookie, 1000.0) == session


def test_session__ends_with_the_key_the_password_and_the_login() -> None:
    cookie, _ = made().begin(ANNA, 1000.0)
    assert made(b"x" * 32).check(cookie, 1000.0) is None
    assert made(b"k" * 32, WebLogin("anna", "operator", "another", None)).check(cookie, 1000.0) is None
    assert made(b"k" * 32, WebLogin("boris", "operator", "hash of a password", None)).check(cookie, 1000.0) is None


def test_session__every_changed_character_is_noticed() -> None:
    kept = made()
    cookie, session = kept.begin(ANNA, 1000.0)
    for place in range(len(cookie)):
        forged = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1:]
        # The last character of a part carries bits that decode to nothing: the same bytes are the same cookie.
        assert kept.check(forged, 1000.0) in (None, session)
    longer = base64.urlsafe_b64encode(json.dumps({"n": "anna", "e": 9e9, "i": "x"}).encode()).decode().rstrip("=")
    assert kept.check(f"{longer}.{cookie.split('.')[1]}", 1000.0) is None


@pytest.mark.parametrize("cookie", ["", ".", "a.b", "a.b.c", "ä.ö", "e30.e30", "W10.e30", "=.=", "x" * 10_000,
                                    base64.b64encode(b"[" * 300).decode() + ".AA"])
def test_session__nonsense_is_nobody(cookie: str) -> None:
    assert made().check(cookie, 1000.0) is None


def test_session__ended_ones_are_remembered_until_they_would_be_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "ENDED", 3)
    kept = made()
    begun = [kept.begin(ANNA, 1000.0) for _ in range(4)]
    for cookie, session in begun:
        kept.end(session, 1000.0)
        assert kept.check(cookie, 1000.0) is None
    assert len(kept._ended) == 3
    later, session = kept.begin(ANNA, 2000.0)
    kept.end(session, 2000.0)
    assert len(kept._ended) == 1
    assert kept.check(later, 2000.0) is None


def test_limit__five_at_once_then_one_every_twelve_seconds() -> None:
    limit = LoginLimit()
    assert [limit.attempt("192.0.2.1", 100.0) for _ in range(5)] == [0.0] * 5
    assert limit.attempt("192.0.2.1", 100.0) == 12.0
    assert limit.attempt("192.0.2.1", 106.0) == 6.0
    assert limit.attempt("192.0.2.1", 112.0) == 0.0
    assert limit.attempt("192.0.2.2", 112.0) == 0.0


def test_limit__a_right_one_is_free_and_makes_no_guess_free() -> None:
    limit, now, wrong = LoginLimit(), 100.0, 0
    for _ in range(20):                 # a guess, and a login of one's own
        wrong += limit.attempt("192.0.2.1", now) == 0.0
        if limit.attempt("192.0.2.1", now) == 0.0:
            limit.succeeded("192.0.2.1")
    assert wrong == login_limit.BURST
    for _ in range(20):
        assert limit.attempt("192.0.2.2", now) == 0.0
        limit.succeeded("192.0.2.2")


def test_limit__an_ipv6_network_is_one_address() -> None:
    limit = LoginLimit()
    for last in range(5):
        limit.attempt(f"2001:db8::{last}", 100.0)
    assert limit.attempt("2001:db8::ffff", 100.0) > 0
    assert limit.attempt("2001:db8:0:1::1", 100.0) == 0


def test_limit__all_addresses_together() -> None:
    limit = LoginLimit()
    allowed = [limit.attempt(f"192.0.2.{host}", 100.0) for host in range(100)]
    assert allowed.count(0.0) == login_limit.BURST_ALL
    assert limit.attempt("198.51.100.1", 101.0) == 0.0


def test_limit__remembers_a_bounded_number_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_limit, "ADDRESSES", 10)
    limit = LoginLimit()
    for host in range(50):
        limit.attempt(f"192.0.2.{host}", 100.0)
    assert len(limit._buckets) == 10
