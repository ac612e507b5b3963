"""`hotline dial`."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.config_file import load_config
from ivr.drivers.secrets_file import first_password
from ivr.drivers.softphone import dial, read_target

ACCOUNT = "softphone"


def dial_command(
    address: Annotated[str, typer.Argument(help="Whom to call: sip:100@127.0.0.1[:port].")],
    keys: Annotated[str, typer.Option(help="Keys to press after the answer; a comma waits.")] = "",
    pause: Annotated[float, typer.Option(help="Seconds before the first key and for each comma.")] = 3.0,
    duration: Annotated[float, typer.Option(help="Seconds to stay on the line.")] = 30.0,
    record: Annotated[Path | None, typer.Option(help="Write what is heard as a WAV file.")] = None,
    password_file: Annotated[Path | None, typer.Option(
        help="Password of the account `softphone`; without it: from the configuration or the first passwords.")] = None,
    config: Annotated[Path, typer.Option("--config", "-c", envvar="HOTLINE_CONFIG",
                                         help="The configuration file.")] = Path("config.yaml"),
) -> None:
    target = read_target(address)
    went = dial(target, ACCOUNT, _password(password_file, config), keys, pause=pause, duration=duration,
                record=record, say=typer.echo)
    if not went.answered:
        typer.echo("the call was not answered", err=True)
        raise typer.Exit(1)
    typer.echo(f"ended by {went.ended_by} after {went.seconds:.1f} s" + (f"; heard: {record}" if record else ""))


def _password(file: Path | None, config: Path) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise AdminError([Fault(Place(str(file)), f"can't be read: {error.strerror}")]) from None
    password = first_password(load_config(config), ACCOUNT)
    if password is None:
        raise AdminError([Fault(Place(str(config)), f"the password of {ACCOUNT} is not known here",
                                "say --password-file, or start the hotline once on this machine")])
    return password
