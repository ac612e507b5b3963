"""Several planes: calls are spread over them, each is in one with all its legs, and one that dies ends only its own."""

from collections.abc import Mapping
from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.capturing import Capture, RtpWanted
from ivr.exchange.planes import Planes
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media import commands as media
from ivr.media.stream_numbers import MOST_ROWS
from tests.exchange.test_plane_comes import refusals
from tests.support.operators_phones import add_phone, entries, state_of
from tests.support.virtual_house import HOTLINE, Story, make_story, plane_up

PLAIN = PhoneBehaviour(200, 0.5, ("PCMA",))         # all of one codec: what is said is heard octet by octet
DIED = "the media plane died"


def story_of_two(**settings: Any) -> Story:
    """Two planes; one caller more, whom the second of them gets."""
    settings = {"operators": {"anna": PLAIN, "boris": PLAIN}, "caller": PLAIN, "workers": 2} | settings
    story = make_story(**settings)
    add_phone(story, "second", "127.0.9.11", PLAIN)
    return story


def to_queue(story: Story, *names: str) -> None:
    """English, cards, an operator; one after the other."""
    for name in names:
        caller = story.phones[name]
        caller.call(f"sip:100@{HOTLINE}")
        for key in "120":
            story.world.run(0.5)
            caller.press(key)


def both_talk(story: Story) -> None:
    """The caller with anna in the first plane, the second with boris in the other."""
    to_queue(story, "caller", "second")
    assert story.world.run(10, lambda: story.phones["anna"].talking and story.phones["boris"].talking)
    story.world.run(0.2)
    assert workers(story) == {"caller": {0}, "second": {1}, "anna": {0}, "boris": {1}}


