"""The load generator sees what is wrong with a server: here the bare C loop of the bench, told to be bad."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pylibsrtp import Policy, Session

from bench import generator
from bench.generator import Load, build, build_bare, ill
from bench.house import HOST, cores
from bench.media.measure import FIRST_PORT, bare
from bench.media.secure import FRAME, KEY, write_frames

pytestmark = pytest.mark.skipif(bool(generator.missing()), reason=generator.missing())
CALLS = 20
FROM_THE_FIRST_FRAME = 0.4      # s until every prompt is known for what it is


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("programs")
    return build(folder), build_bare(folder)


def seen(programs: tuple[Path, Path], *faults: str, bridge: bool = False, stopped: float = 0.0) -> dict[str, Any]:
    """The figures of a second with a floor that has these faults; the generator itself stands still for `stopped` s."""
    load_program, bare_program = programs
    with bare(bare_program, CALLS, bridge, *faults), \
            Load(load_program, f"{HOST}:{FIRST_PORT}", cores()[1], CALLS, bare=FIRST_PORT, stamps=bridge) as load:
        assert load.calls(CALLS, 1000) == CALLS
        time.sleep(FROM_THE_FIRST_FRAME)
        load.window()
        if stopped:
            os.kill(load.pid, signal.SIGSTOP)
            time.sleep(stopped)
            os.kill(load.pid, signal.SIGCONT)
        if bridge:
            time.sleep(1.0)
        else:
            load.keys(0.1)              # and a second goes by
        figures = load.figures()
        assert load.leave(1000, CALLS)["succeeded"] == CALLS
        return figures


def test_load__a_good_floor(programs: tuple[Path, Path]) -> None:
    figures = seen(programs)
    assert figures["packets_lost"] == 0
    assert figures["due_share"] > 0.9
    assert figures["gap_p50_ms"] == pytest.approx(20, abs=3)
    assert (figures["keys_pressed"], figures["start_count"], figures["silent_calls"]) == (CALLS, CALLS, 0)
    assert figures["start_p50_ms"] < 60
    assert figures["generator"]["packets_out"] > 0.9 * figures["packets_due"]


def test_load__a_floor_that_loses_and_stands_still(programs: tuple[Path, Path]) -> None:
    figures = seen(programs, "--lose", "10", "--stall-ms", "250")
    assert figures["loss_share"] == pytest.approx(0.1, abs=0.03)
    assert figures["gap_max_ms"] > 240


def test_load__a_floor_that_is_slow_to_take_a_key(programs: tuple[Path, Path]) -> None:
    figures = seen(programs, "--key-ms", "100")
    assert figures["start_count"] == CALLS
    assert figures["start_p50_ms"] > 100
    assert 60 < figures["stop_p50_ms"] < figures["start_p50_ms"]


def test_load__a_bridge_that_holds_packets_back(programs: tuple[Path, Path]) -> None:
    at_once, late = seen(programs, bridge=True), seen(programs, "--hold-ms", "30", bridge=True)
    assert at_once["delay_count"] > 0.9 * at_once["packets_due"]
    assert at_once["delay_p50_ms"] < 25
    assert 30 <= late["delay_p50_ms"] < 30 + 25


def test_load__its_own_illness_is_told(programs: tuple[Path, Path]) -> None:
    figures = seen(programs, stopped=0.3)
    assert figures["generator"]["late_p99_ms"] > 200
    assert any("late" in reason for reason in ill(figures))


def test_load__ready_packets_of_srtp(tmp_path: Path) -> None:
    write_frames(tmp_path / "frames", 1.0)
    packets = np.fromfile(tmp_path / "frames", np.uint8).reshape(50, 12 + FRAME + 10)
    session = Session(Policy(KEY, Policy.SSRC_ANY_INBOUND))
    opened = [session.unprotect(packet.tobytes()) for packet in packets]
    assert [packet[3] for packet in opened] == list(range(50))
    assert len({packet[12:] for packet in opened}) == 50
