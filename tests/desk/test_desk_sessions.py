"""Session cookies, in virtual time."""

import base64
import itertools
import json

import pytest

from desk import sessions
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
