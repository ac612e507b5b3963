"""The `hotline` command: every subcommand is a small module of this folder."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ivr.base.errors import AdminError
from ivr.cli import (
    audit,
    call_shown,
    callbacks,
    check,
    demo,
    dial,
    dialogues,
    erase,
    faults,
    line_orders,
    lines,
    menu,
    pcap,
    pins,
    prompts,
    recordings,
    records,
    report,
    request,
    restart,
    serve,
    simulate,
    staff,
    supervise,
    tokens,
    trace,
    transfer,
    walk,
    when,
    why,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})

app.command("serve", help="Open the hotline; Ctrl-C or SIGTERM closes it when the calls in progress have ended.")(
    serve.serve_command)
app.command("restart", help=restart.HELP)(restart.restart_command)
app.command("check", help=check.HELP)(check.check_command)
app.command("test", help="Run the dialogues that lie beside the menus, in virtual time; which ways none of them went.")(
    dialogues.run_command)
app.command("call", help="Walk a menu in this terminal, without a phone: what is said as text, keys typed.")(
    walk.call_command)
app.add_typer(menu.menu, name="menu")
app.command("when", help="Whether a line is open, at any moment: the rule that says so, its place, and until when.")(
    when.when_command)
app.command("simulate", help=simulate.HELP)(simulate.simulate_command)
app.command("demo", help="A caller, a menu, an operator, in simulated time: leaves a ladder, a WAV and the row.")(
    demo.demo_command)
app.command("dial", help="Call a number with a softphone, press keys, record what is heard.")(dial.dial_command)
app.command("trace", help="Draw a call as a ladder, while it goes on or after; without an id the latest.")(
    trace.trace_command)
calls = typer.Typer(invoke_without_command=True, help="The latest calls; `show`: one of them.")
calls.callback()(records.calls_command)
calls.command("show", help="One call, and how the audio of its legs was; without an id the latest.")(
    call_shown.show_command)
app.add_typer(calls, name="calls")
app.command("requests", help="The latest requests.")(records.requests_command)
app.add_typer(request.request, name="request")
app.command("erase", help=erase.HELP)(erase.erase_command)
app.add_typer(callbacks.callbacks, name="callbacks")
app.command("operators", help="Who is there; with a name and a status: set it.")(records.operators_command)
app.command("trunks", help="How the lines to the providers stand: registration, pings, calls.")(lines.trunks_command)
app.command("phones", help="Which phones are registered, and how they are reached.")(lines.phones_command)
app.command("channels", help="How the channels of messengers stand: what waits, and why.")(lines.channels_command)
app.command("health", help="Whether calls can be answered now, and how many streams of audio are in use.")(
    lines.health_command)
app.command("pcap", help="Capture one call into a file for Wireshark; secrets are masked.")(pcap.pcap_command)
app.add_typer(recordings.recordings, name="recordings")
app.command("supervise", help="Listen to a call, whisper to its operator or talk with both, on a phone of yours.")(
    supervise.supervise_command)
app.command("transfer", help="Send a caller on from their operator, or let the operator ask somebody first.")(
    transfer.transfer_command)
app.command("why", help="Why an operator is, or is not, getting a call.")(why.why_command)
app.command("announce", help="Have new callers of a line hear a prompt before its menu; without a line: what holds.")(
    line_orders.announce_command)
app.command("close", help="Close a line at once: new callers hear why, and the call is ended.")(
    line_orders.close_command)
app.command("open", help="Open a line that was closed.")(line_orders.open_command)
app.add_typer(tokens.tokens, name="tokens")
app.command("audit", help=audit.HELP)(audit.audit_command)
app.add_typer(pins.pins, name="pins")
app.add_typer(prompts.prompts, name="prompts")
app.command("report", help=report.HELP)(report.report_command)
app.command("staff", help=staff.HELP)(staff.staff_command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hotline {version('hotline')}")
        raise typer.Exit


@app.callback(help="A telephone hotline: voice menus in YAML, a queue of operators, every request in a database.")
def hotline(
    asked: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                        help="Say the version and exit.")] = False,
) -> None:
    """What holds for every subcommand."""


def main() -> None:
    """Exit codes: 0 done, 1 something an admin must mend (said with its place), 2 wrong usage."""
    try:
        app()
    except AdminError as error:
        for fault in error.faults:
            print(faults.as_seen(fault), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
