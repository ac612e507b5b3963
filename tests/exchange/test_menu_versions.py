"""Menus that change while calls run: who hears what, what the planes hold, and what a trial decides."""

import gc
import weakref
from dataclasses import replace
from functools import partial

import pytest

from ivr.base.errors import Place
from ivr.base.hours.schedule import Hours
from ivr.call.record import Outcome
from ivr.exchange.editions import MenuChange, Text
from ivr.exchange.effects import TrialsKept
from ivr.exchange.exchange import Exchange
from ivr.media.events import ClipFailed
from ivr.menu.canary import LOOKS
from ivr.menu.model import Menu
from tests.support.menu_changes import MENU, PATH, caller, change_to, changing_story, dial, heard_by_call, version
from tests.support.virtual_house import Story, plane_up

CALLS, VERSIONS = 200, 1000


def exchange_of(story: Story) -> Exchange:
    return story.hotline.exchange


def versions_kept(story: Story) -> list[tuple[str, str, int]]:
    return [(row.version, row.state, row.revision) for batch in story.hotline.stored for row in batch.menu_versions]


def test_change__a_call_keeps_what_it_came_in_with() -> None:
    story = changing_story()
    heard = heard_by_call(story)
    first, second = caller(story, 1), caller(story, 2)
    dial(first)
    story.world.run(1)
    change_to(story, 1)
    dial(second)
    story.world.run(1)
    for phone in (first, second):
        phone.press_by_info("1")
    story.world.run(1)
    by_version = {row.menu_version: heard[row.id] for row in story.rows().values()}
    assert by_version == {version(0).version: {"en/v0/first.wav", "en/v0/second.wav"},
                          version(1).version: {"en/v1/first.wav", "en/v1/second.wav"}}
    assert versions_kept(story) == [(version(1).version, "taken", 1)]
    bank = story.hotline.wire.plane.bank
    assert bank.get("en/v0/second.wav") is not None
    first.hang_up()
    story.world.run(10)
    assert bank.get("en/v0/second.wav") is None
    assert bank.get("en/v1/second.wav") is not None
    assert bank.get("music/hold.wav") is not None
    assert second.talking
    second.hang_up()
    story.settle()
    story.assert_clean()


def test_change__a_sound_that_is_recorded_anew_is_for_new_calls() -> None:
    story = changing_story()
    change_to(story, 1)
    heard = heard_by_call(story)
    first, second = caller(story, 1), caller(story, 2)
    dial(first)
    story.world.run(1)
    change_to(story, 1, recorded=1)
    change_to(story, 1, recorded=1)
    dial(second)
    story.world.run(1)
    for phone in (first, second):
        phone.press_by_info("1")
    story.world.run(1)
    old, new = (heard[call] for call in story.rows())
    assert old == {"en/v1/first.wav", "en/v1/second.wav"}
    assert {clip.partition("@")[0] for clip in new} == old
    assert not new & old
    story.world.run(10)
    assert exchange_of(story).snapshot(story.world.now)["menus"]["editions"] == 2
    assert versions_kept(story) == [(version(1).version, "taken", 1)]
    for phone in (first, second):
        phone.hang_up()
    story.world.run(10)
    assert {clip for clip in exchange_of(story).house.editions.clips if clip.startswith("en/v")} == new


def test_change__announcements_are_for_all_new_calls_at_once() -> None:
    """Also on a line that tries new menus with care."""
    story = changing_story(config={"lines": [{"numbers": ["100"], "menu": PATH, "canary_percent": 50}]})
    house = exchange_of(story).house
    before = house.call_settings(house.config.lines[0])
    old = before.announcements
    changed = replace(old, version="anew", prompts={**old.prompts, "hold": old.prompts["connecting"]})
    clips = {clip: clip for clip in (*changed.clips(), *before.menu.clips(), "music/hold.wav")}
    change = MenuChange({PATH: before.menu}, changed, clips, texts={changed.file: Text("anew", "anew", "vera", 1)})
    story.hotline.carry_out(exchange_of(story).change_menus(change, story.world.now))
    after = house.call_settings(house.config.lines[0], "any call")
    assert (after.menu, after.announcements) == (before.menu, changed)
    assert before.announcements is old
    assert house.editions.lines["100"].trial is None
    assert versions_kept(story) == [("anew", "taken", 1)]


