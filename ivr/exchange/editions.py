"""Which version of its menu each line gives to new calls, and what the planes must hold for it. Pure data.

An edition is a menu with the announcements and sounds that go with it; nothing in it ever changes, and a call keeps the
one that it came in with. A file that is recorded anew has another name in the planes, so a call that goes on hears none
of it. What was read becomes the edition of new calls once every plane has its sounds.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from ivr.base.hours.schedule import Hours
from ivr.call.record import MenuVersionRow
from ivr.exchange.effects import TrialsKept
from ivr.menu.canary import Canary
from ivr.menu.model import Announcements, Menu

Encoded = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Text:
    """A file as it was read. `changed_ns`: when it was changed, which tells apart the same text at two times. `files`:
    where a line's menu is made of several, the versions of all; `version` is then that of the whole."""

    text: str
    version: str
    author: str
    changed_ns: int
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MenuChange:
    """What the files say now, checked as a whole. `menus` by path; `clips`: every clip with its raw file for the plane;
    `encoded`: its files in other codecs; `texts` by path, those of the announcements too; `around`: the versions of
    other files that the menus were read with; `hours`: the schedules that they ask."""

    menus: Mapping[str, Menu]
    announcements: Announcements
    clips: Mapping[str, str]
    encoded: Mapping[str, Encoded] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)
    around: tuple[str, ...] = ()
    hours: Hours = field(default_factory=Hours)


@dataclass(frozen=True, eq=False)
class Edition:
    """`sounds`: clips whose name in the planes is another; `clips`: the names there of all that it may play; `around`
    as in the change that it was made of."""

    number: int
    menu: Menu
    announcements: Announcements
    sounds: Mapping[str, str]
    clips: frozenset[str]
    around: tuple[str, ...] = ()

    def is_like(self, other: "Edition") -> bool:
        """Whether callers hear the same."""
        return (self.menu.version, self.announcements.version, self.sounds, self.clips, self.around) == (
            other.menu.version, other.announcements.version, other.sounds, other.clips, other.around)


@dataclass
class LineEditions:
    """What one line gives to new calls. `trial`: a newer edition that a share of them tries; `returned`: the version
    that a trial has found worse, which is not tried again while its file stays as it is."""

    path: str
    current: Edition
    percent: float = 0.0
    since: datetime | None = None
    trial: Edition | None = None
    canary: Canary | None = None
    returned: str = ""
    old_text: str = ""              # what the current menu was read from, while there is a trial or it was returned

    @property
    def newest(self) -> Edition:
        return self.trial or self.current

    def of(self, call: str) -> Edition:
        """For a new call; "" is none, and tries nothing."""
        if self.trial is not None and self.canary is not None and call and self.canary.chooses(call):
            return self.trial
        return self.current


@dataclass(frozen=True)
class Try:
    """A call that a trial counts: it came in on this line, and has the new edition or the old one."""

    line: str
    canary: Canary
    new: bool


@dataclass
class Pending:
    """Editions by path that wait for their sounds, `clips`; `change` is what they were made of."""

    editions: Mapping[str, Edition]
    change: MenuChange
    clips: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.clips = frozenset().union(*(edition.clips for edition in self.editions.values()))


