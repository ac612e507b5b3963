"""Callers are called back: in their place, once, and whatever ends an attempt, the request is lost nowhere."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ivr.base.hours.loader import load_hours
from ivr.call.record import CallRow, Outcome, RequestStatus
from ivr.call.state import CallState
from ivr.exchange.callbacks import Wanted
from ivr.exchange.virtual_phone import PhoneBehaviour
from routing.callback import Phase
from tests.support.operators_phones import QUICK, add_phone, entries, state_of, take_place
from tests.support.virtual_house import CALLER, HOTLINE, Story, base_config, make_story, register

MENU = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: which
    options:
      "1":
        - collect: {into: other, prompts: which, as: phone}
        - callback: {queue: loans, number: other, subject: a loan}
        - hangup
      "4": {queue: loans}
prompts:
  which: {en: "Press one.", ru: "Нажмите один."}
"""
CARRIER, NUMBER = "127.0.9.50", "+74951234567"
BUSY, SILENT, SLOW = PhoneBehaviour(486, 0.5), PhoneBehaviour(None), PhoneBehaviour(200, 4.0)
TRUNK = {
    "country": "RU",
    "trunks": [{"name": "carrier", "addresses": [CARRIER, CALLER], "target": CARRIER, "caller_id": "+74950000000"}],
    "outbound": {"allow": ["+7495"], "deny": ["+7495900"]},
}


def house(callback: Mapping[str, Any] | None = None, *, called: PhoneBehaviour = QUICK, anna: PhoneBehaviour = QUICK,
          registered: bool = True, queue: Mapping[str, Any] | None = None, **config: Any) -> Story:
    """Loans is anna's queue; the trunk's other end answers as `called` does."""
    rules = {"retry_after_s": 60, "ring_s": 10, "attempts": 2, **(callback or {})}
    queues = base_config()["queues"] | {"loans": {"operators": ["anna"], "callback": rules, "ring_time_s": 10,
                                                   **(queue or {})}}
    story = make_story(menu=MENU, config={**TRUNK, "queues": queues, **config}, operators={"anna": anna},
                       registered=registered)
    story.hotline.carry_out(story.hotline.exchange.start(story.world.now))
    add_phone(story, "carrier", CARRIER, called)
    return story


def ask(story: Story, number: str = "84951234567") -> None:
    """The caller asks to be called back, and hangs up."""
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    for key in f"1{number}#":
        story.caller.press(key)
        story.world.run(0.3)
    assert story.world.run(5, lambda: not story.caller.talking)


def attempts(story: Story) -> list[CallRow]:
    return [row for row in story.rows().values() if row.direction == "outbound"]


def asked(story: Story) -> Any:
    request, = (row for row in story.requests() if row.kind == "callback")
    return request


def test_operator_first__bridged_and_answered() -> None:
    story = house()
    ask(story)
    assert story.world.run(5, lambda: story.phones["carrier"].talking)
    assert story.phones["anna"].talking
    story.world.run(2)
    assert len(story.heard("carrier")) > 0
    story.phones["carrier"].hang_up()
    story.settle()
    story.assert_clean()
    call, = attempts(story)
    request = asked(story)
    assert (call.outcome, call.operator, call.request_id, call.queue) == (
        Outcome.ANSWERED, "anna", request.id, "loans")
    assert (request.status, request.operator) == (RequestStatus.ANSWERED, "anna")
    assert [entry["attempt"] for entry in entries(story, "callback_begun")] == [1]
    texts = repr([(batch.calls, batch.requests, batch.entries, batch.traces) for batch in story.hotline.stored])
    assert NUMBER[1:] not in texts
    assert not story.hotline.exchange.house.callbacks.open


def test_operator_first__the_operator_is_there_before_the_caller_is_rung() -> None:
    story = house(anna=SLOW)
    ask(story)
    story.world.run(3)
    assert story.phones["anna"].ringing
    assert not story.phones["carrier"].ringing
    assert story.world.run(10, lambda: story.phones["carrier"].talking)
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()


