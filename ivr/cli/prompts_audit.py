"""`hotline prompts audit`: what is wrong with the sounds that callers hear, and what to do about it."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import counted, progress
from ivr.cli.table import Narrow, print_table

if TYPE_CHECKING:
    from ivr.drivers.prompt_audit import AuditedClip, Finding

COLUMNS = {"severity": "severity", "clip": "clip", "code": "code", "message": "what is wrong"}
CLIPS = {"clip": "clip", "made_by": "made by", "seconds": "s", "level_dbov": "dBov", "peak_db": "peak dB",
         "rate": "Hz", "findings": "findings"}
MOST_ROWS = 200              # nobody reads further, and a table of thousands takes seconds to lay out
NARROW = Narrow(left_out=("severity",), cut=("message", "clip"))
NARROW_CLIPS = Narrow(left_out=("rate", "peak_db"), cut=("findings", "clip"))


def audit_command(
    every: Annotated[bool, typer.Option("--all", help="Every clip with its figures, not only what is wrong.")] = False,
    longest: Annotated[float | None, typer.Option(min=1, max=600, help="Seconds that a prompt may take; 30 unless "
                                                                       "said otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    from ivr.audio.clip_verdicts import LONGEST
    from ivr.drivers.config_file import load_config
    from ivr.drivers.private_files import make_private_folder
    from ivr.drivers.prompt_audit import Audit, by_severity
    from ivr.service.loading import load_needed

    loaded = load_config(config)
    needed, state = load_needed(loaded), Path(loaded.state_dir)
    make_private_folder(state)
    with progress("measuring") as advance:
        clips = Audit(needed, Path(loaded.prompts.folder), state / "measured_prompts.json", longest or LONGEST,
                      advance).run()
    findings = by_severity(clips)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        typer.echo(json.dumps(_json(clips, loaded.prompts.folder), ensure_ascii=False, indent=1))
    else:
        if every:
            print_table("clips", CLIPS, [_row(one) for one in clips], NARROW_CLIPS)
        _print(findings)
        typer.echo(_summary(clips, errors, len(findings) - errors))
    raise typer.Exit(1 if errors else 0)


def _print(findings: "Sequence[Finding]") -> None:
    """A table of what is wrong, and under it what to do, each remedy once."""
    if not findings:
        return
    rows = [{key: str(getattr(finding, key)) for key in COLUMNS} for finding in findings[:MOST_ROWS]]
    print_table("findings", COLUMNS, rows, NARROW)
    if len(findings) > MOST_ROWS:
        typer.echo(f"and {len(findings) - MOST_ROWS} more: --json has all of them\n")
    remedies: dict[tuple[str, str], int] = {}
    for finding in findings:
        remedies[finding.code, finding.remedy] = remedies.get((finding.code, finding.remedy), 0) + 1
    typer.echo("what to do:")
    for (code, remedy), count in remedies.items():
        typer.echo(f"  {code} ({count}): {remedy}")
    typer.echo()


def _summary(clips: "Sequence[AuditedClip]", errors: int, warnings: int) -> str:
    used = [one for one in clips if one.used and one.measured is not None and one.measured.figures is not None]
    seconds = sum(one.measured.figures.seconds for one in used if one.measured and one.measured.figures)
    makers = [f"{sum(one.made_by == maker and bool(one.text) for one in used)} {words}"
              for maker, words in (("engine", "rendered"), ("person", "recorded"), ("unknown", "not listed"))]
    verdict = ", ".join(counted(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count)
    return f"{verdict or 'all well'}: {counted(len(used), 'clip')} in use ({seconds:.0f} s), {', '.join(makers)}"


def _row(one: "AuditedClip") -> dict[str, str]:
    told = _told(one)
    numbers = {key: "-" if told[key] is None else f"{told[key]:.1f}" for key in ("seconds", "level_dbov", "peak_db")}
    return {"clip": one.clip, "made_by": one.made_by or "-", **numbers, "rate": str(told["rate"] or "-"),
            "findings": " ".join(finding.code for finding in one.findings)}


def _json(clips: "Sequence[AuditedClip]", folder: str) -> dict[str, Any]:
    return {"folder": folder, "clips": [_told(one) for one in clips]}


def _told(one: "AuditedClip") -> dict[str, Any]:
    """A clip with its figures; levels of digital silence are null."""
    measured = one.measured
    figures = measured.figures if measured is not None else None
    names = ("seconds", "rate", "channels", "level_dbov", "peak_db", "clipped", "leading", "trailing")
    numbers = {name: getattr(figures, name) if figures is not None else None for name in names}
    return {"clip": one.clip, "language": one.language, "text": one.text, "used": one.used, "made_by": one.made_by,
            **{name: value if value is None or math.isfinite(value) else None for name, value in numbers.items()},
            "form": measured.form if measured else "", "encoding": measured.encoding if measured else "",
            "findings": [{"code": finding.code, "severity": finding.severity, "message": finding.message,
                          "remedy": finding.remedy} for finding in one.findings]}
