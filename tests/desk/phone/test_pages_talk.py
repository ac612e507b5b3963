"""Callers and operators in pages, with the real service: what is heard, pressed, held and written down; a page that is
gone for a while, or its web process, or control; a page on one side with a real SIP phone (PJSIP) on the other; what a
page may not do.
"""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.page_crowd import CrowdPage
from ivr.audio.g711 import decode_ulaw, encode_ulaw
from tests.phones.hearing import Recording, tone_in, write_tone
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.support.service import PASSWORD, ROOT, Service, wait_for
from tests.support.web_page import SILENCE, WebPage, log_in

HOST = "127.0.80.1"
HZ = 440
NOT_LOGGED_IN, FOREIGN, TOO_MUCH, TAKEN_OVER = 4001, 4003, 4008, 4009
HALF_A_SECOND = 4000     # samples
TALK = 1.0               # s of a tone that each must have heard


def tone(hz: float) -> bytes:
    """20 ms of it: a whole number of periods."""
    return encode_ulaw((8000 * np.sin(2 * np.pi * hz * np.arange(160) / 8000)).astype(np.int16)).tobytes()


CALLER, ANNA = tone(500), tone(800)


def test_pages__caller_and_operator_from_the_prompt_to_the_row(service: Service, web: str, anna: str) -> None:
    caller, operator = WebPage(web), WebPage(web, "/ws/phone", anna)
    caller.tone, operator.tone = (lambda frame: CALLER), (lambda frame: ANNA)
    try:
        assert caller.hello()["account"] is None
        assert operator.hello(take=True)["account"] == "anna"
        wait_for(lambda: service.operators()["anna"]["reachable"], 30, "anna has no phone")
        caller.say("dial", number="100")
        caller.comes("talking")
        wait_for(lambda: _hears(caller, "en/choose_language.wav"), 30, "the caller does not hear the prompt")
        for menu, key in enumerate("120"):
            caller.told("menu", menu)
            time.sleep(0.3)
            caller.press(key)
        operator.comes("ringing")
        ringing = operator.all("state")[-1]
        assert ringing["name"] == "Browser"
        operator.say("answer")
        operator.comes("talking")
        wait_for(lambda: caller.frames(20) == [ANNA] * 20, 30, "the caller does not hear the operator")
        wait_for(lambda: operator.frames(20) == [CALLER] * 20, 30, "the operator does not hear the caller")
        operator.say("hold", held=True)
        operator.comes("held")
        wait_for(lambda: ANNA not in caller.frames(20), 30, "the caller hears no music")
        operator.say("hold", held=False)
        operator.comes("talking")
        wait_for(lambda: caller.frames(20) == [ANNA] * 20, 30, "the caller does not hear the operator again")
        caller.say("hang_up")
        ended = operator.told("ended")
        assert caller.told("ended")["status"] == 200
        row = wait_for(lambda: [row for row in service.calls() if row["id"] == ended["call"] and row["outcome"]],
                       30, "there is no row")[0]
        assert (row["outcome"], row["operator"], row["queue"], row["dialled"]) == ("answered", "anna", "cards", "100")
        wait_for(service.snapshot_is_idle, 30, "something is left")
    finally:
        caller.close()
        operator.close()


