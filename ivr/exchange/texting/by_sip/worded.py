"""What a visitor by SIP reads, and what they write that is meant for the channel itself."""

from collections.abc import Mapping
from typing import Any

from ivr.base.file_said import in_words

STOP = frozenset(("stop", "/stop", "стоп", "/стоп"))
FALLBACK = "en"
WORDS: Mapping[str, Mapping[str, str]] = {
    "over": {"en": "This chat is over. Write again to begin a new one.",
             "ru": "Этот чат завершён. Напишите снова, чтобы начать новый."},
    "operator": {"en": "Operator", "ru": "Оператор"},
    "undelivered": {"en": "Not delivered to the visitor ({reason}): {text}",
                    "ru": "Не доставлено посетителю ({reason}): {text}"},
    "gone": {"en": "The visitor can't be reached: the chat is over.",
             "ru": "Посетитель недоступен: чат завершён."},
}


def say(what: str, language: str, **values: str) -> str:
    words = WORDS[what]
    return words.get(language[:2], words[FALLBACK]).format(**values)


def asks_to_stop(text: str) -> bool:
    """Whether they want to leave: by one word alone, whatever its letters and the dot behind it."""
    return text.strip().rstrip(".!").casefold() in STOP


def worded(fields: Mapping[str, Any], language: str, names: Mapping[str, str]) -> str:
    """A message of the chat as one text: who of ours writes it before it, and what can be chosen as a list behind it.
    `names`: of operators, as they are shown; "" for none."""
    body = str(fields["body"] or "")
    body = body if fields["form"] == "text" else in_words(body, language)
    if fields["sender"] != "hotline":
        body = f"{names.get(fields['sender']) or say('operator', language)}: {body}"
    lines = [body] if body else []
    lines += [f"{keys} {label}" if keys else str(label) for keys, label in fields["options"]]
    return "\n".join(lines)
