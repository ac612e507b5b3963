"""What control keeps of operators and queues on the disk: written while it runs, taken up by the next, mistrusted."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.state_files import StateFiles
from ivr.exchange.lasting import lasting
from ivr.service import lasting as lasting_state
from ivr.service.control_loop import Control
from ivr.service.lasting_file import LastingFile
from routing.dispatcher import Status
from tests.service.test_control_loop import PATIENCE, control_of
from tests.support.virtual_house import make_story

FILE = "queues.json"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with something of everything."""
    story = make_story(audio=False)
    house, folder = story.hotline.exchange.house, tmp_path_factory.mktemp("good")
    house.old_places.left("account x", "cards", 0.0, 1.0)
    LastingFile(folder).write(lasting(house, story.world.now))
    return (folder / FILE).read_text()


def run(state: Path, live: Callable[[Control], Any] = lambda control: None, **config: Any) -> dict[str, Any]:
    """A control that takes up what is there, lives, and is stopped in order; what it showed at the end."""
    async def life() -> dict[str, Any]:
        control, _ = control_of(make_story(audio=False, registered=False, config=config).hotline.exchange, state)
        now = time.monotonic()
        control.remember(now)
        if (waiting := live(control)) is not None:
            await waiting
        shown = control.exchange.snapshot(time.monotonic())
        await control.close()
        return shown
    return asyncio.run(life())


def anna(shown: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in shown["operators"] if each["name"] == "anna")


def break_for_lunch(control: Control) -> None:
    control.set_status("anna", Status.ON_BREAK, "lunch", "olga")


def test_stopped_in_order__all_of_it_is_there(state: Path) -> None:
    before = anna(run(state, break_for_lunch))
    after = anna(run(state))
    for name in ("status", "reason", "set_by", "answered", "missed", "state"):
        assert after[name] == before[name]
    assert (after["reason"], after["set_by"]) == ("lunch", "olga")
    assert (state / FILE).stat().st_mode & 0o777 == 0o600


def test_killed__what_happened_a_second_ago_is_there(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is closed: it is written while control runs, also a break that no person chose."""
    monkeypatch.setattr(lasting_state, "EVERY", 0.01)

    async def life() -> None:
        control, _ = control_of(make_story(audio=False, registered=False).hotline.exchange, state)
        control.remember(time.monotonic())
        now = time.monotonic()
        control.carry_out(control.exchange.set_status("anna", Status.ON_BREAK, "missed calls", now, "hotline"), now)
        end = now + PATIENCE
        while time.monotonic() < end and not ((state / FILE).exists() and "missed calls" in (state / FILE).read_text()
                                              and (state / "operators.json").exists()):
            await asyncio.sleep(0.01)
    asyncio.run(life())
    assert json.loads((state / "operators.json").read_text())["anna"] == ["on_break", "missed calls", "hotline"]
    after = anna(run(state))
    assert (after["status"], after["reason"], after["set_by"]) == ("on_break", "missed calls", "hotline")


def test_nothing_new__nothing_is_written(state: Path) -> None:
    run(state)

    async def life() -> None:
        control, _ = control_of(make_story(audio=False, registered=False).hotline.exchange, state)
        control.remember(time.monotonic())
        written: list[Any] = []
        control.lasting._kept.put = lambda *content: written.append(content)    # type: ignore[method-assign]
        for _ in range(3):
            control.lasting.keep(time.monotonic())
        assert len(written) == 1
    asyncio.run(life())


def test_chosen_last__goes_before_what_was_kept(state: Path) -> None:
    """Control was killed between a person's choice and the next second."""
    run(state, break_for_lunch)
    StateFiles(state).save_statuses({"anna": ("available", "", "")})
    assert anna(run(state))["status"] == "available"


def test_statuses__as_an_earlier_version_wrote_them(state: Path) -> None:
    (state / "operators.json").write_text(json.dumps({"anna": ["on_break", "tea"]}))
    (state / "operators.json").chmod(0o600)
    assert anna(run(state))["reason"] == "tea"


def cut(text: str) -> str:
    return text[:len(text) // 2]


def changed(text: str, *path: str | int, to: Any) -> str:
    whole = json.loads(text)
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(whole)


@pytest.mark.parametrize(("spoil", "says"), [
    (cut, "it is cut off, or no JSON"),
    (lambda text: "", "it is cut off, or no JSON"),
    (lambda text: "[" * 100_000, "it is cut off, or no JSON"),
    (lambda text: changed(text, "version", to=2), "another version of the service wrote it"),
    (lambda text: changed(text, "surprise", to=1), "surprise"),
    (lambda text: changed(text, "queues", "operators", 0, "talked", to=-1), "queues.operators.0.talked"),
    (lambda text: changed(text, "queues", "operators", 0, "talked", to=float("nan")), "queues.operators.0.talked"),
    (lambda text: changed(text, "queues", "operators", 0, "taken", to=10 ** 400), "queues.operators.0.taken"),
    (lambda text: changed(text, "queues", "operators", 0, "status", to="emperor"), "queues.operators.0.status"),
    (lambda text: changed(text, "queues", "queues", 0, "ended", to={"eaten": 3}), "queues.queues.0.ended"),
    (lambda text: changed(text, "queues", "paces", 0, "ring", to=-1), "queues.paces.0.ring"),
    (lambda text: changed(text, "places", "key", to="../../etc"), "places.key"),
])
def test_file__that_is_no_good_is_told_and_left(good: str, tmp_path: Path, spoil: Callable[[str], str], says: str,
                                                caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_text(good)
    (tmp_path / FILE).chmod(0o600)
    assert LastingFile(tmp_path).read() is not None
    (tmp_path / FILE).write_text(spoil(good))
    assert LastingFile(tmp_path).read() is None
    (told,) = caplog.records
    assert (told.levelname, told.getMessage()) == ("WARNING", "state_not_taken_up")
    assert says in told.__dict__["fields"]["reason"]


def test_file__what_no_file_holds_is_told(good: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Half a letter, of a shell in another encoding."""
    (tmp_path / FILE).write_text(good)
    (tmp_path / FILE).chmod(0o600)
    kept = LastingFile(tmp_path).read()
    assert kept is not None
    LastingFile(tmp_path).write(replace(kept, node="\udcff"))
    assert [record.getMessage() for record in caplog.records] == ["state_not_written"]
    assert LastingFile(tmp_path).read() == kept


def test_file__that_is_no_good_is_replaced(state: Path) -> None:
    (state / FILE).write_text("{")
    assert anna(run(state, break_for_lunch))["status"] == "on_break"
    assert LastingFile(state).read() is not None


def test_file__that_others_may_write(good: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_text(good)
    (tmp_path / FILE).chmod(0o666)
    assert LastingFile(tmp_path).read() is None
    assert [record.getMessage() for record in caplog.records] == ["state_not_taken_up"]
