"""One plane of two killed with -9, and stopped without dying, under calls: those of the other hear nothing of it."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.busy_house import PATIENCE, BusyHouse, busy_house
from tests.support.callers import PhoneCall
from tests.support.service import wait_for
from tests.support.truth import compare

NETWORK = "127.0.18"
FIRST, LAST = 16_384, 16_783        # half of the ports for each plane
PLANE_DIED = "the media plane died"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyHouse]:
    with busy_house(tmp_path_factory.mktemp("killed"), NETWORK, operators=12, media={"workers": 2},
                    ports=f"{FIRST}-{LAST}", program="tests.support.impatient") as house:
        yield house


def in_use(house: BusyHouse) -> list[float]:
    metrics = house.service.metrics()
    return [metrics[f'hotline_plane_worker_streams_in_use{{worker="{worker}"}}'] for worker in (0, 1)]


def up(house: BusyHouse) -> list[float]:
    metrics = house.service.metrics()
    return [metrics[f'hotline_plane_worker_up{{worker="{worker}"}}'] for worker in (0, 1)]


def heard(house: BusyHouse, worker: int) -> int:
    """How many legs hear the menu from a plane in 0.3 s."""
    middle = (FIRST + LAST + 1) // 2
    return sum((port >= middle) == bool(worker) for port in house.callers.heard_from(0.3))


def begin_calls(house: BusyHouse) -> list[PhoneCall]:
    """10 in the menu and 5 with an operator in each plane."""
    house.wait_until_idle()
    calls = [*house.in_main_menu(20), *house.bridged(10)]
    wait_for(lambda: in_use(house) == [20, 20], PATIENCE, "calls were not spread")
    assert (heard(house, 0), heard(house, 1)) == (10, 10)
    return calls


def end_calls(house: BusyHouse, calls: list[PhoneCall], broken: list[PhoneCall]) -> None:
    house.hang_up([call for call in calls if not call.over])
    house.wait_until_idle()
    compare(house, calls, {call.number: PLANE_DIED for call in broken})


@pytest.mark.parametrize("killed", [1, 0])
def test_killed__calls_of_the_other_plane_go_on(house: BusyHouse, killed: int) -> None:
    calls, begin = begin_calls(house), len(house.service.log)
    os.kill(house.service.child(f"plane-{killed}"), signal.SIGKILL)
    new = house.dial(2)                 # at once, be the dead one missed already or not
    house.wait_for_log(f"media_plane_lost worker={killed} calls=", begin)
    late = house.dial(2)
    for _ in range(4):
        assert heard(house, 1 - killed) >= 10
    wait_for(lambda: sum(call.over for call in calls) == 15, PATIENCE, "not the calls of one plane ended")
    broken = [call for call in [*calls, *new] if call.over]
    assert {call.by for call in broken} == {"peer"}
    wait_for(lambda: all(call.talking for call in late), PATIENCE, "a call was not answered by the plane that is left")
    house.wait_for_log(f"child_started_again child=plane-{killed}", begin)
    house.wait_for_log(f"clips_loaded worker={killed}", begin)
    again = house.bridged(2)            # in the new one, which has the fewest
    wait_for(lambda: in_use(house)[killed] == 4, PATIENCE, "the new plane got no calls")
    assert up(house) == [1, 1]
    assert "child_died child=control" not in house.service.log[begin:]
    end_calls(house, [*calls, *new, *late, *again], broken)


def test_stopped__a_plane_that_hangs_is_killed_and_calls_of_the_other_go_on(house: BusyHouse) -> None:
    calls, begin = begin_calls(house), len(house.service.log)
    os.kill(house.service.child("plane-0"), signal.SIGSTOP)
    assert (heard(house, 0), heard(house, 1)) == (0, 10)
    house.wait_for_log("child_hangs child=plane-0", begin)
    house.wait_for_log("media_plane_lost worker=0 calls=15", begin)
    assert heard(house, 1) == 10
    wait_for(lambda: sum(call.over for call in calls) == 15, PATIENCE, "not the calls of one plane ended")
    house.wait_for_log("clips_loaded worker=0", begin)
    again = house.bridged(2)
    wait_for(lambda: in_use(house) == [4, 20], PATIENCE, "the new plane got no calls")
    end_calls(house, [*calls, *again], [call for call in calls if call.over])