def test_change__waits_until_every_plane_has_its_sounds(monkeypatch: pytest.MonkeyPatch) -> None:
    story = changing_story(workers=2)
    house = exchange_of(story).house
    line = house.editions.lines["100"]
    slow = story.hotline.wires[1]
    handle, asked = slow.handle, []
    monkeypatch.setattr(slow, "handle", lambda command, now: asked.append(command) or [])
    change_to(story, 1)
    assert [command.clip for command in asked] == [
        "en/v1/first.wav", "en/v1/second.wav", "ru/v1/first.wav", "ru/v1/second.wav"]
    assert line.current.menu.version == version(0).version
    monkeypatch.setattr(slow, "handle", handle)
    for command in asked:
        assert line.current.menu.version == version(0).version
        story.hotline.to_planes(command, 1)
    assert line.current.menu.version == version(1).version


@pytest.mark.parametrize("comes_back", [False, True])
def test_change__a_plane_that_dies_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, comes_back: bool) -> None:
    story = changing_story(workers=2)
    line = exchange_of(story).house.editions.lines["100"]
    monkeypatch.setattr(story.hotline.wires[1], "handle", lambda command, now: [])
    change_to(story, 1)
    assert line.current.menu.version == version(0).version
    monkeypatch.undo()
    if comes_back:
        plane_up(story, 1)
        assert story.hotline.wires[1].plane.bank.get("en/v1/first.wav") is not None
    else:
        story.hotline.plane_dies(1)
    assert line.current.menu.version == version(1).version


def test_change__sounds_that_a_plane_can_not_take_are_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    story = changing_story()
    monkeypatch.setattr(story.hotline.wire, "handle", lambda command, now: [ClipFailed(
        command.clip, "the clip bank is full")] if getattr(command, "clip", "").startswith("en/v1") else [])
    change_to(story, 1)
    shown = exchange_of(story).snapshot(story.world.now)["menus"]
    assert shown["lines"][0]["version"] == version(0).version
    assert "the clip bank is full" in shown["refused"][0]
    story.world.run(10)
    assert "en/v1/first.wav" not in exchange_of(story).house.editions.clips
    monkeypatch.undo()
    change_to(story, 2)
    shown = exchange_of(story).snapshot(story.world.now)["menus"]
    assert (shown["refused"], shown["lines"][0]["version"]) == ([], version(2).version)


def test_refused__is_told_and_calls_go_on() -> None:
    story = changing_story()
    fault = f"{Place(PATH, 3, 5)}: error: nonsense"
    story.hotline.carry_out(exchange_of(story).refuse_menus([fault], story.world.now))
    assert [dict(report.fields).get("fault") for report in story.hotline.reports if report.event == "menu_fault"] == [
        fault]
    assert exchange_of(story).snapshot(story.world.now)["menus"]["refused"] == [fault]
    phone = caller(story, 1)
    dial(phone)
    story.world.run(1)
    assert phone.talking


def run_trial(bad: bool) -> tuple[Story, str]:
    """Callers of the old version ask for an operator; those of the new one, if it is `bad`, hang up."""
    story = changing_story(config={"lines": [{"numbers": ["100"], "menu": PATH, "canary_percent": 50}]}, ports=400)
    change_to(story, 1)
    new = version(1).version
    for number in range(2 * LOOKS[1] if bad else 2 * LOOKS[-1] + 150):
        phone = caller(story, number)
        dial(phone)
        story.world.run(0.2)
        row = list(story.rows().values())[-1]
        if row.menu_version == new and bad:
            phone.hang_up()
        else:
            phone.press_by_info("0")
            story.world.at(story.world.now + 0.5, phone.hang_up)
    story.world.run(3)
    return story, new


def test_trial__a_menu_that_loses_callers_is_taken_back() -> None:
    story, new = run_trial(bad=True)
    (told,) = [dict(report.fields) for report in story.hotline.reports if report.event == "menu_returned"]
    assert told["lost"] == told["calls"] < LOOKS[1]
    assert told["lost_before"] == 0
    rows = list(story.rows().values())
    assert new in {row.menu_version for row in rows[:40]}
    assert {row.menu_version for row in rows[-20:]} == {version(0).version}
    assert versions_kept(story) == [(new, "trial", 1), (new, "returned", 2)]
    line = exchange_of(story).house.editions.lines["100"]
    change_to(story, 1)
    assert (line.returned, line.trial) == (new, None)
    hours = Hours("hours.yaml")
    change_to(story, 1, hours=hours)
    assert (line.returned, exchange_of(story).house.hours) == (new, hours), "the old menu goes by the new hours"
    change_to(story, 0)
    assert line.returned == ""
    change_to(story, 1)
    assert line.trial is not None
    change_to(story, 0)
    assert (line.trial, line.current.menu.version) == (None, version(0).version)


