"""Whom operators may call outside, how often, and what the record says of it: nobody else calls out at all."""

from datetime import UTC, datetime

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.base.config_outbound import OutboundConfig
from ivr.call.record import Outcome
from ivr.exchange.effects import OutboundCounted
from ivr.exchange.outbound import Denied, Outbound, Permitted
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from tests.support.operators_phones import QUICK, add_phone, entries, finish, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

CARRIER = "127.0.9.50"
CONFIG = {
    "country": "RU",
    "trunks": [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "caller_id": "+74950000000"}],
    "outbound": {"allow": ["+7495", "+7 800 555"], "deny": ["+7495900"], "daily_calls": 4,
                 "daily_calls_per_operator": 3, "max_calls": 2},
}
NUMBER, NATIONAL, PREMIUM, ABROAD = "+74951234567", "8 (495) 123-45-67", "+74959001234", "+375291234567"


@pytest.mark.parametrize(("number", "verdict"), [
    (NUMBER, Permitted("+7495")), ("+78005551234", Permitted("+7800555")), ("+78001234567", Denied("not_allowed")),
    (PREMIUM, Denied("denied")), (ABROAD, Denied("not_allowed")), ("", Denied("not_allowed"))])
def test_rules__prefixes(number: str, verdict: object) -> None:
    outbound = Outbound(OutboundConfig.model_validate(CONFIG["outbound"]))
    assert outbound.decide(number, "anna", "2026-03-02", 0) == verdict


def test_rules__the_longest_prefix_names_the_permission() -> None:
    outbound = Outbound(OutboundConfig(allow=("+7", "+74951", "+7495")))
    assert outbound.decide(NUMBER, "anna", "2026-03-02", 0) == Permitted("+74951")


def test_rules__nothing_is_allowed_by_default() -> None:
    assert Outbound(OutboundConfig()).decide(NUMBER, "anna", "2026-03-02", 0) == Denied("not_allowed")


def test_rules__caps_of_a_day_and_of_a_moment() -> None:
    outbound = Outbound(OutboundConfig.model_validate(CONFIG["outbound"]))

    def told(operator: str, day: str = "2026-03-02", in_progress: int = 0) -> object:
        return outbound.decide(NUMBER, operator, day, in_progress)

    assert told("anna", in_progress=2) == Denied("max_calls")
    assert [told("anna") for _ in range(4)] == [*3 * [Permitted("+7495")], Denied("daily_calls_per_operator")]
    assert [told("boris") for _ in range(2)] == [Permitted("+7495"), Denied("daily_calls")]
    again = Outbound(outbound.rules)
    again.restore(outbound.day, outbound.by_operator)
    assert again.decide(NUMBER, "boris", "2026-03-02", 0) == Denied("daily_calls")
    assert told("anna", "2026-03-03") == Permitted("+7495")
    assert (outbound.total, outbound.by_operator) == (1, {"anna": 1})


@pytest.mark.parametrize("prefix", ["7495", "+", "", "8800", "+7x", "+1234567890123456"])
def test_config__what_is_no_prefix(prefix: str) -> None:
    with pytest.raises(ValueError, match="beginning of a number"):
        OutboundConfig.model_validate({"allow": [prefix]})


@pytest.mark.parametrize(("extensions", "said"), [
    ({"201": "boris", "300": "loans", "400": "branch"}, []), ({"201": "boriss"}, ["there is no operator, queue"]),
    ({"100": "boris"}, ["100 is a number of `lines`"]), ({"anna": "boris"}, ["anna is a name already"])])
def test_config__extensions(extensions: dict[str, str], said: list[str]) -> None:
    config = Config.model_validate(base_config() | {"extensions": extensions})
    found = [finding.message for finding in check(config) if finding.path[0] == "extensions"]
    assert len(found) == len(said)
    assert all(text in message for text, message in zip(said, found, strict=True))


def with_carrier(story: Story, behaviour: PhoneBehaviour = QUICK) -> VirtualPhone:
    story.hotline.carry_out(story.hotline.exchange.start(story.world.now))
    return add_phone(story, "carrier", CARRIER, behaviour)


def test_own_call__to_a_permitted_number() -> None:
    """The record has the prefix; the number is personal data and stands where that can be erased."""
    story = make_story(config=CONFIG)
    carrier, anna = with_carrier(story), story.phones["anna"]
    anna.call(f"sip:84951234567@{HOTLINE}")
    assert story.world.run(5, lambda: carrier.talking)
    story.world.run(1)
    anna.hang_up()
    story.settle()
    story.assert_clean()
    (row,) = story.rows().values()
    assert (row.direction, row.dialled, row.operator, row.outcome) == \
        ("outbound", "+7495…", "anna", Outcome.ANSWERED)
    people = {person.call_id: person for batch in story.hotline.stored for person in batch.people}
    assert people[row.id].caller_number == NUMBER
    rows = [(batch.calls, batch.requests, batch.entries, batch.traces) for batch in story.hotline.stored]
    assert NUMBER[2:] not in repr(rows)
    assert "84951234567" not in repr(rows)
    assert story.hotline.exchange.house.outbound.by_operator == {"anna": 1}


