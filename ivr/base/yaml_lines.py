"""What lines of a faulty YAML file look like to the eye: where the library stops is often not where the slip is."""

import re
from dataclasses import dataclass

from ivr.base.errors import Fault, Place

# Signs that look like a space, or like nothing: copied from web pages and text programs. YAML takes them for letters.
ODD_SPACES = "\u00a0\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"
ODD = re.compile(f"(?:^[ \\t]*|[:-] *)([{ODD_SPACES}])")
GLUED_DASH = re.compile(r"\s*(-)[^\s-]")
GLUED_COLON = re.compile(r"\s*(\w+)(:)([^\s:/].*)")
TWO_COLONS = re.compile(r"\s*(?:- )?(\S+): ([a-z_]+): (\S.*)")
VALUED = re.compile(r"\s*(?:- )?[^\s#:]+: +[^\s#|>&].*")
COLON = "mapping values are not allowed"
INDENT = "expected <block end>"
BRACKET = "expected ',' or"


@dataclass(frozen=True)
class Line:
    """One that is neither empty nor a remark; `number` and `column` (of its first sign) from 1."""

    number: int
    column: int
    text: str


class Lines:
    """The lines of a file around a place where reading stopped; `opened` is where what was being read began."""

    def __init__(self, text: str, place: Place, opened: Place | None) -> None:
        self.place = place
        self.opened = opened
        lines = text.split("\n")
        self.here = _line(place.line, lines[place.line - 1] if place.line <= len(lines) else "")
        above = (_line(number, lines[number - 1]) for number in range(min(place.line - 1, len(lines)), 0, -1))
        self.above = [line for line in above if line.text.strip(" -") and not line.text.lstrip().startswith("#")]

    def explained(self, problem: str) -> Fault | None:
        """The fault that the eye sees, if it sees one."""
        found = self._odd_space()
        if found is None and problem.startswith((INDENT, "could not find expected ':'")):
            found = self._glued_dash()
        if found is None and problem.startswith(COLON):
            found = self._glued_colon() or self._two_colons() or self._too_deep()
        if found is None and problem.startswith(INDENT) and "'<scalar>'" not in problem:
            found = self._among_others() or self._ended_above() or self._indent()
        if found is None and problem.startswith(BRACKET):
            found = self._in_bracket()
        return found

    def _at(self, line: Line, column: int, message: str, remedy: str, code: str) -> Fault:
        return Fault(Place(self.place.file, line.number, column), message, remedy, code=code)

    def _here(self, message: str, remedy: str, code: str = "yaml-indent") -> Fault:
        return self._at(self.here, self.here.column, message, remedy, code)

    def _odd_space(self) -> Fault | None:
        for line in (self.here, *self.above[:1]):
            if found := ODD.search(re.split("[\"'#]", line.text)[0]):
                return self._at(line, found.start(1) + 1,
                                f"what looks like a space here is none (U+{ord(found[1]):04X})",
                                "it was copied from a web page or a text program: type the space anew",
                                "yaml-odd-space")
        return None

    def _glued_dash(self) -> Fault | None:
        for line in (self.here, *self.above[:1]):
            if found := GLUED_DASH.match(line.text):
                return self._at(line, found.start(1) + 1, "there is no space after the -",
                                "write `- ` and then the action", "yaml-dash")
        return None

    def _glued_colon(self) -> Fault | None:
        """`greeting:welcome` is one word for YAML, and the line below it is the first with a colon."""
        found = GLUED_COLON.fullmatch(self.above[0].text) if self.above else None
        if found is None or self.above[0].column != self.here.column:
            return None
        return self._at(self.above[0], found.start(2) + 1, "there is no space after the colon",
                        f"write `{found[1]}: {_short(found[3])}`", "yaml-colon")

    def _two_colons(self) -> Fault | None:
        found = TWO_COLONS.fullmatch(self.here.text)
        return self._at(self.here, self.place.column, "two names with a colon in one line",
                        f"write `{found[1]}: {{{found[2]}: {_short(found[3])}}}`, or put a text with a colon in it in "
                        "quotes", "yaml-colon") if found else None

    def _too_deep(self) -> Fault | None:
        last = self.above[0] if self.above else None
        if last is None or self.here.column <= last.column or not VALUED.fullmatch(last.text):
            return None
        return self._here(f"this line begins further to the right than line {last.number}, which has its value already",
                          f"let it begin in column {last.column} too; or put the text of line {last.number} in quotes, "
                          "if it goes on here")

    def _among_others(self) -> Fault | None:
        """A line with - among lines without, or the other way round."""
        same = next((line for line in self.above if line.column <= self.here.column), None)
        if _is_item(self.here) and any(map(_is_item, self.above[:self.above.index(same)] if same else ())):
            return None         # the list has begun further to the right
        if same is None or same.column != self.here.column or _is_item(same) == _is_item(self.here):
            return None
        return self._here(f"lines with - and lines without stand in one column (see line {same.number})",
                          "begin all of them with -, or none")

    def _ended_above(self) -> Fault | None:
        """A line far to the left has ended what this one goes on with."""
        parent = next((line for line in self.above if line.column < self.here.column), None)
        if parent is None or self.above[0].column <= self.here.column:
            return None
        before = self.above[self.above.index(parent) + 1:]
        same = (line for line in before if _is_item(line) == _is_item(self.here))
        if before and before[0].column == parent.column and before[0].text.endswith(":"):
            return self._here(f"this line begins in column {self.here.column}, and line {parent.number} above it in "
                              f"column {parent.column}", f"does line {parent.number} begin too far to the left?")
        for line in same:
            if line.column == self.here.column:
                return self._here(f"this line goes on with those of column {line.column}, which line {parent.number} "
                                  "has ended", f"does line {parent.number} begin too far to the left?")
            if line.column < self.here.column:
                return None
        return None

    def _indent(self) -> Fault | None:
        """Of the lines that it may belong to, the nearest; of two the one further to the right."""
        open_lines: list[Line] = []
        for line in self.above:
            if not open_lines or line.column < open_lines[-1].column:
                open_lines.append(line)
        if not open_lines:
            return None
        if _is_item(self.here):
            open_lines = [line for line in open_lines if _is_item(line)] or open_lines
        near = min(open_lines, key=lambda line: (abs(line.column - self.here.column), -line.column))
        if near.column == self.here.column:
            return None
        return self._here(f"this line begins in column {self.here.column}, and line {near.number} above it in column "
                          f"{near.column}", "lines that belong together begin in the same column")

    def _in_bracket(self) -> Fault | None:
        at = self.place.column - 1
        if self.opened is None or self.opened.line != self.here.number:
            return None
        if self.here.text[at:at + 1] == ":":
            return self._at(self.here, at + 1, "a second colon before the next comma",
                            "put a text with a colon in it in quotes; put a comma between values", "yaml-bracket-open")
        if at > 0 and self.here.text[at - 1:at] in ("'", '"'):      # it may be behind the last sign of its line
            return self._at(self.here, at + 1, "the text goes on behind its closing quote",
                            "look for a quote that is not closed, or a quote inside a text", "yaml-bracket-open")
        return None


def _line(number: int, text: str) -> Line:
    return Line(number, len(text) - len(text.lstrip(" ")) + 1, text.rstrip())


def _is_item(line: Line) -> bool:
    return line.text.lstrip().startswith("- ")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
