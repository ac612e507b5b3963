"""Where a character of a YAML text stands in the file: quotes, folded lines and escapes lie between."""

from collections.abc import Callable

from ivr.base.errors import Place
from ivr.base.located_yaml import Scalar


class Spots:
    """Finds places in one file."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    def of(self, scalar: Scalar) -> Callable[[int], Place]:
        """Gives the place of the scalar's character with this offset (of its end, for one beyond it)."""
        return lambda offset: self._spot(scalar, offset)

    def _spot(self, scalar: Scalar, offset: int) -> Place:
        """Walks along the source beside the text; what of the source is not in the text is skipped."""
        place = scalar.place
        line, column = place.line - 1, place.column - 1
        if line >= len(self.lines):
            return place
        if self.lines[line][column:column + 1] in ("|", ">"):
            line, column = line + 1, 0
        column += scalar.quoted
        for char in scalar.text[:offset + 1]:
            line, column = self._next(line, column, char)
            column += 1
        return Place(place.file, line + 1, column + (offset >= len(scalar.text)))

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
