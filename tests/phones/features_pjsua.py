"""Scenes with PJSIP on both sides: transfers by the operator's phone, TLS with SRTP, and sessions of 90 s."""

import time

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import tone_in
from tests.phones.lines import KEYS
from tests.phones.stage import Scene, Stage
from tests.phones.talking import answered, entries_of, heard_each_other, talk_on

SESSION_EXPIRES = 90         # seconds, the least that RFC 4028 knows
AFTER_REFRESHES = 93.0       # seconds of talk: a session that nobody refreshed were over before
CROWD = 30.0                 # seconds for one step among many phones


def pjsua_transfers_blind(stage: Stage) -> None:
    """REFER to a colleague: the caller talks to him, the operator hears NOTIFY 200 and is free."""
    anna = stage.operator("anna", answer=200)
    boris = stage.operator("boris", answer=200, delay=1.0)
    caller = stage.caller("6000001")
    stage.begin()
    stage.call(caller, KEYS, number="201")
    anna.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    anna.do(f"xfer:sip:boris@{stage.host}")
    boris.wait("state", state="CONFIRMED")
    anna.wait("transfer", status=200, final=True)
    anna.wait("state", state="DISCONNECTED")
    caller.do("wait:2.5")
    caller.hang_up()
    boris.wait("state", state="DISCONNECTED")
    heard_each_other(caller.recording(), boris.recording())
    call = answered(stage, "6000001", "boris", offered=["anna"])
    assert entries_of(call, "transfer_requested", "transferred") == [
        ("transfer_requested", {"by": "anna", "to": "boris"}), ("transferred", {"by": "anna", "to": "boris"})]
    assert call["call"]["talk_time"] > 3
    assert stage.is_idle("anna")


def pjsua_transfers_blind_to_a_stranger(stage: Stage) -> None:
    """REFER to an address outside: refused, and they talk on."""
    olga = stage.operator("olga", answer=200)
    caller = stage.caller("6000008")
    stage.begin()
    stage.call(caller, KEYS, number="208")
    olga.wait("state", state="CONFIRMED")
    olga.do("xfer:sip:+449098790001@example.com")
    olga.wait("request", method="REFER", ours=True, status=403)
    caller.do("wait:2")
    caller.hang_up()
    heard_each_other(caller.recording(), olga.recording(), 1.5)
    answered(stage, "6000008", "olga")


def pjsua_transfers_attended(stage: Stage) -> None:
    """The operator holds the caller, calls a colleague, talks, and joins the two (REFER with Replaces)."""
    clara = stage.operator("clara", answer=200)
    dmitri = stage.operator("dmitri", answer=200, delay=0.5)
    caller = stage.caller("6000002")
    stage.begin()
    stage.call(caller, KEYS, number="202")
    clara.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    clara.do("hold")
    clara.do(f"call:sip:dmitri@{stage.host}", CROWD)
    dmitri.wait("state", state="CONFIRMED")
    clara.do("wait:1")
    clara.do("join")
    clara.wait("transfer", status=200, final=True)
    clara.do("waitend:5")
    joined = time.monotonic()
    caller.do("wait:2.5")
    caller.hang_up()
    dmitri.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert tone_in(heard.between(joined, heard.times[-1]), OPERATOR_HERTZ).length > 1.8
    assert tone_in(dmitri.recording(), CALLER_HERTZ).length > 1.8
    call = answered(stage, "6000002", "dmitri", offered=["clara"])
    assert entries_of(call, "held", "transferred") == [
        ("held", {"by": "clara"}), ("transferred", {"by": "clara", "to": "dmitri"})]
    assert stage.is_idle("clara")


def pjsua_over_tls_with_srtp(stage: Stage) -> None:
    """Both phones trust our authority alone, and take no plain audio."""
    server, ca = f"{stage.host}:5061", stage.service.config["sip"]["tls"]["ca"]
    elena = stage.operator("elena", server=server, transport="tls", ca=ca, srtp=True, answer=200, delay=0.5)
    caller = stage.caller("6000003", transport="tls", ca=ca, srtp=True)
    stage.begin()
    stage.call(caller, KEYS, number="203")
    elena.wait("state", state="CONFIRMED")
    elena.do("hold")
    elena.do("unhold")
    talk_on(caller, elena)
    assert all(phone.happened("codec")[-1]["encrypted"] for phone in (caller, elena))
    heard_each_other(caller.recording(), elena.recording())
    answered(stage, "6000003", "elena")


def pjsua_refreshes_for_ninety_seconds(stage: Stage) -> None:
    """The caller's phone refreshes its session, the hotline the operator's; both talk on after the 90 s."""
    hanna = stage.operator("hanna", answer=200)
    caller = stage.caller("6000006", session_expires=SESSION_EXPIRES)
    stage.begin()
    stage.call(caller, KEYS, number="206")
    hanna.wait("state", state="CONFIRMED")
    begun = time.monotonic()
    caller.do(f"wait:{AFTER_REFRESHES}", AFTER_REFRESHES + CROWD)
    refreshes = {who: [event["method"] for event in phone.happened("request", ours=ours, status=200)
                       if event["at"] > begun + 10 and event["method"] in ("UPDATE", "INVITE")]
                 for who, phone, ours in (("caller", caller, True), ("hotline", hanna, False))}
    assert {len(methods) for methods in refreshes.values()} <= {1, 2}, refreshes      # the second is due as they end
    caller.hang_up()
    hanna.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert tone_in(heard.between(begun + SESSION_EXPIRES, heard.times[-1]), OPERATOR_HERTZ).length > 1.8
    call = answered(stage, "6000006", "hanna")
    assert call["call"]["talk_time"] > SESSION_EXPIRES


PJSUA_SCENES: tuple[Scene, ...] = (
    pjsua_transfers_blind, pjsua_transfers_blind_to_a_stranger, pjsua_transfers_attended, pjsua_over_tls_with_srtp,
    pjsua_refreshes_for_ninety_seconds)
PJSUA_LINES = {"201": ("anna", "boris"), "202": ("clara", "dmitri"), "203": ("elena",), "206": ("hanna",),
               "208": ("olga",)}
