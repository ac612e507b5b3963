"""Who is to be called back: each request has one stay or none, and none is lost, whatever comes in any order."""

import random
from collections import Counter

import pytest

from routing.callback import (
    MOST_OPEN,
    Callback,
    CallbackRules,
    Callbacks,
    Effect,
    EnterLine,
    GaveUp,
    LeaveLine,
    Pause,
    Phase,
)

RULES = CallbackRules(attempts=2, retry_after=10.0)


def one(request: str = "r", number: str = "+7495", since: float = 0.0) -> Callback:
    return Callback(request, "loans", since, number=number)


def test_begin__waits_in_its_place() -> None:
    callbacks, callback = Callbacks(), one(since=-100.0)
    assert callbacks.begin(callback, "s1", 5.0, 5.0) == [EnterLine(callback)]
    assert (callback.phase, callback.stay, callback.since) == (Phase.WAITING, "s1", -100.0)
    assert callbacks.begin(one(), "s2", 5.0, 5.0) == [], "it is known"


def test_begin__waits_for_the_hours() -> None:
    callbacks = Callbacks()
    assert callbacks.begin(one(), "s1", 5.0, 60.0) == [Pause("r", 60.0)]
    assert callbacks.due("r", "s2", 59.0, 60.0) == [Pause("r", 60.0)]
    assert callbacks.due("r", "s3", 60.0, 60.0) == [EnterLine(callbacks.open["r"])]
    assert callbacks.due("r", "s4", 60.0, 60.0) == [], "it waits already"


def test_begin__there_is_a_bound() -> None:
    callbacks = Callbacks()
    for number in range(MOST_OPEN + 1):
        callbacks.begin(one(f"r{number}", f"+{number}"), f"s{number}", 0.0, 0.0)
    assert len(callbacks) == MOST_OPEN


def test_attempt__in_vain_is_made_again_and_then_given_up() -> None:
    callbacks, callback = Callbacks(), one()
    callbacks.begin(callback, "s1", 0.0, 0.0)
    assert callbacks.tried("s1") is callback
    assert callbacks.tried("s1") is None, "one attempt at a time"
    assert callbacks.attempt_over("s1", RULES, 3.0, dialled=True, reached=False) == [Pause("r", 13.0)]
    callbacks.due("r", "s2", 13.0, 13.0)
    callbacks.tried("s2")
    assert callbacks.attempt_over("s2", RULES, 20.0, dialled=False, reached=False) == [Pause("r", 30.0)]
    callbacks.due("r", "s3", 30.0, 30.0)
    callbacks.tried("s3")
    assert callbacks.attempt_over("s3", RULES, 40.0, dialled=True, reached=False) == [GaveUp(callback)]
    assert not callbacks.open
    assert callbacks.of_caller("+7495", "loans") is None


def test_hold__the_caller_is_here_in_person() -> None:
    callbacks, callback = Callbacks(), one()
    callbacks.begin(callback, "s1", 0.0, 0.0)
    assert callbacks.hold("+7495", "cards", "call") == (None, [])
    assert callbacks.hold("+7495", "loans", "call") == (callback, [LeaveLine("s1")])
    assert callbacks.hold("+7495", "loans", "another") == (None, [])
    assert callbacks.let_go("another", lambda: "s2", 5.0, 5.0) == []
    assert callbacks.let_go("call", lambda: "s2", 5.0, 5.0) == [EnterLine(callback)]


def test_hold__one_call_in_two_queues_lets_go_of_both() -> None:
    callbacks, first, second = Callbacks(), one(), Callback("q", "cards", 0.0, number="+7495")
    callbacks.begin(first, "s1", 0.0, 0.0)
    callbacks.begin(second, "s2", 0.0, 0.0)
    assert callbacks.hold("+7495", "loans", "call") == (first, [LeaveLine("s1")])
    assert callbacks.hold("+7495", "cards", "call") == (second, [LeaveLine("s2")])
    assert callbacks.hold("+7495", "loans", "call") == (first, []), "back in the first: the same place"
    stays = iter(("s3", "s4"))
    assert callbacks.let_go("call", lambda: next(stays), 5.0, 5.0) == [EnterLine(second), EnterLine(first)]
    assert (second.stay, first.stay) == ("s3", "s4")


