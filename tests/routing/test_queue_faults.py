"""The faults that users of other systems tell of (queues, operators): each by the name of what goes wrong.

Where the fault takes phones to show it, tests/exchange has it too.
"""

from dataclasses import replace

import pytest

from ivr.base.machine import IllegalEvent
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from routing.dispatcher import (
    AssignCall,
    CallLeft,
    CallQueued,
    CallTaken,
    LeaseLost,
    LegsAlive,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    Status,
    StatusSet,
    StayEnded,
    WithdrawOffer,
)
from routing.strategy import STRATEGIES
from tests.routing.test_dispatcher import Floor

NAMES = ("anna", "boris", "vera")
CARDS = QueueSettings("cards", NAMES, announce_every=0)
SETTINGS = Settings((CARDS,), tuple(OperatorSettings(name) for name in NAMES))


def floor_with(on: tuple[str, ...] = NAMES, **keys: object) -> Floor:
    return Floor(replace(SETTINGS, queues=(replace(CARDS, **keys),)), on=on)


def rung(floor: Floor, call: str = "c1") -> list[str]:
    return list(floor.dispatcher._matching.stays[call].offers)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_fault__two_operators_answer_one_call(strategy: str) -> None:
    """asterisk#176: both in the same moment. The second hears that the offer is over."""
    floor = floor_with(strategy=strategy)
    floor.send(CallQueued("c1", "cards"))
    first = rung(floor)[0]
    others = [name for name in NAMES if name != first]
    assert AssignCall("c1", first) in floor.send(OfferAccepted("c1", first))
    for name in (*others, first):
        assert floor.send(OfferAccepted("c1", name)) == []
    assert floor.dispatcher._matching.assigned == {"c1": first}
    assert [floor.operator(name)["state"] for name in others] == ["idle", "idle"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_fault__an_operator_is_rung_after_the_caller_hung_up(strategy: str) -> None:
    """freeswitch#2529: neither the phones that ring go on, nor is anybody rung later."""
    floor = floor_with(strategy=strategy)
    floor.send(CallQueued("c1", "cards"))
    phones = rung(floor)
    assert floor.send(CallLeft("c1")) == [WithdrawOffer("c1", name, "caller_left") for name in phones]
    assert floor.send(OfferFailed("c1", phones[0], "busy")) == []
    assert floor.until(100) == []
    assert len(floor.timers) == 0


def test_fault__an_operator_drops_before_the_bridge_and_a_new_round_begins() -> None:
    """asterisk#1557: everybody is cancelled. Here the one who dropped has missed it, and the others ring on."""
    floor = floor_with(strategy="ring_all")
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(OfferFailed("c1", "anna", "failed")) == []
    assert rung(floor) == ["boris", "vera"]
    assert floor.queue()["calls"][0]["place"] == 1
    floor = floor_with()
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(OfferFailed("c1", "anna", "failed")) == [OfferCall("c1", "boris", 20.0)]


def test_fault__operators_stay_reserved_for_ever() -> None:
    """freeswitch#2540, OpenSIPS#2530: the phone never says anything. The ring time ends the offer by itself."""
    floor = floor_with(on=("anna",))
    floor.send(CallQueued("c1", "cards"))
    assert (20.0, WithdrawOffer("c1", "anna", "no_answer")) in floor.until(20)
    assert floor.operator("anna")["state"] == "idle"


def test_fault__operators_stay_in_a_call_for_ever() -> None:
    """freeswitch#1062, OpenSIPS#3123: a BYE was lost. Being on a call lasts no longer than its legs."""
    floor = floor_with(on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"))
    assert floor.send(LegsAlive({})) == [LeaseLost("anna", "c1"), OfferCall("c2", "anna", 20.0)]


@pytest.mark.parametrize("ends", [OfferFailed("c1", "anna", "busy"), CallLeft("c1"), OfferAccepted("c1", "anna")])
def test_fault__a_break_chosen_during_an_offer_is_overwritten(ends: object) -> None:
    """twilio flex-project-template#290: whatever becomes of the offer, and whatever the engine does by itself."""
    floor = Floor(replace(SETTINGS, auto_break_after_missed=1), on=("anna",))
    floor.send(CallQueued("c1", "cards"), StatusSet("anna", Status.ON_BREAK, "lunch"), ends,
               OperatorReleased("anna", "c1"))
    floor.until(1_000)
    anna = floor.operator("anna")
    assert (anna["status"], anna["reason"], anna["state"]) == ("on_break", "lunch", "idle")


def test_fault__an_unregistered_phone_counts_as_available() -> None:
    """fusionpbx#2831."""
    floor = floor_with(on=("anna", "boris"))
    floor.send(ReachabilityChanged("anna", False))
    assert floor.operator("anna")["condition"] == "without a registered phone"
    assert floor.queue()["operators_in_service"] == 1
    assert floor.send(CallQueued("c1", "cards")) == [OfferCall("c1", "boris", 20.0)]


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "ring_all"])
def test_fault__many_calls_at_once_all_try_the_same_operator(strategy: str) -> None:
    """OpenACD#5."""
    names = tuple(f"operator{number}" for number in range(20))
    settings = Settings((replace(CARDS, operators=names, strategy=strategy),),
                        tuple(OperatorSettings(name) for name in names))
    floor = Floor(settings, on=names)
    floor.send(*(CallQueued(f"c{number}", "cards") for number in range(20)))
    offers = [effect for _, effect in floor.wanted if isinstance(effect, OfferCall)]
    assert len(offers) == len({offer.operator for offer in offers}) == 20


