"""Scenes with SIPp in both roles. It sends back what it hears, so its partner hears their own tone."""

import os

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import Recording, tone_in
from tests.phones.lines import KEYS
from tests.phones.sipp import Script, Sipp
from tests.phones.stage import Scene, Stage
from tests.phones.talking import answered, entries_of, music_between
from tests.support.peers import missing

IPV6 = "::1"
PORT = 5080
TIMER = "Supported: timer\nSession-Expires: 90;refresher={}\n"
REFRESH = "Require: timer\nSession-Expires: 90;refresher=uac\n"
OLD_HOLD = "0.0.0.0"         # as RFC 2543 did it


def sipp_calls_with_info_keys_and_holds(stage: Stage) -> None:
    """INFO; hold with the address 0.0.0.0, then with `inactive`."""
    walter = stage.operator("walter", answer=200)
    sipp = _sipp(stage, "6300001")
    stage.begin()
    script = Script("6300001").dial("231").pause(0.7).info("1").pause(0.5).info("5").pause(2.5)
    script.offer("sendrecv", OLD_HOLD).pause(1).offer("sendrecv").pause(1.5)
    sipp.start(script.offer("inactive").pause(1).offer("sendrecv").pause(1.5).hang_up())
    sipp.finish()
    walter.wait("state", state="DISCONNECTED")
    assert _echoed(walter.recording(), OPERATOR_HERTZ) > 4
    call = answered(stage, "6300001", "walter")
    kinds = [kind for kind, _ in entries_of(call, "held", "resumed")]
    assert kinds == ["held", "resumed", "held", "resumed"], call["ladder"]


def sipp_calls_with_rfc4733_keys(stage: Stage) -> None:
    if os.geteuid():
        missing("root: SIPp makes packets of RFC 4733 by hand")
    xenia = stage.operator("xenia", answer=200)
    sipp = _sipp(stage, "6300002")
    stage.begin()
    script = Script("6300002").dial("232").pause(0.7)
    for key in KEYS:
        script.press(key)
    sipp.start(script.pause(2.5).hang_up())
    sipp.finish()
    xenia.wait("state", state="DISCONNECTED")
    assert _echoed(xenia.recording(), OPERATOR_HERTZ) > 1
    answered(stage, "6300002", "xenia")


def sipp_calls_over_ipv6(stage: Stage) -> None:
    yuri = stage.operator("yuri", answer=200)
    sipp = _sipp(stage, "6300003", IPV6, 5090)
    stage.begin()
    sipp.start(Script("6300003").dial("233").pause(0.7).info("1").pause(0.5).info("5").pause(3).hang_up())
    sipp.finish()
    yuri.wait("state", state="DISCONNECTED")
    assert _echoed(yuri.recording(), OPERATOR_HERTZ) > 1.5
    answered(stage, "6300003", "yuri")


def sipp_answers_holds_and_transfers(stage: Stage) -> None:
    """Registers with digest, answers, holds and resumes; a REFER to a stranger gets 403, one to a colleague 202."""
    sipp = _sipp(stage)
    sipp.register("zoe")
    stage.wait_reachable("zoe")
    adam = stage.operator("adam", answer=200, delay=0.5)
    caller = stage.caller("6300004")
    script = Script("zoe").answer().pause(2).offer("sendonly").pause(2).offer("sendrecv").pause(1.5)
    script.refer("sip:+449098790001@example.com", 403).pause(1.5)
    sipp.start(script.refer(f"sip:adam@{stage.host}", 202).until_bye())
    stage.begin()
    stage.call(caller, KEYS, number="234")
    adam.wait("state", state="CONFIRMED")
    sipp.finish()
    caller.do("wait:2.5")
    caller.hang_up()
    assert sipp.told()[-1] == "SIP/2.0 200"
    heard = caller.recording()
    assert _echoed(heard, CALLER_HERTZ) > 3
    assert music_between(stage, heard, 0, heard.times[-1]) > 1.2
    assert tone_in(heard, OPERATOR_HERTZ).length > 1.8
    call = answered(stage, "6300004", "adam", offered=["zoe"])
    assert entries_of(call, "held", "resumed", "transferred") == [
        ("held", {"by": "zoe"}), ("resumed", {"by": "zoe"}), ("transferred", {"by": "zoe", "to": "adam"})]


def sipp_answers_over_ipv6(stage: Stage) -> None:
    sipp = _sipp(stage, "", IPV6, 5100)
    sipp.register("bella")
    stage.wait_reachable("bella")
    caller = stage.caller("6300005")
    sipp.start(Script("bella").answer().expect("BYE"))
    stage.begin()
    stage.call(caller, KEYS, number="235")
    caller.do("wait:3")
    caller.hang_up()
    sipp.finish()
    assert _echoed(caller.recording(), CALLER_HERTZ) > 1.5
    answered(stage, "6300005", "bella")


def sipp_is_refreshed_for_ninety_seconds(stage: Stage) -> None:
    """The caller leaves it to us, the operator's phone does it: UPDATE both times."""
    sipp, operator = _sipp(stage, "6300006"), _sipp(stage)
    operator.register("carlo")
    stage.wait_reachable("carlo")
    stage.begin()
    operator.start(Script("carlo").answer(TIMER.format("uas")).pause(45).refresh().pause(45).refresh().expect("BYE"))
    script = Script("6300006").dial("236", TIMER.format("uas")).pause(0.7).info("1").pause(0.5).info("5")
    sipp.start(script.expect("UPDATE", REFRESH).expect("UPDATE", REFRESH).pause(3.5).hang_up())
    sipp.finish()
    operator.finish()
    assert answered(stage, "6300006", "carlo")["call"]["talk_time"] > 90


SIPP_SCENES: tuple[Scene, ...] = (
    sipp_calls_with_info_keys_and_holds, sipp_calls_with_rfc4733_keys, sipp_calls_over_ipv6,
    sipp_answers_holds_and_transfers, sipp_answers_over_ipv6, sipp_is_refreshed_for_ninety_seconds)
SIPP_LINES = {"231": ("walter",), "232": ("xenia",), "233": ("yuri",), "234": ("zoe", "adam"), "235": ("bella",),
              "236": ("carlo",)}
SIPP_OPERATORS = ("zoe", "bella", "carlo")


# --- what they have in common ---------------------------------------------------------------------------------------
def _sipp(stage: Stage, number: str = "", host: str = "", port: int = PORT) -> Sipp:
    stage.callers += [number] if number else []
    own = stage.next_host()
    folder = stage.folder / own
    folder.mkdir()
    sipp = Sipp(folder, f"[{host}]:5060" if host else stage.service.sip, f"[{host}]" if host else own, port)
    stage.closing.callback(sipp.close)
    return sipp


def _echoed(heard: Recording, hertz: float) -> float:
    """Seconds of one's own tone."""
    return tone_in(heard, hertz).length
