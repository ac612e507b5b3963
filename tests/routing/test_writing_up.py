"""What operators still owe of a wrap-up when another call comes: all of them run side by side, and none is lost."""

import pytest

from routing.dispatcher import (
    CallerOwned,
    CallQueued,
    CallTaken,
    Dispatcher,
    OfferAccepted,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    Status,
    TimerFired,
    WrapUpDone,
)
from routing.operators import MOST_OWED

LONG, SHORT = 60.0, 20.0
QUEUES = (QueueSettings("long", ("anna",), wrap_up=LONG, wrap_up_until_saved=True),
          QueueSettings("short", ("anna",), wrap_up=SHORT, wrap_up_until_saved=True),
          QueueSettings("fixed", ("anna",), wrap_up=SHORT), QueueSettings("none", ("anna",)))


def floor() -> Dispatcher:
    """anna, who may have two calls."""
    dispatcher = Dispatcher(Settings(QUEUES, (OperatorSettings("anna", Status.AVAILABLE, capacity=2),)), 0.0)
    dispatcher.handle(ReachabilityChanged("anna", True), 0.0)
    return dispatcher


def talk(dispatcher: Dispatcher, call: str, queue: str, now: float) -> None:
    dispatcher.handle(CallQueued(call, queue), now)
    dispatcher.handle(OfferAccepted(call, "anna"), now)


def writing_up(call: str = "c1", queue: str = "long") -> Dispatcher:
    """From the time 0 on."""
    dispatcher = floor()
    talk(dispatcher, call, queue, 0.0)
    dispatcher.handle(OperatorReleased("anna", call), 0.0)
    assert written_up(dispatcher, 0.0)[0] == call
    return dispatcher


def written_up(dispatcher: Dispatcher, now: float) -> tuple[str, float]:
    """For which call, and how much longer; nothing for none."""
    shown = dispatcher.at_desk("anna", now)
    return ("", 0.0) if shown.wrap_up_left is None else (shown.noted, shown.wrap_up_left)


def test_wrap_up__rung_in_vain__it_goes_on() -> None:
    """The caller comes back to who sent them on, who does not answer: what was left is left."""
    dispatcher = writing_up()
    dispatcher.handle(OperatorEngaged("anna", "c1"), 10.0)
    assert written_up(dispatcher, 30.0) == ("", 0.0)
    dispatcher.handle(OperatorReleased("anna", "c1"), 40.0)
    assert written_up(dispatcher, 40.0) == ("c1", LONG - 10)
    dispatcher.handle(WrapUpDone("anna", "c1"), 45.0)
    assert dispatcher.snapshot(45.0)["operators"][0]["state"] == "idle"


def test_wrap_up__interrupted_again_and_again__it_ends_in_the_end() -> None:
    dispatcher = writing_up()
    for at in range(10, 60, 10):
        dispatcher.handle(OperatorEngaged("anna", f"own{at}"), at + 0.0)
        dispatcher.handle(OperatorReleased("anna", f"own{at}"), at + 0.0)
    assert written_up(dispatcher, 50.0) == ("c1", LONG - 50)
    dispatcher.handle(OperatorEngaged("anna", "own"), 60.0)       # the timer is due, and comes too late
    dispatcher.handle(OperatorReleased("anna", "own"), 70.0)
    assert dispatcher.snapshot(70.0)["operators"][0]["state"] == "idle"


def test_wrap_up__a_dialled_code_says_that_it_is_over() -> None:
    dispatcher = writing_up()
    dispatcher.handle(OperatorEngaged("anna", "own", written_up=True), 10.0)
    dispatcher.handle(OperatorReleased("anna", "own"), 12.0)
    assert dispatcher.snapshot(12.0)["operators"][0]["state"] == "idle"


def test_wrap_up__a_dialled_code_during_a_call_is_about_no_call() -> None:
    dispatcher = floor()
    talk(dispatcher, "c1", "long", 0.0)
    dispatcher.handle(OperatorEngaged("anna", "own", written_up=True), 10.0)
    for call in ("own", "c1"):
        dispatcher.handle(OperatorReleased("anna", call), 12.0)
    assert written_up(dispatcher, 12.0) == ("c1", LONG)


@pytest.mark.parametrize(("queue", "call", "left"), [
    ("short", "c1", LONG - 10), ("none", "c1", LONG - 10), ("long", "c2", LONG)])
