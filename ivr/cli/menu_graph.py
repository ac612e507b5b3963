"""`hotline menu graph`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.menu.graph.outline import Counts


def graph_command(
    file: Annotated[Path | None, typer.Argument(help="The menu file; without it that of the first line.",
                                                show_default=False)] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture there instead.")] = None,
    counts: Annotated[bool, typer.Option("--counts", help="How many callers took each key and hung up in each menu, "
                                                          "from the record.")] = False,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Whose calls are counted: of the last so many days.")] = 30,
    config: ConfigOption = CONFIG,
) -> None:
    from ivr.drivers.config_file import load_config
    from ivr.menu.graph.mermaid import mermaid
    from ivr.menu.graph.svg import svg as picture
    from ivr.service.tested_menus import menus_of, read_menu

    loaded = load_config(config)
    path = file or menus_of(loaded)[0]
    menu = read_menu(path, loaded, config).menu
    counted = _counted(path, loaded, config, days) if counts else None
    if svg is None:
        typer.echo(mermaid(menu, counted), nl=False)
        return
    try:
        svg.write_text(picture(menu, counted), encoding="utf-8")
    except OSError as error:
        raise AdminError([Fault(Place(str(svg)), f"can't be written: {error.strerror}")]) from None


def _counted(path: Path, loaded: "Config", config: Path, days: int) -> "Counts":
    """From the database, whether the service runs or not."""
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread
    from ivr.menu.graph.outline import Counts
    from routing.requests.menu_counts import menu_counts

    lines = {number for line in loaded.lines if Path(line.menu) == path.absolute() for number in line.numbers}
    engine = engine_of(loaded, config)
    try:
        found = menu_counts(engine, lines, datetime.now(UTC) - timedelta(days=days))
    except SQLAlchemyError as error:
        raise unread(loaded, config, error) from None
    finally:
        engine.dispose()
    return Counts(found.entered, found.chosen, found.left)