@pytest.mark.parametrize(("called", "why"), [(BUSY, "486"), (SILENT, "no answer")])
def test_operator_first__not_reached_is_tried_again_and_then_left_open(called: PhoneBehaviour, why: str) -> None:
    story = house(called=called)
    ask(story)
    story.settle(300)
    story.assert_clean()
    assert [call.outcome for call in attempts(story)] == [Outcome.REFUSED] * 2
    assert all(str(entry["reason"]).startswith(why) for entry in entries(story, "callback_not_reached"))
    begun = [entry.at for entry in story.entries() if entry.kind == "callback_begun"]
    assert (begun[1] - begun[0]).total_seconds() >= 60
    assert entries(story, "callback_failed") == [{"request": asked(story).id, "attempts": 2}]
    assert asked(story).status is RequestStatus.OPEN
    assert story.phones["anna"].legs_ended == 2


def test_operator_first__operator_hangs_up_while_the_caller_is_rung() -> None:
    story = house(called=SILENT)
    ask(story)
    assert story.world.run(5, lambda: bool(story.phones["carrier"].ringing))
    story.phones["anna"].hang_up()
    story.world.run(2)
    assert not story.phones["carrier"].ringing
    story.phones["carrier"].behaviour = QUICK
    assert story.world.run(70, lambda: story.phones["carrier"].talking)
    story.phones["carrier"].hang_up()
    story.settle()
    story.assert_clean()
    assert [call.outcome for call in attempts(story)] == [Outcome.ABANDONED, Outcome.ANSWERED]
    assert asked(story).status is RequestStatus.ANSWERED


def test_operator_first__an_operator_who_does_not_answer_costs_no_attempt() -> None:
    story = house(anna=PhoneBehaviour(486, 0.2))
    ask(story)
    story.world.run(20)
    assert not entries(story, "callback_begun")
    story.phones["anna"].behaviour = QUICK
    assert story.world.run(60, lambda: story.phones["carrier"].talking)
    story.phones["carrier"].hang_up()
    story.settle()
    story.assert_clean()
    assert [entry["attempt"] for entry in entries(story, "callback_begun")] == [1]


def wait_in_loans(story: Story, name: str) -> None:
    """Somebody calls, and waits for anna."""
    story.phones[name].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.phones[name].press("4")
    story.world.run(1)


@pytest.mark.parametrize("first", ["operator", "caller"])
def test_callbacks__do_not_jump_the_line_freepbx_621(first: str) -> None:
    """Who asked to be called back has their turn after who came before, and before who came later."""
    story = house({"first": first})
    for number, name in enumerate(("before", "after")):
        add_phone(story, name, f"127.0.9.{60 + number}")
    anna = story.phones["anna"]
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: anna.talking)
    add_phone(story, "second", "127.0.9.62")
    wait_in_loans(story, "second")
    ask(story)
    wait_in_loans(story, "after")
    heard = []
    for name in ("second", "carrier", "after"):
        anna.hang_up()
        assert story.world.run(20, lambda: anna.talking), name
        story.world.run(5)
        heard.append([each for each in ("second", "carrier", "after") if talks_with_anna(story, each)])
    assert heard == [["second"], ["carrier"], ["after"]]
    anna.hang_up()
    story.settle()
    story.assert_clean()


def talks_with_anna(story: Story, name: str) -> bool:
    """Whether this phone is in a call that is bridged."""
    number = {"carrier": NUMBER}.get(name, story.phones[name].user)
    return any(opened.call.state is CallState.BRIDGED and opened.call.visit.person.caller_number == number
               for opened in story.hotline.exchange.house.calls.values())


