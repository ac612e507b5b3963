"""What holds for the tables of all machines of the room."""

import inspect
from typing import Any

import pytest

from ivr.base.machine import IllegalEvent
from ivr.sip.leg import answering, calling, invite_session, offers, reoffer, session_timer
from ivr.sip.settings import Timing
from ivr.sip.transaction import client_invite, client_other, server_invite, server_other
from ivr.sip.transaction.transaction import TransactionMachine

MACHINES = {
    "server_invite": (server_invite.InviteServerTransaction, server_invite.State.TERMINATED),
    "server_other": (server_other.OtherServerTransaction, server_other.State.TERMINATED),
    "client_invite": (client_invite.InviteClientTransaction, client_invite.State.TERMINATED),
    "client_other": (client_other.OtherClientTransaction, client_other.State.TERMINATED),
    "answering": (answering.AnsweringSession, invite_session.State.ENDED),
    "calling": (calling.CallingSession, invite_session.State.ENDED),
    "reoffer": (reoffer.Reoffer, offers.State.CLOSED),
    "session_timer": (session_timer.SessionTimer, session_timer.State.CLOSED),
}

TRANSACTIONS: list[Any] = [kind for kind, _ in list(MACHINES.values())[:4]]


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return MACHINES[request.param]


def test_every_row_names_methods(machine: tuple[Any, Any]) -> None:
    kind, _ = machine
    for _, actions in kind.table.values():
        assert all(callable(getattr(kind, action)) for action in actions)


def test_every_method_of_a_transaction_is_named_in_a_row() -> None:
    shared = {name for name, _ in inspect.getmembers(TransactionMachine, inspect.isfunction)}
    unused = {name for name in shared if not name.startswith("_")}
    for kind in TRANSACTIONS:
        named = {action for _, actions in kind.table.values() for action in actions}
        own = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")} - shared
        assert own - named <= {"start", "start_a", "start_e"}
        unused -= named
    assert unused == {"handle"}


def test_every_state_but_the_last_has_an_exit(machine: tuple[Any, Any]) -> None:
    kind, last = machine
    used = {state for state, _ in kind.table} | {state for state, _ in kind.table.values()}
    for state in used - {last}:
        assert any(here is state and there is not state for (here, _), (there, _) in kind.table.items()), state


def test_every_timer_has_a_row_wherever_it_may_still_run(machine: tuple[Any, Any]) -> None:
    kind, _ = machine
    for timer in kind.timers:
        assert any(event is timer for _, event in kind.table), timer


@pytest.mark.parametrize(("made", "event"), [
    (lambda: server_invite.InviteServerTransaction(Timing()), server_invite.TimerG()),
    (lambda: server_other.OtherServerTransaction(Timing()), server_other.TimerJ()),
    (lambda: client_invite.InviteClientTransaction(Timing(), "INVITE"), client_invite.TimerM()),
    (lambda: client_other.OtherClientTransaction(Timing(), "BYE"), client_other.TimerK()),
])
def test_an_illegal_event_leaves_the_state(made: Any, event: Any) -> None:
    transaction = made()
    before = transaction.state
    with pytest.raises(IllegalEvent):
        transaction.handle(event, 0)
    assert transaction.state is before
