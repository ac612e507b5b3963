"""The flows of RFC 3665 as the corpora have them, and what our ladders have in common with them."""

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse
from tests.flows.lines import Lines

# whoever sends a request stands in its first Via, and in that of the response; by these names we draw them
WHO = {"client.atlanta.example.com": "Alice", "ss1.atlanta.example.com": "Proxy 1", "alg1.atlanta.example.com": "ALG",
       "ss2.biloxi.example.com": "Proxy 2", "ss3.chicago.example.com": "Proxy 3",
       "client.biloxi.example.com": "Bob", "client.chicago.example.com": "Bob"}
Hops = dict[str, list[str]]


def flow(name: str) -> list[str]:
    """The messages of one flow, with CRLF line ends and Content-Length to match.

    Without the corpora the test is skipped; in CI it fails.
    """
    folder = os.environ.get("HOTLINE_TESTDATA")
    if not folder:
        if os.environ.get("CI"):
            pytest.fail("HOTLINE_TESTDATA is not set: CI must name the folder of the call flows")
        pytest.skip("HOTLINE_TESTDATA is not set: it names the folder of the call flows (RFC 3665)")
    [path] = (Path(folder) / "rfc3665").glob(f"{name}_*.yaml")
    return [_with_line_ends(text) for text in yaml.safe_load(path.read_text())]


def _with_line_ends(text: str) -> str:
    head, _, body = text.replace("\r\n", "\n").strip("\n").partition("\n\n")
    body = body.strip("\n").replace("\n", "\r\n") + "\r\n" if body.strip() else ""
    head = re.sub(r"Content-Length: \d+", f"Content-Length: {len(body)}", head.replace("\n", "\r\n"))
    return f"{head}\r\n\r\n{body}"


def assert_as_drawn(name: str, lines: Lines, *, only: str = "", as_: str = "", server_trying: str | None = None,
                    repeated_invites: tuple[int, int] | None = None, misprinted: tuple[int, str] | None = None) -> None:
    """The messages that each party has sent as a client, and the responses that it got, are the RFC's, in its order.

    `only`, `as_`: compare one party alone, which we call otherwise. `server_trying`: who answers as a server of ours
    and says 100 besides Bob. `repeated_invites`: how often the RFC's dead server is asked, and ours. `misprinted`: a
    message of the RFC whose Via is not that of the arrow in its drawing, and whose arrow it is.
    """
    if not os.environ.get("HOTLINE_TESTDATA") and not os.environ.get("CI"):
        return          # the golden ladder has been compared
    theirs = _theirs(name, misprinted)
    ours = _ours(lines, {"Bob", "Alice" if server_trying is None else server_trying})
    if only:
        theirs, ours = {only: theirs[only]}, {only: ours[as_ or only]}
    if repeated_invites is not None:
        theirs["Alice"] = theirs["Alice"][repeated_invites[0] - repeated_invites[1]:]
    assert ours == theirs, f"RFC 3665 has other messages: {theirs}\nours: {ours}"


def _theirs(name: str, misprinted: tuple[int, str] | None) -> Hops:
    hops: Hops = defaultdict(list)
    for number, text in enumerate(flow(name), 1):
        message = parse(text.encode())
        first = str(message.status) if isinstance(message, Response) else ""
        who = misprinted[1] if misprinted is not None and misprinted[0] == number else WHO[message.top_via.host]
        hops[who].append(f"{first} {message.cseq.method}".strip())
    return dict(hops)


def _ours(lines: Lines, say_trying: set[str]) -> Hops:
    """Without the 100 of those who are called, which the RFC does not draw."""
    hops: Hops = defaultdict(list)
    for line in sorted((line for line in lines.kept if line.source != line.target), key=lambda line: line.at):
        words = line.text.split(",")[0].split(" ")[:-1]
        if len(words) == 1:
            hops[line.source].append(words[0])
        elif not (words[0] == "100" and line.source in say_trying):
            hops[line.target].append(" ".join(words))
    return dict(hops)
