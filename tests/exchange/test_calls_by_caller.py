"""Which calls are of the same caller."""

from ivr.exchange.calls_by_caller import CallsByCaller


def known(**callers: str) -> CallsByCaller:
    calls = CallsByCaller()
    for call in callers:
        calls.came(call)
    for call in calls.take_new():
        calls.know(call, callers[call])
    return calls


def test_others__of_the_same_caller_alone() -> None:
    calls = known(a="+49301", b="+49301", c="+49302")
    assert calls.others("a", "+49301")
    assert not calls.others("c", "+49302")
    assert calls.others("another", "+49302")


def test_others__nobody_is_not_one_caller() -> None:
    assert not known(a="", b="").others("a", "")


def test_gone__leaves_nothing() -> None:
    calls = known(a="+49301", b="+49301")
    calls.came("c")
    for call in ("a", "b", "c"):
        calls.gone(call, None if call == "c" else "+49301")
    assert not list(calls.take_new())
    assert not calls.others("d", "+49301")
