"""plane, control and web killed with -9 under calls: each is started again, every outcome is right. Then SIGTERM."""

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest

from routing.requests.store import ORPHAN_REASON
from tests.support.busy_house import PATIENCE, BusyHouse, busy_house, habit_of_all
from tests.support.callers import Habit, PhoneCall
from tests.support.raw_sip import SDP, RawUdp
from tests.support.service import wait_for
from tests.support.truth import compare, read_record

NETWORK = "127.0.17"
PLANE_DIED = "the media plane died"
DRAIN = 4               # s


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyHouse]:
    with busy_house(tmp_path_factory.mktemp("killed"), NETWORK, operators=20, drain_s=DRAIN) as house:
        yield house


def kill(house: BusyHouse, child: str) -> int:
    """kill -9; returns where the log was."""
    begin = len(house.service.log)
    os.kill(house.service.child(child), signal.SIGKILL)
    house.wait_for_log(f"child_died child={child} code=-9", begin)
    return begin


def ringing(house: BusyHouse, count: int) -> list[PhoneCall]:
    """So many new calls for which an operator's phone rings, and nobody takes it."""
    habit_of_all(house, Habit(status=0))
    calls = house.answered(count)
    house.ask_for_operator(calls)
    wait_for(lambda: all(house.offers(call.number) for call in calls), PATIENCE, "no phone rang")
    habit_of_all(house, Habit())
    return calls


def test_web_killed__calls_do_not_notice(house: BusyHouse) -> None:
    in_menu, talking = house.answered(4), house.bridged(4)
    before = house.callers.heard_from(0.3)
    begin = kill(house, "web")
    assert house.callers.heard_from(0.3) >= before
    house.wait_for_log("child_started_again child=web", begin)
    calls = [*in_menu, *talking]
    assert house.service.metrics()["hotline_calls_in_progress"] == len(calls)
    assert all(call.talking for call in calls)
    house.hang_up(calls)
    house.wait_until_idle()
    compare(house, calls)
    assert "child_died child=control" not in house.service.log[begin:]


def test_plane_killed__its_calls_fail_and_new_ones_work(house: BusyHouse) -> None:
    broken = [*house.answered(4), *house.bridged(4), *ringing(house, 2)]
    begin = kill(house, "plane")
    house.wait_for_log("media_plane_lost", begin)
    (turned_away,) = house.dial(1)
    house.wait_until_over([*broken, turned_away])
    assert {call.by for call in broken} == {"peer"}
    assert turned_away.status == 486
    house.wait_for_log("clips_loaded", begin)
    house.wait_until_idle()
    later = house.bridged(4)
    house.hang_up(later)
    house.wait_until_idle()
    compare(house, [*broken, turned_away, *later], {call.number: PLANE_DIED for call in broken})


def test_control_killed__phones_and_statuses_are_kept(house: BusyHouse) -> None:
    service = house.service
    service.api("/api/operators/op1/status", {"status": "on_break", "reason": "tea"})
    wait_for(lambda: (service.state / "operators.json").exists(), PATIENCE, "the status was not noted down")
    broken = [*house.answered(3), *house.bridged(3), *ringing(house, 2)]
    begin = kill(house, "control")
    house.wait_for_log("control_taken_over", begin)
    assert service.operators()["op1"]["status"] == "on_break"
    wait_for(lambda: house.callers.heard_from(0.2) == set(), PATIENCE, "the plane plays to calls of the dead control")
    house.operators_hang_up()
    house.hang_up(broken)
    later = house.bridged(6)
    assert house.operators["op1"].open_calls == []
    house.hang_up(later)
    service.api("/api/operators/op1/status", {"status": "available"})
    house.wait_until_idle()
    compare(house, [*broken, *later], {call.number: ORPHAN_REASON for call in broken})


def figures(house: BusyHouse) -> dict[str, dict[str, object]]:
    """What `hotline operators` and `hotline queues` show, but for times and what is there only while calls are."""
    operators = {name: {key: each[key] for key in ("status", "reason", "set_by", "answered", "missed")}
                 for name, each in house.service.operators().items()}
    queues = {each["name"]: {key: value for key, value in each.items() if isinstance(value, int)}
              for each in house.service.api("/api/queues")["queues"]}
    return {**operators, **queues}


def test_control_killed__operators_and_queues_stand_as_before(house: BusyHouse) -> None:
    house.service.api("/api/operators/op2/status", {"status": "on_break", "reason": "lunch"})
    given_up = ringing(house, 2)
    house.hang_up([*given_up, *house.bridged(3)])
    house.wait_until_idle()
    before = figures(house)
    assert sum(int(str(each.get("answered", 0))) for each in before.values()) > 3
    kept = house.service.state / "queues.json"
    written = kept.stat().st_mtime_ns
    wait_for(lambda: kept.stat().st_mtime_ns > written or time.time_ns() - written > 2 * 10 ** 9, PATIENCE, "")
    begin = kill(house, "control")
    house.wait_for_log("control_taken_over", begin)
    assert "state_taken_up" in house.service.log[begin:]
    house.wait_until_idle()
    assert figures(house) == before
    house.service.api("/api/operators/op2/status", {"status": "available"})


def test_drained__everybody_may_finish_and_everything_is_written(house: BusyHouse) -> None:
    """The last of this module: it ends the service."""
    service = house.service
    children = [service.child(name) for name in ("plane", "control", "web")]
    calls = house.bridged(20)
    wait_for(lambda: all(each["state"] == "on_call" for name, each in service.operators().items()
                         if name in house.operators), PATIENCE, "not every operator was seen talking")
    before = figures(house)
    assert service.process is not None
    begin = len(service.log)
    service.process.send_signal(signal.SIGTERM)
    house.wait_for_log("draining calls=20", begin)
    with RawUdp(f"{NETWORK}.3", house.crowd.hotline) as stranger:
        refused = stranger.ask("INVITE", f"sip:100@{service.sip}", body=SDP.format(host=stranger.host))
        assert refused is not None
        assert (refused.status, refused.retry_after) == (503, 30)
        assert stranger.ask("OPTIONS", f"sip:{service.sip}").status == 503     # type: ignore[union-attr]
    late = house.dial(2)
    house.wait_until_over(late)
    house.hang_up(calls[:10])
    assert all(house.is_bridged(call) for call in calls[10:])
    assert service.process.wait(DRAIN + PATIENCE) == 0
    house.wait_until_over(calls)
    assert {call.by for call in calls[10:]} == {"peer"}
    compare(house, [*calls, *late])
    stopped = [row for row in read_record(service.database_url)["calls"] if row.reason == "the service stopped"]
    assert [row.ended_by for row in stopped] == ["hotline"] * 10
    assert "everything_written=True" in service.log[begin:]
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    assert "Traceback" not in service.log
    kept = {each["name"]: each["answered"]
            for each in json.loads((service.state / "queues.json").read_text())["queues"]["operators"]}
    answered = {name: before[name]["answered"] for name in house.operators}
    assert {name: kept[name] for name in house.operators} == answered
