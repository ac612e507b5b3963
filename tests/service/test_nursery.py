"""Control is taken over by its spare, whoever dies in which order; what kills each heir is not taken over for ever."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.service import nursery
from ivr.service.nursery import NotRenewed, Nursery, log
from tests.support.heir import CODE

PATIENCE = 20.0
Told = list[tuple[str, dict[str, object]]]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "MODULE", "tests.support.heir")
    monkeypatch.setattr(nursery, "SPARE_AFTER", 0.0)
    monkeypatch.setattr(nursery, "FIRST_SPARE_PAUSE", 0.1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the parent wrote into its log."""
    events: Told = []

    def note(event: str, **fields: object) -> None:
        if event != "spare_waits":
            events.append((event, fields))

    for level in ("info", "warning", "error"):
        monkeypatch.setattr(log, level, note)
    return events


@asynccontextmanager
async def reared(folder: Path, *arguments: str) -> AsyncIterator[Nursery]:
    """One that serves."""
    made = Nursery(("--notes", str(folder / "notes"), *arguments), ())
    await made.start()
    keeper = asyncio.create_task(made.keep())
    try:
        async with asyncio.timeout(PATIENCE):
            yield made
    finally:
        await made.stop(PATIENCE)
        await asyncio.wait_for(keeper, PATIENCE)


def notes(folder: Path) -> list[str]:
    """What each process was told: `waits` or `serves`, its arguments, how large the journal was."""
    return [line.rpartition(" ")[0] for line in (folder / "notes").read_text().splitlines()]


async def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        await asyncio.sleep(0.02)


def waits(one: Nursery) -> bool:
    return one.spare is not None and one.spare.loaded.done()


def kill(one: Nursery) -> None:
    one.send(signal.SIGKILL)


async def taken_over(one: Nursery, times: int, told: Told) -> None:
    await until(lambda: [event for event, _ in told].count("control_taken_over") == times)


def test_the_spare_takes_over(tmp_path: Path, told: Told) -> None:
    """With the journals of who died; and another one waits then."""
    async def story() -> None:
        async with reared(tmp_path) as one:
            await until(lambda: waits(one))
            spare = one.spare
            assert spare is not None
            kill(one)
            await taken_over(one, 1, told)
            assert one.control is spare.running
            await until(lambda: waits(one))
            assert one.spare is not spare
        assert one.spare is None

    asyncio.run(story())
    assert notes(tmp_path) == ["serves anew=False found=0", "waits anew=False found=100", "serves anew=False found=100",
                               "waits anew=False found=100"]
    assert [event for event, _ in told] == ["child_died", "control_taken_over"]
    assert told[0][1] == {"child": "control", "code": -signal.SIGKILL, "starting_again_in_s": 0.0}


def test_all_meet_sets_in_the_same_order(tmp_path: Path, told: Told) -> None:
    seeds = []
    for name in "ab":
        (tmp_path / name).mkdir()
        told.clear()
        asyncio.run(reared_once(tmp_path / name, told))
        seeds.append({line.split()[-1] for line in (tmp_path / name / "notes").read_text().splitlines()})
    assert [len(each) for each in seeds] == [1, 1]
    assert seeds[0] != seeds[1]


async def reared_once(folder: Path, told: Told) -> None:
    async with reared(folder) as one:
        kill(one)
        await taken_over(one, 1, told)


def test_no_spare_is_ready__a_new_one_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    monkeypatch.setattr(nursery, "SPARE_AFTER", 1000.0)

    async def story() -> None:
        async with reared(tmp_path) as one:
            kill(one)
            await taken_over(one, 1, told)

    asyncio.run(story())
    assert notes(tmp_path)[1:] == ["waits anew=False found=100", "serves anew=False found=100"]


def test_both_die(tmp_path: Path, told: Told) -> None:
    """The spare a moment before control: nobody has heard of it when it is told."""
    async def story() -> None:
        async with reared(tmp_path) as one:
            await until(lambda: waits(one))
            assert one.spare is not None
            for dying in (one.spare.running, one.control):
                assert dying is not None
                os.kill(dying.process.pid, signal.SIGKILL)
            await taken_over(one, 1, told)

    asyncio.run(story())
    assert [line.split()[0] for line in notes(tmp_path)][:4] == ["serves", "waits", "waits", "serves"]


