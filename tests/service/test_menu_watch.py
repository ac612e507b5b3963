"""Real files of menus and prompts that change under a running exchange."""

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ivr.base.errors import AdminError
from ivr.base.ids import Ids
from ivr.call.record import MenuVersionRow
from ivr.drivers.prompt_files import write_wav
from ivr.drivers.secrets_file import open_secrets
from ivr.drivers.state_files import StateFiles
from ivr.exchange import from_menus
from ivr.exchange.effects import Report, ToStore
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.menu.loader import version_of
from ivr.service.build import build_exchange
from ivr.service.changes import change_of, read_change
from ivr.service.loading import Loaded, load_house
from ivr.service.menu_check import check_text
from ivr.service.menu_watch import MenuWatch
from ivr.service.reading_apart import ReadingFailed, read_apart
from ivr.service.spare import menus_seen
from ivr.service.trials import resume_trials
from tests.support.service import ROOT, make_config
from tests.support.virtual_house import START


class Service:
    """The sample's files in a folder of their own, an exchange, and the watch over both; `done`: what it wanted."""

    def __init__(self, folder: Path) -> None:
        self.menu, self.prompts = folder / "menus/bank.yaml", folder / "prompts"
        shutil.copytree(ROOT / "menus", folder / "menus")
        shutil.copytree(ROOT / "audio_prompts", self.prompts, copy_function=os.symlink)
        config = make_config(folder, lines=[{"numbers": ["100"], "menu": str(self.menu)}],
                             hours=str(folder / "menus/hours.yaml"), prompts={"folder": str(self.prompts),
                                      "announcements": str(folder / "menus/announcements.yaml")})
        file = folder / "config.yaml"
        file.write_text(yaml.safe_dump(config))
        self.loaded: Loaded = load_house(file)
        self.exchange: Exchange = build_exchange(self.loaded, open_secrets(self.loaded.config).secrets, "boot",
                                                 Ids(os.urandom), lambda at: START, lambda remote: "127.0.7.1", 0.0)
        self.done: list[Any] = []
        self.config_file = str(file)
        self.watch = MenuWatch(self, self.config_file, self.loaded, read_change)

    def carry_out(self, effects: list[Any], now: float) -> None:
        self.done += effects

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.watch.look()

    @property
    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.exchange.snapshot(0.0)["menus"]
        return found

    @property
    def version(self) -> str:
        return str(self.shown["lines"][0]["version"])

    @property
    def kept(self) -> list[MenuVersionRow]:
        return [row for effect in self.done if isinstance(effect, ToStore) for row in effect.batch.menu_versions]

    @property
    def said(self) -> list[str]:
        return [effect.event for effect in self.done if isinstance(effect, Report)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """One for all tests: each brings it back to what it was, or goes on from there."""
    return Service(tmp_path_factory.mktemp("watched"))


def test_watch__what_runs_at_the_start_is_kept_and_nothing_else_happens(service: Service) -> None:
    async def begin() -> None:
        await service.watch.begin()
        await service.look(3)

    asyncio.run(begin())
    assert [Path(row.file).name for row in service.kept] == ["bank.yaml", "announcements.yaml", "hours.yaml"]
    row, *_ = service.kept
    assert (row.text, row.version, row.state) == (service.menu.read_text(), service.version, "taken")
    assert row.author
    assert service.said == []


def test_watch__a_change_of_each_kind(service: Service) -> None:
    """A good one is taken at the second look, a bad one refused with its place, half a file is waited for."""
    good, before = service.menu.read_text(), service.version
    asyncio.run(service.look())

    async def change() -> None:
        service.menu.write_text(good + "# a remark\n")
        await service.look(1)
        assert service.version == before
        await service.look(1)
        assert service.version != before
        taken = service.version
        for cut in (100, 2000, 4000):           # an editor that writes slowly
            service.menu.write_text(good[:cut])
            await service.look(1)
        assert (service.version, service.shown["refused"]) == (taken, [])
        service.menu.write_text(good.replace("{goto: cards}", "{goto: crads}"))
        await service.look(3)
        (fault,) = service.shown["refused"]
        assert str(service.menu) in fault
        assert "crads" in fault
        assert service.version == taken
        service.menu.unlink()
        await service.look()
        assert "can't be read" in service.shown["refused"][0]
        service.menu.write_text(good)
        await service.look()
        assert (service.version, service.shown["refused"]) == (before, [])

    asyncio.run(change())
    assert [row.state for row in service.kept[3:]] == ["taken", "taken"]
    assert service.said.count("menus_refused") == 2


def test_watch__a_fault_of_ours_in_reading_is_seen_by_who_asks(service: Service) -> None:
    """It stood in the log alone: `menu status` said that all was well, and the change was never taken."""
    def read(config_file: str, running: Loaded) -> None:
        raise RuntimeError("broken")

    good = service.menu.read_text()
    watch = MenuWatch(service, service.config_file, service.loaded, read)

    async def change() -> None:
        await watch.begin()
        service.menu.write_text(good + "# another remark\n")
        await watch.look()
        await watch.look()
        (fault,) = service.shown["refused"]
        assert "by a fault of the hotline itself: see menus_not_read in its log" in fault
        service.menu.write_text(good)
        await service.look()
        await service.look()

    asyncio.run(change())


def test_watch__a_pipe_in_the_place_of_a_file_is_refused_and_the_next_change_seen(service: Service) -> None:
    files = (service.menu, service.menu.with_name("hours.yaml"), service.menu.with_name("announcements.yaml"))

    async def change() -> None:
        for file in files:
            good = file.read_text()
            file.unlink()
            os.mkfifo(file)
            await service.look()
            (fault,) = service.shown["refused"]
            assert f"{file}: error: can't be read: it is a pipe, not a file" in fault
            file.unlink()
            file.write_text(good)
            await service.look()
            assert service.shown["refused"] == []

    asyncio.run(change())


def test_watch__a_sound_without_end_is_refused(service: Service) -> None:
    """Its hash alone would take the thread for an hour."""
    sound = service.prompts / "en/welcome.wav"
    was = sound.readlink()
    sound.unlink()
    with sound.open("wb") as file:
        file.truncate(1 << 40)
    asyncio.run(service.look())
    assert any(f"{sound}: error: it is larger than 256 MB" in fault for fault in service.shown["refused"])
    sound.unlink()
    sound.symlink_to(was)
    asyncio.run(service.look())
    assert service.shown["refused"] == []


def test_watch__a_prompt_that_is_recorded_anew(service: Service) -> None:
    asyncio.run(service.look())
    before = set(service.exchange.house.editions.clips)
    sound = service.prompts / "en/welcome.wav"
    sound.unlink()

    async def change() -> None:
        write_wav(sound, (np.sin(np.arange(8000) / 3) * 8000).astype(np.int16))
        await service.look()

    asyncio.run(change())
    (added,) = set(service.exchange.house.editions.clips) - before
    assert added.startswith("en/welcome.wav@")
    settings = service.exchange.house.call_settings(service.loaded.config.lines[0])
    assert settings.sounds == {"en/welcome.wav": added}
    assert Path(service.exchange.house.editions.clips[added]).stat().st_size


def test_watch__a_prompt_that_was_recorded_anew_before_the_first_look(tmp_path: Path) -> None:
    """Since what runs was read, which may be long ago: a spare waited with it."""
    service = Service(tmp_path)
    seen, sound = menus_seen(service.loaded.config), service.prompts / "en/goodbye.wav"
    before = set(service.exchange.house.editions.clips)
    sound.unlink()
    write_wav(sound, (np.sin(np.arange(8000) / 3) * 8000).astype(np.int16))
    watch = MenuWatch(service, service.config_file, service.loaded, read_change, seen=seen)

    async def look() -> None:
        await watch.begin()
        await watch.look()
        await watch.look()

    asyncio.run(look())
    assert "en/goodbye.wav" in {clip.partition("@")[0] for clip in set(service.exchange.house.editions.clips) - before}


def test_watch__hours_that_menus_ask(service: Service) -> None:
    """A new version of every menu, though their texts are the same; who is in a call keeps the hours of before."""
    hours, line = service.menu.with_name("hours.yaml"), service.exchange.house.editions.lines["100"]
    before, old, text = line.current, service.exchange.house.hours, hours.read_text()

    async def change() -> None:
        await service.watch.begin()
        assert line.current is before
        hours.write_text(text.replace("always: 24/7", "always: closed"))
        await service.watch.look()
        assert line.current is before
        await service.watch.look()
        assert line.current is not before
        assert line.current.menu.version == before.menu.version

    asyncio.run(change())
    assert service.exchange.house.hours.schedules["always"].at(START).open is False
    assert old.schedules["always"].at(START).open is True
    assert len([row for row in service.kept if row.file == str(hours)]) == 2


def test_read__a_file_that_changes_while_it_is_read_is_read_again(
        service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(config_file: str, running: Loaded) -> Loaded:
        loaded = load_house(config_file, running=running)
        service.menu.write_text(service.menu.read_text() + "# more\n")
        return loaded

    good = service.menu.read_text()
    monkeypatch.setattr("ivr.service.changes.load_house", load)
    assert read_change(service.config_file, service.loaded) is None
    service.menu.write_text(good)


def test_check_text__before_it_is_written(service: Service) -> None:
    config, menu = service.loaded.config, service.menu
    announcements = str(config.prompts.announcements)
    assert check_text(config, str(menu), menu.read_text() + "# older\n") == ()
    (warned,) = check_text(config, str(menu), menu.read_text().replace("  first_key_s: 5", "  first_key_s: 1", 1))
    assert (warned.code, warned.severity) == ("timeout-short", "warning")
    check_text(config, announcements, Path(announcements).read_text() + "# older\n")
    spoken = config.model_copy(update={"lines": (config.lines[0].model_copy(update={"language": "de"}),)})
    with pytest.raises(AdminError, match="it does not speak de, in which line 100 begins"):
        check_text(spoken, str(menu), menu.read_text())
    for path, text, says in ((str(menu), menu.read_text().replace("goto: cards", "goto: crads"), "crads"),
                             (str(menu), menu.read_text().replace("queue: cards", "queue: crads"), "crads"),
                             (announcements, "announcements: {hold: {en: Wait., ru: Ждите.}}", "is missing"),
                             (service.config_file, "", "no line of the configuration has this file")):
        with pytest.raises(AdminError, match=says):
            check_text(config, path, text)


def test_check_text__of_hours(service: Service) -> None:
    """They stand in the history like menus do, and can be rolled back like these."""
    hours = service.menu.with_name("hours.yaml")
    line = service.loaded.config.lines[0].model_copy(update={"hours": "bank"})
    config = service.loaded.config.model_copy(update={"lines": (line,)})
    check_text(config, str(hours), hours.read_text() + "# older\n")
    with pytest.raises(AdminError, match="it has no hours `bank`, which line 100 has"):
        check_text(config, str(hours), "zone: Europe/Moscow\nschedules: {shop: {week: {monday: 09:00-18:00}}}\n")
    with pytest.raises(AdminError, match="`schedules`"):
        check_text(config, str(hours), "zone: Europe/Moscow\n")


@pytest.mark.parametrize("returned", [False, True])
def test_restart__a_trial_goes_on_and_what_was_returned_stays_so(tmp_path: Path, service: Service,
                                                                 returned: bool) -> None:
    """Else a control that dies would give all callers what a share of them was to try."""
    files, house = StateFiles(tmp_path), house_of(service)
    old_text = service.menu.read_text()
    trial = service.loaded.menus[str(service.menu)].version
    files.save_trials([("100", trial, returned, old_text + "# older\n"), ("7", "", True, ""), ("100", "x", True, "")])
    resume_trials(house, service.loaded, files.trials())
    line = house.editions.lines["100"]
    assert line.current.menu.version == version_of(old_text + "# older\n")
    assert (line.returned, line.trial is None) == ((trial, True) if returned else ("", False))
    before = line.current
    change = change_of(service.loaded)
    assert change is not None
    from_menus.change_menus(house, change, 0.0)
    assert line.current is before
    assert (line.trial is None) == returned


@pytest.mark.parametrize("text", ["nonsense", "\0{broken", "\0[1]", "\0{}", '\0{"a.yaml": 1}'])
def test_restart__an_older_text_that_is_no_good_any_more_is_let_go_of(service: Service, text: str) -> None:
    house = house_of(service)
    version = service.loaded.menus[str(service.menu)].version
    resume_trials(house, service.loaded, [("100", version, True, text)])
    assert (house.editions.lines["100"].current.menu.version, house.editions.lines["100"].returned) == (version, "")


def house_of(service: Service) -> House:
    """A new one over the same files, with a line that is careful."""
    (line,) = service.loaded.config.lines
    config = service.loaded.config.model_copy(update={"lines": (line.model_copy(update={"canary_percent": 5.0}),)})
    loaded = replace(service.loaded, config=config)
    return build_exchange(loaded, open_secrets(config).secrets, "boot", Ids(os.urandom), lambda at: START,
                          lambda remote: "127.0.7.1", 0.0).house


def test_watch__a_bug_of_ours_does_not_end_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    async def look() -> None:
        looked.append(1)
        raise RuntimeError("broken")

    async def watch() -> None:
        monkeypatch.setattr(service.watch, "look", look)
        task = asyncio.ensure_future(service.watch.watch())
        while len(looked) < 3:
            await asyncio.sleep(0)
        task.cancel()

    monkeypatch.setattr("ivr.service.menu_watch.LOOK_EVERY", 0.0)
    asyncio.run(watch())


def test_read_apart__says_what_reading_here_says(service: Service) -> None:
    good = service.menu.read_text()
    service.menu.write_text(good.replace("Welcome to North Bank.", "Welcome to South Bank."))
    here, apart = (read(service.config_file, service.loaded) for read in (read_change, read_apart))
    service.menu.write_text(good.replace("{goto: cards}", "{goto: crads}"))
    with pytest.raises(AdminError) as refused:
        read_apart(service.config_file, service.loaded)
    service.menu.write_text(good)
    assert here is not None
    assert apart is not None
    path = str(service.menu)
    assert apart[1].menus[path] == here[1].menus[path]
    assert (apart[1].texts, apart[1].clips) == (here[1].texts, here[1].clips)
    (fault,) = refused.value.faults
    assert (fault.place.file, fault.code) == (path, "menu-unknown")


def test_read_apart__a_process_that_breaks_is_told(service: Service) -> None:
    broken = replace(service.loaded, catalogue=5)                           # type: ignore[arg-type]
    with pytest.raises(ReadingFailed, match="AttributeError"):
        read_apart(service.config_file, broken)
