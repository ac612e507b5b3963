"""Scenes with linphonec 5.1: both ways of keys, hold, both transfers, TLS with SRTP, IPv6, and sessions of 90 s."""

import re
import time
from typing import Any

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.features_baresip import encrypted
from tests.phones.hearing import tone_in
from tests.phones.lines import KEYS, PLAIN_PASSWORD
from tests.phones.linphone import Linphone
from tests.phones.phone import Phone
from tests.phones.stage import Scene, Stage
from tests.phones.talking import answered, entries_of, heard_each_other, held_and_resumed, music_between

IPV6 = "::1"
TALKS = r"Media streams established"
RINGS = r"Receiving new incoming call"
ENDED = r"Call {} with .* ended"
SESSION_EXPIRES = 90
FIRST_INVITES = 2            # to us and to the operator; the others are refreshes
FEWEST, MOST = 2, 6          # one a session, after half of it; the second is due as the talk ends
LAST = 10.0                  # seconds of the talk's end, in which both are still heard
AFTER_REFRESHES = 93.0       # seconds of talk: a session of 90 s that nobody refreshed were over before


def linphone_calls_and_holds(stage: Stage) -> None:
    """Keys by RFC 4733; it holds and resumes."""
    nina = stage.operator("nina", answer=200, delay=0.5)
    linphone = _caller(stage, "6200001")
    stage.begin()
    _dial(linphone, nina, f"sip:221@{stage.host}")
    nina.do("wait:2")
    linphone.do("pause", "is now paused")
    nina.do("wait:1")
    linphone.do("resume", TALKS)
    nina.do("wait:2")
    linphone.do("terminate", ENDED.format(1))
    nina.wait("state", state="DISCONNECTED")
    heard_each_other(linphone.recording(), nina.recording(), 1.2)
    call = answered(stage, "6200001", "nina")
    held_and_resumed(stage, call)
    assert "INFO" not in call["ladder"]


def linphone_calls_over_tls_with_info_keys(stage: Stage) -> None:
    """TLS, SRTP, and keys as SIP INFO."""
    otto = stage.operator("otto", answer=200, delay=0.5)
    linphone = _caller(stage, "6200002", keys="info", **encrypted(stage))
    stage.begin()
    _dial(linphone, otto, f"sip:222@{stage.host};transport=tls")
    otto.do("wait:2.5")
    otto.hang_up()
    linphone.wait(ENDED.format(1))
    heard_each_other(linphone.recording(), otto.recording())
    assert answered(stage, "6200002", "otto", "operator")["ladder"].count("INFO") > 1


def linphone_calls_over_ipv6(stage: Stage) -> None:
    """The caller has IPv6, the operator IPv4."""
    paul = stage.operator("paul", answer=200, delay=0.5)
    linphone = _caller(stage, "6200003", host=IPV6)
    stage.begin()
    _dial(linphone, paul, f"sip:223@[{IPV6}]")
    paul.do("wait:2.5")
    paul.hang_up()
    linphone.wait(ENDED.format(1))
    heard_each_other(linphone.recording(), paul.recording())
    answered(stage, "6200003", "paul", "operator")


def linphone_answers_over_tls_holds_and_transfers(stage: Stage) -> None:
    """The operator's phone: TLS and SRTP, hold and resume, then a blind transfer to a colleague."""
    quinn = _operator(stage, "quinn", **encrypted(stage))
    rosa = stage.operator("rosa", answer=200, delay=0.5)
    caller = stage.caller("6200004")
    stage.begin()
    stage.call(caller, KEYS, number="224")
    _answer(quinn)
    caller.do("wait:2")
    held = quinn.do("pause", "is now paused")
    caller.do("wait:2")
    resumed = quinn.do("resume", TALKS)
    caller.do("wait:2")
    referred = quinn.do(f"transfer 1 sip:rosa@{stage.host}")
    rosa.wait("state", state="CONFIRMED")
    quinn.wait(ENDED.format(1))
    caller.do("wait:2.5")
    caller.hang_up()
    rosa.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert music_between(stage, heard, held, resumed) > 1.2
    heard_each_other(heard.between(referred, heard.times[-1]), rosa.recording())
    heard_each_other(heard.between(0, held), quinn.recording(), 1.2)
    call = answered(stage, "6200004", "rosa", offered=["quinn"])
    assert entries_of(call, "held", "resumed", "transferred") == [
        ("held", {"by": "quinn"}), ("resumed", {"by": "quinn"}), ("transferred", {"by": "quinn", "to": "rosa"})]


