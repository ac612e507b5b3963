"""Races within one turn, bugs of ours in the middle of a call, and what strangers can't put into records and phones."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from ivr.base.config import QueueConfig
from ivr.call.effects import JoinLegs
from ivr.call.events import KeyPressed
from ivr.call.machine import Call
from ivr.call.record import Outcome
from ivr.call.sorted_events import PartnerEnded
from ivr.call.state import CallState
from ivr.exchange import from_call, from_sip_offers
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media.events import MediaLost
from ivr.sdp.offer_answer import make_offer
from ivr.sip import commands
from ivr.sip.message.uri import parse_uri
from tests.support.segments import Segments
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story


def to_queue(story: Story, *callers: VirtualPhone) -> None:
    """English, cards, an operator."""
    for caller in callers or (story.caller,):
        caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        for caller in callers or (story.caller,):
            caller.press_by_info(key)
    story.world.run(0.2)


def another(story: Story, name: str = "second") -> VirtualPhone:
    phone = story.phones[name] = VirtualPhone(story.world, "127.0.9.11", name, story.ids)
    return phone


def finish(story: Story) -> Any:
    story.settle()
    story.assert_clean()
    return story.row()


def queue(story: Story, name: str = "cards") -> dict[str, Any]:
    queues = story.hotline.exchange.snapshot(story.world.now)["queues"]
    return next(one for one in queues if one["name"] == name)


# --- several messages at once ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", ["anna", "caller"])
def test_turn__operator_answers_and_caller_hangs_up_in_one_segment(first: str) -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.5)}, audio=False)
    to_queue(story)
    (rang_at, _), = story.phones["anna"].log
    Segments(story, lambda: True)
    story.world.at(rang_at + (0.51 if first == "anna" else 0.47), story.caller.hang_up)     # she answers after 0.5 s
    story.world.run(1)
    assert finish(story).outcome is (Outcome.ANSWERED if first == "anna" else Outcome.ABANDONED)


def test_turn__all_calls_are_ended_while_one_talks_and_one_waits() -> None:
    """The operator who becomes free is not rung for the caller who is ended next."""
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.1)}, audio=False,
                       config={"queues": {name: {"operators": ["anna"]} for name in base_config()["queues"]}})
    to_queue(story, story.caller, another(story))
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    exchange = story.hotline.exchange
    story.hotline.carry_out(exchange.end_calls("the service stopped", story.world.now))
    assert exchange.idle
    story.settle()
    story.assert_clean()
    assert story.phones["anna"].log.count((story.phones["anna"].log[0][0], "rings")) == 1
    assert sorted(str(row.outcome) for row in story.rows().values()) == ["answered", "failed"]


def test_turn__who_waits_when_the_plane_dies_has_not_abandoned() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(status=None)}, audio=False)
    to_queue(story)
    story.hotline.carry_out(story.hotline.exchange.plane_lost(0, story.world.now))
    assert finish(story).outcome is Outcome.FAILED
    assert (queue(story)["failed"], queue(story)["abandoned"]) == (1, 0)


# --- bugs of ours ---------------------------------------------------------------------------------------------------
def test_bug__in_a_call_ends_that_call_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.1)}, audio=False)
    other = another(story)
    to_queue(story)
    other.call(f"sip:100@{HOTLINE}")
    assert story.world.run(5, lambda: story.phones["anna"].talking)

    def fails(*_: Any) -> None:
        raise AssertionError("a bug")

    row = (PartnerEnded, CallState.BRIDGED.value)
    monkeypatch.setitem(Call._rows, row, (CallState.CLOSING, (fails,)))     # type: ignore[arg-type]
    story.phones["anna"].hang_up()
    story.world.run(1)
    assert other.talking
    other.hang_up()
    story.settle()
    story.assert_clean()
    broken = next(row for row in story.rows().values() if row.outcome is Outcome.FAILED)
    assert (broken.reason, broken.operator) == ("internal error", "anna")
    (told,) = [report for report in story.hotline.reports if report.level == "error"]
    assert isinstance(dict(told.fields)["error"], AssertionError)       # the log writes its traceback
    assert {trace.call_id for batch in story.hotline.stored for trace in batch.traces} == set(story.rows())


def test_bug__rows_that_were_on_their_way_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The effect before the Write fails: what the Write holds was taken from the visit and is nowhere else."""
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.1)}, audio=False)

    def fails(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(from_call.EFFECTS, JoinLegs, fails)
    to_queue(story)
    story.world.run(3)
    row = finish(story)
    assert row.outcome is Outcome.FAILED
    assert {"bridged", "ended"} <= {entry.kind for entry in story.entries()}
    assert story.requests()[0].id == row.request_id


def test_bug__in_an_event_of_sip_leaves_the_service_and_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    story = make_story(audio=False)

    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(from_sip_offers, "let_in", fails)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert story.caller.log[-1][1] == "ended by peer 480"
    story.settle()
    story.assert_clean()
    assert [report.event for report in story.hotline.reports if report.level == "error"] == ["event_lost"]


# --- what peers send ------------------------------------------------------------------------------------------------
def test_peer__no_answer_to_our_offer_is_a_broken_call() -> None:
    """An INVITE without an offer, and an ACK without the answer that it owes: nobody has hung up."""
    story = make_story(audio=False)
    caller = story.caller
    caller.leg = "offerless"
    caller.carry_out(caller.endpoint.handle(commands.DialLeg("offerless", parse_uri(f"sip:100@{HOTLINE}"), None, "1"),
                                            story.world.now))
    story.world.run(1)
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.FAILED, "network")