def _hears(page: WebPage, clip: str) -> bool:
    """Whether any half second of what was heard is in the prompt: a busy machine may cut a frame elsewhere."""
    frames = [frame for _, frame in page.heard]
    heard = decode_ulaw(np.frombuffer(b"".join(frames), np.uint8)).astype(float)
    samples, rate = soundfile.read(ROOT / "audio_prompts" / clip)
    samples = samples[:: rate // 8000]
    return any(_alike(heard[begin:begin + HALF_A_SECOND], samples) > 0.9
               for begin in range(0, len(heard) - HALF_A_SECOND + 1, HALF_A_SECOND))


def _alike(heard: np.ndarray, samples: np.ndarray) -> float:
    """The normalised correlation of what was heard with the best place in a prompt."""
    products = np.correlate(samples, heard, "valid")
    energies = np.sqrt(np.convolve(samples**2, np.ones(len(heard)), "valid") * np.sum(heard**2))
    return float(np.max(products / np.maximum(energies, 1e-9)))


# --- what gets lost -------------------------------------------------------------------------------------------------
@contextmanager
def a_talk(web: str, anna: str) -> Iterator[tuple[WebPage, WebPage]]:
    """Anna calls nobody's line: a caller in a page, through the menu, to her page."""
    caller, operator = WebPage(web), WebPage(web, "/ws/phone", anna)
    caller.tone, operator.tone = (lambda frame: CALLER), (lambda frame: ANNA)
    try:
        caller.hello()
        operator.hello(take=True)
        caller.say("dial", number="100")
        for menu, key in enumerate("120"):
            caller.told("menu", menu)
            time.sleep(0.2)
            caller.press(key)
        operator.comes("ringing", 20)
        operator.say("answer")
        operator.comes("talking")
        wait_for(lambda: caller.frames(20) == [ANNA] * 20, 30, "the caller does not hear the operator")
        yield caller, operator
    finally:
        if not caller.closed.is_set():
            caller.say("hang_up")        # else the call would have its ten seconds to come back
        caller.close()
        operator.close()


def test_page__comes_back_with_its_token(service: Service, web: str, anna: str) -> None:
    with a_talk(web, anna) as (caller, operator):
        token = operator.all("ready")[0]["token"]
        operator.close()
        time.sleep(0.5)
        again = WebPage(web, "/ws/phone", anna)
        again.tone = lambda frame: ANNA
        ready = again.hello(token)
        assert (ready["state"], ready["token"], bool(ready["call"])) == ("talking", token, True)
        wait_for(lambda: again.frames(20) == [CALLER] * 20, 30, "the operator hears nothing any more")
        wait_for(lambda: caller.frames(20) == [ANNA] * 20, 30, "the caller hears nothing any more")
        again.say("hang_up")
        assert caller.told("ended")["status"] == 200
        again.close()
    wait_for(service.snapshot_is_idle, 15, "something is left")


def test_web_process__is_killed_and_the_talk_goes_on(service: Service, web: str, anna: str) -> None:
    with a_talk(web, anna) as (caller, operator):
        tokens = [page.all("ready")[0]["token"] for page in (caller, operator)]
        old = service.child("web")
        os.kill(old, signal.SIGKILL)
        for page in (caller, operator):
            assert page.closed.wait(5)
        wait_for(lambda: _is_back(service), 15, "the web process is not back")
        pages = [WebPage(web), WebPage(web, "/ws/phone", anna)]
        for page, token, tone in zip(pages, tokens, (CALLER, ANNA), strict=True):
            page.tone = lambda frame, tone=tone: tone
            assert page.hello(token)["state"] == "talking"
        wait_for(lambda: pages[0].frames(20) == [ANNA] * 20, 30, "the caller hears nothing any more")
        wait_for(lambda: pages[1].frames(20) == [CALLER] * 20, 30, "the operator hears nothing any more")
        pages[0].say("hang_up")
        assert pages[1].told("ended")["status"] == 200
        for page in pages:
            page.close()


def test_control__is_killed_and_pages_have_a_phone_again(service: Service, web: str, anna: str) -> None:
    with a_talk(web, anna) as (caller, operator):
        os.kill(service.child("control"), signal.SIGKILL)
        for page in (caller, operator):
            assert page.told("ready", 1, 30)["state"] == "idle"
        wait_for(lambda: service.operators()["anna"]["reachable"], 15, "anna has no phone")
        wait_for(service.snapshot_is_idle, 15, "the plane is not there")
        for _ in range(100):                    # until the plane has its clips again, calls are refused
            over = len(caller.all("ended"))
            caller.say("dial", number="100")
            wait_for(lambda over=over: caller.state == "talking" or len(caller.all("ended")) > over, 30, "no answer")
            if caller.state == "talking":
                break
            time.sleep(0.1)
        assert caller.state == "talking"


def _is_back(service: Service) -> bool:
    try:
        return bool(service.metrics())
    except OSError:
        return False


def test_page__blocked_for_400_ms_a_second_loses_nothing(service: Service, web: str, anna: str) -> None:
    """Each frame has its number in it: each reaches the other side, once and in order."""
    with a_talk(web, anna) as (caller, operator):
        caller.tone = lambda frame: _numbered(frame)
        wait_for(lambda: operator.frames(1)[0] != CALLER, 5, "the numbers do not come")
        for _ in range(4):
            caller.blocked.set()
            time.sleep(0.4)
            caller.blocked.clear()
            time.sleep(0.6)
        caller.tone = lambda frame: CALLER
        wait_for(lambda: operator.frames(20) == [CALLER] * 20, 5, "the numbers do not end")
        numbers = [int.from_bytes(frame[:4], "big") for _, frame in operator.heard
                   if frame[4:] == frame[4:5] * 156 and frame[4] == 0x2A]
        assert len(numbers) > 150
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _numbered(frame: int) -> bytes:
    return frame.to_bytes(4, "big") + b"\x2a" * 156


def test_page__that_does_not_read_hears_what_is_new_and_not_what_was(web: str) -> None:
    """Nothing of it lies about in the server for long: what comes after seconds is not seconds old."""
    page = CrowdPage(web, "/ws/try", "", receive_octets=4096)
    try:
        page.say(type="hello", resume=None)
        _read_until(page, lambda: any(message["type"] == "ready" for message in page.messages))
        page.say(type="dial", number="100")
        _read_until(page, lambda: page.frames > 20)
        time.sleep(5)
        _read_until(page, lambda: page.told_lost() > 100)       # of 250
        page.say(type="hang_up")
        _read_until(page, lambda: any(message["type"] == "ended" for message in page.messages))
    finally:
        page.socket.close()


def _read_until(page: CrowdPage, condition: Callable[[], bool]) -> None:
    page.socket.settimeout(10)
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, page.messages[-3:]
        page.read(time.monotonic())


# --- the other side has a telephone ---------------------------------------------------------------------------------
def heard(page: WebPage) -> Recording:
    octets = np.frombuffer(b"".join(frame for _, frame in page.heard), np.uint8)
    return Recording(decode_ulaw(octets), tuple(at for at, _ in page.heard))


def test_phone__calls_an_operator_in_a_page(service: Service, web: str, anna: str, tmp_path: Path) -> None:
    operator = WebPage(web, "/ws/phone", anna)
    operator.tone = lambda frame: ANNA
    operator.hello(take=True)
    caller = Phone(tmp_path, service.sip, "127.0.80.10", "4401", tone=write_tone(tmp_path / "tone.wav", HZ))
    with phones_closed(caller):
        caller.do("call:sip:100@127.0.80.1")
        for key in "120":
            caller.do(f"dtmf:{key}")
            caller.do("wait:0.3")
        operator.comes("ringing", 20)
        assert operator.all("state")[-1]["number"] == "4401"
        operator.say("answer")
        operator.comes("talking")
        caller.do("wait:1.5")
        operator.say("hang_up")
        caller.wait("state", state="DISCONNECTED")
        assert tone_in(caller.recording(), 800).length > TALK
        assert tone_in(heard(operator), HZ).length > TALK
    operator.close()
    wait_for(service.snapshot_is_idle, 30, "something is left")


def test_page__calls_an_operator_with_a_phone(service: Service, web: str, tmp_path: Path) -> None:
    boris = operator_phone(tmp_path, service.sip, "127.0.80.20", "boris", answer=200,
                           tone=write_tone(tmp_path / "tone.wav", HZ))
    page = WebPage(web)
    page.tone = lambda frame: CALLER
    page.hello()
    with phones_closed(boris):
        wait_for(lambda: service.operators()["boris"]["reachable"], 30, "boris has no phone")
        page.say("dial", number="100")
        for menu, key in enumerate("120"):
            page.told("menu", menu)
            page.press(key)
        boris.wait("state", state="CONFIRMED")
        boris.do("wait:1.5")
        boris.hang_up()
        page.told("ended")
        assert tone_in(boris.recording(), 500).length > TALK
        assert tone_in(heard(page), HZ).length > TALK
    page.close()


# --- what a page may not do, and that nobody else notices ----------------------------------------------------------
def test_socket__without_a_login_or_from_elsewhere(web: str, anna: str) -> None:
    assert WebPage(web, "/ws/phone").ends() == NOT_LOGGED_IN
    assert WebPage(web, "/ws/phone", anna.replace("=", "=x", 1)).ends() == NOT_LOGGED_IN
    for origin in ("http://evil.example", f"http://{web}.evil.example", "null", "http://["):
        assert WebPage(web, "/ws/phone", anna, origin).ends() == FOREIGN
        assert WebPage(web, "/ws/try", "", origin).ends() == FOREIGN
    with pytest.raises(InvalidStatus, match="403"):
        WebPage(web, "/ws/other")


def test_socket__ends_with_its_session(web: str) -> None:
    cookie = log_in(web, "boris", PASSWORD)
    page = WebPage(web, "/ws/phone", cookie)
    page.hello()
    request = urllib.request.Request(f"http://{web}/api/logout", method="POST", headers={
        "Cookie": cookie, "X-Hotline": "1", "Origin": f"http://{web}"})
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).close()
    assert WebPage(web, "/ws/phone", cookie).ends() == NOT_LOGGED_IN
    assert page.ends() == NOT_LOGGED_IN


