"""Keys in every way that phones know, from PJSIP to the running service: tones, INFO, RFC 4733, and two at once."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.phones.hearing import clips_of
from tests.phones.phone import Phone
from tests.phones.stage import Scene, Stage, all_over, outcome, playing
from tests.support.peers import need_pjsua2
from tests.support.service import QUEUES, running_service

HOST = "127.0.93.1"


# --- scenes ---------------------------------------------------------------------------------------------------------
def tones_alone(stage: Stage) -> None:
    """A phone that offers no telephone-event; each key stops its prompt."""
    caller = stage.caller("4000001", tone=None, takes_events=False)
    stage.begin()
    stage.call(caller, "120", way="tones")
    _reached(stage, caller, ["1", "2", "0"])


def tones_then_info(stage: Stage) -> None:
    """Once keys came by INFO, tones are no keys."""
    caller = stage.caller("4000002", tone=None, takes_events=False)
    stage.begin()
    stage.call(caller, "1", way="tones")
    caller.do("wait:0.7")
    caller.do("info:2")
    caller.do("wait:0.7")
    caller.do("tones:7")
    caller.do("info:0")
    _reached(stage, caller, ["1", "2", "0"])


def tones_and_events(stage: Stage) -> None:
    """Tones of a phone whose events were agreed on are no keys, nor is INFO once an event came."""
    caller = stage.caller("4000003", tone=None)
    stage.begin()
    stage.call(caller, "")
    for key in "120":
        caller.do("wait:0.7")
        caller.do("tones:9")
        caller.do(f"dtmf:{key}")
        if key == "1":
            caller.do("info:7")
    _reached(stage, caller, ["1", "2", "0"])


SCENES: tuple[Scene, ...] = (tones_alone, tones_then_info, tones_and_events)


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("keys")
    with running_service(folder, host=HOST, operators={"anna": {"phone_password_file": str(folder / "password")}},
                         queues={queue: {"operators": ["anna"], "ring_time_s": 10} for queue in QUEUES}) as service, \
            playing(request, service, folder, tones, clips_of(service, ()), SCENES) as played:
        yield played
        all_over(service, played)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_phone(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


def _reached(stage: Stage, caller: Phone, keys: list[str]) -> None:
    """The caller came to the queue through these keys."""
    caller.do("wait:0.7")
    caller.hang_up()
    call = stage.call_of(caller.user)
    (request,) = call["requests"]
    assert [step["keys"] for step in request["path"]] == keys, call["ladder"]
