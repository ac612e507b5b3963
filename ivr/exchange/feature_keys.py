"""Keys that operators press during a talk, where `feature_keys` of theirs is on.

Only operators' legs are looked at: a caller's keys are for the menu, and whom an operator called presses for
themselves.
"""

from typing import Any

from ivr.exchange import transferring
from ivr.exchange.house import House, report
from ivr.exchange.legs import Leg
from ivr.exchange.status_by_phone import chosen_by_phone
from ivr.exchange.status_codes import is_code, meaning
from ivr.exchange.transferring import NotTransferred, Wish

WISHES: dict[str, Wish] = {"*1": "back", "*2": "conference", "*3": "hand_over"}
ASK, SEND = "*4", "*5"


def pressed(house: House, leg: Leg, digit: str, now: float) -> list[Any]:
    """A key went down on a leg: does it complete a code of an operator's? Who presses hears nothing of a refusal but
    that nothing happens; the log says why."""
    operator = house.config.operators.get(leg.party) if leg.role == "operator" else None
    if operator is None or not operator.feature_keys:
        return []
    code = leg.typed.press(digit, now)
    done = _do(house, leg, code, now) if code else []
    if isinstance(done, NotTransferred):
        return [report("info", "feature_refused", call=leg.call, party=leg.party, code=code[:2], reason=done.code)]
    return done


def _do(house: House, leg: Leg, code: str, now: float) -> list[Any] | NotTransferred:
    if is_code(code):
        chosen = meaning(code, house.config.break_reasons)
        return NotTransferred("no_such_status", code) if chosen is None else chosen_by_phone(
            house, leg.party, chosen, now)
    if code not in WISHES:
        return transferring.transfer(house, leg.call, code[2:-1], now, attended=code[:2] == ASK)
    opened, wish = house.calls.get(leg.call), WISHES[code]
    if opened is None or opened.call.state in transferring.ASKING or opened.call.visit.call.direction == "inbound":
        return transferring.consultation(house, leg.call, wish, now)
    if wish == "conference":
        return transferring.join_all(house, leg.call, leg, now)
    if wish == "hand_over":
        return transferring.hand_over_second(house, leg, now)
    return transferring.give_up_second(house, leg, now)
