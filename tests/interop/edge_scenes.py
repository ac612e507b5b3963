"""Scenes with PJSIP behind Kamailio as an edge: each phone registers, is called and calls through it."""

import subprocess
import time
from pathlib import Path

from tests.phones.conftest import OPERATOR_HERTZ
from tests.phones.hearing import tone_in
from tests.phones.lines import KEYS
from tests.phones.phone import Phone
from tests.phones.record import offers
from tests.phones.stage import Scene, Stage
from tests.phones.talking import answered, entries_of, heard_each_other, held_and_resumed, talk_on
from tests.support.peers import need_program
from tests.support.service import wait_for

HOTLINE = "127.0.83.1"
OUTSIDE, INSIDE = "127.0.83.2", "127.0.83.3"                # the edge for UDP and TCP; UDP to the hotline
TLS_OUTSIDE, TLS_INSIDE = "127.0.83.4", "127.0.83.5"        # another one for TLS, on both sides
OUTSIDE_V6 = "::1", 5070
REFRESHED_OUTSIDE, REFRESHED_INSIDE = "127.0.77.2", "127.0.77.3"      # a third one, which stands for its scene alone
SCENARIO = Path(__file__).parent / "one_call.xml"
SESSION_EXPIRES = 90         # seconds, the least that RFC 4028 knows: refreshed after half of it
AFTER_REFRESH = 47.0
CROWD = 20.0                 # seconds for one step among many phones


def by(transport: str, outside: str = OUTSIDE) -> dict[str, str]:
    """The settings of a phone that speaks with the edge by this transport."""
    suffix = "" if transport == "udp" else f";transport={transport}"
    host = f"{TLS_OUTSIDE}:5061" if transport == "tls" else f"{outside}:5060"
    return {"proxy": f"sip:{host}{suffix};lr", "transport": transport}


def edge_udp_digits_hold_and_blind_transfer(stage: Stage) -> None:
    """Keys through two menus, hold and resume, and REFER to a colleague, all by UDP."""
    edna = stage.operator("edna", answer=200, **by("udp"))
    egon = stage.operator("egon", answer=200, delay=0.5, **by("udp"))
    caller = stage.caller("7000001", **by("udp"))
    stage.begin()
    stage.call(caller, KEYS, number="301")
    edna.wait("state", state="CONFIRMED")
    edna.do("hold")
    edna.do("unhold")
    caller.do("wait:1")
    edna.do(f"xfer:sip:egon@{stage.host}")
    egon.wait("state", state="CONFIRMED")
    edna.wait("transfer", status=200, final=True)
    edna.wait("state", state="DISCONNECTED")
    caller.do("wait:2.5")
    caller.hang_up()
    egon.wait("state", state="DISCONNECTED")
    heard_each_other(caller.recording(), egon.recording())
    call = answered(stage, "7000001", "egon", offered=["edna"])
    kinds = [kind for kind, _ in entries_of(call, "held", "resumed", "transferred")]
    assert kinds == ["held", "resumed", "transferred"]


def edge_tcp_outbound_and_attended_transfer(stage: Stage) -> None:
    """PJSIP asks for outbound by itself over TCP; consultation and REFER with Replaces over the same flow."""
    ella = stage.operator("ella", answer=200, **by("tcp"))
    emil = stage.operator("emil", answer=200, delay=0.5, **by("tcp"))
    caller = stage.caller("7000002", **by("tcp"))
    stage.begin()
    stage.call(caller, KEYS, number="302", way="info")
    ella.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    ella.do("hold")
    ella.do(f"call:sip:emil@{stage.host}", CROWD)
    emil.wait("state", state="CONFIRMED")
    ella.do("wait:1")
    ella.do("join")
    ella.wait("transfer", status=200, final=True)
    ella.do("waitend:5")
    joined = time.monotonic()
    caller.do("wait:2.5")
    caller.hang_up()
    emil.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert tone_in(heard.between(joined, heard.times[-1]), OPERATOR_HERTZ).length > 1.8
    call = answered(stage, "7000002", "emil", offered=["ella"])
    assert entries_of(call, "transferred") == [("transferred", {"by": "ella", "to": "emil"})]


