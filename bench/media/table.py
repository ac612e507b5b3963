"""The rows of the media bench as tables for people, beside the floor, what others need, and what was wanted."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.peers import MEDIA

Figures = dict[str, Any]
SERVERS = ("plane", "control")
COLUMNS = ("work", "wire", "calls", "held", "CPU ms", "plane + control", "floor", "loss %", "due %",
           "gap p50/99/99.9", "KiB a call", "delay p50/99", "core ms", "others %", "remarks")


BEGIN, END = "<!-- bench.media: begin -->", "<!-- bench.media: end -->"


class Aim(NamedTuple):
    """What issue 4 wants: a figure of one row, at most so much (or, of what is held, at least)."""

    what: str
    wanted: float
    unit: str
    found: Callable[[Sequence[Figures]], float | None]


def table(rows: Sequence[Figures]) -> str:
    """Markdown: all rows; keys; what was wanted; the others."""
    lines = _lines(COLUMNS, [_cells(row, rows) for row in rows])
    keys = [row for row in rows if row.get("keys")]
    if keys:
        lines += ["", "From a key's first packet (ms): the old prompt's last packet, the next one's first.", ""]
        lines += _lines(("wire", "calls", "pressed", "answered", "stop p50/99", "start p50/99/max"), [
            (row["wire"], row["calls"], each["pressed"], each["answered"],
             f"{each['stop_p50_ms']} / {each['stop_p99_ms']}",
             f"{each['start_p50_ms']} / {each['start_p99_ms']} / {each['start_max_ms']}")
            for row in keys for each in [row["keys"]]])
    lines += ["", "What was wanted, and what came of it.", ""]
    lines += _lines(("what", "wanted", "measured", ""), [_judged(aim, rows) for aim in AIMS])
    lines += ["", "Others (CPU ms per call or pair and second; ms; kB), as measured by us before.", ""]
    lines += _lines(("", *next(iter(MEDIA.values()))), [(name, *each.values()) for name, each in MEDIA.items()])
    return "\n".join(lines)


def _lines(head: Sequence[str], cells: Sequence[Sequence[Any]]) -> list[str]:
    return [f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *cells)]


def _cells(row: Figures, rows: Sequence[Figures]) -> list[Any]:
    if "cpu_by_process" not in row:
        return [row["work"], row["wire"], row["calls"] or "", *[""] * (len(COLUMNS) - 4), row["not_there"]]
    spent = row["cpu_by_process"]
    floor = _row(rows, row["work"].partition(",")[0], "floor", row["calls"])
    remarks = [*row["not_held"], *row["distrusted"], *row.get("log_errors", [])]
    return [row["work"], row["wire"], row["calls"], "yes" if row["held"] else "NO",
            _short(row["cpu_ms_per_call_second"]), " + ".join(_short(spent[name]) for name in SERVERS if name in spent),
            _short(floor["cpu_ms_per_call_second"] if floor else None), f"{100 * row['loss_share']:.3f}",
            f"{100 * row['due_share']:.1f}",
            f"{row['gap_p50_ms']:.1f} / {row['gap_p99_ms']:.1f} / {row['gap_p999_ms']:.1f}",
            row["memory_kib_per_call"],
            f"{row['delay_p50_ms']:.2f} / {row['delay_p99_ms']:.2f}" if "delay_p99_ms" in row else "",
            row["core_speed_ms"], f"{100 * row['others_on_core']:.0f}", "; ".join(remarks)]


def put_into(page: str, rows: Sequence[Figures]) -> str:
    """A page of the documentation with the tables between its two marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page lacks {BEGIN} and {END}")
    return f"{before}{begin}\n{table(rows)}\n{end}{after}"


def _short(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}"


def _row(rows: Sequence[Figures], work: str, wire: str, calls: int) -> Figures | None:
    return next((row for row in rows if (row["work"], row["wire"], row["calls"]) == (work, wire, calls)
                 and "cpu_by_process" in row), None)


def _judged(aim: Aim, rows: Sequence[Figures]) -> list[Any]:
    found = aim.found(rows)
    least = aim.unit == "calls"
    met = found is not None and (found >= aim.wanted if least else found <= aim.wanted)
    return [aim.what, f"{'at least' if least else 'at most'} {aim.wanted:g} {aim.unit}",
            "not measured" if found is None else f"{found:g}", "" if found is None else "met" if met else "MISSED"]


