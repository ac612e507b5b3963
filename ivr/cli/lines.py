"""`hotline trunks`, `phones`, `channels` and `health`: how calls and messages come and go now, and whether they can."""

from typing import Any

import typer
from rich.console import Console

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

TRUNKS = {"name": "trunk", "registration": "registration", "expires_in_s": "expires in s", "ping": "ping",
          "round_trip_ms": "ms", "calls": "calls", "limits": "at most", "addresses": "address",
          "last_error": "last error"}
ANSWERING = ("ok", "degraded")
PHONES = {"account": "account", "kind": "kind", "transport": "transport", "address": "address",
          "refused": "wrong password", "contact": "contact", "user_agent": "phone", "expires_in_s": "expires in s",
          "since_s": "since s", "nat": "NAT"}
CHANNELS = {"channel": "channel", "state": "state", "reason": "why", "since": "since", "chats": "chats",
            "waiting": "waiting", "last_error": "last error"}
CHECKS = {"part": "part", "ok": "well", "detail": "what is wrong"}
WORKERS = {"worker": "worker", "ready": "ready", "in_use": "streams in use", "free": "free"}
NARROW_TRUNKS = Narrow(left_out=("expires_in_s", "limits", "addresses"), cut=("last_error", "registration", "ping"))
NARROW_PHONES = Narrow(left_out=("kind", "contact", "since_s"), cut=("contact", "user_agent", "refused"))


def trunks_command(as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        trunks = source.running("/api/trunks")["trunks"]
        show(source, "trunks", trunks if as_json else [_trunk(trunk) for trunk in trunks], TRUNKS, as_json,
             NARROW_TRUNKS)


def phones_command(as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        phones = source.running("/api/phones")["phones"]
        show(source, "phones", phones if as_json else [row for phone in phones for row in _phone(phone)], PHONES,
             as_json, NARROW_PHONES)


def channels_command(as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        show(source, "channels", source.running("/api/channels")["channels"], CHANNELS, as_json,
             Narrow(left_out=("last_error",), cut=("reason",)))


def health_command(as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    """Exit code 1 where new calls are not answered."""
    with open_source(config) as source:
        health = source.health()
    if as_json:
        Console().print_json(data=health)
    else:
        checks = [{"part": part, **check} for part, check in health["checks"].items()]
        show(source, f"health: {health['state']}", checks, CHECKS, False, Narrow(cut=("detail",)))
        show(source, "audio", health["workers"], WORKERS, False, Narrow())
    if health["state"] not in ANSWERING:
        raise typer.Exit(1)


def _trunk(trunk: dict[str, Any]) -> dict[str, Any]:
    """What stands in the table: a state with its reason, and limits as people say them."""
    limits = [str(trunk["max_calls"])] if trunk["max_calls"] is not None else []
    limits += [f"{trunk['calls_per_s']:g}/s"] if trunk["calls_per_s"] is not None else []
    round_trip = trunk["round_trip_s"]
    return {**trunk, "registration": _state(trunk["registration"], trunk["reason"]),
            "ping": _state(trunk["ping"], trunk["ping_reason"]),
            "round_trip_ms": None if round_trip is None else 1000 * round_trip, "limits": ", ".join(limits) or None,
            "addresses": next(iter(trunk["addresses"]), None), "last_error": trunk["last_error"] or None}


def _state(state: str, reason: str) -> str | None:
    return (f"{state} ({reason})" if reason else state) or None


def _phone(account: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each phone, or one that says there is none."""
    shared = {"account": account["account"], "kind": "operator" if account["operator"] else "account",
              "refused": _refused(account["last_refusal"])}
    return [{**shared, **contact} for contact in account["contacts"]] or [{**shared, "address": "not registered"}]


def _refused(refusal: dict[str, Any] | None) -> str | None:
    return None if refusal is None else f"{refusal['address']}, {refusal['since_s']:.0f} s ago"