def test_callbacks__one_attempt_at_a_time_freepbx_525() -> None:
    """Two operators are free, and the caller asks twice: one operator rings once."""
    rules = {"retry_after_s": 60, "ring_s": 10, "attempts": 2}
    queues = base_config()["queues"] | {"loans": {"operators": ["anna", "boris"], "callback": rules}}
    story = make_story(menu=MENU, config={**TRUNK, "queues": queues}, operators={"anna": QUICK, "boris": QUICK})
    story.hotline.carry_out(story.hotline.exchange.start(story.world.now))
    add_phone(story, "carrier", CARRIER, SILENT)
    ask(story)
    story.world.run(3)
    ringing = [name for name in ("anna", "boris") if state_of(story, name) != "idle"]
    assert len(ringing) == 1
    story.settle(200)
    story.assert_clean()
    spans = sorted((call.began_at, call.ended_at) for call in attempts(story))
    assert len(spans) == 2
    assert all(before[1] is not None and before[1] <= after[0] for before, after in pairwise(spans))


def test_callbacks__numbers_that_may_not_be_called_are_left_to_people() -> None:
    story = house()
    ask(story, "84959001234")
    story.settle(100)
    story.assert_clean()
    assert not attempts(story)
    assert asked(story).status is RequestStatus.OPEN
    refused, = (report for report in story.hotline.reports if report.event == "callback_not_permitted")
    assert "495900" not in repr(refused), "numbers stand in the rows of persons alone"


def test_callbacks__nobody_is_called_where_the_queue_does_not_say_so() -> None:
    queues = base_config()["queues"] | {"loans": {"operators": ["anna"]}}
    story = make_story(menu=MENU, config={**TRUNK, "queues": queues}, operators={"anna": QUICK})
    add_phone(story, "carrier", CARRIER)
    ask(story)
    story.settle(100)
    assert not attempts(story)


def test_callbacks__the_plane_dies_in_an_attempt() -> None:
    story = house(called=SILENT)
    ask(story)
    assert story.world.run(5, lambda: bool(story.phones["carrier"].ringing))
    story.hotline.plane_dies(0)
    story.world.run(10)
    assert [call.outcome for call in attempts(story)] == [Outcome.FAILED]
    assert not story.phones["carrier"].ringing
    assert asked(story).status is RequestStatus.OPEN
    assert len(story.hotline.exchange.house.callbacks) == 1


def test_callbacks__control_stops_in_the_middle() -> None:
    story = house(called=SILENT)
    ask(story)
    assert story.world.run(5, lambda: bool(story.phones["carrier"].ringing))
    story.hotline.carry_out(story.hotline.exchange.drain(story.world.now))
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service ends", story.world.now))
    story.settle(200)
    story.assert_clean()
    assert [call.outcome for call in attempts(story)] == [Outcome.FAILED]
    assert asked(story).status is RequestStatus.OPEN


def test_callbacks__the_caller_rings_again_and_has_the_old_place() -> None:
    """Nobody calls them back then: one operator talks with them, once."""
    story = house()
    anna = story.phones["anna"]
    add_phone(story, "before", "127.0.9.60")
    add_phone(story, "after", "127.0.9.61")
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: anna.talking)
    ask(story)
    wait_in_loans(story, "after")
    story.caller.account = NUMBER
    wait_in_loans(story, "caller")
    waiting, = (queue for queue in story.hotline.exchange.snapshot(story.world.now)["queues"]
                if queue["name"] == "loans")
    assert (waiting["waiting"], waiting["callbacks"]) == (2, 0)
    anna.hang_up()
    assert story.world.run(20, lambda: anna.talking and talks_with_anna(story, "caller"))
    story.world.run(1)
    assert asked(story).status is RequestStatus.CLOSED
    assert entries(story, "callback_cancelled") == [{"request": asked(story).id}]
    story.caller.hang_up()
    story.phones["after"].hang_up()
    story.settle(200)
    story.assert_clean()
    assert not attempts(story)


