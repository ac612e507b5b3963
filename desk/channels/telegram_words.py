"""What the bot itself says, beside the menu and operators."""

from typing import Any, Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "secret": {
        "en": "Careful: Telegram can't hide what you type here. I delete your answer from this chat as soon as I have "
              "it, and it is written down nowhere.",
        "ru": "Осторожно: Telegram не скрывает то, что вы вводите. Я удалю ваш ответ из этого чата, как только получу "
              "его, и нигде его не сохраню."},
    "choose": {"en": "Please choose:", "ru": "Выберите:"},
    "ended": {"en": "This chat is over. Write again to begin a new one.",
              "ru": "Чат завершён. Напишите снова, чтобы начать новый."},
    "goes_on": {"en": "Your chat goes on: just write.", "ru": "Ваш чат продолжается: просто напишите."},
    "stale": {"en": "This can't be chosen any more.", "ru": "Этот выбор уже недоступен."},
    "text_only": {"en": "I can read text only. Please write it.",
                  "ru": "Я понимаю только текст. Пожалуйста, напишите."},
    "too_many": {"en": "That was too fast, and I did not get it. Please wait a moment.",
                 "ru": "Слишком быстро, сообщение не принято. Подождите немного."},
    "full": {"en": "There are too many chats now. Please come back a little later.",
             "ru": "Сейчас слишком много чатов. Пожалуйста, вернитесь немного позже."},
    "refused": {"en": "Nobody can answer now. Please try again later.",
                "ru": "Сейчас ответить некому. Попробуйте позже."},
    "too_long": {"en": "This is too long. Please write it in parts.", "ru": "Слишком длинно. Напишите по частям."},
    "over": {"en": "This chat is over.", "ru": "Этот чат завершён."},
}


# What of a message is no text, by its field; an animation has `document` as well, so the first one counts.
INSTEAD: Final[dict[str, dict[str, str]]] = {
    "photo": {"en": "picture", "ru": "картинка"}, "animation": {"en": "moving picture", "ru": "анимация"},
    "voice": {"en": "voice message", "ru": "голосовое сообщение"}, "audio": {"en": "sound", "ru": "звук"},
    "video": {"en": "video", "ru": "видео"}, "video_note": {"en": "video", "ru": "видео"},
    "document": {"en": "file", "ru": "файл"}, "sticker": {"en": "sticker", "ru": "стикер"},
    "location": {"en": "place", "ru": "место на карте"}, "contact": {"en": "contact", "ru": "контакт"},
}
NOT_TAKEN: Final[dict[str, str]] = {"en": "[{what}: did not come, since this channel takes text only]",
                                    "ru": "[{what}: не доходит, этот канал передаёт только текст]"}
CAPTION = 2_000             # signs of what stood beside it; Telegram allows 1,024


def sent_instead(message: dict[str, Any], language: str) -> str:
    """What is said to us of a message without text, with the words that stood beside it; "" for one that nobody has
    sent as such."""
    what = next((names for field, names in INSTEAD.items() if field in message), None)
    if what is None:
        return ""
    spoken = "ru" if language.lower().startswith("ru") else "en"
    return f"{NOT_TAKEN[spoken].format(what=what[spoken])} {caption(message)}".strip()


def caption(message: dict[str, Any]) -> str:
    """The words that stood beside what is no text; "" where there are none."""
    return str(message.get("caption") or "").encode(errors="replace").decode().replace("\0", "")[:CAPTION].strip()


def words(what: str, language: str) -> str:
    """In the language of the visitor, as far as we speak it."""
    said = WORDS.get(what, WORDS["refused"])
    return said["ru" if language.lower().startswith("ru") else "en"]
