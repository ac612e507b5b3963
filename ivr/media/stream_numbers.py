"""Streams as control numbers them: a worker, which is one plane process, and a row of its table.

    bit  31 … 16   15 … 0
         worker    row

A plane knows rows alone and control knows numbers alone: whoever reads a message turns what it names into its own. The
first worker's numbers are its rows, so where there is but one nothing is turned at all.
"""

from typing import Any, get_args

from msgspec.structs import force_setattr

from ivr.media.commands import Command
from ivr.media.events import Event

ROW_BITS = 16
MOST_ROWS = 1 << ROW_BITS       # of one plane: there are no more ports
FIELDS: dict[type, frozenset[str]] = {kind: frozenset(kind.__struct_fields__)
                                      for kind in (*get_args(Command), *get_args(Event))}


def stream_number(worker: int, row: int) -> int:
    return worker << ROW_BITS | row


def worker_of(stream: int) -> int:
    return stream >> ROW_BITS


def row_of(stream: int) -> int:
    return stream & (MOST_ROWS - 1)


def worker_for(command: Command) -> int | None:
    """Whose stream a command is about; None if it is about none, and so for every worker."""
    stream: int | None = getattr(command, "stream", None)
    return None if stream is None else worker_of(stream)


def to_rows(command: Command) -> None:
    """The plane has read a command: in place, for nobody else has it, the numbers in it become rows.

    Of streams of two workers, which no plane could join, it would name rows that other legs hold: such a command does
    nothing.
    """
    if getattr(command, "stream", 0) < MOST_ROWS:
        return
    fields: Any = command
    force_setattr(fields, "stream", row_of(fields.stream))
    if "peer" in FIELDS[type(command)]:
        force_setattr(fields, "peer", row_of(fields.peer))
    if "heard" in FIELDS[type(command)]:
        force_setattr(fields, "heard", tuple((row_of(stream), leg) for stream, leg in fields.heard))


def from_worker(event: Event, worker: int) -> None:
    """Control has read an event of this worker: the same the other way round. What concerns a plane as a whole has a
    field for its worker."""
    if not worker:
        return
    fields: Any = event
    if "stream" in FIELDS[type(event)]:
        force_setattr(fields, "stream", stream_number(worker, fields.stream))
    elif "worker" in FIELDS[type(event)]:
        force_setattr(fields, "worker", worker)
