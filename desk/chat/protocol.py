"""What a visitor's page may say, read: every message is hostile until it has passed here. docs/text.md has it all."""

import json
import re
from typing import Any, NamedTuple

from desk.phone.protocol import BadMessage
from ivr.base.file_said import FILE

TEXT_BYTES = 20_000      # of a text: 4,096 characters, escaped as JSON may
BODY_LENGTH = 4_096
KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
CALL = re.compile(r"[0-9a-f-]{36}")
NAME_LENGTH = 80
KINDS = frozenset({"hello", "start", "say", "typing", "leave", "ping", "call_me"})
NUMBER_LENGTH = 40
KEY_LENGTH = 64


class Hello(NamedTuple):
    """`token`: of an earlier visit, "" for none; `call`: the chat that the page shows, of which it has all messages up
    to position `after`."""

    token: str
    call: str
    after: int


class Say(NamedTuple):
    """A message under the page's own id for it; `secret`: it was typed where nobody may read along; `file`: the id of
    a file that was sent before, and is the message."""

    key: str
    body: str
    secret: bool = False
    file: str = ""


def read(text: str) -> dict[str, Any]:
    """A message with a `type` that we know. Raises BadMessage."""
    if len(text) > TEXT_BYTES:
        raise BadMessage(f"a message has at most {TEXT_BYTES} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("this is no JSON") from None
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadMessage("a message is an object with a type")
    return dict(message)


def key_of(message: dict[str, Any]) -> str:
    """The page's id of a message that is refused; "" where it has none that could be one."""
    given = message.get("key")
    return given if isinstance(given, str) and KEY.fullmatch(given) is not None else ""


def hello(message: dict[str, Any]) -> Hello:
    """Raises BadMessage for anything else."""
    if message["type"] != "hello":
        raise BadMessage("the first message is hello")
    after = message.get("after", -1)
    if not isinstance(after, int) or isinstance(after, bool) or not -1 <= after < 1_000_000:
        raise BadMessage("`after` is a position")
    return Hello(_matching(message, "token", TOKEN), _matching(message, "call", CALL), after)


def say(message: dict[str, Any]) -> Say:
    """Raises BadMessage."""
    body, key, file = message.get("body"), _matching(message, "key", KEY), _matching(message, "file", FILE)
    if file and key:
        return Say(key, "", file=file)
    if not isinstance(body, str) or not body.strip() or len(body) > BODY_LENGTH:
        raise BadMessage(f"a body has 1 to {BODY_LENGTH} characters")
    if not key:
        raise BadMessage("a message has a key")
    clean = body.encode(errors="replace").decode().replace("\0", "")
    if not clean.strip():
        raise BadMessage("a body has something in it")
    return Say(key, clean, message.get("secret") is True)


def name(message: dict[str, Any]) -> str:
    """What the visitor calls themselves; "" for nothing. Raises BadMessage."""
    given = message.get("name", "")
    if not isinstance(given, str) or len(given) > NAME_LENGTH:
        raise BadMessage(f"a name has at most {NAME_LENGTH} characters")
    return "".join(filter(str.isprintable, given)).strip()


def invite(message: dict[str, Any]) -> str:
    """The code that an operator told the visitor, as it is written or heard; "" for none. Raises BadMessage."""
    given = message.get("invite", "")
    if not isinstance(given, str) or len(given) > KEY_LENGTH:
        raise BadMessage("an invite is a short code")
    return "".join(filter(str.isalnum, given)).upper()


def call_me(message: dict[str, Any]) -> str | None:
    """The telephone at which the visitor wants to be called; None: in their page. Raises BadMessage."""
    number = message.get("number")
    if number is not None and not (isinstance(number, str) and 0 < len(number) <= NUMBER_LENGTH):
        raise BadMessage(f"a number has 1 to {NUMBER_LENGTH} characters")
    return number


def _matching(message: dict[str, Any], field: str, pattern: re.Pattern[str]) -> str:
    given = message.get(field) or ""
    if not isinstance(given, str) or (given and pattern.fullmatch(given) is None):
        raise BadMessage(f"`{field}` is none of ours")
    return given