def test_trial__a_menu_that_is_as_good_is_taken_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.menu.canary.LOOKS", (30, 40))
    story = changing_story(config={"lines": [{"numbers": ["100"], "menu": PATH, "canary_percent": 50}]}, ports=400)
    change_to(story, 1)
    for number in range(110):
        phone = caller(story, number)
        dial(phone)
        story.world.run(0.2)
        phone.press_by_info("0")
        story.world.at(story.world.now + 0.5, phone.hang_up)
    line = exchange_of(story).house.editions.lines["100"]
    assert (line.trial, line.current.menu.version) == (None, version(1).version)
    assert versions_kept(story)[-1] == (version(1).version, "taken", 2)


def test_hot_change__a_thousand_versions_over_two_hundred_calls() -> None:
    hot_change(CALLS, VERSIONS)


def hot_change(calls: int, versions: int, seed: int = 1) -> None:
    """No call mixes two versions, none drops, and of the versions none stays that no call has. A version comes every
    50 ms; calls begin during four fifths of that, each with a version of its own."""
    story = changing_story(ports=calls + 50, seed=seed)
    heard = heard_by_call(story)
    world, bank = story.world, story.hotline.wire.plane.bank
    world.run(1)
    free = bank.free_seconds
    menus: list[weakref.ref[Menu]] = []
    alive: list[int] = []

    def change(number: int) -> None:
        change_to(story, number)
        menus.append(weakref.ref(exchange_of(story).house.editions.lines["100"].current.menu))

    def count() -> None:
        alive.append(sum(menu() is not None for menu in menus))

    phones = [caller(story, number) for number in range(calls)]
    lasts = 0.05 * versions
    for number in range(1, versions + 1):
        world.at(1 + 0.05 * number, partial(change, number))
    for number, phone in enumerate(phones):
        begins = 2 + 0.8 * lasts * number / calls
        world.at(begins, partial(dial, phone))
        for step in range(3):
            world.at(begins + 3 + 4.1 * step, partial(phone.press_by_info, "1"))
    for share in (0.4, 0.8, 1.2):
        world.at(share * lasts, count)
    world.run(1.2 * lasts + 15)
    assert all(phone.talking for phone in phones)
    rows = story.rows()
    of_text = {version(number).version: f"en/v{number}/" for number in range(versions + 1)}
    assert len({row.menu_version for row in rows.values()}) > calls * 0.9
    for call, row in rows.items():
        mark = of_text[row.menu_version]
        assert heard[call] == {f"{mark}first.wav", f"{mark}second.wav"}
    assert max(alive) <= calls + 120        # those of calls, and the 100 of the 5 s between two sweeps
    for phone in phones:
        phone.hang_up()
    story.settle()
    story.assert_clean()
    assert {row.outcome for row in story.rows().values()} == {Outcome.ABANDONED}
    assert len(versions_kept(story)) == versions
    gc.collect()
    count()
    assert alive[-1] == 1
    assert len(exchange_of(story).house.editions.alive) == 1
    assert bank.free_seconds - free == pytest.approx(4 * 0.98)      # version 0 had four sounds of 1 s, not of 20 ms


def test_trial__what_a_restart_has_to_know_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a trial begins, when it is judged, and when its file goes back to what it was."""
    story = changing_story(config={"lines": [{"numbers": ["100"], "menu": PATH, "canary_percent": 50}]})
    said: list[TrialsKept] = []
    carry_out = story.hotline.carry_out

    def listen(effects: list[object]) -> None:
        said.extend(effect for effect in effects if isinstance(effect, TrialsKept))
        carry_out(effects)

    monkeypatch.setattr(story.hotline, "carry_out", listen)
    change_to(story, 0)
    change_to(story, 1)
    change_to(story, 2)
    change_to(story, 0)
    old = MENU.format(number=0)
    assert said == [TrialsKept((("100", version(1).version, False, old),)),
                    TrialsKept((("100", version(2).version, False, old),)), TrialsKept(())]
