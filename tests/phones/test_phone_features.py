"""Each client's features in both roles, side by side in one service; the long ones are in test_phone_refreshes.py."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.phones.features import LINES, PLAIN, SHORT
from tests.phones.hearing import clips_of
from tests.phones.lines import AtLoopback, config_of
from tests.phones.stage import Scene, all_over, outcome, playing
from tests.phones.talking import MUSIC
from tests.support.peers import need_pjsua2
from tests.support.service import running_service

HOST = "127.0.76.1"
APART = 0.4                  # seconds between the scenes' beginnings: two dozen at once are shed on a busy machine
SCENES = SHORT


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("features")
    with running_service(folder, **config_of(folder, HOST, LINES, PLAIN, AtLoopback(5060, "20384-20583"))) as service, \
            playing(request, service, folder, tones, clips_of(service, (MUSIC,)), SCENES, APART) as played:
        yield played
        all_over(service, played)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_feature(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])