def garbage(page: WebPage) -> None:
    for _ in range(60):
        page.socket.send("{" * 50)


def wrong_types(page: WebPage) -> None:
    for value in (None, [], {}, 1e999, "x" * 500, "\ud83d", "\x00"):
        for message in ({"type": "dial", "number": value}, {"type": "key", "key": value}, {"type": value},
                        {"type": "hold", "held": value}, value):
            page.socket.send(json.dumps(message))


def long_text(page: WebPage) -> None:
    for _ in range(60):
        page.socket.send(json.dumps({"type": "dial", "number": "1" * 3000}))


def binary(page: WebPage) -> None:
    for size in range(60):
        page.socket.send(os.urandom(size + 161))


def flood(page: WebPage) -> None:
    for _ in range(2000):
        page.socket.send(SILENCE)


def pings(page: WebPage) -> None:
    for _ in range(500):
        page.say("ping", at=1)


@pytest.mark.parametrize("attack", [garbage, wrong_types, long_text, binary, flood, pings])
def test_attack__closes_who_makes_it_and_nobody_else(web: str, attack: object) -> None:
    other, page = WebPage(web), WebPage(web, speaks=False)
    other.hello()
    page.hello()
    with suppress(ConnectionClosed):
        attack(page)  # type: ignore[operator]
    if attack is not wrong_types:           # some twenty of these, and it goes on
        assert page.ends() == TOO_MUCH
    other.say("ping", at=7)
    assert other.told("pong")["at"] == 7
    page.close()
    other.close()


