"""Where a character of a YAML text stands in the file: quotes, folded lines and escapes lie between."""

from collections.abc import Callable

from ivr.base.errors import Place
from ivr.base.located_yaml import Scalar


class Spots:
    """Finds places in one file."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self._last: tuple[Scalar, int, int, int] | None = None      # offset, line and column where a walk ended

    def of(self, scalar: Scalar) -> Callable[[int], Place]:
        """Gives the place of the scalar's character with this offset (of its end, for one beyond it)."""
        return lambda offset: self._spot(scalar, offset)

    def _spot(self, scalar: Scalar, offset: int) -> Place:
        """Walks along the source beside the text; what of the source is not in the text is skipped."""
        place, end = scalar.place, min(offset + 1, len(scalar.text))
        if place.line > len(self.lines):
            return place
        walked, line, column = self._begin(scalar, end)
        for index in range(walked, end):
            line, column = self._next(line, column, scalar.text[index])
            column += 1
        self._last = scalar, end, line, column
        return Place(place.file, line + 1, column + (offset >= len(scalar.text)))

    def _begin(self, scalar: Scalar, end: int) -> tuple[int, int, int]:
        """How many characters are walked over already, and the line and column behind them. A text of a megabyte may
        have a hundred faults: for each of them the walk goes on where the one before ended."""
        if self._last is not None and self._last[0] is scalar and self._last[1] <= end:
            return self._last[1:]
        line, column = scalar.place.line - 1, scalar.place.column - 1
        if self.lines[line][column:column + 1] in ("|", ">"):
            line, column = line + 1, 0
        return 0, line, column + scalar.quoted

    def _next(self, line: int, column: int, char: str) -> tuple[int, int]:
        """The first place from here on where this character stands; a line's end stands for white space."""
        wanted = " \t" if char.isspace() else char
        while line < len(self.lines):
            source = self.lines[line]
            at = next((index for index in range(column, len(source)) if source[index] in wanted), None)
            if at is not None:
                return line, at
            if char.isspace() and line + 1 < len(self.lines):
                return line + 1, len(self.lines[line + 1]) - len(self.lines[line + 1].lstrip()) - 1
            line, column = line + 1, 0
        return len(self.lines) - 1, len(self.lines[-1])
