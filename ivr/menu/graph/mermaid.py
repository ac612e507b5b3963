"""A menu as the text of a Mermaid flowchart, which GitHub, GitLab and many editors draw."""

from collections.abc import Iterator

from ivr.menu.graph.outline import Box, Counts, Line, by_file, outline
from ivr.menu.model import Menu

SHAPES = {"queue": ("([", "])"), "transfer": ("[/", "/]"), "hangup": ("((", "))"), "callback": (">", "]"),
          "voicemail": (">", "]")}


def mermaid(menu: Menu, counts: Counts | None = None) -> str:
    """With `counts`, each menu and each key says how many callers took it. Each of several files is a frame."""
    boxes = outline(menu)
    ends = dict.fromkeys(end for box in boxes for line in box.lines for end in line.ends)
    nodes = (line for number, (file, those) in enumerate(by_file(boxes).items())
             for line in _framed(number, file, [_node(box, counts) for box in those]))
    return "\n".join(["flowchart LR", *nodes, *map(_end, ends),
                      *(edge for box in boxes for edge in _edges(box, counts))]) + "\n"


def _framed(number: int, file: str, nodes: list[str]) -> list[str]:
    """The menus of one file; without a frame where it is the only one."""
    return nodes if not file else [f'  subgraph file_{number}["{_escaped(file)}"]', *(f"  {node}" for node in nodes),
                                   "  end"]


def _node(box: Box, counts: Counts | None) -> str:
    """Its ways that lead nowhere else stand in it."""
    stays = [f"{line.label}: {line.does}" for line in box.lines if not line.menus and not line.ends]
    caption = [counts.of_menu(box.name)] if counts else []
    return f'  {_id("menu", box.name)}["{"<br/>".join([f"<b>{box.name}</b>", *caption, *map(_escaped, stays)])}"]'


def _end(end: str) -> str:
    opens, closes = SHAPES[end.split()[0]]
    return f'  {_id("end", end)}{opens}"{_escaped(end)}"{closes}'


def _edges(box: Box, counts: Counts | None) -> Iterator[str]:
    for line in box.lines:
        arrow = "-->" if line.keys else "-.->"
        for target in (*(_id("menu", menu) for menu in line.menus), *(_id("end", end) for end in line.ends)):
            yield f'  {_id("menu", box.name)} {arrow}|"{_escaped(_label(box, line, counts))}"| {target}'


def _label(box: Box, line: Line, counts: Counts | None) -> str:
    if counts is None or not line.keys:
        return line.label
    return f"{line.label} ({counts.chosen.get((box.name, line.keys), 0)})"


def _id(kind: str, name: str) -> str:
    """Letters, digits and _ alone; what else a path has becomes its code."""
    return f"{kind}_" + "".join(sign if sign.isalnum() or sign == "_" else "_" if sign == " " else f"_{ord(sign):x}_"
                                for sign in name)


def _escaped(text: str) -> str:
    """`#` begins a character's code in Mermaid, and a quote ends the text."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;")
