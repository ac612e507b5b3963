"""The parent is killed with -9: its children end by themselves, tell their callers, and write what they know."""

import os
from pathlib import Path

from tests.support.busy_house import PATIENCE, busy_house
from tests.support.service import wait_for
from tests.support.truth import compare

NETWORK = "127.0.33"


def is_gone(pid: int) -> bool:
    """Ended, be it that nobody has asked for its exit code yet."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_parent_killed__no_orphan_keeps_ports_and_every_call_has_its_row(tmp_path: Path) -> None:
    with busy_house(tmp_path, NETWORK, operators=1) as house:
        calls = [*house.bridged(1), *house.answered(1)]
        process = house.service.process
        assert process is not None
        children = [house.service.child(name) for name in ("plane", "control", "web")]
        process.kill()
        process.wait()
        wait_for(lambda: all(is_gone(child) for child in children), PATIENCE, "a child outlived its parent")
        house.wait_until_over(calls)
        assert "everything_written=True" in house.service.log
        assert not os.path.exists(house.service.state / "run" / "control.sock")
        compare(house, calls, dict.fromkeys((call.number for call in calls), "the media plane died"))
