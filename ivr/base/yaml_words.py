"""What the YAML library says of a faulty file, put into words that tell the person who wrote it what to do."""

from ivr.base.errors import Fault, Place
from ivr.base.yaml_lines import Lines

QUOTE_KEY = 'put the key in quotes: "*":'

# What PyYAML says (the beginning of it) → what is wrong, what to do, the code. The first that fits is taken.
WORDS = (
    ("found character '\\t'", "a tab", "indent with spaces", "yaml-tab"),
    ("found character", "a value can't begin with this sign", "put the text in quotes", "yaml-unquoted-sign"),
    ("mapping values are not allowed", "a colon where none can stand",
     "a text with a colon in it goes in quotes; else check how far this line is indented", "yaml-colon"),
    ("expected <block end>, but found '<scalar>'", "more text where the line should have ended",
     "look for a quote that is not closed, a quote inside a text, or a key without its colon", "yaml-line-unfinished"),
    ("expected <block end>", "this line begins in another column than those it belongs to",
     "lines that belong together begin in the same column", "yaml-indent"),
    ("expected ',' or", "{bracket} is not closed before this",
     'close it; put a comma between values, and "*" and "#" in quotes', "yaml-bracket-open"),
    ("found unexpected end of stream", "a quote was opened and never closed", "close the text with the same quote",
     "yaml-quote-open"),
    ("could not find expected ':'", "a key in the line above has no colon", 'write "1": and then what the key does',
     "yaml-colon-missing"),
    ("found unknown escape character", "a backslash has a meaning of its own in double quotes", "use single quotes",
     "yaml-backslash"),
    ("but found another document", "`---` begins a second document", "one file holds one document: take the line out",
     "yaml-second-document"),
)


def explained(problem: str, place: Place, opened: Place | None, text: str) -> Fault:
    """The fault for PyYAML's `problem` at `place` in `text`; `opened` is where what it was reading began."""
    if star := _unquoted_star(problem, place, text):
        return star
    if seen := Lines(text, place, opened).explained(problem):
        return seen
    for begins, message, remedy, code in WORDS:
        if problem.startswith(begins):
            return Fault(place, message.replace("{bracket}", _bracket(opened)), remedy, code=code)
    return Fault(place, problem, code="yaml-unreadable")


def _bracket(opened: Place | None) -> str:
    return f"the bracket of line {opened.line}, column {opened.column}" if opened else "a bracket { or ["


def _unquoted_star(problem: str, place: Place, text: str) -> Fault | None:
    """YAML reads `*` as the beginning of an alias; the place is that of the sign, not of what follows it."""
    if not problem.startswith(("expected alphabetic", "found undefined alias")):
        return None
    line = text.splitlines()[place.line - 1]
    column = max(line.rfind(sign, 0, place.column) for sign in "*&") + 1
    sign = line[column - 1] if column else "*"
    return Fault(Place(place.file, place.line, column or place.column),
                 f"an unquoted {sign} has a meaning of its own in YAML",
                 QUOTE_KEY if sign == "*" else "put the text in quotes", code="yaml-unquoted-sign")
