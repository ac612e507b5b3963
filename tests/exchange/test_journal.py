"""Entries and frames of the journal: what is written is read, and what nobody wrote is one error."""

import random
from dataclasses import replace
from typing import Any

import pytest

from ivr.base.ids import Ids
from ivr.base.state.errors import NotReadable
from ivr.base.turn_clock import TurnClock
from ivr.call.record import Batch
from ivr.exchange.effects import Report, ToPlane, ToStore
from ivr.exchange.exchange import Exchange
from ivr.exchange.journal import entries
from ivr.exchange.journal.frames import BEGIN, FRAME, Journal, bodies, framed
from ivr.exchange.journal.journalled import READS, Journalled, verbs
from ivr.exchange.journal.replaying import replay, state_of, world_of
from ivr.media import commands, events
from ivr.sip.effects import SendBytes
from ivr.sip.transport.flow import Flow
from routing.dispatcher import Status
from tests.support.dying import Dying
from tests.support.virtual_house import Story, make_story

FLOW = Flow("udp", ("127.0.9.1", 5060), ("127.0.9.10", 5060))
SECURE = Flow("tls", ("127.0.9.1", 5061), ("127.0.9.10", 40_000), 7, "example.org")
QUICK: list[tuple[int, tuple[Any, ...]]] = [
    (entries.RECEIVE, (b"OPTIONS sip:a SIP/2.0\r\n\r\n\xff\x00", FLOW, 12.5)),
    (entries.RECEIVE_STREAM, (b"", SECURE, 3)),
    (entries.PLANE_EVENT, (events.DigitPressed(1 << 16, "leg", "5", source="in_band"), 0.25)),
    (entries.PLANE_EVENT, (events.PlaneReady((20_000, 20_002), "mmsg", 1), 0.25)),
    (entries.HANDLE_TIMERS, (1e9 + 1 / 3,)),
    (entries.DURABLE, ("token/é", -0.0)),
    (entries.ARRIVED, (bytes(range(256)), FLOW, 12.5)),
    (entries.SERVE_NEXT, (7.0,)),
]


@pytest.mark.parametrize(("number", "given"), QUICK, ids=lambda value: str(value) if isinstance(value, int) else "")
def test_entry__of_the_verbs_of_every_call(number: int, given: tuple[Any, ...]) -> None:
    body = entries.quick(number, 0xFFFFFFFF, 1.7e9 + 1 / 3, given)
    entry = entries.read(body)
    assert (entry.verb, entry.crc, entry.offset, entry.given) == (entries.QUICK[number][0], 0xFFFFFFFF, 1.7e9 + 1 / 3,
                                                                 given)
    assert [type(one) for one in entry.given] == [type(one) for one in given]
    assert entries.verb_of(body) == entry.verb


def test_entry__of_any_other_verb() -> None:
    text = entries.text_of_given(("anna", Status.ON_BREAK, "", 5.0), {"by": "vera"})
    entry = entries.read(entries.other("set_status", 5, 0.5, text))
    assert entry == entries.Entry("set_status", 5, 0.5, ("anna", Status.ON_BREAK, "", 5.0), {"by": "vera"})


def test_entry__octets_of_a_peer_that_are_no_text() -> None:
    """A host that was dialled may hold what came of a peer's bytes."""
    flow = replace(SECURE, domain=b"\xff.example".decode("utf-8", "surrogateescape"))
    body = entries.quick(entries.RECEIVE_STREAM, 1, 2.0, (b"x", flow, 3.0))
    assert entries.read(body) == entries.Entry("receive_stream", 1, 2.0, (b"x", flow, 3.0))


def test_crc__of_all_that_is_in_the_effects() -> None:
    play = commands.StopPlayback(1, "leg")
    effects = [SendBytes(FLOW, b"BYE"), ToPlane(play), ToStore(Batch()), Report("info", "told", (("a", 1),))]
    others = [
        effects[:3], effects[::-1], [], None,
        [SendBytes(SECURE, b"BYE"), *effects[1:]], [SendBytes(FLOW, b"BYE "), *effects[1:]],
        [effects[0], ToPlane(play, 0), *effects[2:]],
        [effects[0], ToPlane(commands.StopPlayback(2, "leg")), *effects[2:]],
        [*effects[:2], ToStore(Batch(), "token"), effects[3]], [*effects[:3], Report("info", "told", (("a", 2),))]]
    assert entries.crc_of(effects) == entries.crc_of(list(effects))
    assert len({entries.crc_of(each) for each in (effects, *others)}) == 1 + len(others)


def test_crc__of_what_is_no_text_and_of_what_is_not_known() -> None:
    told = [Report("info", "told", (("who", "\udcff"), ("number", 1 << 70)))]
    assert entries.crc_of(told) == entries.crc_of(list(told)) != entries.crc_of([replace(told[0], level="error")])
    assert entries.crc_of([object()]) == entries.crc_of([object()])


# --- in memory --------------------------------------------------------------------------------------------------------
def some(first: int = 5) -> tuple[Journal, list[bytes]]:
    journal, written = Journal(first), [bytes([number]) * (3 * number + 1) for number in range(1, 12)]
    for body in written:
        journal.put(body)
    return journal, written


def test_journal__cut_off_anywhere_tells_what_was_whole() -> None:
    journal, written = some()
    data = bytes(journal.data)
    for length in range(BEGIN.size, len(data) + 1):
        for behind in (b"", bytes(40)):
            found = bodies(data[:length] + behind, 5)
            assert found == written[:len(found)]
            whole = BEGIN.size + sum(FRAME.size + len(body) for body in found)
            assert length - whole < FRAME.size + 40
    assert bodies(data, 5) == written


