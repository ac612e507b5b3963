"""From the store to people: a message is told to its readers and acknowledged to its writer once it is safe."""

from collections.abc import Iterable
from typing import Any

from ivr.call.record import Batch, MessageRow
from ivr.exchange.effects import ToStore, ToText
from ivr.exchange.house import House, OpenCall
from ivr.exchange.texting.talk import HOTLINE, Party, Pending, Talk

TOKEN = "text:"             # how the tokens of messages begin
HIDDEN = "••••"             # stands where somebody typed a secret


def keep(row: MessageRow) -> list[Any]:
    """For the store, which says when it is safe."""
    return [ToStore(Batch(messages=(row,)), f"{TOKEN}{row.call_id}#{row.position}")]


def call_over(house: House, opened: OpenCall) -> None:
    """What was said last may not be safe yet: it is delivered all the same."""
    if opened.talk is not None and opened.talk.pending:
        house.last_words[opened.call.call] = opened.talk


def safe(house: House, token: str, *, kept: bool) -> list[Any]:
    """The store has a message now, or (not `kept`) has no room for it: its writer is told, and may try again."""
    call, _, number = token.removeprefix(TOKEN).partition("#")
    opened = house.calls.get(call)
    talk = opened.talk if opened is not None else house.last_words.get(call)
    if talk is None:
        return []
    told = [one for ready in talk.now_safe(int(number)) for one in _deliver(ready)] if kept else _not_kept(
        talk, int(number))
    if opened is None and not talk.pending:
        del house.last_words[call]
    return told


def _not_kept(talk: Talk, position: int) -> list[Any]:
    lost = talk.refused(position)
    told = [one for ready in talk.now_safe(-1) for one in _deliver(ready)]
    if lost is not None and lost.writer is not None:
        told.append(ToText(*lost.writer, "refused", {"key": _key(lost), "reason": "not_kept"}))
    elif lost is not None and lost.row.sender == HOTLINE and lost.row.kind == "text":
        # Nobody says that again but we: with what we say next, and with what can be chosen then.
        talk.words[:0] = [lost.row.body] if lost.row.body else []
        talk.spoke, talk.offered = True, ()
    return told


def _deliver(ready: Pending) -> Iterable[ToText]:
    row = ready.row
    if ready.writer is not None:
        yield acknowledged(ready.writer, row.call_id, _key(ready), row.position, row.body)
    shown = {"call": row.call_id, "position": row.position, "at": row.at.isoformat(), "sender": row.sender,
             "form": row.kind, "body": row.body, "audience": row.audience,
             "options": [list(option) for option in row.options]}
    for reader in ready.readers:
        yield ToText(*reader, "message", shown)


def _key(pending: Pending) -> str:
    return pending.row.key.partition("/")[2]


def acknowledged(writer: Party, call: str, key: str, position: int, body: str | None = "") -> ToText:
    """For the writer: it is safe. Of what is hidden a page learns so."""
    hidden = {"hidden": True} if body == HIDDEN else {}
    return ToText(*writer, "kept", {"call": call, "key": key, "position": position, **hidden})