def test_a_spare_that_dies_is_started_again__control_goes_on(tmp_path: Path, told: Told) -> None:
    async def story() -> None:
        async with reared(tmp_path) as one:
            for _ in range(3):
                await until(lambda: waits(one))
                spare, control = one.spare, one.control
                assert spare is not None
                spare.running.send(signal.SIGKILL)
                await until(lambda spare=spare: one.spare is not spare)
                assert control is one.control

    asyncio.run(story())
    assert [event for event, _ in told] == ["spare_died"] * 3
    assert [fields["starting_again_in_s"] for _, fields in told] == [0.1, 0.2, 0.4]


def test_a_spare_that_can_not_load_is_no_reason_to_stop(tmp_path: Path, told: Told) -> None:
    async def story() -> None:
        async with reared(tmp_path, "--unable") as one:
            await until(lambda: len(told) >= 2)
            assert one.control is not None
            assert one.control.lives

    asyncio.run(story())
    assert all(event == "spare_died" and fields["code"] == CODE for event, fields in told)


def test_what_kills_each_heir_is_not_taken_over_for_ever(tmp_path: Path, told: Told) -> None:
    """Two heirs died soon: the next one begins with empty journals, and with it all is as before."""
    async def story() -> None:
        async with reared(tmp_path, "--lives", "0.05") as one:
            await taken_over(one, 3, told)

    asyncio.run(story())
    serves = [line for line in notes(tmp_path) if line.startswith("serves")]
    assert serves[:4] == ["serves anew=False found=0", "serves anew=False found=100", "serves anew=False found=100",
                          "serves anew=True found=0"]
    pauses = [fields["starting_again_in_s"] for event, fields in told if event == "child_died"]
    assert pauses[:3] == [0.0, 0.2, 0.4]


def test_heirs_that_can_not_load_lose_no_journal(tmp_path: Path, told: Told) -> None:
    """A faulty configuration is not what the journals are to blame for."""
    async def story() -> None:
        async with reared(tmp_path, "--unable") as one:
            kill(one)
            await until(lambda: len([event for event, _ in told if event == "child_died"]) == 4)

    asyncio.run(story())
    assert notes(tmp_path) == ["serves anew=False found=0"]


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1, 0.3])
def test_stopped_while_it_is_taken_over(moment: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                        told: Told) -> None:
    monkeypatch.setattr(nursery, "SPARE_AFTER", 1000.0)

    async def story() -> list[int]:
        async with reared(tmp_path) as one:
            kill(one)
            await asyncio.sleep(moment)
        assert one.control is not None
        await asyncio.wait_for(one.control.process.wait(), PATIENCE)
        return [one.control.process.pid]

    assert not any(Path(f"/proc/{pid}").exists() for pid in asyncio.run(story()))


def test_renewed(tmp_path: Path, told: Told) -> None:
    """By a new process, not by the spare, which is of the old code; and its end by code 0 is no death."""
    async def story() -> None:
        async with reared(tmp_path) as one:
            await until(lambda: waits(one))
            before, spare = one.control, one.spare
            assert before is not None
            assert spare is not None
            renewal = asyncio.create_task(one.renew())
            await asyncio.sleep(0)
            with pytest.raises(NotRenewed):         # one at a time
                await one.renew()
            assert await renewal < PATIENCE
            assert before.process.returncode == 0
            assert not spare.running.lives
            assert one.control not in (before, spare.running)
            await until(lambda: waits(one))

    asyncio.run(story())
    assert [event for event, _ in told] == ["control_taken_over"]


def test_renewed__the_new_one_can_not_start(tmp_path: Path, told: Told) -> None:
    async def story() -> None:
        async with reared(tmp_path, "--unable") as one:
            before = one.control
            with pytest.raises(NotRenewed, match="the one before goes on"):
                await one.renew()
            assert one.control is before
            assert before is not None
            assert before.lives
            told.clear()
            await until(lambda: told)               # and a spare is tried again

    asyncio.run(story())
    assert told[0][0] == "spare_died"


def test_renewed__control_dies_meanwhile(tmp_path: Path, told: Told) -> None:
    """The new one takes over then."""
    async def story() -> None:
        async with reared(tmp_path) as one:
            await until(lambda: waits(one))
            first = one.spare
            renewal = asyncio.create_task(one.renew())
            await until(lambda: one.spare is not None and one.spare is not first)
            kill(one)
            await renewal
            assert one.control is not None
            assert one.control.lives

    asyncio.run(story())
    assert [event for event, _ in told] == ["child_died", "control_taken_over"]