def test_peer__an_endless_number_reaches_neither_the_record_nor_a_phone() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(status=None)}, audio=False)
    caller = another(story, "4" * 5000)
    sizes: list[int] = []
    send = story.world.send_sip
    story.world.send_sip = lambda flow, payload: (sizes.append(len(payload)), send(flow, payload))[1]  # type: ignore
    to_queue(story, caller)
    begin = len(sizes)
    story.world.run(2)
    assert story.phones["anna"].log[0][1] == "rings"
    caller.hang_up()
    finish(story)
    (person,) = {person.caller_number for batch in story.hotline.stored for person in batch.people}
    assert person == "4" * 64
    assert max(sizes[begin:]) < 8000        # of which the phone's own headers are most


def test_peer__a_stranger_hears_two_seconds_without_an_ack() -> None:
    """Whoever forges the source of an INVITE must not be able to point our audio at somebody for half a minute."""
    story = make_story()
    send = story.world.send_sip
    story.world.send_sip = lambda flow, payload: None if payload.startswith(b"ACK") else send(flow, payload)  # type: ignore
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(4)
    times = [at for at, *_ in story.caller.heard]
    assert 1.9 < times[-1] - times[0] < 2.05
    story.world.run(30)
    row = finish(story)
    assert (row.outcome, row.ended_by, row.reason) == (Outcome.FAILED, "network", "no ACK")
    assert story.caller.heard[-1][0] == times[-1]


@pytest.mark.parametrize("trunk", [True, False])
def test_peer__a_carrier_that_writes_our_number_in_another_way_is_news(trunk: bool) -> None:
    trunks = [{"name": "carrier", "addresses": ["127.0.9.10"]}] if trunk else []
    story = make_story(audio=False, config={"trunks": trunks})
    story.caller.call(f"sip:+49100@{HOTLINE}")
    story.world.run(1)
    assert story.caller.log[-1][1] == "ended by peer 404"
    told = [dict(report.fields) for report in story.hotline.reports if report.event == "unknown_number"]
    assert told == ([{"dialled": "+49100", "trunk": "carrier", "account": None}] if trunk else [])
    story.settle()
    story.assert_clean()


def test_peer__keys_of_a_transfer_that_is_over_are_not_the_caller_s() -> None:
    story = make_story(operators={}, audio=False)
    branch = story.phones["branch"] = VirtualPhone(story.world, "127.0.9.30", "branch", story.ids,
                                                   PhoneBehaviour(status=486, delay=0.2))
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "173":
        story.world.run(0.5)
        story.caller.press_by_info(key)
    assert story.world.run(10, lambda: branch.legs_ended == 1)
    story.world.run(0.5)
    (opened,) = story.hotline.exchange.house.calls.values()
    entries = len(opened.call.visit.entries)
    assert opened.call.handle(KeyPressed(f"{opened.call.call}/1", "0"), story.world.now) == []
    assert len(opened.call.visit.entries) == entries
    story.caller.hang_up()
    finish(story)


# --- bounds ---------------------------------------------------------------------------------------------------------
def test_bound__nobody_listens_to_music_for_a_request_that_nothing_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.call.in_queue.STORE_TIMEOUT", 3.0)
    story = make_story()
    story.hotline.database_answers = False
    to_queue(story)
    assert story.world.run(6, lambda: story.caller.legs_ended == 1)
    row = finish(story)
    assert (row.outcome, row.reason) == (Outcome.FAILED, "no room for the request")
    assert story.clips_heard()[-1] == "en/queue/technical_error.wav"


def test_bound__an_offer_that_fails_at_once_is_not_made_again_at_once() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        QueueConfig(retry_after_s=0)


# --- operators' phones ----------------------------------------------------------------------------------------------
def test_phone__a_call_that_nobody_took_is_missed() -> None:
    """Only a call that was answered elsewhere may be left out of a phone's list of missed ones (RFC 3326)."""
    story = make_story(operators={"anna": PhoneBehaviour(status=None)}, audio=False)
    sent: list[bytes] = []
    send = story.world.send_sip
    story.world.send_sip = lambda flow, payload: (sent.append(payload), send(flow, payload))[1]  # type: ignore
    to_queue(story)
    story.world.run(1)
    story.caller.hang_up()
    finish(story)
    (cancel,) = {payload for payload in sent if payload.startswith(b"CANCEL")}
    assert b"\r\nReason:" not in cancel


# --- peers that vanish ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_vanished__both_ends_while_one_holds(direction: Any) -> None:
    """Nothing need come from a peer that holds: without a question the operator would be on this call for ever."""
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.1)}, audio=False)
    to_queue(story)
    anna = story.phones["anna"]
    assert story.world.run(5, lambda: anna.talking)
    story.world.run(1)
    hold = make_offer(replace(anna.local, version=2), direction)
    anna.carry_out(anna.endpoint.handle(commands.ReofferLeg(anna.leg, hold), story.world.now))
    story.world.run(70)
    assert not story.hotline.exchange.idle              # alive, and asked
    del story.world.hosts[anna.host], story.world.hosts[story.caller.host]
    story.world.run(150)
    assert story.hotline.exchange.idle
    row = finish(story)
    assert (row.outcome, row.ended_by, row.reason) == (Outcome.ANSWERED, "network", "no sign of life")


def test_vanished__after_a_silence_with_a_sign_of_life() -> None:
    story = make_story(operators={}, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    (leg,) = story.hotline.exchange.house.legs
    lost = MediaLost(leg.stream, leg.leg, 20.0)
    story.hotline.carry_out(story.hotline.exchange.plane_event(lost, story.world.now))
    story.world.run(1)
    assert story.caller.talking
    del story.world.hosts[story.caller.host]
    story.world.run(120)
    assert finish(story).outcome is Outcome.FAILED
