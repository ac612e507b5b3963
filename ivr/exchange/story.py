"""Who a caller is and how they came here, as far as the operator who has them may know it."""

from collections.abc import Iterator
from typing import Any

from ivr.call.machine import Call
from ivr.exchange.house import House, OpenCall

MOST = 40               # steps, and values, of a call that are shown: the last ones
LENGTH = 200            # characters of a value
# Words of actions as the record has them, of which the rest alone says something to people.
ACTS = ("goto ", "queue ", "transfer ", "say ")


def story(house: House, opened: OpenCall, operator: str, now: float) -> dict[str, Any]:
    """JSON-ready, times in seconds. Nothing in it was typed for a secret."""
    call = opened.call
    row, person, visit = call.visit.call, call.visit.person, call.visit
    since = 0.0 if visit.queued_at is None else now - visit.queued_at
    talks = 0.0 if visit.bridged_at is None else now - visit.bridged_at
    return {
        "number": person.caller_number or "", "name": person.caller_name or "", "colleague": _colleague(call, operator),
        "direction": row.direction, "channel": row.channel, "line": row.line, "dialled": row.dialled,
        "queue": row.queue, "language": row.language, "request": row.request_id,
        "subject": visit.request.subject if visit.request else "",
        "since_s": round(now - opened.trace.began_at, 1), "waited_s": round((visit.waited or 0.0) + since, 1),
        "talked_s": round((visit.talked or 0.0) + talks, 1), "talks": visit.bridged_at is not None,
        "path": [{"menu": step.menu, "keys": step.keys, "label": label(step.option)} for step in visit.path[-MOST:]],
        "told": [{"name": name, "value": value[:LENGTH]} for name, value in list(_told(call))[:MOST]],
        "groups": list(call.interpreter.facts.groups), "callback": call.back is not None, "beside": opened.beside,
    }


def label(option: str) -> str:
    """What a choice led to, in the words of the menu: "language en, goto lost_card" → "lost card"."""
    last = option.rpartition(", ")[2]
    for act in ACTS:
        last = last.removeprefix(act)
    return last.replace("_", " ")


def _colleague(call: Call, operator: str) -> str:
    """Who calls, or is called, where that is an operator."""
    if call.visit.call.direction == "inbound":
        return ""
    ours = (call.operator, call.far_operator or call.target_operator)
    return next((one for one in ours if one not in ("", operator)), "")


def _told(call: Call) -> Iterator[tuple[str, str]]:
    """What the menu filled in for the request, then what else it was told and is no secret."""
    filled = dict(call.visit.person.filled or {})
    yield from filled.items()
    memory, menu = call.interpreter.memory, call.interpreter.menu
    for name, value in memory.variables.items():
        known = menu.variables.get(name)
        if known is not None and not known.secret and name not in filled and value != known.default:
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