@pytest.mark.parametrize("who", ["a stranger", "a colleague"])
def test_callbacks__another_one_with_the_same_number(who: str) -> None:
    """Anybody could write a number, and behind a switchboard's are many: neither place nor callback is theirs."""
    story = house(shared_numbers=[NUMBER] if who == "a colleague" else [])
    anna = story.phones["anna"]
    add_phone(story, "before", "127.0.9.60")
    add_phone(story, "stranger", "127.0.9.61")
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: anna.talking)
    ask(story)
    other = "stranger" if who == "a stranger" else "caller"
    story.phones[other].account = NUMBER
    wait_in_loans(story, other)
    callback, = story.hotline.exchange.house.callbacks.open.values()
    assert callback.phase is Phase.WAITING
    anna.hang_up()
    assert story.world.run(20, lambda: talks_with_anna(story, "carrier")), "who asked first is first"
    anna.hang_up()
    assert story.world.run(20, lambda: talks_with_anna(story, other))
    story.phones[other].hang_up()
    story.settle()
    story.assert_clean()
    assert asked(story).status is RequestStatus.ANSWERED
    assert not entries(story, "callback_cancelled")


def test_asked_again__behind_a_switchboard_each_has_a_callback() -> None:
    story = house(registered=False, shared_numbers=[NUMBER])
    ask(story)
    ask(story)
    assert len(story.hotline.exchange.house.callbacks) == 2
    assert {row.status for row in story.requests()} == {RequestStatus.OPEN}


def test_callbacks__the_caller_rings_again_and_gives_up() -> None:
    """Their place is kept, and they are called back in it."""
    story = house()
    anna = story.phones["anna"]
    add_phone(story, "before", "127.0.9.60")
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: anna.talking)
    ask(story)
    since = next(iter(story.hotline.exchange.house.callbacks.open.values())).since
    story.caller.account = NUMBER
    wait_in_loans(story, "caller")
    story.caller.hang_up()
    story.world.run(1)
    callback, = story.hotline.exchange.house.callbacks.open.values()
    assert (callback.since, callback.phase) == (since, Phase.WAITING)
    anna.hang_up()
    assert story.world.run(20, lambda: story.phones["carrier"].talking)
    anna.hang_up()
    story.settle()
    story.assert_clean()
    assert len(attempts(story)) == 1


def test_callbacks__no_trunk_costs_no_attempt() -> None:
    story = make_story(menu=MENU, config={"country": "RU", "outbound": {"allow": ["+7495"]}, "queues": base_config()[
        "queues"] | {"loans": {"operators": ["anna"], "callback": {"attempts": 1, "retry_after_s": 60}}}})
    ask(story)
    story.settle(230)
    story.assert_clean()
    assert len(attempts(story)) > 1
    callback, = story.hotline.exchange.house.callbacks.open.values()
    assert callback.attempts == 0


def left_open(story: Story, **wanted: Any) -> Wanted:
    """What the record keeps of the request: what a new process reads."""
    request = asked(story)
    return Wanted(request, "100", NUMBER, **wanted)


def test_restart__open_requests_go_on_in_their_place() -> None:
    story = house(called=SILENT)
    ask(story)
    story.world.run(1)
    found = left_open(story)
    again = house()
    again.world.run(500)
    hotline = again.hotline
    hotline.carry_out(hotline.exchange.restore_callbacks([found, found], again.world.now))
    callback, = hotline.exchange.house.callbacks.open.values()
    assert callback.since == pytest.approx(story.world.now - 1, abs=1)
    assert again.world.run(10, lambda: again.phones["carrier"].talking)
    again.phones["carrier"].hang_up()
    again.settle()
    again.assert_clean()
    assert len(attempts(again)) == 1
    answered = asked(again)
    assert (answered.id, answered.status, answered.revision > found.request.revision) == (
        found.request.id, RequestStatus.ANSWERED, True)


