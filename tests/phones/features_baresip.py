"""Scenes with baresip 1.0: TLS with SRTP, hold, blind transfer and IPv6, as operator and as caller."""

from typing import Any

from tests.phones.baresip import PASSWORD, Baresip
from tests.phones.lines import KEYS
from tests.phones.stage import Scene, Stage
from tests.phones.talking import answered, entries_of, heard_each_other, held_and_resumed, music_between

IPV6 = "::1"
QUIET = 50                   # of 32,767: no tone, no music


def baresip_answers_over_tls_holds_and_transfers(stage: Stage) -> None:
    """The operator's phone: TLS and SRTP, hold and resume, then a blind transfer to a colleague."""
    igor = _operator(stage, "igor", **encrypted(stage))
    julia = stage.operator("julia", answer=200, delay=0.5)
    caller = stage.caller("6100001")
    stage.begin()
    stage.call(caller, KEYS, number="211")
    _answer(igor)
    caller.do("wait:3")         # baresip's file of what it heard begins late where the machine is busy
    held = igor.do("hold")
    caller.do("wait:2")
    resumed = igor.do("resume")
    caller.do("wait:2")
    igor.do("transfer", f"sip:julia@{stage.host}")
    julia.wait("state", state="CONFIRMED")
    igor.wait("CALL_CLOSED")
    caller.do("wait:2.5")
    caller.hang_up()
    julia.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert music_between(stage, heard, held, resumed) > 1.2
    heard_each_other(heard, julia.recording())
    heard_each_other(heard.between(0, held), igor.recording(), 1.2)
    call = answered(stage, "6100001", "julia", offered=["igor"])
    assert entries_of(call, "held", "resumed", "transferred") == [
        ("held", {"by": "igor"}), ("resumed", {"by": "igor"}), ("transferred", {"by": "igor", "to": "julia"})]


def baresip_calls_over_tls_and_holds(stage: Stage) -> None:
    """The caller's phone: TLS and SRTP; it holds and resumes; in between the operator hears nothing."""
    karl = stage.operator("karl", answer=200, delay=0.5)
    baresip = _caller(stage, "6100002", **encrypted(stage))
    stage.begin()
    _dial(baresip, karl, "212")
    karl.do("wait:2")
    held = baresip.do("hold")
    karl.do("wait:2")
    resumed = baresip.do("resume")
    karl.do("wait:2")
    karl.hang_up()
    baresip.wait("CALL_CLOSED")
    operator = karl.recording()
    assert operator.between(held + 1.0, resumed).loudness < QUIET
    heard_each_other(baresip.recording(), operator)
    held_and_resumed(stage, answered(stage, "6100002", "karl", "operator"))


def baresip_calls_over_ipv6(stage: Stage) -> None:
    """The caller has IPv6, the operator IPv4."""
    lena = stage.operator("lena", answer=200, delay=0.5)
    baresip = _caller(stage, "6100003", server=f"[{IPV6}]:5060", listen=IPV6)
    stage.begin()
    _dial(baresip, lena, "213")
    lena.do("wait:2.5")
    lena.hang_up()
    baresip.wait("CALL_CLOSED")
    heard_each_other(baresip.recording(), lena.recording())
    answered(stage, "6100003", "lena", "operator")


def baresip_answers_over_ipv6(stage: Stage) -> None:
    """The operator has IPv6 and TCP, the caller IPv4."""
    mike = _operator(stage, "mike", server=f"[{IPV6}]:5060", listen=IPV6, transport="tcp")
    caller = stage.caller("6100004")
    stage.begin()
    stage.call(caller, KEYS, number="214")
    _answer(mike)
    caller.do("wait:2.5")
    caller.hang_up()
    mike.wait("CALL_CLOSED")
    heard_each_other(caller.recording(), mike.recording())
    answered(stage, "6100004", "mike")


BARESIP_SCENES: tuple[Scene, ...] = (
    baresip_answers_over_tls_holds_and_transfers, baresip_calls_over_tls_and_holds, baresip_calls_over_ipv6,
    baresip_answers_over_ipv6)
BARESIP_LINES = {"211": ("igor", "julia"), "212": ("karl",), "213": ("lena",), "214": ("mike",)}
BARESIP_OPERATORS = ("igor", "mike")


# --- what they have in common ---------------------------------------------------------------------------------------
def encrypted(stage: Stage) -> dict[str, Any]:
    """Settings of a phone that speaks TLS and SRTP alone."""
    return {"server": f"{stage.host}:5061", "transport": "tls", "srtp": True,
            "ca": stage.service.config["sip"]["tls"]["ca"]}


def _operator(stage: Stage, account: str, *, server: str = "", **settings: Any) -> Baresip:
    phone = Baresip(stage.folder, server or stage.service.sip, stage.next_host(), account, stage.tones["operator"],
                    password=PASSWORD, **settings)
    stage.closing.callback(phone.close)
    stage.wait_reachable(account)
    return phone


def _caller(stage: Stage, number: str, *, server: str, **settings: Any) -> Baresip:
    stage.callers.append(number)
    phone = Baresip(stage.folder, server, stage.next_host(), number, stage.tones["caller"], **settings)
    stage.closing.callback(phone.close)
    return phone


def _answer(operator: Baresip) -> None:
    operator.wait("CALL_INCOMING")
    operator.do("accept")
    operator.wait("CALL_ESTABLISHED")


def _dial(baresip: Baresip, operator: Any, number: str) -> None:
    """Through the menu to the operator, who answers by themselves."""
    baresip.dial(number)
    for key in KEYS:
        operator.do("wait:1")           # only to let time go by
        baresip.do("sndcode", key)
    operator.wait("state", state="CONFIRMED")