@pytest.mark.parametrize("number", [PREMIUM, ABROAD])
def test_own_call__to_another_number(number: str) -> None:
    story = make_story(config=CONFIG)
    carrier, anna = with_carrier(story), story.phones["anna"]
    anna.call(f"sip:{number}@{HOTLINE}")
    story.settle()
    story.assert_clean()
    assert carrier.log == []
    assert anna.log[-1][1] == "ended by peer 403"
    (row,) = story.rows().values()
    assert (row.outcome, row.direction) == (Outcome.REFUSED, "outbound")
    assert entries(story, "refused")[0]["status"] == 403
    assert story.hotline.exchange.house.counters["outbound_refused"] == 1
    assert [told for told in story.hotline.reports if told.event == "outbound_refused"]


def test_own_call__of_a_phone_that_is_no_operators() -> None:
    story = make_story(config=CONFIG | {"accounts": {"lobby": {}}})
    carrier, lobby = with_carrier(story), add_phone(story, "lobby", "127.0.9.60")
    for dialled in ("boris", "branch", NUMBER, "201"):
        lobby.call(f"sip:{dialled}@{HOTLINE}")
        story.world.run(1)
        assert lobby.log[-1][1] == "ended by peer 404"
        story.caller.call(f"sip:{dialled}@{HOTLINE}")
        story.world.run(1)
        assert story.caller.log[-1][1] == "ended by peer 404"
    assert carrier.log == story.phones["boris"].log == []
    story.settle()
    story.assert_clean()


@pytest.mark.parametrize("attended", [True, False])
def test_transfer__to_a_permitted_number(attended: bool) -> None:
    story = talking_with_anna(CONFIG)
    carrier, anna = with_carrier(story), story.phones["anna"]
    if attended:
        anna.consult(f"sip:{NUMBER}@{HOTLINE}")
        assert story.world.run(5, lambda: carrier.talking)
        story.world.run(1)
        anna.join_calls(f"sip:{NUMBER}@{HOTLINE}")
    else:
        anna.transfer("tel:+7-495-123-45-67")
        assert story.world.run(5, lambda: carrier.talking)
    story.world.run(2)
    assert anna.legs_ended == 1 + attended
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert entries(story, "transferred") == [{"by": "anna", "to": "+7495…"}]
    assert entries(story, "bridged")[-1] == {"target": "+7495…"}
    assert story.hotline.exchange.house.outbound.by_operator == {"anna": 1}


def test_transfer__caps() -> None:
    """Of calls that nobody answers too; the caller stays with the operator."""
    story = talking_with_anna(CONFIG)
    with_carrier(story, PhoneBehaviour(486, 0.1))
    anna = story.phones["anna"]
    for _ in range(3):
        anna.transfer(f"sip:{NUMBER}@{HOTLINE}")
        story.world.run(2)
    assert anna.transfers[-1] == 486
    anna.transfer(f"sip:{NUMBER}@{HOTLINE}")
    story.world.run(2)
    assert anna.transfers[-1] == 403
    assert entries(story, "transfer_refused")[-1]["reason"] == "daily_calls_per_operator"
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_transfer__without_a_trunk() -> None:
    """Permitted, and no way to get there: the caller is back with the operator."""
    story = talking_with_anna(CONFIG | {"trunks": []})
    anna = story.phones["anna"]
    anna.transfer(f"sip:{NUMBER}@{HOTLINE}")
    story.world.run(2)
    assert anna.transfers[-1] in (404, 480, 503)
    assert anna.legs_ended == 0
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_counts__are_kept_and_a_new_day_begins_at_nothing() -> None:
    story = make_story(config=CONFIG)
    told: list[OutboundCounted] = []
    carry_out = story.hotline.carry_out

    def keep(effects: list[object]) -> None:
        told.extend(effect for effect in effects if isinstance(effect, OutboundCounted))
        carry_out(effects)

    story.hotline.carry_out = keep       # type: ignore[method-assign]
    with_carrier(story, PhoneBehaviour(486, 0.1))
    story.phones["anna"].call(f"sip:{NUMBER}@{HOTLINE}")
    story.world.run(3)
    day = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).astimezone().date().isoformat()
    assert told == [OutboundCounted(day, (("anna", 1),))]
    story.world.run(86_400)
    register(story, "anna")
    story.phones["anna"].call(f"sip:{NUMBER}@{HOTLINE}")
    story.world.run(3)
    assert told[-1].by_operator == (("anna", 1),)
    assert told[-1].day > day