def test_restart__attempts_and_pauses_are_not_forgotten() -> None:
    story = house()
    ask(story)
    found = left_open(story, attempts=2)
    again = house()
    again.world.run(100)
    exchange = again.hotline.exchange
    tried_at = exchange.house.to_utc(again.world.now - 20)
    again.hotline.carry_out(exchange.restore_callbacks([found], again.world.now))
    assert not exchange.house.callbacks.open
    once = replace(found, attempts=1, tried_at=tried_at)
    again.hotline.carry_out(exchange.restore_callbacks([once], again.world.now))
    again.world.run(39)
    assert not attempts(again)
    assert again.world.run(5, lambda: again.phones["carrier"].talking)
    again.phones["anna"].hang_up()
    again.settle()
    again.assert_clean()


def test_people__cancel_and_call_now() -> None:
    story = house(called=BUSY)
    ask(story)
    story.world.run(5)
    exchange = story.hotline.exchange
    callback, = exchange.house.callbacks.open.values()
    assert callback.phase is Phase.PAUSED
    story.hotline.carry_out(exchange.callback_now(callback, story.world.now))
    assert story.world.run(3, lambda: callback.phase is Phase.TRIED)
    story.hotline.carry_out(exchange.cancel_callback(callback, "vera", story.world.now))
    story.settle(200)
    story.assert_clean()
    assert asked(story).status is RequestStatus.CLOSED
    assert not exchange.house.callbacks.open
    assert len(attempts(story)) == 2


def test_caller_first__the_operator_is_kept_and_rung_last() -> None:
    story = house({"first": "caller", "greeting": ["hold"]}, called=SLOW)
    ask(story)
    story.world.run(3)
    assert story.phones["carrier"].ringing
    assert story.phones["anna"].log == []
    assert state_of(story, "anna") == "on_call"
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.world.run(2)
    assert story.clips_heard("carrier")[0] == "en/queue/hold.wav"
    story.phones["carrier"].hang_up()
    story.settle()
    story.assert_clean()
    call, = attempts(story)
    assert (call.outcome, call.operator, asked(story).status) == (Outcome.ANSWERED, "anna", RequestStatus.ANSWERED)


def test_caller_first__not_reached_frees_the_operator_at_once() -> None:
    story = house({"first": "caller", "attempts": 1}, called=BUSY)
    ask(story)
    story.world.run(3)
    assert (state_of(story, "anna"), story.phones["anna"].log) == ("idle", [])
    shown, = (each for each in story.hotline.exchange.snapshot(story.world.now)["operators"] if each["name"] == "anna")
    assert shown["answered"] == 0
    story.settle()
    story.assert_clean()
    assert asked(story).status is RequestStatus.OPEN


def test_caller_first__the_caller_answers_and_the_operator_is_gone() -> None:
    """Whom we called waits then before everybody else, as if their operator had never been there."""
    story = house({"first": "caller"}, called=SLOW, anna=PhoneBehaviour(480, 0.1), queue={"wrap_up_s": 40})
    ask(story)
    assert story.world.run(8, lambda: story.phones["carrier"].talking)
    story.world.run(3)
    anna, = (each for each in story.hotline.exchange.snapshot(story.world.now)["operators"] if each["name"] == "anna")
    assert (anna["state"], anna["answered"]) == ("idle", 0), "a call that they never had leaves nothing to wrap up"
    story.phones["anna"].behaviour = QUICK
    assert story.world.run(60, lambda: talks_with_anna(story, "carrier"))
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()
    assert [call.outcome for call in attempts(story)] == [Outcome.ANSWERED]
    assert asked(story).status is RequestStatus.ANSWERED


def test_caller_first__the_caller_gives_up_before_the_operator_answers() -> None:
    story = house({"first": "caller"}, anna=SILENT)
    ask(story)
    assert story.world.run(8, lambda: story.phones["carrier"].talking)
    story.world.run(2)
    story.phones["carrier"].hang_up()
    story.world.run(5)
    assert state_of(story, "anna") == "idle"
    assert asked(story).status is RequestStatus.OPEN
    story.phones["anna"].behaviour = QUICK
    assert story.world.run(70, lambda: talks_with_anna(story, "carrier"))
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()


