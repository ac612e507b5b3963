"""`hotline menu status`, `history`, `diff` and `rollback`: the versions of menu files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, Limit, cell, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow, print_table
from ivr.drivers.text_files import text_of

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.call.record import MenuVersionRow
    from routing.requests.menu_versions import MenuVersions

LOOKED_AT = 200          # rows of one file among which a text is looked for
HISTORY = {"version": "version", "taken_at": "since", "author": "author", "state": "state", "file": "file"}
LINES = {"line": "line", "version": "version", "changed_at": "since", "trial": "trial", "file": "file"}
NARROW = Narrow(left_out=("author",), cut=("file",))

Version = Annotated[str, typer.Argument(help="A version, as `history` shows it, or its first characters.")]
MaybeVersion = Annotated[str, typer.Argument(help="A version, or its first characters.")]


def status_command(as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    """Exit code 1 where a change was refused, or taken back."""
    with open_source(config) as source:
        menus = source.running("/api/menus")
        if as_json:
            Console().print_json(data=menus)
        else:
            show(source, "menus", [_line(line) for line in menus["lines"]], LINES, False, NARROW)
    for fault in menus["refused"] if not as_json else ():
        typer.echo(fault.removeprefix(f"{Path.cwd()}/"))
    returned = [line for line in menus["lines"] if line["returned"]]
    for line in returned if not as_json else ():
        typer.echo(f"{seen(line['file'])}: version {line['returned']} lost more callers of line {line['line']} and was "
                   f"taken back; the file still has it")
    if menus["refused"] or returned:
        raise typer.Exit(1)


def history_command(file: Annotated[Path | None, typer.Argument(help="A menu file, or that of the announcements.")] =
                    None, limit: Limit = 20, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with _opened(config) as (_, versions):
        rows = versions.newest(limit, str(file.resolve()) if file is not None else None)
    shown = [{**asdict(row), "taken_at": row.at, "file": seen(row.file)} for row in rows]
    if as_json:
        Console().print_json(data=[{key: value for key, value in row.items() if key != "text"} for row in shown],
                             default=str)
        return
    print_table("versions of menus", HISTORY, [{key: cell(key, row[key] or None) for key in HISTORY} for row in shown],
                NARROW)


def diff_command(a: MaybeVersion = "", b: MaybeVersion = "", config: ConfigOption = CONFIG) -> None:
    with _opened(config) as (loaded, versions):
        if a:
            old = only_one(versions.beginning(a), a)
            new = only_one(versions.beginning(b), b) if b else None
            lines = [*_diff(old, new), *_diff_others(versions, old, new)]
        else:
            lines = [line for file in _files(loaded) for row in versions.newest(1, file) for line in _diff(row, None)]
    for line in lines:
        typer.echo(line)


def rollback_command(version: Version, config: ConfigOption = CONFIG) -> None:
    from ivr.base.findings.report import as_text
    from ivr.drivers.menu_files import alone, replace_texts
    from ivr.menu.loader import version_of
    from ivr.service.menu_check import check_text

    with _opened(config) as (loaded, versions):
        row = only_one(versions.beginning(version), version)
        warnings = check_text(loaded, row.file, row.text)
        others = [line for file, version in sorted(row.files.items()) if file != row.file
                  and version != _version_now(file) for line in [
                      f"{seen(file)} is another one by now: hotline menu rollback {version}"]]
        try:
            with alone([row.file]):     # what a page publishes now is kept before it is replaced, or refused
                replaced = _kept(loaded, versions, row.file)
                if _version_now(row.file) == version_of(row.text):
                    typer.echo("\n".join([f"{seen(row.file)} has this version already", *others]))
                    return
                replace_texts({row.file: row.text})
        except OSError as error:
            raise AdminError([Fault(Place(row.file), f"can't be written: {error.strerror}")]) from None
    for warning in warnings:
        typer.echo(as_text(as_seen(warning)), err=True)
    typer.echo(f"{seen(row.file)} is {row.version} again, of {cell('at_at', row.at)}"
               + (f"; back with: hotline menu rollback {replaced}" if replaced else ""))
    for line in others:
        typer.echo(line)


def _kept(config: "Config", versions: "MenuVersions", file: str) -> str:
    """The version that a file has now, which is kept; "" if there is none that could be."""
    from ivr.call.record import MenuVersionRow
    from ivr.drivers.menu_files import read_written
    from ivr.exchange.editions import version_id
    from ivr.menu.loader import version_of

    try:
        written = read_written(file)
    except (OSError, UnicodeDecodeError):
        return ""
    if known := next((row.version for row in versions.newest(LOOKED_AT, file) if row.text == written.text), ""):
        return known
    version = version_of(written.text)
    versions.keep(MenuVersionRow(
        id=version_id(config.node, file, version, written.changed_ns), revision=1, node=config.node, file=file,
        version=version, at=datetime.now(UTC), author=written.author, text=written.text, state="replaced"))
    return version


def only_one(rows: "Sequence[MenuVersionRow]", wanted: str) -> "MenuVersionRow":
    """The newest row of the one version that is meant. Raises AdminError."""
    found = {(row.file, row.version): row for row in reversed(rows)}
    if len(found) == 1:
        return next(iter(found.values()))
    says = "no version begins like this" if not found else \
        "several versions begin like this: " + ", ".join(f"{version} of {seen(file)}" for file, version in found)
    raise AdminError([Fault(Place(wanted), says, "see: hotline menu history")])


def _diff(old: "MenuVersionRow", new: "MenuVersionRow | None") -> list[str]:
    """Without a new one: to the file as it is."""
    if new is not None:
        text, name = new.text, f"{seen(new.file)} {new.version} {cell('at_at', new.at)}"
    else:
        text, name = text_of(old.file, seen(old.file)), f"{seen(old.file)} as it is now"
    return list(unified_diff(old.text.splitlines(), text.splitlines(),
                             f"{seen(old.file)} {old.version} {cell('at_at', old.at)}", name, lineterm=""))


def _diff_others(versions: "MenuVersions", old: "MenuVersionRow", new: "MenuVersionRow | None") -> list[str]:
    """What changed in the files that the menu hands over to, where both versions know them."""
    lines: list[str] = []
    for file, version in sorted(old.files.items()):
        other = None if new is None else new.files.get(file, "")
        before = _row_of(versions, file, version) if file != old.file and other != version else None
        after = _row_of(versions, file, other) if other else None
        if before is not None and (new is None or after is not None):
            lines += _diff(before, after)
    return lines


def _row_of(versions: "MenuVersions", file: str, version: str) -> "MenuVersionRow | None":
    """The row that has the text of this version of a file: its own, or one of a menu that is made of several."""
    from ivr.menu.loader import version_of

    exact = (row for row in versions.beginning(version) if row.file == file)
    return next(exact, None) or next((row for row in versions.newest(LOOKED_AT, file)
                                      if version_of(row.text) == version), None)


def _version_now(file: str) -> str:
    """Of the text that a file has; "" if it can't be read."""
    from ivr.drivers.menu_files import read_written
    from ivr.menu.loader import version_of

    try:
        return version_of(read_written(file).text)
    except (OSError, UnicodeDecodeError):
        return ""


def _files(config: "Config") -> list[str]:
    from ivr.service.loading import menu_files

    return [*menu_files(config), str(config.prompts.announcements)]


def _line(line: dict[str, Any]) -> dict[str, Any]:
    trial = line["trial"]
    return {**line, "file": seen(line["file"]), "changed_at": line["since"], "trial": None if trial is None else (
        f"{trial['version']} for {trial['percent']:g} %: lost {_share(trial['new'])}, before {_share(trial['old'])}")}


def _share(tally: dict[str, int]) -> str:
    return f"{tally['lost']} of {tally['calls']}"


def seen(file: str) -> str:
    """A path as it is seen from here."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file


@contextmanager
def _opened(config_path: Path) -> "Iterator[tuple[Config, MenuVersions]]":
    """The configuration, and the versions in its database. Raises AdminError."""
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread
    from ivr.drivers.config_file import load_config
    from routing.requests.menu_versions import MenuVersions

    config = load_config(config_path)
    engine = engine_of(config, config_path)
    try:
        yield config, MenuVersions(engine)
    except SQLAlchemyError as error:
        raise unread(config, config_path, error) from None
    finally:
        engine.dispose()
