"""The header fields of one message: a multi-map that keeps the order of values and forgets how names were spelled."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ivr.sip.message.names import CANONICAL, canonical_name

T = TypeVar("T")
_UNREAD: Any = object()


class Headers:
    """Values by canonical long name. The order of values of one name is kept, and that of names among each other as
    they first came; the latter means nothing (RFC 3261 §7.3.1), so equality looks past it.

    Values are unfolded text without LWS at their ends. Content-Length is never among them: the parser uses it up and
    the printer writes it. Names may be given in any case or compact form.
    """

    __slots__ = ("_rows", "views")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._rows: dict[str, list[str]] = {}
        self.views: dict[str, Any] = {}        # what `view` has read; looked into by whoever must be quick
        self.extend(fields)

    @classmethod
    def from_rows(cls, rows: dict[str, list[str]]) -> "Headers":
        """Take over `rows`, whose names are canonical already: the parser's way in."""
        headers = cls.__new__(cls)
        headers._rows = rows
        headers.views = {}
        return headers

    def get(self, name: str) -> str | None:
        """The first value of `name`, or None."""
        values = self._rows.get(CANONICAL.get(name) or canonical_name(name))
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        """Every value of `name`, one per line as they came (a line may hold several behind commas)."""
        return list(self._rows.get(CANONICAL.get(name) or canonical_name(name), ()))

    def add(self, name: str, value: str) -> None:
        """Append a line."""
        self.extend(((name, value),))

    def extend(self, fields: Iterable[tuple[str, str]]) -> None:
        """Append a line for each (name, value)."""
        rows, views = self._rows, self.views
        for name, value in fields:
            name = CANONICAL.get(name) or canonical_name(name)
            if name in rows:
                rows[name].append(value)
            else:
                rows[name] = [value]
            if name in views:
                del views[name]

    def insert_first(self, name: str, value: str) -> None:
        """Put a line above the others of its name (Via, Record-Route)."""
        name = CANONICAL.get(name) or canonical_name(name)
        self.views.pop(name, None)
        self._rows.setdefault(name, []).insert(0, value)

    def set(self, name: str, value: str) -> None:
        """Let `value` be the only line of `name`."""
        name = CANONICAL.get(name) or canonical_name(name)
        self.views.pop(name, None)
        self._rows[name] = [value]

    def remove(self, name: str) -> None:
        """Drop every line of `name`; one that isn't there is no error."""
        name = canonical_name(name)
        self._rows.pop(name, None)
        self.views.pop(name, None)

    def picked(self, whole: tuple[str, ...], first: tuple[str, ...]) -> "Headers":
        """A copy of the fields of these names (canonical): every line of `whole`, then the first of each of `first`."""
        rows = self._rows
        picked: dict[str, list[str]] = {}
        for name in whole:
            if name in rows:
                picked[name] = rows[name].copy()
        for name in first:
            if name in rows:
                picked[name] = rows[name][:1]
        return Headers.from_rows(picked)

    def copy(self) -> "Headers":
        """An independent copy."""
        return Headers.from_rows({name: list(values) for name, values in self._rows.items()})

    def view(self, name: str, read: Callable[[list[str]], T]) -> T:
        """`read` applied to the lines of `name` (canonical), kept until they change."""
        found: T = self.views.get(name, _UNREAD)
        if found is _UNREAD:
            found = self.views[name] = read(self._rows.get(name) or [])
        return found

    def read(self, views: Iterable[tuple[str, Callable[[list[str]], Any]]]) -> None:
        """Fill these views (names are canonical) at once, in this order; one that raises ends it."""
        for name, read in views:
            self.views[name] = read(self._rows.get(name) or [])

    def replace_first(self, name: str, value: str, view: Any) -> None:
        """Let `value` be the first line of `name` (canonical, and there), and `view` what is read of all its lines."""
        self._rows[name][0] = value
        self.views[name] = view

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Each name with its lines; not to be changed."""
        return iter(self._rows.items())

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, values in self._rows.items() for value in values)

    def __contains__(self, name: str) -> bool:
        return canonical_name(name) in self._rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._rows == other._rows

    def __repr__(self) -> str:
        """Names alone: values hold credentials, numbers and names of people."""
        return f"Headers({', '.join(self._rows)})"
