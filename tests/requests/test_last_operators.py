"""Whom callers talked with last, read back from the record, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ivr.call.record import Batch, PersonRow
from ivr.exchange import last_operators
from routing.requests.last_operators import last_talks
from routing.requests.repository import Repository
from routing.requests.transaction import write
from tests.requests.visits import BEGAN, call_row
from tests.support.virtual_house import make_story

ANNA, BORIS, VERA = "+74950000001", "+74950000002", "+74950000003"


def call(number: int, caller: str | None, operator: str, **changed: object) -> Batch:
    row = call_row(number, operator=operator, **changed)
    return Batch(calls=(row,), people=(PersonRow(row.id, caller, None),))


def test_last_talks__of_each_number_the_latest(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, [call(0, ANNA, "boris"), call(1, BORIS, "boris"), call(2, ANNA, "anna"), call(3, ANNA, ""),
                           call(4, None, "vera"), call(5, VERA, "vera"), call(6, "+7495", "gleb", direction="internal"),
                           call(7, "+7496", "gleb", began_at=BEGAN - timedelta(days=40))])
    since = BEGAN - timedelta(days=30)
    assert list(last_talks(engine, since, 10).items()) == [(BORIS, "boris"), (ANNA, "anna"), (VERA, "vera")]
    assert list(last_talks(engine, since, 2)) == [ANNA, VERA]
    Repository(engine).erase_person(call_row(5).id, datetime.now(UTC))
    assert VERA not in last_talks(engine, since, 10), "who is erased is nobody"


def test_recall__what_was_learned_since_is_later() -> None:
    house = make_story(audio=False, registered=False).hotline.exchange.house
    house.last_operators[ANNA] = "vera"
    last_operators.recall(house, {BORIS: "boris", ANNA: "anna"})
    assert list(house.last_operators.items()) == [(BORIS, "boris"), (ANNA, "vera")]
    last_operators.recall(house, {str(number): "anna" for number in range(last_operators.MOST)})
    assert len(house.last_operators) == last_operators.MOST
    assert house.last_operators[ANNA] == "vera"
