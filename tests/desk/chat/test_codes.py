"""Codes with which a page may speak beside a chat: good once, for a while, and one for each visitor."""

from desk.chat.codes import LASTS, MOST, Codes


class Clock:
    """Monotonic seconds, as told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_code__is_taken_once() -> None:
    codes = Codes(Clock())
    code = codes.make("maria")
    assert codes.take(code) == "maria"
    assert codes.take(code) == codes.take("") == codes.take("x" * 22) == ""


def test_code__lasts_for_a_while() -> None:
    clock = Clock()
    codes = Codes(clock)
    first, second = codes.make("maria"), codes.make("ivan")
    clock.now = LASTS
    assert codes.take(first) == "maria"
    clock.now = LASTS + 1
    assert codes.take(second) == ""


def test_code__a_new_one_ends_the_one_before() -> None:
    codes = Codes(Clock())
    before, now = codes.make("maria"), codes.make("maria")
    assert (codes.take(before), codes.take(now)) == ("", "maria")


def test_codes__have_a_bound() -> None:
    codes = Codes(Clock())
    first = codes.make("visitor")
    for number in range(MOST):
        last = codes.make(f"visitor {number}")
    assert (codes.take(first), codes.take(last)) == ("", f"visitor {MOST - 1}")
