"""The options that several subcommands share."""

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Path("config.yaml")

# Whether it can be read is found by who reads it: with a place and a remedy, as for every other file.
ConfigOption = Annotated[Path, typer.Option("--config", "-c", envvar="HOTLINE_CONFIG", readable=False,
                                            help="The configuration file.")]
