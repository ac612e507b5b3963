"""Encrypted audio with a real phone (PJSIP): it calls, it is rung, it talks to a plain phone, and plain ones are
refused where the configuration asks for encryption."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import Recording, clips_of, tone_in
from tests.phones.phone import Phone
from tests.phones.record import errors_of
from tests.phones.stage import Scene, Stage, outcome, playing
from tests.support.peers import need_pjsua2
from tests.support.service import PASSWORD, QUEUES, running_service, wait_for

HOST = "127.0.74.1"
OPERATORS = {"cards": "anna", "loans": "boris"}
TALK = 3.0
LANGUAGE = "en/choose_language.wav"


# --- scenes ---------------------------------------------------------------------------------------------------------
def encrypted_caller_and_plain_operator(stage: Stage) -> None:
    """Menu, keys and operator; the caller holds in between (a re-INVITE with the same keys)."""
    anna = stage.operator("anna", answer=200, delay=0.5)
    caller = stage.caller("4100001", srtp=True)
    stage.begin()
    stage.call(caller, "120")
    anna.wait("state", state="CONFIRMED")
    caller.do("wait:1")
    caller.do("hold")
    caller.do("unhold")
    _talk(caller, anna)
    assert (_encrypted(caller), _encrypted(anna)) == (True, False)
    heard = caller.recording()
    assert LANGUAGE in [clip.clip for clip in stage.clips.heard(heard)]
    _heard_each_other(heard, anna.recording())
    assert stage.call_of("4100001")["call"]["outcome"] == "answered"
    _quality(stage, "4100001", encrypted="caller")


def plain_caller_and_operator_who_must_encrypt(stage: Stage) -> None:
    boris = stage.operator("boris", answer=200, delay=0.5, srtp=True)
    caller = stage.caller("4100002")
    stage.begin()
    stage.call(caller, "130")
    boris.wait("state", state="CONFIRMED")
    _talk(caller, boris)
    assert (_encrypted(caller), _encrypted(boris)) == (False, True)
    _heard_each_other(caller.recording(), boris.recording())
    assert stage.call_of("4100002")["call"]["outcome"] == "answered"
    _quality(stage, "4100002", encrypted="boris")


def a_plain_call_of_a_phone_that_must_encrypt(stage: Stage) -> None:
    phone = stage.caller("softphone", password=PASSWORD)
    stage.begin()
    phone.ask(f"call:sip:100@{stage.host}")
    assert phone.wait("state", state="DISCONNECTED")["status"] == 488


SCENES: tuple[Scene, ...] = (encrypted_caller_and_plain_operator, plain_caller_and_operator_who_must_encrypt,
                             a_plain_call_of_a_phone_that_must_encrypt)


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("srtp")
    password = {"phone_password_file": str(folder / "password")}
    with running_service(
            folder, host=HOST,
            operators={"anna": password, "boris": {**password, "srtp": "required"}},
            accounts={"softphone": {"password_file": str(folder / "password"), "srtp": "required"}},
            queues={queue: {"operators": [OPERATORS[queue]], "ring_time_s": 10} for queue in QUEUES
                    if queue in OPERATORS}) as service, \
            playing(request, service, folder, tones, clips_of(service, (LANGUAGE,)), SCENES) as played:
        yield played
        for scene in played.values():
            scene.exception(0)
        wait_for(service.snapshot_is_idle, 30, "a call or a port was left")
        assert errors_of(service) == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_phone_srtp(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


# --- what they have in common ---------------------------------------------------------------------------------------
def _talk(caller: Phone, operator: Phone) -> None:
    caller.do(f"wait:{TALK:g}")
    caller.hang_up()
    operator.wait("state", state="DISCONNECTED")


def _quality(stage: Stage, number: str, encrypted: str) -> None:
    """The record has both legs' figures. Those of the far end came by RTCP, encrypted where the audio was; a phone
    reports every 5 s, so that of the leg which lasted."""
    wait_for(lambda: len(stage.call_of(number)["legs"]) == 2, 5.0, "the figures of two legs")
    for leg in stage.call_of(number)["legs"]:
        figures = leg["figures"]
        assert leg["encrypted"] == (leg["party"] == encrypted), leg
        assert (figures["packets_lost"], figures["refused"], figures["malformed"]) == (0, 0, 0), leg
        if leg["party"] == "caller":
            assert figures["remote_lost"] == 0, leg
            assert figures["mos_out"] > 4.0, leg
            assert figures["remote_jitter_ms"] < 20, leg


def _encrypted(phone: Phone) -> bool:
    return bool(phone.happened("codec")[-1]["encrypted"])


def _heard_each_other(caller: Recording, operator: Recording) -> None:
    """After a hold the tone comes in two stretches; the later one is as long as the talk."""
    for tone in (tone_in(caller, OPERATOR_HERTZ), tone_in(operator, CALLER_HERTZ)):
        assert tone.length > TALK - 0.5, tone
