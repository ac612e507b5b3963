"""Which real phones (PJSIP) ring, and where callers get to: every strategy's order, every transfer, overflow, wrap-up,
callbacks. All scenes play at the same time in one service, each with lines, queues and telephones of its own."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.phones.hearing import clips_of
from tests.phones.rack import Rack
from tests.phones.ring_callbacks import CALLBACK_MENUS, CALLBACK_QUEUES, CALLBACK_SCENES, NUMBERS
from tests.phones.ring_house import BRANCHES, CARRIER, config_of
from tests.phones.ring_orders import ORDER_QUEUES, ORDER_SCENES
from tests.phones.ring_transfers import DEPARTMENTS, OUTSIDE, TRANSFER_QUEUES, TRANSFER_SCENES, WITHOUT_QUEUE
from tests.phones.ring_waiting import BRANCH, WAITING_MENUS, WAITING_QUEUES, WAITING_SCENES
from tests.phones.stage import Scene, all_over, outcome, playing
from tests.support.peers import need_pjsua2
from tests.support.service import running_service

HOST = "127.0.89.1"
APART = 0.4                  # seconds between the scenes' beginnings: two dozen at once are shed on a busy machine
# The longest ones begin.
SCENES: tuple[Scene, ...] = (*TRANSFER_SCENES, *CALLBACK_SCENES, *WAITING_SCENES, *ORDER_SCENES)
QUEUES = {**ORDER_QUEUES, **TRANSFER_QUEUES, **WAITING_QUEUES, **CALLBACK_QUEUES}
MENUS = {**WAITING_MENUS, **CALLBACK_MENUS}
# A process of PJSIP has four calls at one time, so four of each.
AT_BRANCHES = (BRANCH, *(target for target in OUTSIDE.values() if not target.startswith("+")))
AT_CARRIER = (*NUMBERS.values(), *(target for target in OUTSIDE.values() if target.startswith("+")))
TRANSFERS = {**DEPARTMENTS, **{name: f"sip:{name}@{BRANCHES}" for name in AT_BRANCHES}}


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("ring")
    with running_service(folder, **config_of(folder, HOST, QUEUES, MENUS, TRANSFERS, WITHOUT_QUEUE)) as service:
        trunk, branches = (Rack(folder, service.sip, host, port=5060) for host in (CARRIER, BRANCHES))
        outside = {name: branches[name] for name in AT_BRANCHES} | {number: trunk[number] for number in AT_CARRIER}
        try:
            with playing(request, service, folder, tones, clips_of(service, ()), SCENES, APART, outside) as played:
                yield played
                all_over(service, played, 20)
        finally:
            trunk.close()
            branches.close()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_ring(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])
