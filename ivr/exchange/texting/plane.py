"""The plane of chats: who reads whom. It takes the commands of a media plane for streams that carry words, and answers
with a media plane's events; so menus, bridges, conferences and supervisors need no second way.

A play is over at once: words need no time. Music says nothing, and is over when it is stopped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ivr.base.values import frozen
from ivr.media import commands, events
from ivr.media.stream_numbers import MOST_ROWS, stream_number, worker_of

WORKER = 1 << 12                # no plane of audio has this number
MOST_STREAMS = MOST_ROWS


@frozen
class Write:
    """In the place of `Play`: these words for who reads the stream; `loop` is music, which says nothing."""

    stream: int
    leg: str
    play_id: int
    words: tuple[str, ...]
    loop: bool = False
    replace: bool = False


@frozen
class Written:
    """The hotline says this to the leg; nothing, where all that is to be said is what can be chosen."""

    leg: str
    words: tuple[str, ...]


def is_text(stream: int) -> bool:
    """Whether a stream carries words."""
    return worker_of(stream) == WORKER


class TextPool:
    """Leases streams; a row rests for nothing, as no packet of the one before can come late."""

    ports: tuple[int, ...] = ()

    def __init__(self) -> None:
        self._tenants: dict[int, str] = {}
        self._next = 0

    @property
    def in_use(self) -> int:
        return len(self._tenants)

    def lease(self, leg: str) -> int | None:
        """A stream, or None where all are in use."""
        if len(self._tenants) >= MOST_STREAMS:
            return None
        while self._next in self._tenants:
            self._next = (self._next + 1) % MOST_STREAMS
        row, self._next = self._next, (self._next + 1) % MOST_STREAMS
        self._tenants[row] = leg
        return stream_number(WORKER, row)

    def holds(self, row: int, leg: str) -> bool:
        return self._tenants.get(row) == leg

    def release(self, row: int, leg: str) -> None:
        if self.holds(row, leg):
            del self._tenants[row]


@dataclass
class Reader:
    """The stream of one leg: who is bridged with it, whose words it gets besides, and the music that is on."""

    leg: str
    peer: str = ""
    hears: tuple[str, ...] = ()
    music: list[int] = field(default_factory=list)


class TextPlane:
    """All streams that carry words, by leg."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def readers_of(self, leg: str, among: Iterable[str]) -> tuple[str, ...]:
        """The legs `among` these (a call's) that get what this one writes."""
        found = (self._readers.get(name) for name in among if name != leg)
        return tuple(one.leg for one in found if one is not None and (one.peer == leg or leg in one.hears))

    def readers(self, legs: Iterable[str]) -> list["Reader"]:
        """Those of these legs."""
        return [self._readers[leg] for leg in legs if leg in self._readers]

    def restore(self, readers: Iterable["Reader"]) -> None:
        """Of a chat that goes on in this process."""
        for one in readers:
            self._readers[one.leg] = one

    def handle(self, command: Any) -> list[Any]:
        """Events of the plane, and `Written`. A command for a leg that has no stream does nothing."""
        row = self.ROWS.get(type(command))
        if type(command) is commands.OpenStream:
            self._readers[command.leg] = Reader(command.leg)
            return []
        reader = self._readers.get(getattr(command, "leg", ""))
        return row(self, reader, command) if row is not None and reader is not None else []

    def write(self, reader: Reader, command: Write) -> list[Any]:
        ended = self._silence(reader, command.stream) if command.replace else []
        if command.loop:
            reader.music.append(command.play_id)
            return ended
        over = events.PlaybackFinished(command.stream, reader.leg, command.play_id, stopped=False)
        return [*ended, Written(reader.leg, command.words), over]

    def stop(self, reader: Reader, command: commands.StopPlayback) -> list[Any]:
        return self._silence(reader, command.stream)

    def bridge(self, reader: Reader, command: commands.Bridge) -> list[Any]:
        other = self._readers.get(command.peer_leg)
        if other is None:
            return []
        done = [*self._silence(reader, command.stream), *self._silence(other, command.peer)]
        for one in (reader, other):
            self._part(one)
            one.hears = ()
        reader.peer, other.peer = other.leg, reader.leg
        return done

    def unbridge(self, reader: Reader, command: commands.Unbridge) -> list[Any]:
        self._part(reader)
        return []

    def hear(self, reader: Reader, command: commands.Hear) -> list[Any]:
        self._part(reader)
        reader.hears = tuple(leg for _, leg in command.heard if leg in self._readers)
        return []

    def close(self, reader: Reader, command: commands.CloseStream) -> list[Any]:
        done = self._silence(reader, command.stream)
        self._part(reader)
        del self._readers[reader.leg]
        return [*done, events.StreamClosed(command.stream, reader.leg, None)]

    def _silence(self, reader: Reader, stream: int) -> list[Any]:
        music, reader.music = reader.music, []
        return [events.PlaybackFinished(stream, reader.leg, play_id, stopped=True) for play_id in music]

    def _part(self, reader: Reader) -> None:
        other = self._readers.get(reader.peer)
        reader.peer = ""
        if other is not None and other.peer == reader.leg:
            other.peer = ""

    ROWS: ClassVar[Mapping[type, Any]] = {
        Write: write, commands.StopPlayback: stop, commands.Bridge: bridge, commands.Unbridge: unbridge,
        commands.Hear: hear, commands.CloseStream: close}
