"""`hotline callbacks`: who is still to be called back; `cancel` and `now`."""

from typing import Annotated
from urllib.parse import quote

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

SHOWN = {"request": "request", "queue": "queue", "state": "state", "attempts": "dialled", "waited_s": "waits s",
         "resumes_in_s": "goes on in s", "call": "call"}
NARROW = Narrow(left_out=("call", "waited_s"))
Request = Annotated[str, typer.Argument(help="The request's id, or the beginning of it.", show_default=False)]

callbacks = typer.Typer(invoke_without_command=True,
                        help="Who is still to be called back; `cancel` and `now`: one of them.")


@callbacks.callback()
def callbacks_command(context: typer.Context, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    if context.invoked_subcommand is None:
        with open_source(config) as source:
            found = source.running("/api/callbacks")
            show(source, "callbacks", found["callbacks"], SHOWN, as_json, NARROW)


@callbacks.command("cancel", help="Nobody is called back for it any more: the request is closed.")
def cancel_command(request: Request, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    _ask("DELETE", f"/api/callbacks/{quote(request, safe='')}", as_json, config)


@callbacks.command("now", help="End the pause: its place in line stays, and the hours hold.")
def now_command(request: Request, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    _ask("POST", f"/api/callbacks/{quote(request, safe='')}/now", as_json, config)


def _ask(method: str, path: str, as_json: bool, config: ConfigOption) -> None:
    with open_source(config) as source:
        show(source, "callbacks", source.ask(method, path)["callbacks"], SHOWN, as_json, NARROW)
