"""A menu of two files that changes under running calls: whoever came in before the change hears nothing of it, not even
in the other file."""

import pytest

from ivr.exchange.editions import MenuChange, Text
from ivr.menu.canary import LOOKS
from ivr.menu.loader import load_menu, version_of
from ivr.menu.model import Menu
from ivr.menu.sources import Sources
from tests.support.menu_changes import caller, changing_story, dial, heard_by_call
from tests.support.virtual_house import Story

BANK, LOANS = "menus/bank.yaml", "menus/loans.yaml"
FIRST = """
languages: [en, ru]
start: first
menus:
  first:
    prompts: first
    options: {"2": {transfer: {menu: loans.yaml}}}
    on_failure: {queue: general}
prompts:
  first: {en: {file: en/first.wav}, ru: {file: ru/first.wav}}
"""
OTHER = """
languages: [en, ru]
start: loans
menus:
  loans:
    prompts: rates
    options: {"1": {queue: loans}, "9": {transfer: {menu: bank.yaml}}}
    on_failure: {queue: general}
prompts:
  rates: {en: {text: "NUMBER.", file: en/rates_NUMBER.wav}, ru: {text: "NUMBER.", file: ru/rates_NUMBER.wav}}
"""


def other(number: int) -> str:
    return OTHER.replace("NUMBER", str(number))


def menu(number: int) -> Menu:
    return load_menu(FIRST, BANK, None, None, Sources({LOANS: other(number)}))


def change_to(story: Story, number: int) -> None:
    """What the watch would say when the loans have changed, and the first file has not."""
    whole = menu(number)
    editions = story.hotline.exchange.house.editions
    announcements = next(iter(editions.lines.values())).newest.announcements
    clips = {clip: clip for clip in (*announcements.clips(), "music/hold.wav", *whole.clips())}
    files = {one.path: one.version for one in whole.files}
    texts = {BANK: Text(FIRST, whole.version, "vera", 1, files),
             LOANS: Text(other(number), version_of(other(number)), "vera", number)}
    story.hotline.carry_out(story.hotline.exchange.change_menus(
        MenuChange({BANK: whole}, announcements, clips, texts=texts), story.world.now))


def test_change__in_the_other_file_reaches_new_calls_alone() -> None:
    story = changing_story()
    change_to(story, 1)
    story.world.run(1)
    heard = heard_by_call(story)
    first, second = caller(story, 1), caller(story, 2)
    dial(first)
    story.world.run(1)
    change_to(story, 2)
    dial(second)
    story.world.run(1)
    for phone in (first, second):
        phone.press_by_info("2")
    story.world.run(2)
    by_version = {row.menu_version: heard[row.id] for row in story.rows().values()}
    assert by_version == {menu(1).version: {"en/first.wav", "en/rates_1.wav"},
                          menu(2).version: {"en/first.wav", "en/rates_2.wav"}}
    for phone in (first, second):
        phone.hang_up()
    story.settle()
    story.assert_clean()


def test_change__the_version_of_a_call_leads_to_the_texts_of_both_files() -> None:
    story = changing_story()
    for number in (1, 2):
        change_to(story, number)
        story.world.run(1)
    rows = [row for batch in story.hotline.stored for row in batch.menu_versions]
    for number in (1, 2):
        (whole,) = [row for row in rows if row.version == menu(number).version]
        parts = {(row.file, version_of(row.text)): row.text for row in rows}
        assert {file: parts[file, version] for file, version in whole.files.items()} == {
            BANK: FIRST, LOANS: other(number)}


def test_trial__of_a_change_in_the_other_file_is_taken_back_with_it() -> None:
    story = changing_story(config={"lines": [{"numbers": ["100"], "menu": BANK, "canary_percent": 50}]}, ports=400)
    change_to(story, 1)         # a trial itself, which the next change ends
    line = story.hotline.exchange.house.editions.lines["100"]
    assert line.trial is not None
    line.current, line.trial, line.canary = line.trial, None, None
    change_to(story, 2)
    for number in range(2 * LOOKS[1]):
        phone = caller(story, number)
        dial(phone)
        story.world.run(0.2)
        if list(story.rows().values())[-1].menu_version == menu(2).version:
            phone.hang_up()
        else:
            phone.press_by_info("2")
            phone.press_by_info("1")
            story.world.at(story.world.now + 0.5, phone.hang_up)
    story.world.run(3)
    assert line.returned == menu(2).version
    states = [(row.version, row.state) for batch in story.hotline.stored for row in batch.menu_versions]
    assert states[2:] == [(menu(2).version, "trial"), (version_of(other(2)), "trial"),
                          (menu(2).version, "returned"), (version_of(other(2)), "returned")]


@pytest.mark.parametrize("versions", [60])
def test_change__many_versions_leave_nothing_behind(versions: int) -> None:
    story = changing_story()
    phones = [caller(story, number) for number in range(10)]
    for number in range(versions):
        change_to(story, number)
        if number % 6 == 0:
            dial(phones[number // 6])
        story.world.run(0.2)
    for phone in phones:
        assert phone.talking
        phone.press_by_info("2")
    story.world.run(1)
    for phone in phones:
        phone.hang_up()
    story.settle()
    story.assert_clean()
    assert len(story.hotline.exchange.house.editions.alive) == 1
