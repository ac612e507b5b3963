"""`hotline dial`."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption
from ivr.drivers.softphone import KEYS, dial, read_target

ACCOUNT = "softphone"


def _checked_keys(keys: str) -> str:
    wrong = next((key for key in keys if key not in KEYS + KEYS.lower() + ","), None)
    if wrong is not None:
        raise typer.BadParameter(f"{wrong!r} is no key: 0-9 * # A-D, and a comma to wait")
    return keys


def dial_command(
    address: Annotated[str, typer.Argument(help="Whom to call: sip:100@127.0.0.1[:port].")],
    keys: Annotated[str, typer.Option(callback=_checked_keys, help="Keys to press after the answer, such as 1,2,0; "
                                                                   "a comma waits.")] = "",
    pause: Annotated[float, typer.Option(min=0, help="Seconds before the first key and for each comma.")] = 3.0,
    duration: Annotated[float, typer.Option(min=1, help="Seconds to stay on the line.")] = 30.0,
    record: Annotated[Path | None, typer.Option(help="Write what is heard as a WAV file.")] = None,
    password_file: Annotated[Path | None, typer.Option(
        help="Password of the account `softphone`; without it: from the configuration or the first passwords.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    target = read_target(address)
    went = dial(target, ACCOUNT, _password(password_file, config), keys, pause=pause, duration=duration,
                record=record, say=typer.echo)
    if not went.answered:
        typer.echo(f"the call was not answered: {went.ended_by}", err=True)
        raise typer.Exit(1)
    typer.echo(f"ended by {went.ended_by} after {went.seconds:.1f} s" + (f"; heard: {record}" if record else ""))


def _password(file: Path | None, config: Path) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise AdminError([Fault(Place(str(file)), f"can't be read: {error.strerror}")]) from None
    from ivr.drivers.config_file import load_config
    from ivr.drivers.secrets_file import first_password

    loaded = load_config(config)
    if ACCOUNT not in loaded.accounts:
        raise AdminError([Fault(Place(str(config)), f"there is no account `{ACCOUNT}`",
                                f"add `{ACCOUNT}: {{}}` under `accounts` and restart, or say --password-file")])
    password = first_password(loaded, ACCOUNT)
    if password is None:
        raise AdminError([Fault(Place(str(config)), f"the password of {ACCOUNT} is not known here",
                                "say --password-file, or start the hotline once on this machine")])
    return password