def test_abandoned__a_number_that_a_stranger_writes_is_not_rung() -> None:
    queues = base_config()["queues"] | {"loans": {"operators": ["anna"], "callback": {}, "abandoned": "callback",
                                                  "abandoned_after_s": 1}}
    story = house(queues=queues)
    add_phone(story, "before", "127.0.9.60")
    wait_in_loans(story, "before")
    add_phone(story, "stranger", "127.0.9.61")
    story.phones["stranger"].account = NUMBER
    for name, callbacks in (("stranger", 0), ("caller", 1)):
        story.phones[name].account = NUMBER
        wait_in_loans(story, name)
        story.world.run(10)
        story.phones[name].hang_up()
        story.world.run(1)
        assert len(story.hotline.exchange.house.callbacks) == callbacks
    assert [row.status for row in story.requests()][1] is RequestStatus.CLOSED


def test_abandoned__who_hangs_up_while_waiting_is_called_back_once() -> None:
    rules = {"retry_after_s": 60, "ring_s": 10}
    queues = base_config()["queues"] | {"loans": {"operators": ["anna"], "callback": rules, "abandoned": "callback",
                                                  "abandoned_after_s": 5}}
    story = house(queues=queues)
    add_phone(story, "before", "127.0.9.60")
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.caller.account = NUMBER
    for seconds in (1, 20, 20):
        wait_in_loans(story, "caller")
        story.world.run(seconds)
        story.caller.hang_up()
        story.world.run(1)
    assert len(story.hotline.exchange.house.callbacks) == 1
    wanted = [row for row in story.requests() if row.status is RequestStatus.OPEN]
    assert [row.kind for row in wanted] == ["callback"]
    assert len(entries(story, "callback_for_abandoned")) == 1
    story.phones["anna"].hang_up()
    assert story.world.run(20, lambda: talks_with_anna(story, "carrier"))
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()
    assert len(attempts(story)) == 1


def test_operator_first__the_operator_hears_what_it_is_and_how_it_ends() -> None:
    story = house({"whisper": ["connecting"], "not_reached": ["nobody_available"]}, called=PhoneBehaviour(486, 2.5))
    ask(story)
    story.world.run(8)
    assert story.clips_heard("anna") == ["en/queue/connecting.wav", "music/hold.wav", "en/queue/nobody_available.wav"]
    assert story.phones["anna"].log[-1][1].startswith("ended by peer")
    story.phones["anna"].note("waits")
    story.settle(40)
    story.assert_clean()


def test_hours__nobody_is_rung_outside_them() -> None:
    """It is noon in Moscow as the story begins, and the schedule opens at 12:05."""
    story = house({"hours": "calls"})
    exchange = story.hotline.exchange
    exchange.house.hours = load_hours(
        "zone: Europe/Moscow\nschedules:\n  calls:\n    week:\n      monday: 12:05-12:30\n", "hours.yaml")
    ask(story)
    story.world.run(280)
    assert story.phones["anna"].log == []
    callback, = exchange.house.callbacks.open.values()
    assert callback.phase is Phase.PAUSED
    assert story.world.run(30, lambda: story.phones["carrier"].talking)
    assert story.world.now == pytest.approx(302, abs=2)
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()


def test_outbound__a_cap_of_the_day_rings_no_operator() -> None:
    story = house(outbound={"allow": ["+7495"], "daily_calls": 0})
    ask(story)
    story.settle(100)
    assert story.phones["anna"].log == []
    assert not attempts(story)
    assert len(story.hotline.exchange.house.callbacks) == 1
    stored = len(story.hotline.stored)
    story.world.run(300)
    assert len(story.hotline.stored) == stored, "an operator who is offered what can't be done leaves rows each time"


