"""`hotline restart`."""

from pathlib import Path

import typer

from ivr.cli.options import CONFIG, ConfigOption

HELP = "Have the running service go on with the code and the config.yaml that are on the disk now."


def restart_command(config: ConfigOption = CONFIG) -> None:
    """Exit code 1 where the old ones go on."""
    from ivr.drivers.config_file import load_config  # here: the command's help does not wait for them
    from ivr.service.renewal import ask

    seconds = ask(Path(load_config(config).state_dir) / "run")
    typer.echo(f"Control goes on in a new process; there was none for {seconds:.1f} s.")
