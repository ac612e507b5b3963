"""A restart: callers whom it dropped have their old place, and what another day or node left is not taken up."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.exchange.lasting import AHEAD, OLDEST, Lasting, lasting
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from routing.dispatcher import Status
from tests.support.operators_phones import entries
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

NEVER = PhoneBehaviour(None)
MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first: {prompts: which, options: {"1": {queue: cards}, "2": {queue: loans}}}
prompts: {which: {en: "Cards, one; loans, two.", ru: "Карты, один; кредиты, два."}}
"""
NUMBERS = {"caller": "+493012345", "second": "+493012346", "third": "+493012347"}


def house(*, registered: bool = True, **config: Any) -> Story:
    """Nobody answers. Three people call through a carrier."""
    hosts = [f"127.0.9.{10 + number}" for number in range(3)]
    story = make_story(menu=MENU, audio=False, operators={"anna": NEVER, "boris": NEVER}, registered=registered,
                       config={"trunks": [{"name": "carrier", "addresses": hosts}],
                               "queues": base_config()["queues"] | {"cards": {"operators": ["anna", "boris"]}},
                               **config})
    for host, (name, number) in zip(hosts, NUMBERS.items(), strict=True):
        if name not in story.phones:
            story.phones[name] = VirtualPhone(story.world, host, name, story.ids)
        story.phones[name].account = number
    return story


def wait(story: Story, who: str) -> None:
    """Ring, and come into the queue."""
    phone = story.phones[who]
    phone.call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    phone.press_by_info("1")
    story.world.run(0.5)


def line(story: Story) -> list[str]:
    """Whose calls wait, the next one first."""
    house = story.hotline.exchange.house
    names = {number: name for name, number in NUMBERS.items()}
    waiting = next(each for each in house.dispatcher.snapshot(story.world.now)["queues"] if each["name"] == "cards")
    return [names[str(house.calls[one["call"]].call.visit.person.caller_number)] for one in waiting["calls"]]


def died(story: Story) -> Lasting:
    """What the process wrote last, when it was killed."""
    return lasting(story.hotline.exchange.house, story.world.now)


def born(kept: Lasting, away: float = 4.0, **config: Any) -> Story:
    """Another process reads it so many seconds later; its clock begins anew."""
    story = house(registered=False, **config)
    story.world.run(1000)
    exchange, now = story.hotline.exchange, story.world.now
    story.hotline.carry_out(exchange.resume(replace(kept, at=exchange.house.to_utc(now).timestamp() - away), now))
    for name in ("anna", "boris"):
        register(story, name)
    return story


def test_places__of_those_whom_the_restart_dropped() -> None:
    """The one who waited longest is first again, before somebody who came to the new process."""
    before = house()
    for name in ("caller", "second"):
        wait(before, name)
    after = born(died(before))
    for name in ("third", "second", "caller"):
        wait(after, name)
    assert line(after) == ["caller", "second", "third"]
    taken = entries(after, "place_taken_up")
    assert [each["waited"] for each in taken] == [pytest.approx(6.0, abs=0.5), pytest.approx(8.0, abs=0.5)]


def test_places__of_one_who_dropped_before_it() -> None:
    """The minute does not run while nobody could ring, however long that took."""
    before = house()
    wait(before, "caller")
    before.caller.hang_up()
    before.world.run(30)
    after = born(died(before), away=300.0)
    wait(after, "third")
    after.world.run(20)
    wait(after, "caller")
    assert line(after) == ["caller", "third"]


def test_places__a_minute_after_it_they_are_gone() -> None:
    before = house()
    wait(before, "caller")
    after = born(died(before))
    wait(after, "third")
    after.world.run(61)
    wait(after, "caller")
    assert line(after) == ["third", "caller"]
    assert not entries(after, "place_taken_up")


def test_places__of_a_number_with_two_calls_is_nobodys() -> None:
    before = house()
    before.phones["second"].account = NUMBERS["caller"]
    wait(before, "caller")
    wait(before, "second")
    assert died(before).places.places == []


def test_places__have_no_number_in_them() -> None:
    before = house()
    wait(before, "caller")
    assert len(died(before).places.places) == 1
    assert NUMBERS["caller"] not in repr(died(before))


def test_statuses__with_who_set_them() -> None:
    before = house()
    before.hotline.carry_out(before.hotline.exchange.set_status("anna", Status.ON_BREAK, "lunch", before.world.now,
                                                                "olga"))
    after = born(died(before))
    shown = after.hotline.exchange.snapshot(after.world.now)["operators"]
    anna = next(each for each in shown if each["name"] == "anna")
    assert (anna["status"], anna["reason"], anna["set_by"], anna["reachable"]) == ("on_break", "lunch", "olga", True)
    assert "state_taken_up" in {each.event for each in after.hotline.reports}
    assert {row.by for batch in after.hotline.stored for row in batch.operator_entries
            if row.operator == "anna" and row.status == "on_break"} == {"olga"}


@pytest.mark.parametrize(("away", "says"), [(OLDEST + 1, "12 hours ago"), (-AHEAD - 1, "61 s ahead")])
def test_state__of_another_day_is_not_taken_up(away: float, says: str) -> None:
    before = house()
    wait(before, "caller")
    after = born(died(before), away=away)
    (told,) = [each for each in after.hotline.reports if each.event == "state_not_taken_up"]
    assert told.level == "warning"
    assert says in dict(told.fields)["reason"]
    assert not after.hotline.exchange.house.old_places.places


def test_state__of_another_node_is_not_taken_up() -> None:
    after = born(died(house()), node="other")
    told = {each.event for each in after.hotline.reports}
    assert "state_not_taken_up" in told
    assert "state_taken_up" not in told


def test_accounts__hold_after_it() -> None:
    before = house()
    wait(before, "caller")
    after = born(died(before))
    (cards,) = [each for each in after.hotline.exchange.snapshot(after.world.now)["queues"] if each["name"] == "cards"]
    assert (cards["offered"], cards["failed"], cards["waiting"]) == (1, 1, 0)
    wait(after, "second")
    after.assert_accounted()
