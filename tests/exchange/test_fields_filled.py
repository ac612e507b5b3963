"""What a menu knows stands in the operator's form, with the caller alone, and goes with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.base.errors import AdminError
from ivr.call.record import Batch
from ivr.menu.actions.fill import Fill
from ivr.menu.loader import load_menu
from ivr.menu.model import Known
from routing.requests.database import open_database
from routing.requests.erasure import erase_caller, erase_old
from routing.requests.repository import Repository
from routing.requests.transaction import write
from routing.requests.work import Change, change_request
from tests.exchange.test_endings import finish
from tests.support.virtual_house import HOTLINE, START, make_story

MENU = """
languages: [en, ru]
start: card
defaults: {on_failure: {queue: general}}
menus:
  card:
    do:
      - collect: {into: typed, prompts: which, digits: 4}
      - fill: {last_digits: typed, home: caller.number starts with "+7", nothing: missing}
      - queue: lost_card
variables: {missing: text, pin: {kind: text, secret: yes}}
prompts:
  which: {en: "Four digits.", ru: "Четыре цифры."}
"""
WRITTEN = ("people", "calls", "requests", "entries", "traces", "legs", "recordings", "menu_versions",
           "operator_entries")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/record.db")
    yield engine
    engine.dispose()


def batches() -> list[Batch]:
    story = make_story(menu=MENU, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    for key in "4711":
        story.caller.press(key)
        story.world.run(0.3)
    story.world.run(5)
    story.caller.hang_up()
    finish(story)
    return story.hotline.stored


def test_fill__for_the_operator_and_nowhere_else(sqlite: Engine) -> None:
    stored = batches()
    rows = [(table, repr(row)) for batch in stored for table in WRITTEN for row in getattr(batch, table)]
    assert {table for table, row in rows if "4711" in row} == {"people"}
    with sqlite.connect() as connection, connection.begin():
        write(connection, stored)
    repository = Repository(sqlite)
    request, = repository.requests().items
    assert request.filled == {"last_digits": "4711", "home": "no"}
    assert [entry.details["fields"] for entry in repository.entries().items if entry.kind == "fields_filled"] == [
        "last_digits home"]
    change_request(sqlite, request.id, 0, Change(filled={"home": "yes", "reason": "stolen"}), "anna", START)
    change_request(sqlite, request.id, 1, Change(filled={"last_digits": ""}), "anna", START)
    change_request(sqlite, request.id, 2, Change(filled={"reason": "lost"}), "anna", START)
    request, = repository.requests().items
    assert request.filled == {"home": "yes", "reason": "lost"}, "what people write wins, also that there is nothing"
    erase_old(sqlite, START.replace(year=2027), START)
    request, = repository.requests().items
    assert request.filled == {}
    with sqlite.connect() as connection, connection.begin():
        write(connection, stored)                       # late, out of the spool
    request, = repository.requests().items
    assert request.filled == {}


def test_fill__is_erased_with_the_caller(sqlite: Engine) -> None:
    with sqlite.connect() as connection, connection.begin():
        write(connection, batches())
    repository = Repository(sqlite)
    number = repository.requests().items[0].caller_number
    assert erase_caller(sqlite, [number or ""], START, lambda recording: True).calls == 1
    assert repository.requests().items[0].filled == {}


@pytest.mark.parametrize(("given", "code", "column"), [
    ("{last_digits: pin}", "secret-told", 29), ("{last_digit: typed}", "field-unknown", 16),
    ("{last_digits: typd}", "expression-wrong", 29), ("typed", "mapping-expected", 15),
])
def test_fill__faults_have_their_place(given: str, code: str, column: int) -> None:
    fields = frozenset(["last_digits", "home", "nothing"])
    known = Known(frozenset(["lost_card", "general"]), frozenset(), fields=fields)
    good = '{last_digits: typed, home: caller.number starts with "+7", nothing: missing}'
    actions = load_menu(MENU, "m.yaml", None, known).choices["card"].do
    assert any(isinstance(action, Fill) for action in actions)
    with pytest.raises(AdminError) as refused:
        load_menu(MENU.replace(good, given), "m.yaml", None, known)
    assert [(fault.code, fault.place.line, fault.place.column) for fault in refused.value.faults] == [
        (code, 9, column)]