def test_wrap_up__a_colleague_sends_a_caller__the_longer_one_decides(queue: str, call: str, left: float) -> None:
    dispatcher = writing_up()
    dispatcher.handle(OperatorEngaged("anna", "c2"), 10.0)
    dispatcher.handle(CallerOwned("anna", "c2", queue), 11.0)
    dispatcher.handle(OperatorReleased("anna", "c2"), 100.0)
    assert written_up(dispatcher, 100.0) == (call, left)


def test_wrap_up__of_a_call_taken_out_of_its_queue() -> None:
    dispatcher = writing_up()
    dispatcher.handle(CallQueued("c2", "short"), 10.0)
    dispatcher.handle(CallTaken("c2", "anna"), 10.0)
    dispatcher.handle(OperatorReleased("anna", "c2"), 100.0)
    assert written_up(dispatcher, 100.0) == ("c1", LONG - 10)
    dispatcher.handle(WrapUpDone("anna", "c1"), 101.0)
    assert written_up(dispatcher, 101.0) == ("c2", SHORT - 1)


def two_calls(first: str, second: str) -> Dispatcher:
    """Both are over at the time 0."""
    dispatcher = floor()
    talk(dispatcher, "c1", first, 0.0)
    talk(dispatcher, "c2", second, 0.0)
    return dispatcher


def over(dispatcher: Dispatcher) -> None:
    for call in ("c1", "c2"):
        dispatcher.handle(OperatorReleased("anna", call), 0.0)


def test_two_calls__each_is_saved() -> None:
    dispatcher = two_calls("long", "short")
    over(dispatcher)
    assert written_up(dispatcher, 5.0) == ("c1", LONG - 5)
    dispatcher.handle(WrapUpDone("anna", "c1"), 5.0)
    assert written_up(dispatcher, 5.0) == ("c2", SHORT - 5)
    dispatcher.handle(WrapUpDone("anna", "c2"), 6.0)
    assert dispatcher.snapshot(6.0)["operators"][0]["state"] == "idle"


def test_two_calls__the_shorter_was_over_by_itself() -> None:
    dispatcher = two_calls("long", "short")
    over(dispatcher)
    dispatcher.handle(WrapUpDone("anna", "c1"), SHORT)
    assert dispatcher.snapshot(SHORT)["operators"][0]["state"] == "idle"
    assert dispatcher.timers == {}


def test_two_calls__one_saved_while_she_talks() -> None:
    dispatcher = two_calls("long", "short")
    dispatcher.handle(WrapUpDone("anna", "c1"), 0.0)
    over(dispatcher)
    assert written_up(dispatcher, 0.0) == ("c2", SHORT)


def test_two_calls__saving_does_not_cut_the_fixed_one_short() -> None:
    """Nor does the button that ends a wrap-up."""
    for call in ("c1", ""):
        dispatcher = two_calls("long", "fixed")
        over(dispatcher)
        dispatcher.handle(WrapUpDone("anna", call), 5.0)
        assert written_up(dispatcher, 5.0) == ("c2", SHORT - 5)
        [key] = dispatcher.timers
        dispatcher.handle(TimerFired(key), SHORT)
        assert dispatcher.snapshot(SHORT)["operators"][0]["state"] == "idle"


def test_two_calls__a_colleague_who_asked_is_not_written_up() -> None:
    """The colleague asked in her queue, and then gave her the caller."""
    dispatcher = two_calls("long", "short")
    dispatcher.handle(OperatorReleased("anna", "c1", asked=True), 0.0)
    dispatcher.handle(OperatorReleased("anna", "c2"), 0.0)
    assert written_up(dispatcher, 0.0) == ("c2", SHORT)


def test_never_off_the_telephone__what_is_owed_has_a_bound() -> None:
    dispatcher = floor()
    talk(dispatcher, "c0", "long", 0.0)
    for number in range(1, MOST_OWED + 2):
        talk(dispatcher, f"c{number}", "short", 0.0)
        dispatcher.handle(OperatorReleased("anna", f"c{number - 1}"), 0.0)
    dispatcher.handle(OperatorReleased("anna", f"c{MOST_OWED + 1}"), 0.0)
    assert written_up(dispatcher, 0.0) == (f"c{MOST_OWED + 1}", SHORT)