def test_outbound__who_has_made_all_their_calls_is_rung_for_no_more() -> None:
    story = house(outbound={"allow": ["+7495"], "daily_calls_per_operator": 1})
    ask(story)
    assert story.world.run(5, lambda: talks_with_anna(story, "carrier"))
    story.phones["anna"].hang_up()
    story.settle()
    ask(story, "84951234568")
    story.world.run(60)
    stored = len(story.hotline.stored)
    story.world.run(300)
    assert len(story.hotline.stored) == stored
    assert len(attempts(story)) == 1
    assert len(story.hotline.exchange.house.callbacks) == 1


def test_outbound__a_colleague_is_found_for_who_has_made_all_their_calls() -> None:
    """Anna has been idle for longest, and would be asked first each time."""
    story = house(outbound={"allow": ["+7495"], "daily_calls_per_operator": 1},
                  queue={"operators": ["anna", "boris"]})
    house_of = story.hotline.exchange.house
    house_of.outbound.restore(house_of.local_day(story.world.now), {"anna": 1})
    add_phone(story, "boris", "127.0.9.61")
    register(story, "boris")
    ask(story)
    assert story.world.run(10, lambda: story.phones["carrier"].talking and story.phones["boris"].talking)
    assert story.phones["anna"].log == []
    story.phones["boris"].hang_up()
    story.settle()
    story.assert_clean()


def test_asked_again__one_caller_has_one_callback() -> None:
    story = house(registered=False)
    ask(story)
    ask(story)
    assert len(story.hotline.exchange.house.callbacks) == 1
    statuses = sorted(str(row.status) for row in story.requests())
    assert statuses == ["closed", "open"]
    assert len(entries(story, "callback_not_needed")) == 1


def test_callbacks__a_colleague_takes_the_caller_from_the_queue() -> None:
    """Nobody assigned the call; the callback is done with all the same."""
    story = house()
    add_phone(story, "before", "127.0.9.60")
    add_phone(story, "boris", "127.0.9.61")
    register(story, "boris")
    wait_in_loans(story, "before")
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    ask(story)
    story.caller.account = NUMBER
    wait_in_loans(story, "caller")
    callback, = story.hotline.exchange.house.callbacks.open.values()
    assert callback.phase is Phase.HELD
    story.phones["anna"].behaviour = SILENT
    story.phones["before"].hang_up()
    story.world.run(2)
    take_place(story.phones["boris"], story.phones["anna"])
    assert story.world.run(5, lambda: talks_with_anna(story, "caller"))
    story.caller.hang_up()
    story.settle()
    assert asked(story).status is RequestStatus.CLOSED
    assert not story.hotline.exchange.house.callbacks.open


def test_operator_first__they_hear_of_the_call_before_the_caller_is_rung() -> None:
    story = house(queue={"operator_hears": "which", "operator_accepts": True}, called=SLOW)
    ask(story)
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.world.run(2)
    assert state_of(story, "anna") == "ringing", "not yet theirs"
    assert not story.phones["carrier"].ringing
    story.phones["anna"].press("1")
    assert story.world.run(10, lambda: story.phones["carrier"].talking)
    assert story.clips_heard("anna")[0] == "en/which.wav"
    story.phones["carrier"].hang_up()
    story.settle()
    story.assert_clean()
    call, = attempts(story)
    assert (call.outcome, len(entries(story, "operator_briefed"))) == (Outcome.ANSWERED, 1)


def test_operator_first__who_does_not_accept_is_not_called_for() -> None:
    story = house(queue={"operator_hears": "which", "operator_accepts": True, "operator_accept_s": 5})
    ask(story)
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.world.run(6)
    assert not story.phones["anna"].talking
    assert entries(story, "callback_begun") == []
    assert story.world.run(30, lambda: story.phones["anna"].talking), "nobody was reached in vain: it goes on"
    story.phones["anna"].press("1")
    assert story.world.run(10, lambda: story.phones["carrier"].talking)
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()
    call, = attempts(story)
    assert call.outcome is Outcome.ANSWERED
