"""Calls that outlive their sessions of 90 s, or OPTIONS that nobody answers, side by side in one service, with Kamailio
as an edge for one of them. They mostly wait, so they run beside everything else."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.interop.edge_scenes import REFRESHED_INSIDE, REFRESHED_LINES, REFRESHED_OUTSIDE, edge_refreshes_the_session
from tests.phones.features import LONG, LONG_LINES, PLAIN
from tests.phones.hearing import clips_of
from tests.phones.lines import config_of
from tests.phones.stage import Scene, all_over, outcome, playing
from tests.support.edge import running_edge
from tests.support.peers import need_pjsua2
from tests.support.service import running_service

HOST = "127.0.77.1"
LONGEST = 180.0              # seconds: a session of 90 s, among other phones
SCENES: tuple[Scene, ...] = (*LONG, edge_refreshes_the_session)


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("refreshes")
    config = config_of(folder, HOST, LONG_LINES | REFRESHED_LINES, PLAIN)
    config["sip"]["edges"] = [REFRESHED_INSIDE]
    edge = running_edge(folder / "edge", inside=f"udp:{REFRESHED_INSIDE}:5060", nodes=[f"sip:{HOST}:5060"],
                        outside=[f"udp:{REFRESHED_OUTSIDE}:5060", f"tcp:{REFRESHED_OUTSIDE}:5060"])
    with edge, running_service(folder, **config) as service, \
            playing(request, service, folder, tones, clips_of(service, ()), SCENES) as played:
        yield played
        all_over(service, played)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_refreshes(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__], LONGEST)
