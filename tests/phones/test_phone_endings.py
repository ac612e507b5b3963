"""How calls end, with real phones: each leaves one outcome, no port in use, and its operators idle."""

import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.phones.conftest import OPERATOR_HERTZ
from tests.phones.hearing import clips_of, tone_in
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.phones.record import offers
from tests.phones.stage import Scene, Stage, all_over, outcome, playing
from tests.support.peers import need_pjsua2
from tests.support.service import Service, running_service, wait_for
from tests.support.truth import read_record

HOST, DRAINED_HOST = "127.0.74.1", "127.0.75.1"
GOODBYE = "en/queue/nobody_available.wav"
RING_TIME = 5.0
RESTS = 20.0                 # seconds that an operator who did not answer is left alone: longer than any scene
AT_ONCE = 1.0                # seconds until the other phone knows, while twenty phones share the processor
NEAR = 0.5                   # seconds that times may differ then

# Key, queue and its operators, in the order in which they are asked.
QUEUES = {
    "1": ("waiting", ("anna",)), "2": ("ringing", ("boris",)), "3": ("caller_ends", ("clara",)),
    "4": ("operator_ends", ("dmitri",)), "5": ("busy", ("elena", "fjodor")), "6": ("refusing", ("gleb", "hanna")),
    "7": ("silent", ("igor", "julia")), "8": ("unplugged", ("karl", "lena")), "9": ("nobody", ("maria",)),
    "0": ("last_one", ("nina",))}
MENU = """\
languages: [en, ru]
start: main
menus:
  main:
    prompts: main_options
    noinput: [{{count: 1, say: not_heard}}]
    nomatch: [{{count: 1, say: no_such_option}}]
    on_failure: [{{say: goodbye}}, hangup]
    options:
{options}
prompts:
  main_options: {{en: "Press a key.", ru: "-"}}
  not_heard: {{en: "Pardon?", ru: "-"}}
  no_such_option: {{en: "No.", ru: "-"}}
  goodbye: {{en: "Goodbye.", ru: "-"}}
"""


# --- scenes ---------------------------------------------------------------------------------------------------------
def hang_up_in_the_menu(stage: Stage) -> None:
    caller = stage.caller("5000001")
    stage.begin()
    stage.call(caller, "")
    caller.do("wait:1.5")
    caller.hang_up()
    call = _ended(stage, "5000001", "abandoned", "caller")
    assert call["requests"] == []


def hang_up_in_the_queue(stage: Stage) -> None:
    """The only operator is busy: the caller waits without a phone ringing."""
    stage.operator("anna", answer=486)
    caller = stage.caller("5000002")
    stage.begin()
    pressed = stage.call(caller, "1")
    caller.do("wait:3")
    hung_up = caller.hang_up()
    call = _ended(stage, "5000002", "abandoned", "caller", ["anna: busy"], "anna")
    assert call["call"]["wait_time"] == pytest.approx(hung_up["at"] - pressed["at"], abs=NEAR)
    assert call["call"]["talk_time"] is None
    assert call["requests"][0]["status"] == "closed"


def hang_up_while_the_operator_rings(stage: Stage) -> None:
    boris = stage.operator("boris")
    caller = stage.caller("5000003")
    stage.begin()
    stage.call(caller, "2")
    boris.wait("state", state="EARLY")
    caller.do("wait:1")
    hung_up = caller.hang_up()
    stopped = boris.wait("state", state="DISCONNECTED", status=487)
    assert stopped["at"] - hung_up["at"] < AT_ONCE
    _ended(stage, "5000003", "abandoned", "caller", ["boris"], "boris")


def caller_hangs_up_in_the_bridge(stage: Stage) -> None:
    _bridge(stage, "5000004", "3", "clara", "caller")


def operator_hangs_up_in_the_bridge(stage: Stage) -> None:
    _bridge(stage, "5000005", "4", "dmitri", "operator")


def operator_is_busy(stage: Stage) -> None:
    _next_operator(stage, "5000006", "5", stage.operator("elena", answer=486), "elena: busy", "fjodor")


def operator_refuses(stage: Stage) -> None:
    _next_operator(stage, "5000007", "6", stage.operator("gleb", answer=603), "gleb: refused", "hanna")


def operator_does_not_answer(stage: Stage) -> None:
    igor = stage.operator("igor")
    _next_operator(stage, "5000008", "7", igor, "igor: no_answer", "julia")
    rang = igor.wait("state", state="EARLY")
    stopped = igor.wait("state", state="DISCONNECTED", status=487)
    assert stopped["at"] - rang["at"] == pytest.approx(RING_TIME, abs=AT_ONCE)


def operators_phone_is_gone(stage: Stage) -> None:
    """Its process was killed: it is still registered and says nothing."""
    karl = stage.operator("karl")
    karl.kill()
    _next_operator(stage, "5000009", "8", karl, "karl: no_answer", "lena")


def nobody_is_logged_in(stage: Stage) -> None:
    caller = stage.caller("5000010")
    stage.begin()
    stage.call(caller, "9")
    caller.wait("state", state="DISCONNECTED")
    (goodbye,) = [clip for clip in stage.clips.heard(caller.recording()) if clip.clip == GOODBYE]
    assert goodbye.whole
    call = _ended(stage, "5000010", "overflow", "hotline", [])
    assert call["call"]["reason"] == "nobody_logged_in"
    assert call["requests"][0]["status"] == "closed"


