"""A call out of the record becomes a dialogue test: what the caller did, when, and where it led.

The record names options that were chosen and counts misses; the keys of a miss, what was typed besides, and who called
do not stand in it or are left out: a miss is replayed with any key that is no option.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.menu.actions.survey import KEY_OF
from ivr.menu.model import Menu
from ivr.menu.testing.expectations import OUTCOMES
from ivr.menu.testing.loader import MOMENT
from ivr.menu.testing.model import Circumstances

PRESSED = 0.2            # seconds that a step `press` takes for each key: held, and let go
HELD = 0.1               # of them the key is down


@dataclass(frozen=True)
class Happened:
    """One entry of the record; `at` in seconds since the call was answered."""

    at: float
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Writer:
    """Collects steps; `clock` is where the replay stands on the time of the record."""

    menu: Menu
    clock: float = 0.0
    steps: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)
    spoke_at: float | None = None           # the caller is recorded since

    def step(self, text: str, begins: float, takes: float) -> None:
        wait = round(max(0.0, begins - self.clock), 1)
        if wait:
            self.steps.append(f"wait_s: {wait:g}")
        self.steps.append(text)
        self.clock = max(self.clock, begins) + takes

    # --- one method per kind of entry --------------------------------------------------------------------------------
    def option_chosen(self, one: Happened) -> None:
        """The record has the moment at which it was taken: at its last key, or once no longer option could come."""
        keys = str(one.details["keys"])
        wait = self._interdigit(str(one.details["menu"]), keys)
        before = PRESSED * (len(keys) - 1) + (HELD + wait if wait else 0.0)
        self.step(f"press: {_quoted(keys)}", one.at - before, PRESSED * len(keys))
        if wait:
            self.steps.append(f"wait_s: {wait:g}")
            self.clock += wait
        self.keys.append(keys)

    def noinput(self, one: Happened) -> None:
        self.steps.append("silence")
        self.clock = one.at

    def nomatch(self, one: Happened) -> None:
        self.step("wrong_key", one.at, PRESSED)

    def value_taken(self, one: Happened) -> None:
        """What was typed stands in no record, be it secret or not."""
        self.steps.append(f"# here the caller gave `{one.details['name']}`: press keys that will do, and listen")
        self.clock = one.at

    def verified(self, one: Happened) -> None:
        """Who it was stands in no record."""
        knows = "did not know" if one.details["reason"] else "knew"
        self.steps.append(f"# register `{one.details['register']}` {knows} the caller: say in `pins:` who is in it")

    def lines_ordered(self, one: Happened) -> None:
        if not one.details["reason"]:
            self.orders.append(str(one.details["order"]).removeprefix("order "))
            self.expected["orders"] = f"[{', '.join(map(_quoted, self.orders))}]"

    def survey_answered(self, one: Happened) -> None:
        self.step(f"press: {_quoted(KEY_OF[str(one.details['answer'])])}", one.at, PRESSED)

    def language_chosen(self, one: Happened) -> None:
        self.expected["language"] = str(one.details["language"])

    def menu_entered(self, one: Happened) -> None:
        """Also after a transfer that came to nothing: the caller is back."""
        if self.expected.pop("transfer", None):
            self.steps.append("comes_back")
            self.clock = one.at
        self.expected["menu"] = str(one.details["menu"])

    def request_opened(self, one: Happened) -> None:
        self.expected |= {"queue": str(one.details["queue"]), "subject": _quoted(str(one.details["subject"]))}

    def recording_started(self, one: Happened) -> None:
        self.spoke_at = one.at if one.details.get("why") in ("menu", "voicemail") else None

    def recording_ended(self, one: Happened) -> None:
        """How much of it was quiet stands in no record."""
        if self.spoke_at is not None:
            spoke = one.at - self.spoke_at
            self.step(f"speaks_s: {max(1.0, round(spoke, 1)):g}", self.spoke_at, spoke)
            after = {"silence": "silence", "the caller ended it": 'press: "#"'}.get(str(one.details.get("reason")))
            self.steps += [after] if after else []
        self.spoke_at = None

    def request_left(self, one: Happened) -> None:
        kind = str(one.details["left"])
        self.expected |= {kind: str(one.details["queue"]), "subject": _quoted(str(one.details["subject"]))}
        if kind == "callback":
            self.steps.append("# who called is left out: add `caller:` above, or there is no number to call back")

    def transferring(self, one: Happened) -> None:
        self.expected["transfer"] = str(one.details["target"])

    def ended(self, one: Happened) -> None:
        """A caller with an operator or a transfer has left the menu; how that went on is no part of the dialogue."""
        if not {"queue", "transfer"} & self.expected.keys():
            if one.details.get("by") == "caller":
                self.step("hangup", one.at, 0.0)
            self.expected["hangup"] = "no" if one.details.get("by") == "caller" else "yes"
            if one.details.get("outcome") in OUTCOMES:
                self.expected["outcome"] = str(one.details["outcome"])

    def _interdigit(self, menu: str, keys: str) -> float:
        choice = self.menu.choices.get(menu)
        waits = choice and any(option != keys and option.startswith(keys) for option in choice.options)
        return choice.interdigit if choice and waits else 0.0


KINDS = ("option_chosen", "noinput", "nomatch", "value_taken", "survey_answered", "language_chosen", "menu_entered",
         "request_opened", "recording_started", "recording_ended", "request_left", "transferring", "ended", "verified",
         "lines_ordered")


def exported(name: str, circumstances: Circumstances, happened: Sequence[Happened], menu: Menu) -> str:
    """The text of a file of dialogues with this one in it. `menu`: the version that the call met, or what is left of
    it: it only says where an option had to wait for a longer one."""
    writer = _Writer(menu)
    for one in happened:
        if one.kind in KINDS:
            getattr(writer, one.kind)(one)
        if one.kind == "request_opened":
            break           # an operator, or an overflow, has the caller now
    return "\n".join(_lines(name, circumstances, writer)) + "\n"


def _lines(name: str, circumstances: Circumstances, writer: _Writer) -> Iterator[str]:
    yield f"- dialogue: {_quoted(name)}"
    yield "  on: voice                           # at the pace of a call"
    if circumstances.line:
        yield f"  line: {_quoted(circumstances.line)}"
    if circumstances.at:
        yield f"  at: {circumstances.at.strftime(MOMENT)}"
    if circumstances.language:
        yield f"  language: {circumstances.language}"
    yield "  steps:" if any(not step.startswith("#") for step in writer.steps) else "  steps: []"
    yield from (f"    {step}" if step.startswith("#") else f"    - {step}" for step in writer.steps)
    yield "  expect:"
    yield f"    keys: [{', '.join(map(_quoted, writer.keys))}]"
    yield from (f"    {key}: {value}" for key, value in writer.expected.items())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
