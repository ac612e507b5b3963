"""`hotline prompts build`: texts of menus and announcements become clips, by a speech engine for each language."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import counted, progress

if TYPE_CHECKING:
    from ivr.drivers.prompt_engines import Engine
    from ivr.drivers.prompt_rendering import Build, ClipFailed, ClipRendered, Step

INTERRUPTED = 130            # as a shell says it of Ctrl-C


def build_command(
    engine: Annotated[list[str] | None, typer.Option(
        help="In place of `prompts.engines` in the configuration, for one language: `en=hibari`, or `ru=command: "
             "RHVoice-test -p irina -o {out}`.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what another engine or voice rendered.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    from ivr.drivers.config_file import load_config
    from ivr.drivers.private_files import make_private_folder
    from ivr.drivers.prompt_rendering import Build, retold_clips, write_beep, write_hold_music
    from ivr.drivers.rendered_cache import RenderedCache
    from ivr.service.loading import load_needed

    overriding = dict(read_engine(text) for text in engine or ())
    loaded = load_config(config)
    needed = load_needed(loaded)
    engines = {**_configured(config, loaded.prompts.engines), **overriding}
    folder, state = Path(loaded.prompts.folder), Path(loaded.state_dir)
    make_private_folder(state)
    if write_hold_music(folder):
        typer.echo("hold music written")
    if write_beep(folder):
        typer.echo("beep written")
    failed = _run(Build(needed, folder, engines, RenderedCache(state / "rendered"), again))
    for clip in retold_clips(needed, folder):
        if clip not in failed:
            _say(Fault(Place(str(folder / clip)), "this recording says an older text than the menu has now",
                       "record it anew; if it is right as it is: `hotline prompts keep` and its name", "warning"))
    raise typer.Exit(1 if failed else 0)


def read_engine(text: str) -> tuple[str, "Engine"]:
    """`LANGUAGE=hibari [VOICE [SPEED]]` or `LANGUAGE=command: PROGRAM ARGUMENTS`; raises AdminError, BadParameter."""
    from ivr.drivers.prompt_engines import parse_engine

    language, sign, what = text.partition("=")
    if not sign or " " in language:
        raise typer.BadParameter(f"{text!r} names no language: say it as en=hibari", param_hint="--engine")
    return language, parse_engine(what)


def _configured(config: Path, engines: Mapping[str, str]) -> dict[str, "Engine"]:
    """The engines of the configuration. Raises AdminError with the place of each that is none."""
    from ivr.drivers.config_file import fault_at
    from ivr.drivers.prompt_engines import parse_engine

    parsed, faults = {}, []
    for language, text in engines.items():
        try:
            parsed[language] = parse_engine(text)
        except AdminError as error:
            faults += [fault_at(config, ("prompts", "engines", language), f"{fault.place}: {fault.message}",
                                fault.remedy, code="config-value") for fault in error.faults]
    if faults:
        raise AdminError(faults)
    return parsed


def _run(build: "Build") -> set[str]:
    """The clips that could not be rendered, each of them said."""
    from ivr.drivers.prompt_rendering import ClipRendered

    wanted, steps, began = build.wanted(), list["Step"](), time.monotonic()
    try:
        with progress("rendering", lines=True) as advance, closing(build.steps(wanted)) as made:
            for step in made:
                steps.append(step)
                advance(step.done, step.total, _outcome(step))
    except KeyboardInterrupt:
        typer.echo(f"interrupted: {counted(len(steps), 'clip')} of {len(wanted)} are done; the same command goes on",
                   err=True)
        raise typer.Exit(INTERRUPTED) from None
    rendered = [step for step in steps if isinstance(step, ClipRendered)]
    failed = [step for step in steps if not isinstance(step, ClipRendered)]
    if not wanted:
        typer.echo("nothing to render: every text has its file")
    if rendered:
        typer.echo(_summary(rendered, build.folder, time.monotonic() - began))
    _say_failures(failed)
    return {step.clip for step in failed}


def _outcome(step: "Step") -> str:
    from ivr.drivers.prompt_rendering import ClipRendered

    return f"{step.clip} ({step.seconds:.1f} s)" if isinstance(step, ClipRendered) else f"{step.clip} failed"


def _summary(rendered: "Sequence[ClipRendered]", folder: Path, took: float) -> str:
    levels = sorted(step.level_dbov for step in rendered)
    cached = sum(step.from_cache for step in rendered)
    seconds, peak = sum(step.seconds for step in rendered), max(step.peak_db for step in rendered)
    return (f"{counted(len(rendered), 'clip')} rendered into {folder} in {took:.1f} s, {cached} from the cache: "
            f"{seconds:.0f} s, level {levels[0]:.1f} to {levels[-1]:.1f} dBov, peaks up to {peak:.1f} dB")


def _say_failures(failed: "Sequence[ClipFailed]") -> None:
    for step in failed:
        if step.fault is not None:
            _say(step.fault)
    untried = Counter(step.language for step in failed if step.fault is None)
    for language, count in untried.items():
        typer.echo(f"{counted(count, 'clip')} more in {language} not tried: mend its engine first", err=True)


def _say(fault: Fault) -> None:
    print(as_seen(fault), file=sys.stderr)
