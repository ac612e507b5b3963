"""The story again with other phones and other ways: A-law, TCP, INFO, hold, and baresip."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.phones.baresip import PASSWORD, Baresip
from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import Recording, clips_of, tone_in
from tests.phones.record import offers
from tests.phones.stage import Scene, Stage, all_over, codec_of, outcome, playing, talk
from tests.support.peers import need_pjsua2
from tests.support.service import QUEUES, running_service, wait_for

HOST = "127.0.73.1"
MUSIC = "music/hold.wav"
OPERATORS = {"cards": "anna", "loans": "boris", "deposits": "clara", "transfers": "dmitri", "corporate": "elena"}
LARGEST_GAP = 0.3            # seconds in a tone, while a dozen phones share the processor
LEAST_PURITY_DB = 30         # one G.711 law leaves 37 dB, both together 34


# --- scenes ---------------------------------------------------------------------------------------------------------
def laws_differ(stage: Stage) -> None:
    """PCMA here, PCMU there: both tones are clean after the conversion."""
    anna = stage.operator("anna", codec="PCMU", answer=200, delay=0.5)
    caller = stage.caller("4000001", codec="PCMA")
    stage.begin()
    stage.call(caller, "120")
    talk(caller, anna)
    assert (codec_of(caller), codec_of(anna)) == ("PCMA", "PCMU")
    _heard_each_other(caller.recording(), anna.recording())
    _answered(stage, "4000001", "anna", "caller")


def over_tcp(stage: Stage) -> None:
    """Caller and operator are on TCP; the operator is rung on the connection that registered."""
    boris = stage.operator("boris", transport="tcp", answer=200, delay=0.5)
    caller = stage.caller("4000002", transport="tcp")
    stage.begin()
    stage.call(caller, "130")
    talk(caller, boris)
    _heard_each_other(caller.recording(), boris.recording())
    _answered(stage, "4000002", "boris", "caller")


def info_keys_then_hold_and_resume(stage: Stage) -> None:
    """Keys as SIP INFO; the operator holds the call, the caller hears music, and then the operator again."""
    clara = stage.operator("clara", answer=200, delay=0.5)
    caller = stage.caller("4000003")
    stage.begin()
    stage.call(caller, "140", way="info")
    clara.wait("state", state="CONFIRMED")
    caller.do("wait:2")         # of which a busy machine hears half a second late
    held = clara.do("hold")["at"]
    caller.do("wait:2")
    resumed = clara.do("unhold")["at"]
    caller.do("wait:1.5")
    hung_up = clara.hang_up()["at"]
    caller.wait("state", state="DISCONNECTED")
    heard = caller.recording()
    assert tone_in(heard.between(0, held), OPERATOR_HERTZ).length > 1.2
    (music,) = [clip for clip in stage.clips.heard(heard.between(held + 0.3, resumed)) if clip.clip == MUSIC]
    assert music.end - music.begin > 1.5
    assert music.gap <= LARGEST_GAP
    assert tone_in(heard.between(resumed + 0.3, hung_up), OPERATOR_HERTZ).length > 1.0
    call = _answered(stage, "4000003", "clara", "operator")
    kinds = [entry["kind"] for entry in call["entries"]]
    assert kinds[kinds.index("bridged"):] == ["bridged", "held", "resumed", "ended"]


def baresip_answers(stage: Stage) -> None:
    baresip = Baresip(stage.folder, stage.service.sip, stage.next_host(), "dmitri", stage.tones["operator"],
                      password=PASSWORD)
    stage.closing.callback(baresip.close)
    wait_for(lambda: stage.service.operators()["dmitri"]["reachable"], 30, "baresip did not register")
    caller = stage.caller("4000004")
    stage.begin()
    stage.call(caller, "150")
    baresip.wait("CALL_INCOMING")
    baresip.do("accept")
    baresip.wait("CALL_ESTABLISHED")
    caller.do("wait:3")
    caller.hang_up()
    baresip.wait("CALL_CLOSED")
    _heard_each_other(caller.recording(), baresip.recording())
    _answered(stage, "4000004", "dmitri", "caller")


def baresip_calls(stage: Stage) -> None:
    elena = stage.operator("elena", answer=200, delay=0.5)
    baresip = Baresip(stage.folder, stage.service.sip, stage.next_host(), "4000005", stage.tones["caller"])
    stage.closing.callback(baresip.close)
    stage.begin()
    baresip.dial("100")
    for key in "160":
        elena.do("wait:1")           # only to let time go by
        baresip.do("sndcode", key)
    elena.wait("state", state="CONFIRMED")
    elena.do("wait:3")
    elena.hang_up()
    baresip.wait("CALL_CLOSED")
    _heard_each_other(baresip.recording(), elena.recording())
    _answered(stage, "4000005", "elena", "operator")


SCENES: tuple[Scene, ...] = (laws_differ, over_tcp, info_keys_then_hold_and_resume, baresip_answers, baresip_calls)


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("kinds")
    ours = folder / "baresip-password"
    ours.write_text(PASSWORD)
    ours.chmod(0o600)
    passwords = dict.fromkeys(OPERATORS.values(), folder / "password") | {OPERATORS["transfers"]: ours}
    with running_service(
            folder, host=HOST,
            operators={name: {"phone_password_file": str(file)} for name, file in passwords.items()},
            queues={queue: {"operators": [OPERATORS[queue]], "ring_time_s": 10} for queue in QUEUES
                    if queue in OPERATORS}) as service, \
            playing(request, service, folder, tones, clips_of(service, (MUSIC,)), SCENES) as played:
        yield played
        all_over(service, played)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_phone(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


# --- what they have in common ---------------------------------------------------------------------------------------
def _heard_each_other(caller: Recording, operator: Recording) -> None:
    for tone in (tone_in(caller, OPERATOR_HERTZ), tone_in(operator, CALLER_HERTZ)):
        assert tone.length > 2.5, tone
        assert tone.gap <= LARGEST_GAP, tone
        assert tone.purity_db > LEAST_PURITY_DB, tone


def _answered(stage: Stage, caller: str, operator: str, ended_by: str) -> dict[str, Any]:
    """The row of an answered call, and the operator free again."""
    call = stage.call_of(caller)
    row = call["call"]
    assert (row["outcome"], row["operator"], row["ended_by"]) == ("answered", operator, ended_by), call["ladder"]
    assert offers(call) == [operator]
    (request,) = call["requests"]
    assert (request["status"], request["operator"], request["queue"]) == ("answered", operator, row["queue"])
    wait_for(lambda: stage.is_idle(operator), 30, f"{operator} is not idle")
    return call