@pytest.mark.parametrize("seed", range(4))
def test_search(seed: int) -> None:
    """Against the simplest model: which stays are in the queue, and how often each number was dialled."""
    chance = random.Random(seed)
    callbacks, now = Callbacks(), 0.0
    in_line: dict[str, str] = {}            # stay -> request
    pauses: dict[str, float] = {}
    tried: dict[str, str] = {}
    dialled: Counter[str] = Counter()
    came: dict[str, float] = {}
    gone: set[str] = set()
    seen: Counter[str] = Counter()

    def take(effects: list[Effect]) -> None:
        for effect in effects:
            seen[type(effect).__name__] += 1
            match effect:
                case EnterLine(callback):
                    assert callback.stay not in in_line, "a stay was used before"
                    assert callback.request not in in_line.values(), "two stays of one request"
                    assert callback.since == came[callback.request], "the place is another"
                    in_line[callback.stay] = callback.request
                    pauses.pop(callback.request, None)
                case LeaveLine(stay):
                    in_line.pop(stay, None)
                    tried.pop(stay, None)
                case Pause(request, until):
                    assert until > now
                    pauses[request] = until
                case GaveUp(callback):
                    assert dialled[callback.request] == RULES.attempts
                    gone.add(callback.request)

    for serial in range(6_000):
        now += chance.choice((0.0, 0.5, 5.0))
        stay, number = f"s{serial}", f"+{chance.randrange(6)}"
        opens_at = now + chance.choice((0.0, 0.0, 0.0, 20.0))
        waiting = [each for each in in_line if each not in tried]
        match chance.randrange(9):
            case 0 | 1 if callbacks.of_caller(number, "loans") is None:
                request = f"r{serial}"
                came[request] = now - chance.choice((0.0, 300.0))
                take(callbacks.begin(one(request, number, came[request]), stay, now, opens_at))
            case 2 | 3 if waiting:
                stay = chance.choice(waiting)
                assert callbacks.tried(stay) is callbacks.open[in_line[stay]]
                tried[stay] = in_line[stay]
                assert len(set(tried.values())) == len(tried), "two attempts at one time"
            case 4 if tried:
                stay = chance.choice(list(tried))
                request = tried.pop(stay)
                del in_line[stay]
                reached, rang = chance.random() < 0.3, chance.random() < 0.8
                dialled[request] += rang and not reached
                take(callbacks.attempt_over(stay, RULES, now, dialled=rang, reached=reached))
                gone |= {request} if reached else set()
            case 5 if pauses:
                request = chance.choice(list(pauses))
                take(callbacks.due(request, stay, now, opens_at))
            case 6 if callbacks.open:
                request = chance.choice(list(callbacks.open))
                pauses.pop(request, None)
                take(callbacks.forget(request))
                gone.add(request)
            case 7:
                held, effects = callbacks.hold(number, "loans", f"call {serial % 5}")
                if held is not None:
                    pauses.pop(held.request, None)
                    seen["held"] += 1
                take(effects)
            case 8:
                stays = iter([f"{stay}.{number}" for number in range(10)])
                take(callbacks.let_go(f"call {chance.randrange(5)}", stays.__next__, now, opens_at))
        for request in gone & pauses.keys():
            del pauses[request]
        assert callbacks.open.keys() == came.keys() - gone, "one was lost, or came back"
        for request, callback in callbacks.open.items():
            assert (callback.stay in in_line) == (callback.phase in (Phase.WAITING, Phase.TRIED))
            assert (callback.phase is Phase.TRIED) == (callback.stay in tried)
            assert (callback.phase is Phase.PAUSED) == (request in pauses)
    for call in range(5):
        callbacks.let_go(f"call {call}", lambda: f"last {len(callbacks.open)}", now, now + 1)
    assert all(callback.phase is not Phase.HELD for callback in callbacks.open.values()), "held by nobody, for ever"
    assert all(seen[what] > 20 for what in ("EnterLine", "LeaveLine", "Pause", "GaveUp", "held")), seen
