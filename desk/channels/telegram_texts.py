"""What Telegram takes: messages of at most 4,096 units of UTF-16, and what a button carries."""

from typing import Any, NamedTuple

LONGEST = 4_096             # units of UTF-16, in which Telegram counts
LABEL = 64                  # signs on a button; longer ones are cut by every client
MOST_BUTTONS = 50


class Press(NamedTuple):
    """What a button of ours carries: of which chat and message it is, and what it types."""

    call: str
    position: int
    keys: str


def parted(text: str, most: int = LONGEST) -> list[str]:
    """Pieces that fit, cut where a line ends, or a word, or anywhere but inside a sign. At least one."""
    pieces = []
    while units(text) > most:
        head = _fitting(text, most)
        cut = max(head.rfind("\n"), head.rfind(" ")) if len(head) < len(text) else -1
        cut = cut + 1 if cut >= len(head) // 2 else len(head)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def units(text: str) -> int:
    """Its length as Telegram counts."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def _fitting(text: str, most: int) -> str:
    used = 0
    for index, sign in enumerate(text):
        used += 2 if sign > "\uffff" else 1
        if used > most:
            return text[:index]
    return text


def keyboard(call: str, position: int, options: tuple[tuple[str, str], ...]) -> dict[str, Any] | None:
    """A button in a row of its own for each option; None where there is none."""
    rows = [[{"text": label[:LABEL] or keys, "callback_data": f"{call[:8]}:{position}:{keys}"}]
            for keys, label in options[:MOST_BUTTONS] if len(keys) <= 20]
    return {"inline_keyboard": rows} if rows else None


def pressed(carried: Any) -> Press | None:
    """What was in a button; None for what we never put into one."""
    call, _, rest = carried.partition(":") if isinstance(carried, str) else ("", "", "")
    position, _, keys = rest.partition(":")
    if len(call) != 8 or not position.isdecimal() or len(position) > 9 or not keys or len(keys) > 20:
        return None
    return Press(call, int(position), keys)
