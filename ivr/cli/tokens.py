"""`hotline tokens`: tokens of programs, each with a role and an end; `make` and `withdraw`."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.roles import ROLES
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

SHOWN = {"name": "name", "role": "role", "made_at": "made", "made_by": "by", "expires_at": "holds until",
         "last_used_at": "last used", "withdrawn_at": "withdrawn"}
NARROW = Narrow(left_out=("made_by", "made_at"))
Name = Annotated[str, typer.Argument(help="What uses it, as `prometheus`.", show_default=False)]

tokens = typer.Typer(invoke_without_command=True, help="The tokens of programs; `make` and `withdraw`: one of them.")


@tokens.callback()
def tokens_command(context: typer.Context, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    if context.invoked_subcommand is None:
        with open_source(config) as source:
            show(source, "tokens", source.running("/api/tokens")["tokens"], SHOWN, as_json, NARROW)


def _checked_role(role: str) -> str:
    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is not one of {', '.join(ROLES)}")
    return role


@tokens.command("make", help="Make a token; it is printed this once.")
def make_command(
    name: Name,
    role: Annotated[str, typer.Option(callback=_checked_role, help=f"One of {', '.join(ROLES)}.")] = "operator",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="How long it holds.")] = 365,
    config: ConfigOption = CONFIG,
) -> None:
    with open_source(config) as source:
        typer.echo(source.ask("POST", "/api/tokens", {"name": name, "role": role, "days": days})["token"])


@tokens.command("withdraw", help="A token holds no longer.")
def withdraw_command(name: Name, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        holding: list[dict[str, Any]] = [one for one in source.running("/api/tokens")["tokens"]
                                         if one["name"] == name and one["withdrawn_at"] is None]
        if not holding:
            raise AdminError([Fault(Place(name), "there is no token of this name that was not withdrawn",
                                    "hotline tokens lists them")])
        for one in holding:
            source.ask("DELETE", f"/api/tokens/{quote(one['id'], safe='')}")
    typer.echo(f"{name} holds no longer")
