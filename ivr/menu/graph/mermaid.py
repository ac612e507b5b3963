"""A menu as the text of a Mermaid flowchart, which GitHub, GitLab and many editors draw."""

from collections.abc import Iterator

from ivr.menu.graph.outline import Box, Counts, Line, outline
from ivr.menu.model import Menu

SHAPES = {"queue": ("([", "])"), "transfer": ("[/", "/]"), "hangup": ("((", "))"), "callback": (">", "]"),
          "voicemail": (">", "]")}


def mermaid(menu: Menu, counts: Counts | None = None) -> str:
    """With `counts`, each menu and each key says how many callers took it."""
    boxes = outline(menu)
    ends = dict.fromkeys(line.end for box in boxes for line in box.lines if line.end)
    return "\n".join(["flowchart LR", *(_node(box, counts) for box in boxes), *map(_end, ends),
                      *(edge for box in boxes for edge in _edges(box, counts))]) + "\n"


def _node(box: Box, counts: Counts | None) -> str:
    """Its ways that lead nowhere else stand in it."""
    stays = [f"{line.label}: {line.does}" for line in box.lines if not line.menu and not line.end]
    caption = [counts.of_menu(box.name)] if counts else []
    return f'  menu_{box.name}["{"<br/>".join([f"<b>{box.name}</b>", *caption, *map(_escaped, stays)])}"]'


def _end(end: str) -> str:
    opens, closes = SHAPES[end.split()[0]]
    return f'  {_id(end)}{opens}"{_escaped(end)}"{closes}'


def _edges(box: Box, counts: Counts | None) -> Iterator[str]:
    for line in box.lines:
        target = f"menu_{line.menu}" if line.menu else _id(line.end) if line.end else ""
        if target:
            arrow = "-->" if line.keys else "-.->"
            yield f'  menu_{box.name} {arrow}|"{_escaped(_label(box, line, counts))}"| {target}'


def _label(box: Box, line: Line, counts: Counts | None) -> str:
    if counts is None or not line.keys:
        return line.label
    return f"{line.label} ({counts.chosen.get((box.name, line.keys), 0)})"


def _id(end: str) -> str:
    return f"end_{'_'.join(end.split())}"


def _escaped(text: str) -> str:
    """`#` begins a character's code in Mermaid, and a quote ends the text."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;")
