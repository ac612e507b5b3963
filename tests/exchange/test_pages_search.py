"""Pages and SIP phones at random: whatever people and networks do, every call ends once and nothing is left behind."""

import os
import random
from collections.abc import Callable

import pytest

from ivr.exchange.from_pages import PagesLost
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import Story, base_config, make_story
from tests.support.virtual_page import Pages, VirtualPage

STEPS = 60
NUMBERS = ("100", "anna", "boris", "vera", "cards", "branch", "+74951234567", "*1", "999")
MENU = """
languages: [en, ru]
start: door
defaults: {on_failure: [{queue: cards}]}
menus: {door: {do: [{queue: cards}]}}
prompts: {hello: {en: Hello, ru: Hello}}
"""
MODES = ("listen", "whisper", "barge")


class People:
    """Two callers in pages, two operators who have a page and a SIP phone each, and a supervisor in a page."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        status = self.chance.choice((200, 486, None))
        self.story: Story = make_story(
            seed=seed, audio=False, menu=MENU, registered=self.chance.random() < 0.5, config=base_config(),
            operators={name: PhoneBehaviour(status=status, delay=self.chance.choice((0.5, 3.0, 20.0)))
                       for name in ("anna", "boris")})
        for phone in self.story.phones.values():
            phone.silent = True
        self.pages = Pages(self.story)
        self.all = [VirtualPage(self.story, self.pages, name, f"127.0.9.{60 + number}",
                                name if name[0] != "~" else None)
                    for number, name in enumerate(("~one", "~two", "anna", "boris", "vera"))]
        for page in self.all:
            page.silent = True
            page.open()

    def step(self) -> None:
        chance, page = self.chance, self.chance.choice(self.all)
        what: list[Callable[[], object]] = [
            lambda: page.dial(chance.choice(NUMBERS)), lambda: page.dial("100"), page.answer, page.answer, page.hang_up,
            lambda: page.hold(chance.random() < 0.5), page.lose, page.close,
            lambda: page.open(port=chance.randrange(50_000, 50_100)), lambda: page.open(take=True),
            lambda: self._of_call(chance.choice(("transfer", "supervise", "wish", "end"))),
            lambda: page.ask(PagesLost())]
        chance.choices(what, (2, 4, 4, 4, 2, 2, 1, 1, 4, 1, 3, 0.2))[0]()
        self.story.world.run(chance.choice((0.0, 0.2, 1.0, 3.0, 8.0)))
        self.story.assert_accounted()

    def _of_call(self, what: str) -> None:
        exchange, now, chance = self.story.hotline.exchange, self.story.world.now, self.chance
        calls = list(exchange.house.calls)
        if not calls:
            return
        call = chance.choice(calls)
        match what:
            case "transfer":
                asked = exchange.transfer(call, chance.choice(NUMBERS), now, attended=chance.random() < 0.5)
            case "supervise":
                asked = exchange.supervise(call, chance.choice(("vera", "boris")), chance.choice(MODES), now)
            case "wish":
                asked = exchange.end_consultation(call, chance.choice(("back", "conference", "hand_over")), now)
            case _:
                asked = exchange.end_supervision(call, "vera", now)
        if isinstance(asked, list):
            self.story.hotline.carry_out(asked)

    def go_home(self) -> None:
        for page in self.all:
            page.close()
        for phone in self.story.phones.values():
            if phone.talking:
                phone.hang_up()
        self.story.settle(400)


@pytest.mark.parametrize("seed", range(100, 102))
def test_search__the_state_goes_through_json(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRITTEN", "0.05")
    test_search__nothing_is_left(seed)


@pytest.mark.parametrize("seed", range(int(os.environ.get("PAGES_SEEDS", 20))))
def test_search__nothing_is_left(seed: int) -> None:
    people = People(seed)
    for _ in range(STEPS):
        people.step()
    people.go_home()
    people.story.assert_clean()
    reports = [report.event for report in people.story.hotline.reports if report.level == "error"]
    assert reports == [], people.story.hotline.reports