def test_attack__a_message_too_large(web: str) -> None:
    page = WebPage(web, speaks=False)
    page.hello()
    page.socket.send("x" * 5000)
    assert page.ends() == 1009


def test_attack__leaves_the_service_as_it_was(service: Service) -> None:
    assert "Traceback" not in service.log
    assert "command_failed" not in service.log


def test_tabs__the_second_one_has_to_ask_and_the_first_is_told(service: Service, web: str, anna: str) -> None:
    first, second = WebPage(web, "/ws/phone", anna), WebPage(web, "/ws/phone", anna)
    first.hello()
    second.say("hello", resume=None)
    assert second.told("refused")["code"] == "elsewhere"
    assert not first.closed.is_set()
    assert second.hello(take=True)["account"] == "anna"
    assert first.ends() == TAKEN_OVER
    (shown,) = [phone for phone in service.api("/api/phones")["phones"] if phone["account"] == "anna"]
    assert [(contact["transport"], contact["expires_in_s"]) for contact in shown["contacts"]] == [("browser", None)]
    second.say("ping", at=1)
    assert second.told("pong")
    second.close()


def test_stranger__calls_lines_alone(web: str) -> None:
    page = WebPage(web)
    page.hello()
    page.say("dial", number="anna")
    assert page.told("refused")["code"] == "not_a_line"
    page.close()


def test_idle_sockets__do_not_starve_http(service: Service, web: str, anna: str) -> None:
    pages = [WebPage(web, "/ws/phone", anna, speaks=False) for _ in range(40)]
    began = time.monotonic()
    assert service.api("/api/operators")["operators"]
    assert time.monotonic() - began < 5
    for page in pages:
        page.close()
