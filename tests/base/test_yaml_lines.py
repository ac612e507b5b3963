"""Slips that the eye sees at once, and that the YAML library finds a line later or calls by another name."""

import pytest

from ivr.base.errors import AdminError
from ivr.base.located_yaml import load

GOOD = """\
start: main
menus:
  main:
    greeting: welcome
    prompts: options
    options:
      "1": {queue: cards, say: "Yes: now."}
      "2": {goto: news}
  news:
    do:
      - say: news
      - hangup
"""


# What stands in the file, what is put in its place; place, code and words of the one fault.
@pytest.mark.parametrize(("old", "new", "place", "code", "says"), [
    ('      "2"', '     "2"', "8:6", "yaml-indent", "this line begins in column 6, and line 7 above it in column 7"),
    ("    prompts: options", "      prompts: options", "5:7", "yaml-indent", "further to the right than line 4"),
    ("  news:\n", "news:\n", "", "", ""),
    ("  main:\n", "main:\n", "9:3", "yaml-indent", "does line 3 begin too far to the left?"),
    ("      - hangup", "    - hangup", "12:5", "yaml-indent", "and line 11 above it in column 7"),
    ('      "2": {', '      - "2": {', "8:7", "yaml-indent", "lines with - and lines without"),
    ("      - say: news\n", "      -say: news\n", "11:7", "yaml-dash", "no space after the -"),
    ("      - hangup", "      -hangup", "12:7", "yaml-dash", "no space after the -"),
    ("greeting: welcome", "greeting:welcome", "4:13", "yaml-colon", "write `greeting: welcome`"),
    ("{goto: news}", "goto: news", "8:16", "yaml-colon", 'write `"2": {goto: news}`'),
    ('"Yes: now."', "Yes: now.", "7:35", "yaml-bracket-open", "a second colon before the next comma"),
    ('say: "Yes: now."', 'say: "Yes" now."', "7:38", "yaml-bracket-open", ""),
    ('say: "Yes: now."', 'say: "Yes"now', "7:37", "yaml-bracket-open", "the text goes on behind its closing quote"),
    ("greeting: welcome", "greeting:\u00a0welcome", "4:14", "yaml-odd-space", "U+00A0"),
    ("    greeting", "\u00a0\u00a0  greeting", "4:1", "yaml-odd-space", "type the space anew"),
    ("    greeting", "    gree\u00a0ting", "4:5", "yaml-odd-space", "U+00A0"),
    ('"Yes: now."', '"Yes:\u00a0now."', "", "", ""),
    ("  news:\n", "  main:\n", "9:3", "yaml-key-twice", "`main` stands twice here (first in line 3)"),
])
def test_lines__one_slip(old: str, new: str, place: str, code: str, says: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if not code:
        load(text, "m.yaml")
        return
    with pytest.raises(AdminError) as caught:
        load(text, "m.yaml")
    (fault,) = caught.value.faults
    assert (str(fault.place), fault.code) == (f"m.yaml:{place}", code)
    assert says in f"{fault.message} ({fault.remedy})"


def codes_of(text: str) -> list[str]:
    try:
        load(text, "m.yaml")
    except AdminError as error:
        return [fault.code for fault in error.faults]
    return []


def test_lines__the_sample_with_each_line_moved_has_one_fault_or_none() -> None:
    """Whatever is moved where: the fault is told, and nothing else is raised."""
    lines = GOOD.split("\n")
    for number, line in enumerate(lines):
        for moved in (f" {line}", line[1:], f"\t{line}", f"- {line}", f"{line}:", f'{line}"', f"{line}\u00a0: x"):
            assert all(codes_of("\n".join([*lines[:number], moved, *lines[number + 1:]])))