def last_operators_phone_is_gone(stage: Stage) -> None:
    """There is no next one: the caller waits on, and hangs up."""
    nina = stage.operator("nina")
    nina.kill()
    caller = stage.caller("5000011")
    stage.begin()
    stage.call(caller, "0")
    caller.do(f"wait:{RING_TIME + 1.5}")
    caller.hang_up()
    _ended(stage, "5000011", "abandoned", "caller", ["nina: no_answer"], "nina")


SCENES: tuple[Scene, ...] = (
    hang_up_in_the_menu, hang_up_in_the_queue, hang_up_while_the_operator_rings, caller_hangs_up_in_the_bridge,
    operator_hangs_up_in_the_bridge, operator_is_busy, operator_refuses, operator_does_not_answer,
    operators_phone_is_gone, nobody_is_logged_in, last_operators_phone_is_gone)


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("endings")
    with running_service(folder, **_config(folder, HOST)) as service, \
            playing(request, service, folder, tones, clips_of(service, (GOODBYE,)), SCENES) as played:
        yield played
        all_over(service, played, 40)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_ending(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


def test_ending__drain(tmp_path: Path, tones: Mapping[str, Path]) -> None:
    """SIGTERM in a call: it goes on and ends by itself, a new caller hears 503, all is written, the exit is clean."""
    need_pjsua2()
    with running_service(tmp_path, **_config(tmp_path, DRAINED_HOST)) as service:
        clara = operator_phone(tmp_path, service.sip, "127.0.75.10", "clara", tone=tones["operator"], answer=200,
                               delay=0.3)
        caller, late = (Phone(tmp_path, service.sip, f"127.0.75.{host}", user, tone=tones["caller"])
                        for host, user in ((11, "5000012"), (12, "5000013")))
        with phones_closed(clara, caller, late):
            _drain(service, clara, caller, late)


def _drain(service: Service, clara: Phone, caller: Phone, late: Phone) -> None:
    caller.do(f"call:sip:100@{DRAINED_HOST}")
    caller.do("wait:0.5")
    caller.do("dtmf:3")
    clara.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    late.do("wait:0.5")
    late.ask(f"call:sip:100@{DRAINED_HOST}")
    late.wait("state", state="DISCONNECTED", status=503)
    caller.do("wait:2")
    hung_up = caller.hang_up()
    clara.wait("state", state="DISCONNECTED")
    clara.kill()                     # it would wait long for somebody to unregister from
    assert service.process.wait(15) == 0
    tone = tone_in(caller.recording(), OPERATOR_HERTZ)
    assert tone.length > 3
    assert abs(tone.end - hung_up["at"]) < 0.2
    rows = read_record(service.database_url)
    numbers = {person.call_id: person.caller_number for person in rows["people"]}
    assert {numbers[row.id]: (str(row.outcome), row.ended_by) for row in rows["calls"]} == {
        "5000012": ("answered", "caller"), "5000013": ("refused", "hotline")}
    assert len(rows["calls"]) == 2
    assert [(request.operator, str(request.status)) for request in rows["requests"]] == [("clara", "answered")]


# --- what they have in common ---------------------------------------------------------------------------------------
def _config(folder: Path, host: str) -> dict[str, Any]:
    menu = folder / "menu.yaml"
    menu.write_text(MENU.format(options="\n".join(f'      "{key}": {{queue: {queue}}}'
                                                  for key, (queue, _) in QUEUES.items())))
    operators = [operator for _, names in QUEUES.values() for operator in names]
    return {
        "host": host, "drain_s": 20, "sip": {"max_calls": 40},
        "lines": [{"numbers": ["100"], "menu": str(menu)}],
        "operators": {name: {"phone_password_file": str(folder / "password")} for name in operators},
        "queues": {queue: {"operators": list(names), "ring_time_s": RING_TIME, "retry_after_s": RESTS}
                   for queue, names in QUEUES.values()}}


def _bridge(stage: Stage, number: str, key: str, operator: str, who: str) -> None:
    """They talk for two seconds, and one of them hangs up."""
    phone = stage.operator(operator, answer=200, delay=0.3)
    caller = stage.caller(number)
    stage.begin()
    stage.call(caller, key)
    taken = phone.wait("state", state="CONFIRMED")
    caller.do("wait:2")
    first, second = (caller, phone) if who == "caller" else (phone, caller)
    hung_up = first.hang_up()
    told = second.wait("state", state="DISCONNECTED")
    assert told["at"] - hung_up["at"] < AT_ONCE
    call = _ended(stage, number, "answered", who, [operator], operator)
    assert call["call"]["talk_time"] == pytest.approx(hung_up["at"] - taken["at"], abs=NEAR)


def _next_operator(stage: Stage, number: str, key: str, first: Phone, failed: str, second: str) -> None:
    """The first operator does not take the call, the second does."""
    phone = stage.operator(second, answer=200, delay=0.3)
    caller = stage.caller(number)
    stage.begin()
    stage.call(caller, key)
    phone.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    caller.hang_up()
    _ended(stage, number, "answered", "caller", [failed, second], first.user, second)


def _ended(stage: Stage, number: str, outcome: str, by: str, offered: list[str] | None = None,
           *idle: str) -> dict[str, Any]:
    """The one call of this number with its outcome; who was rung, and that these operators are idle."""
    call = stage.call_of(number)
    row = call["call"]
    assert (row["outcome"], row["ended_by"]) == (outcome, by), call["ladder"]
    assert offers(call) == (offered or []), call["ladder"]
    wait_for(lambda: stage.is_idle(*idle), 30, f"not idle: {idle}")
    return call