def _figure(work: str, wire: str, calls: int, name: str) -> Callable[[Sequence[Figures]], float | None]:
    def found(rows: Sequence[Figures]) -> float | None:
        row = _row(rows, work, wire, calls)
        return row.get(name) if row else None
    return found


def _key(wire: str, name: str) -> Callable[[Sequence[Figures]], float | None]:
    def found(rows: Sequence[Figures]) -> float | None:
        row = _row(rows, "menu playing", wire, 1000)
        return row["keys"].get(name) if row and "keys" in row else None
    return found


def _most_held(wire: str) -> Callable[[Sequence[Figures]], float | None]:
    def found(rows: Sequence[Figures]) -> float | None:
        sizes: list[float] = [row["calls"] for row in rows
                 if (row["work"], row["wire"]) == ("menu playing", wire) and row.get("held")]
        return max(sizes, default=None)
    return found


def _more(work: str, other: str, wire: str, each: int = 0) -> Callable[[Sequence[Figures]], float | None]:
    """How much more CPU the other work needs at the largest size that both have: in percent, or in ms for each of so
    many legs a call."""
    def found(rows: Sequence[Figures]) -> float | None:
        both = [(one, two) for one in rows if one["work"] == work and one["wire"] == wire
                if (two := _row(rows, other, wire, one["calls"])) and "cpu_by_process" in one]
        if not both:
            return None
        bare, more = (float(row["cpu_ms_per_call_second"]) for row in max(both, key=lambda pair: pair[0]["calls"]))
        return round((more - bare) / each, 3) if each else round(100 * (more / bare - 1), 1)
    return found


AIMS = (
    Aim("menu calls held, uring", 2500, "calls", _most_held("uring")),
    Aim("menu calls held, plain", 1500, "calls", _most_held("plain")),
    Aim("CPU per playing call and second, uring, 1,000 calls", 0.4, "ms",
        _figure("menu playing", "uring", 1000, "cpu_ms_per_call_second")),
    Aim("CPU per playing call and second, plain, 1,000 calls", 0.65, "ms",
        _figure("menu playing", "plain", 1000, "cpu_ms_per_call_second")),
    Aim("CPU per bridged pair and second, uring, 200 pairs", 0.8, "ms",
        _figure("bridged pairs", "uring", 200, "cpu_ms_per_call_second")),
    Aim("CPU per bridged pair and second, plain, 200 pairs", 0.8, "ms",
        _figure("bridged pairs", "plain", 200, "cpu_ms_per_call_second")),
    Aim("stereo recording on top, uring", 30, "%", _more("bridged pairs", "bridged pairs, recorded", "uring")),
    Aim("stereo recording on top, plain", 30, "%", _more("bridged pairs", "bridged pairs, recorded", "plain")),
    Aim("in-band detection per leg and second, uring", 0.1, "ms",
        _more("menu playing", "menu playing, in-band keys", "uring", 1)),
    Aim("in-band detection per leg and second, plain", 0.1, "ms",
        _more("menu playing", "menu playing, in-band keys", "plain", 1)),
    Aim("memory of a menu call, uring, 1,000 calls", 60, "KiB",
        _figure("menu playing", "uring", 1000, "memory_kib_per_call")),
    Aim("memory of a menu call, plain, 1,000 calls", 60, "KiB",
        _figure("menu playing", "plain", 1000, "memory_kib_per_call")),
    Aim("prompt stops after a key, p99, uring, 1,000 calls", 25, "ms", _key("uring", "stop_p99_ms")),
    Aim("next prompt begins after a key, p99, uring, 1,000 calls", 40, "ms", _key("uring", "start_p99_ms")),
    Aim("prompt stops after a key, p99, plain, 1,000 calls", 25, "ms", _key("plain", "stop_p99_ms")),
    Aim("next prompt begins after a key, p99, plain, 1,000 calls", 40, "ms", _key("plain", "start_p99_ms")),
    Aim("one way through a bridge, p99, uring, 100 pairs", 3, "ms",
        _figure("bridged pairs", "uring", 100, "delay_p99_ms")),
    Aim("one way through a bridge, p99, plain, 100 pairs", 3, "ms",
        _figure("bridged pairs", "plain", 100, "delay_p99_ms")),
)