def test_fault__one_call_is_counted_twice() -> None:
    """asterisk#1736: told twice by whoever is under load, and passed on from operator to operator."""
    floor = floor_with()
    floor.send(CallQueued("c1", "cards"))
    with pytest.raises(IllegalEvent):
        floor.send(CallQueued("c1", "cards"))
    floor.send(OfferFailed("c1", "anna", "busy"), OfferAccepted("c1", "boris"))
    with pytest.raises(IllegalEvent):
        floor.send(CallQueued("c1", "cards"))
    floor.send(OfferAccepted("c1", "boris"), CallLeft("c1"), OperatorReleased("boris", "c1"),
               OperatorReleased("boris", "c1"))
    assert floor.counts() == (1, 1, 0, 0, 0)
    assert floor.operator("boris")["answered"] == 1
    assert [each.ending for each in floor.record if isinstance(each, StayEnded)] == ["answered"]


def test_fault__an_attended_transfer_loses_the_wrap_up() -> None:
    """asterisk#759, #607: while the operator consults, the queue's call goes away; the wrap-up comes all the same, and
    the call is counted once."""
    floor = floor_with(on=("anna",), wrap_up=30)
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), OperatorEngaged("anna", "consultation"),
               OperatorReleased("anna", "c1"))
    assert floor.operator("anna")["state"] == "on_call"
    floor.send(OperatorReleased("anna", "consultation"))
    assert floor.operator("anna")["state"] == "wrap_up"
    assert floor.counts() == (1, 1, 0, 0, 0)


def test_fault__a_reload_logs_out_wipes_counters_or_changes_a_call_in_flight() -> None:
    """asterisk#1255, freeswitch#39: with callers who wait, ring and talk, tiers that open and a memory of whose turn
    it is."""
    floor = floor_with(strategy="round_robin")
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"),
               StatusSet("vera", Status.ON_BREAK, "lunch"), CallQueued("c3", "cards"))
    floor.until(7)
    matching = floor.dispatcher._matching
    matching.effects = []
    before = text_of({"dispatcher": floor.dispatcher})
    assert floor.send(SettingsReplaced(matching.settings)) == []
    assert text_of({"dispatcher": floor.dispatcher}) == before


def test_fault__waiting_callers_are_lost_at_a_restart() -> None:
    """Asterisk and mod_callcenter by design; freeswitch#1833: marked abandoned. What is read back goes on."""
    floor = floor_with(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"),
               CallQueued("c3", "cards"))
    floor.until(5)
    floor.dispatcher = read_text(text_of({"dispatcher": floor.dispatcher}))["dispatcher"]
    assert set(floor.dispatcher.timers) == set(floor.timers._entries)
    assert floor.counts() == (3, 1, 0, 0, 2)
    assert floor.send(OperatorReleased("anna", "c1")) == [OfferCall("c3", "anna", 20.0)]
    assert floor.send(OfferAccepted("c2", "boris")) == [AssignCall("c2", "boris")]


def test_fault__a_call_is_taken_and_given_at_once() -> None:
    """A colleague picks it up in the moment in which the phone that rings is answered."""
    floor = floor_with()
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(CallTaken("c1", "vera")) == [WithdrawOffer("c1", "anna", "taken")]
    assert floor.send(OfferAccepted("c1", "anna")) == []
    assert [floor.operator(name)["state"] for name in NAMES] == ["idle", "idle", "on_call"]
    assert floor.counts() == (1, 1, 0, 0, 0)
