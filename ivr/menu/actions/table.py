"""The actions that a menu file may name: one row each, from the word in the file to who does it.

A new action is a file beside this one, with its value, its parser and its performer, and a row here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.menu.actions import (
    back,
    callback,
    collect,
    fill,
    goto,
    hangup,
    http,
    language,
    order,
    queue,
    record,
    repeat,
    say,
    set_variable,
    survey,
    switch,
    transfer,
    verify,
    voicemail,
)
from ivr.menu.actions.action import Action
from ivr.menu.actions.scope import Row
from ivr.menu.declarations import Brought
from ivr.menu.steps import Step
from ivr.menu.waiting import Waiter

ROWS: Mapping[str, Row] = {
    "say": say.ROW,
    "language": language.ROW,
    "set": set_variable.ROW,
    "fill": fill.ROW,
    "switch": switch.ROW,
    "collect": collect.ROW,
    "http": http.ROW,
    "verify": verify.ROW,
    "order": order.ROW,
    "survey": survey.ROW,
    "goto": goto.ROW,
    "queue": queue.ROW,
    "callback": callback.ROW,
    "voicemail": voicemail.ROW,
    "record": record.ROW,
    "transfer": transfer.ROW,
    "repeat": repeat.ROW,
    "back": back.ROW,
    "hangup": hangup.ROW,
}
LONE = frozenset(name for name, row in ROWS.items() if row.example == name)
ALLOWED = f"allowed: {', '.join(ROWS)}"
# The words whose actions bring variables with them
BRINGERS: Mapping[str, Brought] = {collect.NAME: collect.bring, http.NAME: http.bring,
                                   survey.NAME: survey.bring, verify.NAME: verify.bring, record.NAME: record.bring}
PERFORMERS: Mapping[type[Action], Callable[[Any, Any, float], list[Step]]] = {
    transfer.HandOver: goto.perform, **{row.value: row.perform for row in ROWS.values()}}
# The actions that wait for an answer
WAITERS: Mapping[type[Action], Waiter] = {http.LookUp: http.WAITER, verify.Verify: verify.WAITER,
                                          order.Order: order.WAITER}