def linphone_transfers_attended(stage: Stage) -> None:
    """It holds the caller, calls a colleague, and joins the two."""
    steve = _operator(stage, "steve")
    tina = stage.operator("tina", answer=200, delay=0.5)
    caller = stage.caller("6200005")
    stage.begin()
    stage.call(caller, KEYS, number="225")
    _answer(steve)
    caller.do("wait:1")
    steve.do("pause", "is now paused")
    steve.do(f"call sip:tina@{stage.host}", TALKS)
    tina.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    steve.do("transfer 1 --to-call 2")
    steve.wait(ENDED.format("(1|2)"))
    steve.wait(ENDED.format("(1|2)"))
    joined = time.monotonic()
    caller.do("wait:2.5")
    caller.hang_up()
    tina.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert tone_in(heard.between(joined, heard.times[-1]), OPERATOR_HERTZ).length > 1.8
    assert tone_in(tina.recording(), CALLER_HERTZ).length > 1.8
    call = answered(stage, "6200005", "tina", offered=["steve"])
    assert entries_of(call, "transferred") == [("transferred", {"by": "steve", "to": "tina"})]


def linphone_answers_over_ipv6(stage: Stage) -> None:
    """The operator has IPv6, the caller IPv4."""
    ursula = _operator(stage, "ursula", host=IPV6, server=f"[{IPV6}]:5060")
    caller = stage.caller("6200006")
    stage.begin()
    stage.call(caller, KEYS, number="226")
    _answer(ursula)
    caller.do("wait:2.5")
    caller.hang_up()
    ursula.wait(ENDED.format(1))
    heard_each_other(caller.recording(), ursula.recording())
    answered(stage, "6200006", "ursula")


def linphone_refreshes_for_ninety_seconds(stage: Stage) -> None:
    """It calls with a session of 90 s and refreshes it; the hotline refreshes the operator's, linphone too."""
    viktor = _operator(stage, "viktor")
    linphone = _caller(stage, "6200007", refreshing=True)
    stage.begin()
    linphone.do(f"call sip:227@{stage.host}", TALKS)
    for key in KEYS:
        time.sleep(1)
        linphone.do(key)
    _answer(viktor)
    time.sleep(AFTER_REFRESHES)
    linphone.do("terminate", ENDED.format(1))
    viktor.wait(ENDED.format(1))
    for heard, hertz in ((linphone.recording(), OPERATOR_HERTZ), (viktor.recording(), CALLER_HERTZ)):
        last = heard.between(heard.times[-1] - LAST, heard.times[-1])     # what a busy machine skips is not recorded
        assert tone_in(last, hertz).length > LAST / 4
    call = answered(stage, "6200007", "viktor")
    assert call["call"]["talk_time"] > SESSION_EXPIRES
    requests = set(re.findall(r"(?:INVITE|UPDATE) \S+ \([^)]*\)", call["ladder"]))       # sent again: the same CSeq
    refreshes = len(requests) - FIRST_INVITES
    assert FEWEST <= refreshes <= MOST, call["ladder"]


LINPHONE_SCENES: tuple[Scene, ...] = (
    linphone_calls_and_holds, linphone_calls_over_tls_with_info_keys, linphone_calls_over_ipv6,
    linphone_answers_over_tls_holds_and_transfers, linphone_transfers_attended, linphone_answers_over_ipv6,
    linphone_refreshes_for_ninety_seconds)
LINPHONE_LINES = {"221": ("nina",), "222": ("otto",), "223": ("paul",), "224": ("quinn", "rosa"),
                  "225": ("steve", "tina"), "226": ("ursula",), "227": ("viktor",)}
LINPHONE_OPERATORS = ("quinn", "steve", "ursula", "viktor")


# --- what they have in common ---------------------------------------------------------------------------------------
def _operator(stage: Stage, account: str, **settings: Any) -> Linphone:
    phone = _phone(stage, account, "operator", password=PLAIN_PASSWORD, **settings)
    stage.wait_reachable(account)
    return phone


def _caller(stage: Stage, number: str, **settings: Any) -> Linphone:
    stage.callers.append(number)
    return _phone(stage, number, "caller", **settings)


def _phone(stage: Stage, account: str, role: str, *, host: str = "", server: str = "", **settings: Any) -> Linphone:
    folder = stage.folder / account
    folder.mkdir()
    own = stage.next_host()                 # its last figure makes ports of its own, for addresses that are shared
    phone = Linphone(folder, server or stage.service.sip, host or own, account, stage.tones[role],
                     port=7000 + 10 * int(own.rpartition(".")[2]), **settings)
    stage.closing.callback(phone.close)
    return phone


def _answer(operator: Linphone) -> None:
    operator.wait(RINGS)
    operator.do("answer", TALKS)


def _dial(linphone: Linphone, operator: Phone, uri: str) -> None:
    """Through the menu to the operator, who answers by themselves."""
    linphone.do(f"call {uri}", TALKS)
    for key in KEYS:
        operator.do("wait:1")           # only to let time go by
        linphone.do(key)
    operator.wait("state", state="CONFIRMED")
