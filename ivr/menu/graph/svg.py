"""A menu as a picture: a box for each menu with a line for each key, in columns; a curve where a key leads on.

    ┌ main ─────────────┐        ┌ cards ───────────┐
    │ 1  queue lost_card│   ┌───▶│ 1  say …         │
    │ 2  goto cards     ├───┘    │ 0  queue cards   │
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ivr.menu.graph.outline import Box, Counts, Line, by_file, outline
from ivr.menu.model import Menu

# All in pixels.
WIDTH, GAP_X, GAP_Y, MARGIN = 390, 110, 28, 24
HEAD, ROW, PADDING, KEY_WIDTH = 44, 22, 10, 58
FRAME = 28               # above the menus of a file, for its name
LETTERS = 45             # of what a key does, as many as fit; the rest is an ellipsis, and the whole is its title
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1c2430 }
  .name { font-weight: 600; font-size: 15px }
  .caption, .count { fill: #5b6675; font-size: 12px }
  .count { text-anchor: end }
  .key { font-family: ui-monospace, monospace; font-weight: 600 }
  .frame { fill: none; stroke: #8a94a3; stroke-dasharray: 5 4 }
  .box { fill: #ffffff; stroke: #8a94a3 }
  .head { fill: #e8eef6; stroke: #8a94a3 }
  .way { fill: none; stroke: #3b6ea8; stroke-width: 1.5; marker-end: url(#arrow) }
"""
ARROW = ('<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
         '<path d="M0 0 L8 4 L0 8 z" fill="#3b6ea8"/></marker>')


@dataclass(frozen=True)
class _Placed:
    """A box with the place of its upper left corner."""

    box: Box
    x: int
    y: int

    @property
    def height(self) -> int:
        return HEAD + ROW * len(self.box.lines) + PADDING

    def row(self, number: int) -> int:
        """The middle of a line."""
        return self.y + HEAD + ROW * number + ROW // 2 + PADDING // 2


def svg(menu: Menu, counts: Counts | None = None) -> str:
    """With `counts`, each menu and each key says how many callers took it. Each of several files is a frame."""
    frames, top = [], 0
    for file, boxes in by_file(outline(menu)).items():
        frames.append((file, _place(boxes, top + (FRAME if file else 0))))
        top = max(one.y + one.height for one in frames[-1][1]) + MARGIN // 2
    placed = [one for _, boxes in frames for one in boxes]
    width = max(one.x for one in placed) + WIDTH + MARGIN
    height = max(one.y + one.height for one in placed) + MARGIN
    drawn = [*(part for file, boxes in frames if file for part in _frame(file, boxes, width)), *_ways(placed),
             *(part for one in placed for part in _drawn(one, counts))]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(menu.file)}</title><style>{STYLE}</style><defs>{ARROW}</defs>",
        f'<rect width="{width}" height="{height}" fill="#f7f9fc"/>', *drawn, "</svg>\n"])


def _place(boxes: Sequence[Box], top: int) -> list[_Placed]:
    """Column by column, each from the top down in the order of the file."""
    below: dict[int, int] = {}
    placed = []
    for box in boxes:
        one = _Placed(box, MARGIN + box.column * (WIDTH + GAP_X), below.get(box.column, top + MARGIN))
        below[box.column] = one.y + one.height + GAP_Y
        placed.append(one)
    return placed


def _ways(placed: Sequence[_Placed]) -> Iterator[str]:
    """Curves to boxes further right; a way back is told by its line alone, or the picture would be a tangle."""
    by_name = {one.box.name: one for one in placed}
    for one in placed:
        for number, line in enumerate(one.box.lines):
            for to in (by_name[menu] for menu in line.menus if menu in by_name and by_name[menu].x > one.x):
                x, y, bend = one.x + WIDTH, one.row(number), GAP_X // 2
                yield (f'<path class="way" d="M{x} {y} C{x + bend} {y} {to.x - bend} {to.y + HEAD // 2} '
                       f'{to.x} {to.y + HEAD // 2}"/>')


def _frame(file: str, boxes: Sequence[_Placed], width: int) -> Iterator[str]:
    """A frame around the menus of a file, with its name."""
    top, bottom = min(one.y for one in boxes) - FRAME, max(one.y + one.height for one in boxes) + MARGIN // 2
    yield (f'<rect class="frame" x="{MARGIN // 2}" y="{top}" width="{width - MARGIN}" height="{bottom - top}" rx="8"/>')
    yield f'<text class="caption" x="{MARGIN}" y="{top + 18}">{escape(file)}</text>'


def _drawn(one: _Placed, counts: Counts | None) -> Iterator[str]:
    yield f'<rect class="box" x="{one.x}" y="{one.y}" width="{WIDTH}" height="{one.height}" rx="6"/>'
    yield f'<rect class="head" x="{one.x}" y="{one.y}" width="{WIDTH}" height="{HEAD}" rx="6"/>'
    name_y = one.y + (19 if counts else 27)
    yield f'<text class="name" x="{one.x + PADDING}" y="{name_y}">{escape(one.box.name)}</text>'
    if counts:
        yield f'<text class="caption" x="{one.x + PADDING}" y="{one.y + 36}">{counts.of_menu(one.box.name)}</text>'
    for number, line in enumerate(one.box.lines):
        yield from _row(one, number, line, counts)


def _row(one: _Placed, number: int, line: Line, counts: Counts | None) -> Iterator[str]:
    x, y = one.x + PADDING, one.row(number) + 4
    letters = LETTERS - (7 if counts else 0)
    does = line.does if len(line.does) <= letters else f"{line.does[:letters - 1]}…"
    yield f'<text class="key" x="{x}" y="{y}">{escape(line.label)}</text>'
    yield f'<text x="{x + KEY_WIDTH}" y="{y}"><title>{escape(line.does)}</title>{escape(does)}</text>'
    if counts and line.keys:
        count = counts.chosen.get((one.box.name, line.keys), 0)
        yield f'<text class="count" x="{one.x + WIDTH - PADDING}" y="{y}">{count}</text>'
