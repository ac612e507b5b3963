"""`skills` at `queue`: how menus and config.yaml write them, what dialogues expect, and who could serve."""

import pytest

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.menu.dialogue import Dialogue
from ivr.menu.lint.checked import check_menu
from ivr.menu.loader import load_menu
from ivr.menu.model import Enqueue, Known, Menu
from ivr.menu.steps import EnterQueue
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.runner import run_all
from ivr.menu.testing.story import story
from ivr.service.build import queue_settings
from ivr.service.surroundings import known_of, surroundings

KNOWN = Known(frozenset(["cards", "general"]), frozenset(), skills=frozenset(["mortgage", "english"]))
MENU = """\
languages: [en]
start: main
menus:
  main:
    prompts: ask
    options:
      "1": {queue: cards, SKILLS}
    on_failure: {queue: general}
prompts:
  ask: {en: "For cards, press one."}
"""
HOUSE = Config.model_validate({
    "lines": [{"numbers": ["100"], "menu": "m.yaml"}],
    "queues": {"cards": {"operators": ["anna", "boris"]}, "general": {"operators": "vera"}},
    "operators": {"anna": {"skills": {"mortgage": "3"}}, "boris": {"skills": ["english", "mortgage"]}, "vera": {}}})


def menu_with(skills: str) -> Menu:
    return load_menu(MENU.replace("SKILLS", skills), "m.yaml", None, KNOWN)


@pytest.mark.parametrize(("written", "read"), [
    ("skills: mortgage", (("mortgage", 1),)),
    ("skills: [mortgage, english, mortgage]", (("english", 1), ("mortgage", 1))),
    ("skills: {mortgage: 2, english: 10}", (("english", 10), ("mortgage", 2))),
    ("subject: loans", ()),
])
def test_skills__each_way_to_write_them(written: str, read: tuple[tuple[str, int], ...]) -> None:
    assert menu_with(written).choices["main"].options["1"] == (
        Enqueue("cards", "loans" if "loans" in written else "cards", 0, read),)


@pytest.mark.parametrize(("written", "fault"), [
    ("skills: [mortgag]", "7:36: error: there is no skill `mortgag` in the configuration (did you mean `mortgage`? "
                          "allowed: english, mortgage)"),
    ("skills: {morgage: 2}", "7:36: error: there is no skill `morgage` in the configuration (did you mean `mortgage`? "
                             "allowed: english, mortgage)"),
    ("skills: {mortgage: 11}", "7:46: error: `mortgage` is 11 (allowed: a number from 1 to 10)"),
    ("skills: {}", "7:35: error: `skills` is empty"),
])
def test_skills__faults_have_their_place(written: str, fault: str) -> None:
    with pytest.raises(AdminError) as caught:
        menu_with(written)
    assert [str(found) for found in caught.value.faults] == [f"m.yaml:{fault}"]


def test_dialogue__expects_skills() -> None:
    menu = menu_with("skills: {mortgage: 2}")
    tests = load_dialogues("""\
- {dialogue: right, steps: [press: "1"], expect: {queue: cards, skills: {mortgage: 2}}}
- {dialogue: wrong, steps: [press: "1"], expect: {queue: cards, skills: [mortgage]}}
""", "m.test.yaml", menu, KNOWN)
    right, wrong = run_all(tests, menu, dict.fromkeys(menu.clips(), 2.0))
    assert right.passed
    assert [str(fault) for fault in wrong.failures] == [
        "m.test.yaml:2:65: error: expected `skills: mortgage`, but the caller waits in queue cards, for which these "
        "skills are asked: mortgage from level 2"]
    assert "waits in queue cards, about: cards (skills: mortgage from level 2)" in "\n".join(story(right))


def test_step__carries_skills_and_levels() -> None:
    menu = menu_with("skills: [mortgage]")
    end = Dialogue(menu, dict.fromkeys(menu.clips(), 2.0)).press("1").end
    assert isinstance(end, EnterQueue)
    assert end.skills == (("mortgage", 1),)


def test_configuration__skills_reach_menus_and_dispatcher() -> None:
    assert known_of(HOUSE, None).skills == {"mortgage", "english"}
    assert {one.name: dict(one.skills) for one in queue_settings(HOUSE).operators} == {
        "anna": {"mortgage": 3}, "boris": {"english": 1, "mortgage": 1}, "vera": {}}


@pytest.mark.parametrize(("written", "found"), [
    ("skills: {mortgage: 3}", []),
    ("skills: [english, mortgage]", []),
    ("skills: {mortgage: 4}", [("queue-skills", 7, 13)]),
    ("skills: {mortgage: 2, english: 1}", [("queue-skills", 7, 13)]),       # each has one of them, nobody both
])
def test_check__somebody_has_them_all(written: str, found: list[tuple[str, int, int]]) -> None:
    around = surroundings(HOUSE, "m.yaml", None, None)
    checked = check_menu(MENU.replace("SKILLS", written), "m.yaml", around)
    assert [(fault.code, fault.place.line, fault.place.column) for fault in checked.findings] == found
