"""Operators on calls that no queue gave them: dialled, transferred to them, picked up, taken over."""

import pytest

from routing.dispatcher import (
    AssignCall,
    CallerOwned,
    CallQueued,
    CallTaken,
    Dispatcher,
    Effect,
    OfferAccepted,
    OfferCall,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    Status,
    WithdrawOffer,
)

CARDS = QueueSettings("cards", ("anna", "boris"), wrap_up=10.0)


def floor() -> Dispatcher:
    dispatcher = Dispatcher(Settings((CARDS,), tuple(OperatorSettings(name, Status.AVAILABLE)
                                                     for name in ("anna", "boris"))), 0.0)
    for name in ("anna", "boris"):
        dispatcher.handle(ReachabilityChanged(name, True), 0.0)
    return dispatcher


def only(kind: type, effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, kind)]


def state_of(dispatcher: Dispatcher, name: str) -> tuple[str, str | None]:
    found = next(each for each in dispatcher.snapshot(0.0)["operators"] if each["name"] == name)
    return found["state"], found["call"]


def test_engaged__is_not_offered_a_call_until_released() -> None:
    dispatcher = floor()
    dispatcher.handle(OperatorEngaged("anna", "own"), 0.0)
    assert not dispatcher.can_be_rung("anna")
    (offer,) = only(OfferCall, dispatcher.handle(CallQueued("c1", "cards"), 1.0))
    assert offer == OfferCall("c1", "boris", 20.0)
    assert only(OfferCall, dispatcher.handle(CallQueued("c2", "cards"), 2.0)) == []
    assert only(OfferCall, dispatcher.handle(OperatorReleased("anna", "own"), 3.0)) == [OfferCall("c2", "anna", 20.0)]


def test_engaged__while_rung__the_caller_goes_on_to_the_next() -> None:
    dispatcher = floor()
    dispatcher.handle(CallQueued("c1", "cards"), 0.0)
    effects = dispatcher.handle(OperatorEngaged("anna", "own"), 1.0)
    assert only(WithdrawOffer, effects) == [WithdrawOffer("c1", "anna", "engaged")]
    assert only(OfferCall, effects) == [OfferCall("c1", "boris", 20.0)]
    assert state_of(dispatcher, "anna") == ("on_call", "own")


def test_engaged__in_two_calls__busy_until_the_last_ends() -> None:
    """A consultation: the queue's call is given away, then the own one ends; then comes the wrap-up."""
    dispatcher = floor()
    dispatcher.handle(CallQueued("c1", "cards"), 0.0)
    assert only(AssignCall, dispatcher.handle(OfferAccepted("c1", "anna"), 1.0))
    for _ in range(2):
        dispatcher.handle(OperatorEngaged("anna", "own"), 2.0)
    dispatcher.handle(OperatorReleased("anna", "c1"), 3.0)
    assert state_of(dispatcher, "anna") == ("on_call", "own")
    dispatcher.handle(OperatorReleased("anna", "own"), 4.0)
    assert state_of(dispatcher, "anna") == ("wrap_up", None)
    dispatcher.handle(OperatorEngaged("anna", "again"), 5.0)
    assert state_of(dispatcher, "anna") == ("on_call", "again")


@pytest.mark.parametrize("taker", ["anna", "boris", "nobody"])
def test_taken__the_stay_is_answered_and_who_was_rung_is_free(taker: str) -> None:
    dispatcher = floor()
    dispatcher.handle(CallQueued("c1", "cards"), 0.0)
    effects = dispatcher.handle(CallTaken("c1", taker), 1.0)
    assert only(WithdrawOffer, effects) == [WithdrawOffer("c1", "anna", "taken")]
    (queue,) = dispatcher.snapshot(1.0)["queues"]
    assert (queue["waiting"], queue["answered"], queue["unaccounted"]) == (0, 1, 0)
    assert state_of(dispatcher, "anna")[0] == ("on_call" if taker == "anna" else "idle")
    if taker != "nobody":
        assert state_of(dispatcher, taker) == ("on_call", "c1")


def test_queued_again__while_the_operator_stays_on_the_call() -> None:
    dispatcher = floor()
    dispatcher.handle(CallQueued("c1", "cards"), 0.0)
    dispatcher.handle(OfferAccepted("c1", "anna"), 1.0)
    dispatcher.handle(OperatorEngaged("anna", "c1"), 2.0)
    assert only(OfferCall, dispatcher.handle(CallQueued("c1", "cards"), 3.0)) == [OfferCall("c1", "boris", 20.0)]
    assert state_of(dispatcher, "anna") == ("on_call", "c1")


def test_owned__is_written_up_as_the_queue_has_it() -> None:
    """By nobody who is not on it, nor where the queue is none. It counts as no call that they answered."""
    dispatcher = floor()
    for name, call in (("anna", "c1"), ("boris", "c2")):
        dispatcher.handle(OperatorEngaged(name, call), 0.0)
    for name, call, queue in (("anna", "c1", "cards"), ("boris", "c1", "cards"), ("boris", "c2", "none"),
                              ("nobody", "c1", "cards")):
        assert dispatcher.handle(CallerOwned(name, call, queue), 1.0) == []
    for name, call in (("anna", "c1"), ("boris", "c2")):
        dispatcher.handle(OperatorReleased(name, call), 2.0)
    assert (state_of(dispatcher, "anna"), state_of(dispatcher, "boris")) == (("wrap_up", None), ("idle", None))
    assert dispatcher.at_desk("anna", 2.0).noted == "c1"
    assert dispatcher.timers.popitem()[1] == 12.0
    assert {each["answered"] for each in dispatcher.snapshot(2.0)["operators"]} == {0}