def test_journal__a_damaged_entry_in_the_middle_is_an_error() -> None:
    """Whichever byte it is."""
    journal, _ = some()
    last = FRAME.size + 11 * 3 + 1
    for place in range(len(journal.data) - last):
        data = bytearray(journal.data)
        data[place] ^= 0x40
        with pytest.raises(NotReadable):
            bodies(bytes(data), 5)


def test_journal__of_another_state_or_version_is_an_error() -> None:
    journal, _ = some()
    for data, first in ((journal.data, 4), (b"HLJ\x02" + journal.data[4:], 5), (b"", 5), (b"HLJ", 5)):
        with pytest.raises(NotReadable):
            bodies(bytes(data), first)
    with pytest.raises(NotReadable):            # entries of another place
        bodies(bytes(Journal(5).data) + framed(b"one", 6) + framed(b"two", 7), 5)


@pytest.mark.parametrize("seed", range(4))
def test_entry__whatever_is_changed_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    written = [entries.quick(number, 1, 2.0, given) for number, given in QUICK]
    written.append(entries.other("page", 1, 2.0, entries.text_of_given((FLOW, [1, 2], {"a": Status.AVAILABLE}), {})))
    read = refused = 0
    for _ in range(2_000):
        body = bytearray(chance.choice(written))
        for _ in range(chance.choice((1, 1, 2, 5))):
            body[chance.randrange(len(body))] = chance.randrange(256)
        body = body[:chance.choice((len(body), len(body), chance.randrange(len(body) + 1)))]
        try:
            assert isinstance(entries.read(bytes(body)), entries.Entry)
            read += 1
        except NotReadable:
            refused += 1
    assert min(read, refused) > 200


# --- the exchange -----------------------------------------------------------------------------------------------------
def house(monkeypatch: pytest.MonkeyPatch) -> tuple[Story, Dying]:
    """With a journal."""
    monkeypatch.setenv("DYING", "0")
    story = make_story(audio=False)
    made: Any = story.hotline.exchange
    assert isinstance(made, Dying)
    return story, made


def test_verbs__all_that_an_exchange_can_do_is_one_or_reads() -> None:
    public = {name for name in dir(Exchange) if not name.startswith("_") and callable(getattr(Exchange, name))}
    assert public == {*verbs(), *READS}
    assert all(name in vars(Journalled) for name in verbs())


def test_journalled__what_is_done_outside_of_a_turn_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    _, dying = house(monkeypatch)
    with pytest.raises(AssertionError, match="outside of a turn"):
        dying.exchange.carried([], 1.0)


def test_journalled__an_entry_is_there_before_its_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a turn that ends in an error of ours too."""
    _, dying = house(monkeypatch)
    put: list[str] = []
    journalled = Journalled(dying.exchange, dying.clock, lambda: 1.0, lambda body: put.append(entries.verb_of(body)))
    journalled.receive(b"\r\n\r\n", FLOW, 1.0)
    journalled.store_full(True)
    with pytest.raises(KeyError):
        journalled.begin_recording("no call", "anna", 1.0)
    assert put == ["receive", "store_full", "begin_recording"]
    assert dying.clock.offset == 1.0


def test_journalled__what_no_entry_can_hold_asks_for_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay from the state before it is an error, and not a house that is almost the same."""
    _, dying = house(monkeypatch)
    journal, clock, world = Journal(), TurnClock(), world_of(dying.house)
    state = state_of(dying.house, 0, world)
    journalled = Journalled(dying.exchange, dying.clock, lambda: 1.0, journal.put)
    journalled.store_full(True)
    assert not journalled.wants_state
    with pytest.raises(TypeError):
        journalled.page(lambda: None, 1.0)      # type: ignore[arg-type]
    assert journalled.wants_state
    with pytest.raises(NotReadable, match="a state had to follow"):
        replay(state, bytes(journal.data), world, clock)


def test_replay__a_state_that_is_none_and_a_verb_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _, dying = house(monkeypatch)
    world = world_of(dying.house)
    state = state_of(dying.house, 0, world)
    for verb in ("_run", "snapshot", "house", "__init__"):
        journal = Journal()
        journal.put(entries.other(verb, 1, 1.0, entries.text_of_given((), {})))
        with pytest.raises(NotReadable, match="no verb"):
            replay(state, bytes(journal.data), world, dying.clock)
    with pytest.raises(NotReadable):
        replay(state[:-9], bytes(Journal().data), world, dying.clock)


def test_replay__a_turn_that_ended_in_an_error_does_so_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _, dying = house(monkeypatch)
    with pytest.raises(KeyError):
        dying.begin_recording("no call", "anna", 1.0)
    number = dying.journal.number
    dying.die()
    assert (dying.replayed, dying.journal.number, dying.differed) == (number - dying.journal.first, number, [])
    monkeypatch.setattr(Exchange, "begin_recording", lambda exchange, call, by, now: [])
    dying.strict = False
    dying.die()
    assert [(each.verb, each.calls) for each in dying.differed] == [("begin_recording", ())]


def test_ids__are_of_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    _, dying = house(monkeypatch)
    assert isinstance(dying.house.ids, Ids)
    dying.die()
    one = dying.house.ids
    dying.die()
    assert dying.house.ids is not one
    assert dying.house.ids.uuid() == one.uuid()