@dataclass
class Editions:
    """All lines. `clips`: the planes' clips by the names they have there, with the raw file of each."""

    clips: dict[str, str]
    encoded: dict[str, Encoded]
    lines: dict[str, LineEditions] = field(default_factory=dict)        # by the line's first number
    alive: dict[int, Edition] = field(default_factory=dict)             # by number: what new calls or any call have
    pending: Pending | None = None
    unread: dict[tuple[int, str], int] = field(default_factory=dict)    # (worker, clip) -> how often it has to read it
    tried: dict[str, Try] = field(default_factory=dict)                 # by call, while it is in its menu
    rows: dict[str, MenuVersionRow] = field(default_factory=dict)       # by path: the version that its file has
    refused: tuple[str, ...] = ()                                       # why the files as they are now are not used
    refused_at: datetime | None = None
    made: int = 0
    trials_kept: TrialsKept = field(default_factory=lambda: TrialsKept(()))      # as it was said last
    sweeping: bool = False                                              # a timer runs for what is to be let go of

    def edition(self, menu: Menu, change: MenuChange) -> Edition:
        """One of this menu, as `change` has its sounds; they are not known to the planes yet."""
        others = frozenset().union(*(other.clips() for other in change.menus.values()))
        wanted = sorted({clip for clip in change.clips if clip not in others} | set(menu.clips()))
        names = {clip: self._name(clip, change.clips[clip]) for clip in wanted if clip in change.clips}
        self.made += 1
        return Edition(self.made, menu, change.announcements,
                       {clip: name for clip, name in names.items() if name != clip}, frozenset(names.values()),
                       change.around)

    def older(self, number: str, menu: Menu) -> Edition:
        """One for chats of this line that came in with an earlier menu: nobody hears it, and so it has no sounds."""
        current = self.lines[number].current
        self.made += 1
        edition = Edition(self.made, menu, current.announcements, {}, frozenset(), current.around)
        self.alive[edition.number] = edition
        return edition

    def add_clips(self, change: MenuChange) -> list[str]:
        """The names of sounds that the planes don't have yet; from now on they are to have them."""
        added = []
        for clip, path in change.clips.items():
            name = self._name(clip, path)
            if name not in self.clips:
                self.clips[name] = path
                self.encoded[name] = change.encoded.get(clip, ())
                added.append(name)
        return added

    def ask(self, worker: int, clip: str) -> None:
        """A plane is to read this clip."""
        self.unread[worker, clip] = self.unread.get((worker, clip), 0) + 1

    def read(self, worker: int, clip: str) -> bool:
        """A plane has a clip, or never will; False if it was not asked for it lately."""
        times = self.unread.get((worker, clip), 0)
        if times > 1:
            self.unread[worker, clip] = times - 1
        else:
            self.unread.pop((worker, clip), None)
        return times > 0

    def is_read(self) -> bool:
        """Whether every plane that is there has what the pending editions need."""
        return self.pending is None or not any(clip in self.pending.clips for _, clip in self.unread)

    def forget(self, in_use: Iterable[int]) -> list[str]:
        """Let go of editions that no call of `in_use`, and no new one, has; the names of clips that nobody needs any
        more."""
        kept = {*in_use, *(edition.number for line in self.lines.values() for edition in (line.current, line.newest))}
        self.alive = {number: edition for number, edition in self.alive.items() if number in kept}
        needed = set().union(*(edition.clips for edition in self.alive.values()))
        if self.pending is not None:
            needed |= self.pending.clips
        gone = sorted(self.clips.keys() - needed)
        for name in gone:
            del self.clips[name]
            self.encoded.pop(name, None)
        return gone

    def trials(self) -> TrialsKept:
        """What a restart has to know of them."""
        return TrialsKept(tuple(
            (number, line.returned or line.newest.menu.version, bool(line.returned), line.old_text)
            for number, line in self.lines.items() if (line.trial is not None or line.returned) and line.old_text))

    def has_dead(self) -> bool:
        """Whether more is held than new calls have."""
        return len(self.alive) > len({edition.number for line in self.lines.values()
                                      for edition in (line.current, line.newest)})

    def _name(self, clip: str, path: str) -> str:
        """The name that a sound has in the planes: the clip's own, unless another recording of it has that."""
        if self.clips.get(clip, path) == path:
            return clip
        return f"{clip}@{hashlib.sha256(path.encode()).hexdigest()[:16]}"


def first_editions(lines: Mapping[str, tuple[str, float]], change: MenuChange) -> Editions:
    """What the lines begin with. `lines`: number -> (path of its menu, percent of a trial)."""
    editions = Editions(dict(change.clips), {clip: change.encoded.get(clip, ()) for clip in change.clips})
    made = {path: editions.edition(menu, change) for path, menu in change.menus.items()}
    editions.alive = {edition.number: edition for edition in made.values()}
    editions.lines = {number: LineEditions(path, made[path], percent) for number, (path, percent) in lines.items()}
    return editions


def version_id(node: str, file: str, version: str, changed_ns: int) -> str:
    """The id of a version's row: the same after every restart, as long as nobody touches the file."""
    return str(uuid5(NAMESPACE_OID, f"{node} {file} {version} {changed_ns}"))


def newer(editions: Editions, change: MenuChange) -> dict[str, Edition]:
    """Editions by path for what `change` has and new calls have not."""
    made: dict[str, Edition] = {}
    for path in _paths(editions.lines.values()):
        edition = editions.edition(change.menus[path], change)
        if any(not edition.is_like(line.newest) and line.returned != edition.menu.version
               for line in editions.lines.values() if line.path == path):
            made[path] = edition
    return made


def _paths(lines: Collection[LineEditions]) -> list[str]:
    return list(dict.fromkeys(line.path for line in lines))
