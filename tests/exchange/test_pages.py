"""Phones in pages, in virtual time: a caller and operators whose phones are pages, beside those that speak SIP."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.phones import phones
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import Story, base_config, make_story, plane_up, register
from tests.support.virtual_page import ANNA, CALLER, VERA, Pages, VirtualPage


def rings_on() -> PhoneBehaviour:
    return PhoneBehaviour(status=None, codecs=("PCMU",))


def scene(**given: Any) -> tuple[Story, VirtualPage, VirtualPage]:
    """A caller in a page, Anna in another; Anna and Boris have SIP phones that nobody takes up, not registered yet."""
    story = make_story(operators={"anna": rings_on(), "boris": rings_on()}, registered=False, **given)
    pages = Pages(story)
    caller = VirtualPage(story, pages, "~caller", "127.0.9.60")
    anna = VirtualPage(story, pages, "anna", "127.0.9.61", "anna")
    caller.tone, anna.tone = (lambda frame: CALLER), (lambda frame: ANNA)
    caller.open()
    anna.open()
    return story, caller, anna


def into_the_queue(story: Story, caller: VirtualPage) -> None:
    caller.dial("100")
    for key in "120":
        story.world.run(2.5)
        caller.press(key)
    story.world.run(1)


def talk(story: Story, caller: VirtualPage, anna: VirtualPage) -> None:
    into_the_queue(story, caller)
    assert story.world.run(10, lambda: anna.state["state"] == "ringing")
    anna.answer()
    story.world.run(2)
    assert caller.heard[-20:] == [ANNA] * 20
    assert anna.heard[-20:] == [CALLER] * 20


def done(story: Story) -> None:
    story.settle()
    story.assert_clean()


def test_pages__caller_to_operator_held_resumed_and_ended() -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    anna.hold()
    story.world.run(2)
    assert anna.state["state"] == "held"
    assert story.frames[caller.heard[-1]][0] == "music/hold.wav"
    anna.hold(False)
    story.world.run(2)
    assert caller.heard[-20:] == [ANNA] * 20
    caller.hang_up()
    done(story)
    row = story.row()
    assert (row.outcome, row.ended_by, row.operator, row.queue) == (Outcome.ANSWERED, "caller", "anna", "cards")
    assert row.sip_call_id.endswith("@browser")
    (person,) = [person for batch in story.hotline.stored for person in batch.people][:1]
    assert (person.caller_number, person.caller_name) == ("", "Browser")
    assert [menu["name"] for menu in caller.kinds("menu")] == ["language", "main", "cards"]
    assert caller.kinds("menu")[1]["keys"][:2] == ["1", "2"]
    assert (caller.kinds("queue")[0]["queue"], caller.kinds("queue")[0]["place"]) == ("cards", 1)
    assert caller.kinds("with")[-1]["whom"] == "operator"
    assert caller.kinds("heard")[0]["clips"][0] == "en/choose_language.wav"
    assert caller.kinds("ended") == [{"call": row.id, "status": 200, "reason": "the page hung up"}]
    assert anna.kinds("state")[0]["call"] == row.id
    assert "page answers" in story.ladder()


def test_pages__transferred_to_a_colleague_with_a_sip_phone() -> None:
    story, caller, anna = scene()
    register(story, "boris")
    story.phones["boris"].behaviour.status = 200
    story.phones["boris"].tone = lambda frame: VERA
    talk(story, caller, anna)
    moved = story.hotline.exchange.transfer(story.row().id, "boris", story.world.now, attended=False)
    assert isinstance(moved, list)
    story.hotline.carry_out(moved)
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(2)
    assert caller.heard[-20:] == [VERA] * 20
    assert anna.state["state"] == "idle"
    caller.hang_up()
    done(story)
    assert story.row().operator == "boris"


@pytest.mark.parametrize("first", ["page", "sip"])
def test_two_phones__both_ring_and_the_first_to_answer_has_it(first: str) -> None:
    story, caller, anna = scene()
    register(story, "anna")
    if first == "sip":
        story.phones["anna"].behaviour = PhoneBehaviour(status=200, delay=2.0, codecs=("PCMU",))
    into_the_queue(story, caller)
    assert story.world.run(10, lambda: anna.state["state"] == "ringing" and story.phones["anna"].ringing != "")
    story.world.run(1)
    if first == "page":
        anna.answer()
        story.world.run(1)
        assert story.phones["anna"].legs_ended == 1
        assert anna.talking
    else:
        assert story.world.run(5, lambda: story.phones["anna"].talking)
        story.world.run(1)
        assert anna.kinds("ended")[-1]["status"] == 487
    caller.hang_up()
    done(story)
    assert story.row().outcome is Outcome.ANSWERED


def test_page__declines_and_the_call_goes_to_the_next() -> None:
    story, caller, anna = scene(config={"queues": base_config()["queues"] | {
        "cards": {"operators": ["anna", "boris"], "ring_time_s": 10, "max_wait_s": 60, "strategy": "linear"}}})
    into_the_queue(story, caller)
    assert story.world.run(10, lambda: anna.state["state"] == "ringing")
    register(story, "boris")
    story.phones["boris"].behaviour.status = 200
    anna.hang_up()
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(1)
    caller.hang_up()
    done(story)
    assert story.row().operator == "boris"


# --- loss -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["caller", "anna"])
def test_lost__back_within_the_grace_on_another_port_and_the_talk_goes_on(who: str) -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    gone = caller if who == "caller" else anna
    gone.lose()
    story.world.run(8)
    gone.open(port=50_002)
    story.world.run(1)
    gone.heard.clear()
    story.world.run(2)
    assert gone.talking
    assert gone.heard[-20:] == [ANNA if who == "caller" else CALLER] * 20
    story.world.run(20)
    assert story.row().outcome is None
    caller.hang_up()
    done(story)


@pytest.mark.parametrize(("who", "by"), [("caller", "network"), ("anna", "network")])
def test_lost__for_longer_than_the_grace_ends_the_call(who: str, by: str) -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    (caller if who == "caller" else anna).lose()
    assert not story.world.run(9.5, lambda: bool(story.row().outcome))
    story.world.run(1)
    done(story)
    assert story.row().outcome is Outcome.ANSWERED
    assert story.row().ended_by in (who, "operator", by)


def test_lost__a_stranger_who_closes_the_page_has_hung_up() -> None:
    story, caller, _ = scene()
    caller.dial("100")
    story.world.run(3)
    caller.lose()
    story.world.run(11)
    done(story)
    assert (story.row().outcome, story.row().ended_by) == (Outcome.ABANDONED, "caller")


def test_lost__an_operator_stays_reachable_in_the_grace_and_then_is_not() -> None:
    story, _, anna = scene()
    reachable = lambda: {one["name"]: one["reachable"] for one in  # noqa: E731
                         story.hotline.exchange.house.dispatcher.snapshot(story.world.now)["operators"]}["anna"]
    assert reachable()
    anna.lose()
    story.world.run(9)
    assert reachable()
    story.world.run(2)
    assert not reachable()
    anna.open()
    register(story, "anna")
    anna.close()
    assert reachable()           # by the SIP phone that is left


def test_web_process__gone_and_back_takes_nobodys_call() -> None:
    from ivr.exchange.from_pages import PagesLost

    story, caller, anna = scene()
    talk(story, caller, anna)
    caller.ask(PagesLost())
    story.world.run(5)
    for page in (caller, anna):
        page.open(port=50_100)
    story.world.run(1)
    caller.heard.clear()
    story.world.run(2)
    assert caller.heard[-20:] == [ANNA] * 20
    caller.hang_up()
    done(story)


def test_plane__lost_ends_the_call_and_the_page_knows() -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    wire = story.hotline.plane_dies(0)
    story.world.run(1)
    assert caller.state["state"] == anna.state["state"] == "idle"
    story.hotline.wires[0] = wire
    plane_up(story)
    done(story)
    assert story.row().outcome is Outcome.FAILED or story.row().reason


# --- who may --------------------------------------------------------------------------------------------------------
def test_tabs__the_second_one_has_to_ask() -> None:
    story, caller, anna = scene()
    pages = story.hotline.exchange.house.endpoint.pages
    refusal = pages.obstacle("anna", "another tab")
    assert refusal is not None
    assert refusal.code == "elsewhere"
    assert pages.obstacle("anna", "another tab", take=True) is None
    talk(story, caller, anna)
    anna.tab = "another tab"
    anna.open(take=True, port=50_002)
    story.world.run(1)
    anna.heard.clear()
    story.world.run(1)
    assert anna.heard[-20:] == [CALLER] * 20
    anna.tab = "tab"
    anna.lose()                  # the old one's socket closes: no matter
    story.world.run(20)
    assert anna.talking
    caller.hang_up()
    done(story)


def test_stranger__is_refused_as_any_other_is() -> None:
    story, caller, _ = scene(config={"sip": {**base_config()["sip"], "anonymous_calls": False}})
    caller.dial("100")
    story.world.run(1)
    assert caller.kinds("ended") == [{"call": None, "status": 403, "reason": "anonymous_calls"}]
    done(story)
    assert (story.row().outcome, story.row().reason) == (Outcome.REFUSED, "anonymous_calls")


def test_stranger__dials_a_line_and_nothing_else() -> None:
    story, caller, anna = scene()
    for number in ("anna", "+74951234567", "*1", "branch"):
        caller.dial(number)
        story.world.run(0.5)
    assert [ended["status"] for ended in caller.kinds("ended")] == [404] * 4
    assert anna.told == []
    done(story)


def test_operator__calls_a_colleague_from_the_page() -> None:
    story, _, anna = scene()
    register(story, "boris")
    story.phones["boris"].behaviour.status = 200
    story.phones["boris"].tone = lambda frame: VERA
    anna.dial("boris")
    assert anna.state["state"] == "calling"
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(2)
    assert anna.talking
    assert anna.heard[-20:] == [VERA] * 20
    anna.hang_up()
    done(story)
    assert (story.row().direction, story.row().operator) == ("internal", "anna")


def test_supervisor__without_a_sip_account_listens_in_a_page() -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    pages = Pages(story)
    pages.all |= {"~caller": caller, "anna": anna}
    vera = VirtualPage(story, pages, "vera", "127.0.9.62", "vera")
    vera.open()
    asked = story.hotline.exchange.supervise(story.row().id, "vera", "listen", story.world.now)
    assert isinstance(asked, list), asked
    story.hotline.carry_out(asked)
    assert story.world.run(5, lambda: vera.state["state"] == "ringing")
    vera.answer()
    story.world.run(2)
    assert len(vera.heard) > 50
    caller.hang_up()
    done(story)


def test_shown__as_a_page() -> None:
    story, _, _ = scene()
    (anna,) = [one for one in phones(story.hotline.exchange.house, story.world.now) if one["account"] == "anna"]
    (contact,) = anna["contacts"]
    assert (contact["transport"], contact["user_agent"], contact["expires_in_s"], contact["nat"]) == \
        ("browser", "Firefox", None, False)
    assert story.hotline.exchange.snapshot(story.world.now)["phones"]["browser"] == 1


def test_probe__a_silent_page_is_no_dead_one() -> None:
    story, caller, anna = scene()
    talk(story, caller, anna)
    anna.hold()
    story.world.run(90)
    assert anna.state["state"] == "held"
    anna.hold(False)
    caller.hang_up()
    done(story)


def test_pages__ask_join_and_hand_over_and_the_talk_is_recorded() -> None:
    queues = {**base_config()["queues"], "cards": {"operators": ["anna"], "record": "always"}}
    story, caller, anna = scene(config={"queues": queues, "recordings": {"folder": "/recordings"}})
    pages = Pages(story)
    boris = VirtualPage(story, pages, "boris", "127.0.9.63", "boris")
    pages.all |= {"~caller": caller, "anna": anna, "boris": boris}
    boris.tone = lambda frame: VERA
    boris.open()
    talk(story, caller, anna)
    asked = story.hotline.exchange.transfer(story.row().id, "boris", story.world.now, attended=True)
    assert isinstance(asked, list), asked
    story.hotline.carry_out(asked)
    assert story.world.run(5, lambda: boris.state["state"] == "ringing")
    assert boris.state["name"] == "Browser"          # whom it is about, as on any phone
    boris.answer()
    story.world.run(2)
    assert (anna.heard[-1], boris.heard[-1], story.frames[caller.heard[-1]][0]) == (VERA, ANNA, "music/hold.wav")
    for wish in ("conference", "hand_over"):
        done_so = story.hotline.exchange.end_consultation(story.row().id, wish, story.world.now)
        assert isinstance(done_so, list), done_so
        story.hotline.carry_out(done_so)
        story.world.run(2)
    assert anna.state["state"] == "idle"
    assert (caller.heard[-20:], boris.heard[-20:]) == ([VERA] * 20, [CALLER] * 20)
    caller.hang_up()
    done(story)
    assert story.row().operator == "boris"
    (recorded,) = {row.id: row for batch in story.hotline.stored for row in batch.recordings}.values()
    assert (recorded.failed, round(recorded.seconds or 0)) == (False, 8)
