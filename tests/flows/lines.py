"""The messages of a flow as lines of its ladder: what a reader of the RFC looks for, and nothing that chance has
made.

A message is drawn as `INVITE 1, sdp` or `200 INVITE 1, sdp sendonly`: method and CSeq number, then what stands out.
Calls are told apart by letters, in the order in which their Call-IDs appear, where there is more than one.
"""

from dataclasses import dataclass, replace

from ivr.base.errors import PeerError
from ivr.base.trace import Row, ladder
from ivr.sip.message.bodies import sdp_of
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.message.refer_to import parse_refer_to
from ivr.sip.message.sipfrag import KIND, parse_sipfrag

DIRECTIONS = ("sendonly", "recvonly", "inactive")


@dataclass(frozen=True)
class Line:
    at: float
    source: str
    target: str
    text: str
    sip_call_id: str = ""
    replaces: str = ""          # the Call-ID that a Replaces names


class Lines:
    """`names`: the columns, by address. `show`: header fields whose values are drawn too."""

    def __init__(self, names: dict[str, str], show: tuple[str, ...] = ()) -> None:
        self.names = names
        self.show = show
        self.kept: list[Line] = []

    def message(self, at: float, source: str, target: str, payload: bytes) -> None:
        """A message as it leaves. What is no message (a keep-alive) is not drawn."""
        try:
            message = parse(payload)
        except PeerError:
            return
        text = ", ".join([_first_words(message), *_marks(message), *self._shown(message)])
        self.kept.append(Line(at, self.names[source], self.names[target], text, message.sip_call_id,
                              _replaced(message)))

    def note(self, at: float, name: str, text: str) -> None:
        self.kept.append(Line(at, name, name, text))

    def forget(self) -> None:
        """What happened so far does not belong to the flow."""
        self.kept.clear()

    def since(self, number: int, at: float) -> float:
        """Draw line `number` and all behind it as if it had come at `at`; the moment at which it really came.

        For what waits by chance: the test compares the moment, the ladder keeps the rest.
        """
        really = self.kept[number].at
        self.kept[number:] = [replace(line, at=line.at - really + at) for line in self.kept[number:]]
        return really

    def __str__(self) -> str:
        lines = sorted(self.kept, key=lambda line: line.at)
        calls = list(dict.fromkeys(line.sip_call_id for line in lines if line.sip_call_id))
        letters = {call: chr(ord("A") + number) for number, call in enumerate(calls)}
        rows = [Row(line.at, line.source, line.target, _lettered(line, letters)) for line in lines]
        return ladder(rows, tuple(self.names.values()))

    def _shown(self, message: Request | Response) -> list[str]:
        return [value.replace(";refresher=", " ") for name in self.show for value in message.headers.all(name)]


def _lettered(line: Line, letters: dict[str, str]) -> str:
    text = line.text + (f", Replaces {letters.get(line.replaces, 'another')}" if line.replaces else "")
    return f"{letters[line.sip_call_id]}: {text}" if line.sip_call_id and len(letters) > 1 else text


def _first_words(message: Request | Response) -> str:
    cseq = f"{message.cseq.method} {message.cseq.number}"
    return cseq if isinstance(message, Request) else f"{message.status} {cseq}"


def _marks(message: Request | Response) -> list[str]:
    """What stands out."""
    headers, found = message.headers, []
    if any(name in headers for name in ("Authorization", "Proxy-Authorization")):
        count = len(headers.all("Authorization")) + len(headers.all("Proxy-Authorization"))
        found.append("credentials" if count == 1 else f"credentials of {count}")
    if "RSeq" in headers:
        found.append("reliable")
    body = sdp_of(message)
    if body is not None:
        found.append(_sdp(body.decode()))
    if message.content_type == KIND:
        found.append(f"says {parse_sipfrag(message.body)}")
    if message.cseq.method == "REGISTER" and not (isinstance(message, Response) and message.status != 200):
        found += _bindings(message)
    if isinstance(message, Request) and message.method == "REFER":
        found.append(f"to {parse_refer_to(headers.all('Refer-To')).uri.plain_user}")
    return found


def _sdp(text: str) -> str:
    held = ["0.0.0.0"] if "IN IP4 0.0.0.0" in text else []
    return " ".join(["sdp", *(each for each in DIRECTIONS if f"a={each}" in text), *held])


def _bindings(message: Request | Response) -> list[str]:
    contacts = message.headers.all("Contact")
    if contacts == ["*"]:
        return ["all off"]
    if isinstance(message, Request):
        return ["off" if message.expires == 0 else "on"] if contacts else []
    return [f"{len(contacts)} bound"]


def _replaced(message: Request | Response) -> str:
    if not isinstance(message, Request):
        return ""
    if message.method == "REFER":
        replaces = parse_refer_to(message.headers.all("Refer-To")).replaces
        return replaces.sip_call_id if replaces is not None else ""
    return (message.headers.get("Replaces") or "").partition(";")[0]
