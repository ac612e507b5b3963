"""How each stay and each offer ended stands in one entry of the call; all that the queue counts can be made of them."""

from typing import Any

from routing.dispatcher import Status
from tests.exchange.test_endings import finish, to_queue
from tests.exchange.test_queue_rules import NEVER, QUICK, REFUSING, story_with
from tests.support.counted import counted, counts
from tests.support.operators_phones import entries
from tests.support.virtual_house import Story, make_story


def stay_of(story: Story) -> dict[str, Any]:
    """The one, of the queue `cards`; its times to the second."""
    finish(story)
    assert counted(story) == counts(story)
    (stay,) = entries(story, "stay_ended")
    offers = [(operator, how, times, round(rang)) for operator, how, times, rang in stay.get("offers", ())]
    return {**stay, "wait": round(stay["wait"]), **({"offers": offers} if offers else {})}


def test_answered__after_one_refused_and_one_let_it_ring() -> None:
    story = story_with({"anna": REFUSING, "boris": NEVER, "vera": QUICK}, operators=["anna", "boris", "vera"])
    to_queue(story)
    story.world.run(10)
    story.caller.hang_up()
    assert stay_of(story) == {
        "queue": "cards", "ending": "answered", "wait": 6, "operator": "vera",
        "offers": [("anna", "refused", 1, 0), ("boris", "no_answer", 1, 5), ("vera", "answered", 1, 1)]}


def test_answered__by_the_second_tier() -> None:
    story = story_with({"anna": NEVER, "boris": QUICK}, operators=["anna"], strategy="ring_all",
                       tiers=[{"operators": "boris", "after_s": 3}])
    to_queue(story)
    story.world.run(8)
    story.caller.hang_up()
    stay = stay_of(story)
    assert (stay["operator"], stay["tier"]) == ("boris", 2)
    assert stay["offers"] == [("anna", "answered_elsewhere", 1, 4), ("boris", "answered", 1, 1)]


def test_abandoned__while_a_phone_rings() -> None:
    """The entry comes behind the end of the call, and is in the record all the same."""
    story = story_with({"anna": NEVER, "boris": NEVER})
    to_queue(story)
    story.world.run(2)
    story.caller.hang_up()
    assert stay_of(story) == {"queue": "cards", "ending": "abandoned", "wait": 2,
                              "offers": [("anna", "caller_left", 1, 2)]}
    assert [entry.position for entry in story.entries()] == list(range(len(story.entries())))


def test_overflow__when_nobody_took_it_for_long() -> None:
    story = story_with({"anna": REFUSING}, operators=["anna"], max_wait_s=30, retry_after_s=8)
    to_queue(story)
    story.world.run(60)
    stay = stay_of(story)
    assert (stay["ending"], stay["reason"], stay["wait"]) == ("overflow", "max_wait", 30)
    ((operator, how, times, _),) = stay["offers"]
    assert (operator, how) == ("anna", "refused")
    assert times > 2


def test_overflow__that_was_not_let_in() -> None:
    story = story_with({"anna": QUICK}, operators=["anna"])
    story.hotline.carry_out(story.hotline.exchange.set_status("anna", Status.LOGGED_OUT, "", story.world.now))
    to_queue(story)
    story.world.run(20)
    assert stay_of(story) == {"queue": "cards", "ending": "overflow", "reason": "nobody_logged_in", "wait": 0}


def test_unreachable__an_offer_before_any_phone_rang_is_one_that_was_missed() -> None:
    """There was no port for a leg: the call saw no offer, the queue counted one."""
    story = make_story(ports=1)
    to_queue(story)
    story.world.run(3)
    story.caller.hang_up()
    stay = stay_of(story)
    assert [each[:3] for each in stay["offers"]] == [("anna", "unreachable", 1), ("boris", "unreachable", 1)]
    assert not entries(story, "operator_offered")
