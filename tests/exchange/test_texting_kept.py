"""What is kept of a chat: sealed, bounded, of any version that can be understood, and with times that can be moved."""

import base64
import json
import zlib
from collections import deque
from dataclasses import replace
from typing import Any

import pytest

from ivr.base.state.errors import NotReadable
from ivr.exchange.texting import keeping
from ivr.exchange.texting.returning import first_of
from ivr.exchange.texting.sealing import sealed, unsealed
from ivr.exchange.texting.times import move
from tests.support.chat_scene import over, talking
from tests.support.restarting import left_in, restart


@pytest.mark.parametrize("state", ["", "AAAA", "{}", "\0", "é" * 100, "A" * 100_000])
def test_state__that_is_none_is_left_to_who_ends_calls(state: str) -> None:
    scene = talking()
    (left,) = left_in(scene.story.hotline.stored)
    restart(scene.story, left=[replace(left, state=state)])
    house = scene.story.hotline.exchange.house
    assert (house.calls, len(house.legs), house.taken_up) == ({}, 0, set())
    assert house.counters["chats_not_continued"] == 1


def test_state__each_octet_of_it_counts() -> None:
    scene = talking()
    (left,) = left_in(scene.story.hotline.stored)
    octets = base64.b64decode(left.state)
    house = scene.story.hotline.exchange.house
    for place in range(0, len(octets), 37):
        other = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1:]
        with pytest.raises(NotReadable):
            first_of(house, replace(left, state=base64.b64encode(other).decode()))
    with pytest.raises(NotReadable):
        first_of(house, replace(left, call="another"))
    with pytest.raises(NotReadable):
        first_of(house, replace(left, version=2))
    assert "My card is gone" not in zlib.compress(octets).decode("latin-1") + octets.decode("latin-1")


def test_state__sealed_by_us_but_of_another_shape_ends_that_chat_alone() -> None:
    scene = talking()
    (left,) = left_in(scene.story.hotline.stored)
    key = scene.story.hotline.exchange.house.chat_key
    first, _, text = unsealed(key, left.call, left.state).partition("\n")
    state = json.loads(text)
    bad = [{}, {**state, "parts": {}}, {**state, "objects": state["objects"][:-3]}, {**state, "version": 99},
           {**state, "shapes": [["object", "os:system", []], *state["shapes"][1:]]}, [], None]
    for other in bad:
        sealed_again = sealed(key, left.call, f"{first}\n{json.dumps(other)}", bytes(16))
        restart(scene.story, left=[replace(left, state=sealed_again)])
        house = scene.story.hotline.exchange.house
        assert (house.calls, house.counters["chats_not_continued"]) == ({}, 1), other
    restart(scene.story, left=[left])
    assert list(scene.story.hotline.exchange.house.calls) == [left.call]


def test_state__of_a_version_that_knew_less_is_lifted() -> None:
    scene = talking()
    (left,) = left_in(scene.story.hotline.stored)
    key = scene.story.hotline.exchange.house.chat_key
    first, _, text = unsealed(key, left.call, left.state).partition("\n")
    state = json.loads(text)
    for number, shape in enumerate(state["shapes"]):
        if shape[0] == "object" and shape[1].endswith(("OpenCall", "talk:Talk")):
            gone = [shape[2].index(name) for name in ("takes", "known_to", "words", "queued", "unrecorded")
                    if name in shape[2]]
            shape[2] = [name for place, name in enumerate(shape[2]) if place not in gone]
            for row in (row for row in state["objects"] if row[0] == number):
                row[1:] = [value for place, value in enumerate(row[1:]) if place not in gone]
    older = sealed(key, left.call, f"{first}\n{json.dumps(state)}", bytes(16))
    restart(scene.story, left=[replace(left, state=older)])
    opened = scene.story.hotline.exchange.house.calls[left.call]
    assert (opened.takes, opened.known_to, opened.unrecorded) == ({}, {}, False)
    assert opened.talk is not None
    assert (opened.talk.words, opened.talk.queued) == ([], 0)
    scene.answers("anna", "Here", "x")
    over(scene)


def test_state__too_large_is_not_kept_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 100)
    scene = talking()
    assert left_in(scene.story.hotline.stored) == []
    told = [one for one in scene.story.hotline.reports if one.event == "chat_not_kept"]
    assert len(told) == 1
    assert not scene.story.hotline.exchange.idle
    monkeypatch.undo()
    scene.says("more", "c")
    assert len(left_in(scene.story.hotline.stored)) == 1
    assert scene.story.hotline.exchange.idle
    over(scene)


def test_machine__that_began_anew_leaves_no_time_behind() -> None:
    """Every number that is a moment of the old clock, wherever it stands, is one of the new clock."""
    scene = talking()
    scene.story.world.run(400)
    scene.says("still there?", "z")
    house, now = scene.story.hotline.exchange.house, scene.story.world.now
    (left,) = left_in(scene.story.hotline.stored)
    opened = house.calls[left.call]
    kept = keeping._kept(house, opened)
    before = _floats(kept)
    move(kept, 1e6)
    assert [place for place, at in _floats(kept).items() if 0 < at <= now and not place.endswith(DURATIONS)] == []
    moved = [place for place, at in before.items() if _floats(kept).get(place) == at + 1e6]
    assert any("bridged_at" in place for place in moved)
    move(kept, -1e6)
    restart(scene.story, reboots=True)
    assert scene.story.world.now < now
    scene.desks["anna"].answers()
    visit = scene.call.visit
    assert visit.bridged_at < scene.story.world.now - 395
    over(scene)
    assert 400 < scene.story.row().talk_time < 420


DURATIONS = (".waited", ".talked", ".patience", ".wait_time", ".talk_time", ".q")


def _floats(thing: Any, place: str = "", seen: set[int] | None = None) -> dict[str, float]:
    seen = set() if seen is None else seen
    if isinstance(thing, float):
        return {place: thing}
    if id(thing) in seen or isinstance(thing, str | bytes | int | type(None)) or "settings" in place:
        return {}
    if any(place.endswith(name) for name in (".menu", ".facts", ".ids", ".to_utc", ".rows", ".expires_at")):
        return {}
    seen.add(id(thing))
    found: dict[str, float] = {}
    parts = (thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list | tuple | deque)
             else vars(thing).items() if hasattr(thing, "__dict__") else ())
    for name, part in parts:
        found |= _floats(part, f"{place}.{name}", seen)
    return found