def workers(story: Story) -> dict[str, set[int]]:
    """In which planes a phone has legs, by its port for audio."""
    legs = story.hotline.exchange.house.legs
    hosts = {phone.host: name for name, phone in story.phones.items()}
    found: dict[str, set[int]] = {}
    for leg in legs:
        agreed = leg.sip.negotiated
        if agreed is not None:
            found.setdefault(hosts[agreed.remote[0]], set()).add(leg.stream // MOST_ROWS)
    return found


def tone(byte: int) -> Any:
    return lambda frame: bytes([byte]) * 160


def payloads(phone: VirtualPhone, since: float) -> set[bytes]:
    return {payload for at, payload_type, _, payload in phone.heard if payload_type in (0, 8) and at > since}


def reported(story: Story, event: str) -> list[Mapping[str, Any]]:
    return [dict(one.fields) for one in story.hotline.reports if one.event == event]


def test_planes__calls_go_where_the_fewest_streams_are() -> None:
    story = story_of_two(audio=False)
    for number in range(6):
        add_phone(story, f"c{number}", f"127.0.9.{40 + number}").call(f"sip:100@{HOTLINE}")
        story.world.run(0.1)
    planes = story.hotline.exchange.snapshot(story.world.now)["plane"]["workers"]
    assert [plane["in_use"] for plane in planes] == [3, 3]
    for number in (0, 2, 4):            # those of the first plane; their ports rest now
        story.phones[f"c{number}"].hang_up()
    story.world.run(0.5)
    add_phone(story, "late", "127.0.9.60").call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    assert workers(story)["late"] == {0}
    assert story.hotline.exchange.snapshot(story.world.now)["plane"]["workers"] == [
        {"worker": 0, "ready": True, "streams": 40, "in_use": 1, "free": 39},
        {"worker": 1, "ready": True, "streams": 40, "in_use": 3, "free": 37}]


def test_planes__each_pair_hears_one_another() -> None:
    story = story_of_two()
    both_talk(story)
    for byte, name in enumerate(("caller", "second", "anna", "boris"), 1):
        story.phones[name].tone = tone(byte)
    story.world.run(1)
    begin = story.world.now - 0.3
    heard = {name: payloads(story.phones[name], begin) for name in ("caller", "second", "anna", "boris")}
    assert heard == {"caller": {b"\3" * 160}, "anna": {b"\1" * 160}, "second": {b"\4" * 160}, "boris": {b"\2" * 160}}
    for name in ("caller", "second"):
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()


@pytest.mark.parametrize(("dies", "broken", "untouched"), [(0, "caller", "second"), (1, "second", "caller")])
def test_planes__the_death_of_one_ends_its_calls_alone(dies: int, broken: str, untouched: str) -> None:
    story = story_of_two()
    both_talk(story)
    names = {"caller": "anna", "second": "boris"}
    operator, other = names[broken], names[untouched]
    story.phones[other].tone = tone(7)
    story.world.run(0.5)
    begin = story.world.now
    dead = story.hotline.plane_dies(dies)
    story.world.run(1)
    assert (story.phones[broken].talking, story.phones[operator].talking) == (False, False)
    assert (state_of(story, operator), state_of(story, other)) == ("idle", "on_call")
    assert payloads(story.phones[untouched], begin + 0.1) == {b"\7" * 160}
    assert len([at for at, *_ in story.phones[untouched].heard if at > begin]) >= 49     # 1 s: no gap
    assert [(row["worker"], row["calls"]) for row in reported(story, "media_plane_lost")] == [(dies, 1)]

    to_queue(story, broken)             # at once, in the plane that is there
    assert story.world.run(10, lambda: story.phones[operator].talking)
    assert workers(story)[broken] == {1 - dies}
    story.hotline.wires[dies] = dead
    plane_up(story, dies)
    third = add_phone(story, "third", "127.0.9.12")
    third.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert workers(story)["third"] == {dies}
    for name in ("caller", "second", "third"):
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()
    rows = story.rows().values()
    assert sorted(str(row.outcome) for row in rows) == ["abandoned", "answered", "answered", "failed"]
    assert [row.outcome for row in rows if row.reason == DIED] == [Outcome.FAILED]
    assert len(story.requests()) == 3           # who queued again asked again


def test_planes__new_calls_are_refused_when_the_last_is_gone() -> None:
    story = story_of_two(audio=False)
    both_talk(story)
    story.hotline.plane_dies(0)
    story.hotline.plane_dies(1)
    story.world.run(1)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert refusals(story) == ["no_media_plane"]
    story.settle()
    story.assert_clean()


def test_planes__a_full_one_refuses_its_calls_another_leg() -> None:
    """Though there is room in the other one: no bridge reaches across."""
    story = story_of_two(ports=2, operators={"anna": PhoneBehaviour(None)})
    to_queue(story, "caller")
    third = add_phone(story, "third", "127.0.9.12")
    story.phones["second"].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    third.call(f"sip:100@{HOTLINE}")        # with the caller and a phone that rings the first plane is full
    story.world.run(0.5)
    assert workers(story)["second"] == workers(story)["third"] == {1}
    for key in "120":
        third.press(key)
        story.world.run(0.5)
    assert reported(story, "no_free_port") == []
    story.caller.hang_up()
    story.world.run(3)
    (told,) = reported(story, "no_free_port")
    assert {name: told[name] for name in ("worker", "in_use", "streams")} == {"worker": 1, "in_use": 2, "streams": 2}
    assert story.hotline.exchange.snapshot(story.world.now)["plane"]["workers"][0]["free"] == 2
    story.phones["second"].hang_up()        # after a rest there is room, and anna's phone rings
    assert story.world.run(12, lambda: state_of(story, "anna") == "ringing")
    third.hang_up()
    story.settle()
    story.assert_clean()


def test_planes__who_consults_a_colleague_does_so_beside_the_caller() -> None:
    story = story_of_two(audio=False)
    story.phones["second"].call(f"sip:100@{HOTLINE}")       # so that the other plane would be the emptier
    to_queue(story, "caller")
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    (home,) = workers(story)["caller"]
    for number in range(3):
        add_phone(story, f"c{number}", f"127.0.9.{40 + number}").call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.phones["anna"].consult(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.2)
    assert workers(story)["boris"] == {home}
    story.phones["anna"].join_calls(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: not story.phones["anna"].talking)
    assert story.phones["boris"].talking
    story.caller.hang_up()
    story.world.run(1)
    assert not story.phones["boris"].talking
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    story.settle()
    story.assert_clean()


def test_planes__calls_of_two_are_not_joined() -> None:
    """The operator's second call found no room beside the first; both go on as they were."""
    story = story_of_two(audio=False, ports=2)
    to_queue(story, "caller")
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.phones["anna"].consult(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.2)
    assert (workers(story)["caller"], workers(story)["boris"]) == ({0}, {1})
    story.phones["anna"].join_calls(f"sip:boris@{HOTLINE}")
    story.world.run(2)
    assert [entry["reason"] for entry in entries(story, "transfer_refused")] == ["calls_in_two_planes"]
    assert story.phones["boris"].talking
    assert story.caller.talking
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    story.settle()
    story.assert_clean()


def test_planes__a_capture_is_told_to_the_one_that_has_the_call() -> None:
    story = story_of_two(audio=False)
    told: list[tuple[int, Any]] = []
    for worker, wire in story.hotline.wires.items():
        wire.handle = lambda command, now, worker=worker: told.append((worker, command)) or []   # type: ignore
    story.caller.call(f"sip:100@{HOTLINE}")
    now = story.world.now
    story.hotline.carry_out(story.hotline.exchange.begin_capture(
        Capture(1, "number", "second", RtpWanted("file", 0.0, 1000)), now + 60))
    story.phones["second"].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.hotline.carry_out(story.hotline.exchange.end_capture(1, "enough"))
    caught = [(worker, type(command).__name__) for worker, command in told
              if isinstance(command, media.OpenCapture | media.CaptureStream | media.CloseCapture)]
    assert caught == [(1, "OpenCapture"), (1, "CaptureStream"), (1, "CloseCapture")]


def test_planes__one_that_comes_again_has_nobody_of_before() -> None:
    planes = Planes(2)
    for worker in (0, 1):
        planes.comes(worker, (16_384 + 100 * worker,), ())
        assert planes.has_clip(worker, "")
    assert planes.complete
    assert planes.lease(None, "a", 0.0) == (0, 16_384)
    assert planes.lease(None, "b", 0.0) == (MOST_ROWS, 16_484)
    assert planes.lease(None, "c", 0.0) is None
    assert (planes.holds(0, "a"), planes.holds(MOST_ROWS, "b"), planes.holds(0, "b")) == (True, True, False)
    planes.comes(1, (16_484,), ("clip",))
    assert not planes.holds(MOST_ROWS, "b")
    assert (planes.complete, planes.in_use, planes.lease(1, "c", 0.0)) == (False, 1, None)
    assert planes.has_clip(1, "clip")
    assert planes.lease(None, "c", 0.0) == (MOST_ROWS, 16_484)
    planes.release(MOST_ROWS, "b", 1.0)
    assert planes.in_use == 2


def test_planes__one_that_tells_no_figures_gets_no_new_calls_while_another_does() -> None:
    planes = Planes(2)
    for worker in (0, 1):
        planes.comes(worker, tuple(range(10)), ())
        planes.has_clip(worker, "")
        planes.heard(worker, 0.0)
    assert [planes.lease(None, leg, 7.9) for leg in "ab"] == [(0, 0), (MOST_ROWS, 0)]
    planes.heard(1, 5.0)
    assert [planes.lease(None, leg, 8.1) for leg in "cd"] == [(MOST_ROWS + 1, 1), (MOST_ROWS + 2, 2)]
    assert planes.lease(0, "e", 8.1) == (1, 1)              # a call that is there keeps to it
    assert planes.lease(None, "f", 20.0) == (2, 2)          # all are silent: it is not the planes
