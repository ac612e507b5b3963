"""Rows of the record as columns of the database, and batches of them as lines of the spool."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from ivr.base.trace import ROWS_PER_CALL, Row
from ivr.call.record import (
    Batch,
    CallRow,
    ChatStateRow,
    EntryRow,
    LegRow,
    MenuVersionRow,
    MessageRow,
    OperatorEntryRow,
    Outcome,
    PathStep,
    PersonRow,
    RecordingRow,
    RequestRow,
    RequestStatus,
    TraceRow,
)

AnyRow = (CallRow | PersonRow | RequestRow | EntryRow | TraceRow | RecordingRow | LegRow | MenuVersionRow
          | OperatorEntryRow | MessageRow | ChatStateRow)
Columns = dict[str, Any]

VERSION = 1
TRACE_TEXT = 300    # characters; a ladder's column shows 26 of them, `hotline trace` the rest
ROW_TYPES: dict[str, type[AnyRow]] = {
    "calls": CallRow, "people": PersonRow, "requests": RequestRow, "entries": EntryRow, "traces": TraceRow,
    "recordings": RecordingRow, "legs": LegRow, "menu_versions": MenuVersionRow,
    "operator_entries": OperatorEntryRow, "messages": MessageRow, "chat_states": ChatStateRow,
}
_CLEAN = frozenset((type(None), bool, int, float, datetime))
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in ROW_TYPES.values()
}


def clean(value: Any) -> Any:
    """`value` without what one database or the other cannot hold: NUL and lone surrogates become U+FFFD or "?".

    A caller's display name may contain either, and must not be able to keep a call out of the record.
    """
    if type(value) in _CLEAN:
        return value
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return str(value)
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, (dict, Mapping)):      # a dict is known at once
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


def to_columns(row: AnyRow) -> Columns:
    """The columns of a row, by name; times stay datetimes, except inside JSON."""
    convert = _CONVERTED.get(type(row), {})
    return {name: convert[name](value) if name in convert else clean(value)
            for name in _FIELDS[type(row)] for value in (getattr(row, name),)}


def field_names(kind: type[AnyRow]) -> tuple[str, ...]:
    """The columns of a row."""
    return _FIELDS[kind]


def converted(kind: type[AnyRow], names: Sequence[str],
              processes: Mapping[str, Callable[[Any], Any] | None]) -> Callable[[AnyRow], tuple[Any, ...]]:
    """What `to_columns` does for rows of one type, in the order of `names` and with the driver's own conversions."""
    read, convert = attrgetter(*names), _CONVERTED.get(kind, {})
    changes = tuple(_then(convert.get(name, clean), name, processes[name]) for name in names)

    def values(row: AnyRow) -> tuple[Any, ...]:
        return tuple([
            value if change is clean and ((kind := type(value)) in _CLEAN
                                          or (kind is str and value.isascii() and "\0" not in value))
            else change(value) for value, change in zip(read(row), changes, strict=True)])
    return values


def _then(first: Callable[[Any], Any], name: str, process: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    if process is None:
        return first
    return process if _is_time(name) else lambda value: process(first(value))


def from_columns(kind: type[AnyRow], columns: Mapping[Any, Any]) -> Any:
    """The row of type `kind` that `columns` hold; columns that it does not know are left out."""
    restore = _RESTORED.get(kind, {})
    return kind(**{name: restore[name](columns[name]) if name in restore else columns[name]
                   for name in _FIELDS[kind] if name in columns})


def encode_batch(batch: Batch) -> bytes:
    """One line of JSON. Raises ValueError, TypeError or RecursionError if it holds something that JSON cannot."""
    record = {"version": VERSION,
              **{table: [to_columns(row) for row in getattr(batch, table)] for table in ROW_TYPES
                 if getattr(batch, table)}}
    return json.dumps(record, separators=(",", ":"), default=_to_json).encode()


def decode_batch(line: bytes) -> Batch:
    """The batch of `encode_batch`. Raises ValueError, TypeError, KeyError or AttributeError for anything else."""
    record = json.loads(line)
    if record["version"] != VERSION:
        raise ValueError(f"written by another version ({record['version']})")
    return Batch(**{table: tuple(_from_line(kind, columns) for columns in record.get(table, ()))
                    for table, kind in ROW_TYPES.items()})


def _from_line(kind: type[AnyRow], columns: Columns) -> Any:
    times = {name: datetime.fromisoformat(columns[name]) for name in columns
             if _is_time(name) and columns[name] is not None}
    return from_columns(kind, {**columns, **times})


def _is_time(name: str) -> bool:
    return name == "at" or name.endswith("_at")


def _to_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else clean(str(value))


def _path(steps: tuple[PathStep, ...]) -> list[Columns]:
    return [{"menu": clean(step.menu), "keys": clean(step.keys), "option": clean(step.option),
             "at": step.at.isoformat()} for step in steps]


def _steps(path: list[Columns]) -> tuple[PathStep, ...]:
    return tuple(PathStep(step["menu"], step["keys"], step["option"], datetime.fromisoformat(step["at"]))
                 for step in path)


def _ladder(rows: tuple[Row, ...]) -> list[list[Any]]:
    kept = [[row.at, row.source, row.target, row.text[:TRACE_TEXT]] for row in rows[-ROWS_PER_CALL:]]
    every = "".join([row.source + row.target + row.text for row in rows[-ROWS_PER_CALL:]])
    return kept if every.isascii() and "\0" not in every else [clean(row) for row in kept]


def _rows(ladder: list[list[Any]]) -> tuple[Row, ...]:
    return tuple(Row(*row) for row in ladder)


def _spans(muted: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((first, last) for first, last in muted)


def _options(offered: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((keys, label) for keys, label in offered)


def _outcome(value: str | None) -> Outcome | None:
    return None if value is None else Outcome(value)


_CONVERTED: dict[type, dict[str, Callable[[Any], Any]]] = {
    RequestRow: {"path": _path},
    TraceRow: {"rows": _ladder},
}
_RESTORED: dict[type, dict[str, Callable[[Any], Any]]] = {
    CallRow: {"outcome": _outcome},
    RequestRow: {"path": _steps, "status": RequestStatus},
    TraceRow: {"rows": _rows},
    RecordingRow: {"muted": _spans},
    MessageRow: {"options": _options},
}