def edge_tls_with_srtp(stage: Stage) -> None:
    """TLS from the phone to the edge and from there to the hotline; the audio is encrypted from end to end."""
    ca = stage.service.config["sip"]["tls"]["ca"]
    erik = stage.operator("erik", ca=ca, srtp=True, answer=200, delay=0.5, **by("tls"))
    caller = stage.caller("7000003", ca=ca, srtp=True, **by("tls"))
    stage.begin()
    stage.call(caller, KEYS, number="303")
    erik.wait("state", state="CONFIRMED")
    erik.do("hold")
    erik.do("unhold")
    talk_on(caller, erik)
    assert all(phone.happened("codec")[-1]["encrypted"] for phone in (caller, erik))
    heard_each_other(caller.recording(), erik.recording())
    held_and_resumed(stage, answered(stage, "7000003", "erik"))


def edge_refreshes_the_session(stage: Stage) -> None:
    """After half of the 90 s the caller's phone refreshes its session, over a new connection since the idle one was
    closed, and the hotline that of the operator's phone."""
    emma = stage.operator("emma", answer=200, **by("udp", REFRESHED_OUTSIDE))
    caller = stage.caller("7000004", session_expires=SESSION_EXPIRES, **by("tcp", REFRESHED_OUTSIDE))
    stage.begin()
    stage.call(caller, KEYS, number="304")
    emma.wait("state", state="CONFIRMED")
    begun = time.monotonic()
    caller.do(f"wait:{AFTER_REFRESH}", AFTER_REFRESH + CROWD)
    for phone, ours in ((caller, True), (emma, False)):
        refreshes = [event for event in phone.happened("request", ours=ours, status=200)
                     if event["at"] > begun + 10 and event["method"] in ("UPDATE", "INVITE")]
        assert len(refreshes) == 1, phone.story()
    caller.hang_up()
    emma.wait("state", state="DISCONNECTED")
    answered(stage, "7000004", "emma")


def edge_flow_fails(stage: Stage) -> None:
    """A phone is gone without a word: the edge answers 430 for its flow, and the queue goes on at once."""
    eva = stage.operator("eva", answer=200, **by("tcp"))
    caller = stage.caller("7000005", **by("udp"))
    stage.begin()
    eva.kill()
    stage.call(caller, KEYS, number="305")
    again = _another(stage, "eva")
    again.wait("state", state="CONFIRMED")
    talk_on(caller, again)
    call = stage.call_of("7000005")
    assert (call["call"]["outcome"], offers(call)[0]) == ("answered", "eva: unreachable"), call["ladder"]
    wait_for(lambda: "430 Flow Failed" in stage.call_of("7000005")["ladder"], 5, "the ladder shows no 430")


def edge_ipv6_outside_ipv4_inside(stage: Stage) -> None:
    """A caller who has IPv6 alone: SIP goes through the edge, audio to the hotline's own IPv6 address."""
    stage.begin()
    host, port = OUTSIDE_V6
    done = subprocess.run([need_program("sipp"), f"[{host}]:{port}", "-sf", str(SCENARIO), "-s", "306", "-i", host,
                           "-p", "5072", "-m", "1", "-nostdin", "-timeout", "30", "-timeout_error"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    call = stage.call_of("carol")
    assert (call["call"]["line"], call["call"]["ended_by"]) == ("306", "caller"), call["ladder"]


def _another(stage: Stage, user: str) -> Phone:
    """The same phone, switched on again: it registers under the same instance and number."""
    (stage.folder / "again").mkdir()
    stage.folder = stage.folder / "again"
    return stage.operator(user, answer=200, **by("tcp"))


EDGE_SCENES: tuple[Scene, ...] = (
    edge_udp_digits_hold_and_blind_transfer, edge_tcp_outbound_and_attended_transfer,
    edge_tls_with_srtp, edge_flow_fails, edge_ipv6_outside_ipv4_inside)
EDGE_LINES = {"301": ("edna", "egon"), "302": ("ella", "emil"), "303": ("erik",), "305": ("eva",), "306": ("elsa",)}
REFRESHED_LINES = {"304": ("emma",)}
