"""A double of Telegram's Bot API, written from its documentation: real HTTP on loopback, no Telegram behind it.

It checks what the real one checks, keeps a journal of every call, and can bring updates twice or out of order, answer
429 and 5xx, take the token away, know visitors who blocked the bot, and go away.
"""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.posts_server import Answer, PostsServer
from tests.support.service import wait_for

LONGEST = 4096
API_PORT = 8091
TOKEN = "700100:AAE-a-token-that-stands-in-addresses"


class Refused(Exception):
    """What the API answers instead of a result."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.parameters = status, parameters


@dataclass
class Telegram:
    """`sent` is what visitors read: {chat_id, text, buttons, message_id}; `waits` are updates not confirmed yet."""

    host: str
    port: int
    token: str
    journal: list[tuple[str, dict[str, Any], int]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    faults: dict[str, list[Refused]] = field(default_factory=dict)      # by method: what the next calls get
    waits: list[dict[str, Any]] = field(default_factory=list)
    twice: bool = False             # each batch of updates is brought once more, confirmed or not
    shuffled: bool = False          # a batch comes in another order
    webhook: dict[str, Any] = field(default_factory=dict)
    asking: int = 0
    _last: list[dict[str, Any]] = field(default_factory=list)
    _numbers: int = 1000
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: PostsServer | None = None

    # --- what visitors do -------------------------------------------------------------------------------------------
    def write(self, user: int, text: str | None, *, language: str = "en", chat_type: str = "private",
              **more: Any) -> int:
        """A message of a visitor; its id."""
        who = {"id": user, "is_bot": False, "first_name": "Мария", "language_code": language}
        self._numbers += 1
        number = self._numbers
        message = {"message_id": number, "date": 1, "chat": {"id": user, "type": chat_type}, "from": who, **more}
        self._bring({"message": message if text is None else {**message, "text": text}})
        return number

    def press(self, user: int, label: str, message: dict[str, Any] | None = None) -> None:
        """A button of the visitor's last message that has it."""
        shown = message or next(one for one in reversed(self.of(user)) if label in one["buttons"])
        self._numbers += 1
        self._bring({"callback_query": {
            "id": str(self._numbers), "chat_instance": "1", "data": shown["buttons"][label],
            "from": {"id": user, "is_bot": False, "first_name": "Мария", "language_code": "en"},
            "message": {"message_id": shown["message_id"], "chat": {"id": user, "type": "private"}}}})

    def block(self, user: int) -> None:
        self.blocked.add(user)

    def of(self, user: int) -> list[dict[str, Any]]:
        return [one for one in list(self.sent) if one["chat_id"] == user]

    def texts(self, user: int) -> list[str]:
        return [one["text"] for one in self.of(user)]

    def reads(self, user: int, text: str, timeout: float = 20.0) -> dict[str, Any]:
        return dict(wait_for(lambda: next((one for one in self.of(user) if text in one["text"]), None), timeout,
                             f"{user} does not read {text!r}: {self.texts(user)}"))

    def count(self, method: str) -> int:
        return sum(called == method for called, _, _ in list(self.journal))

    def _bring(self, update: dict[str, Any]) -> None:
        with self._changed:
            self._numbers += 1
            update = {"update_id": self._numbers, **update}
            self.waits.append(update)
            self._changed.notify_all()
        if self.webhook.get("url"):
            threading.Thread(target=self._to_webhook, args=(update,), daemon=True).start()

    def _to_webhook(self, update: dict[str, Any]) -> None:
        """Until it is taken, as the real one does; there its waits grow."""
        for _ in range(60):
            if self.post(update, self.webhook["secret_token"]) < 300:
                with self._changed:
                    self.waits.remove(update)
                return
            threading.Event().wait(0.5)

    def post(self, update: dict[str, Any], secret: str) -> int:
        """An update to the webhook's address, with a secret; the status, 599 for none."""
        request = urllib.request.Request(
            self.webhook["url"], data=json.dumps(update).encode(), method="POST",
            headers={"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=15) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return int(error.code)
        except OSError:
            return 599

    # --- the API ----------------------------------------------------------------------------------------------------
    def call(self, token: str, method: str, given: dict[str, Any]) -> Any:
        if token != self.token:
            raise Refused(401, "Unauthorized")
        if self.faults.get(method):
            raise self.faults[method].pop(0)
        return getattr(self, f"_{method}")(given)

    def _getUpdates(self, given: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.asking:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        self.asking += 1
        try:
            with self._changed:
                self.waits = [one for one in self.waits if one["update_id"] >= given.get("offset", 0)]
                again = self._last if self.twice else []
                self._changed.wait_for(lambda: self.waits or again or self._server is None or not self._server.runs,
                                       min(float(given.get("timeout", 0)), 2.0))
                self._last, batch = [], [*again, *self.waits[:given.get("limit", 100)]]
                self._last = [one for one in batch if one not in again]
                return list(reversed(batch)) if self.shuffled else batch
        finally:
            self.asking -= 1

    def _sendMessage(self, given: dict[str, Any]) -> Any:
        text, user = given.get("text"), given["chat_id"]
        if user in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not isinstance(text, str) or not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            raise Refused(400, "Bad Request: message is too long")
        buttons = {}
        for row in given.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if not button["text"] or not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
                buttons[button["text"]] = button["callback_data"]
        if "parse_mode" in given:
            raise Refused(400, "the hotline sends plain text")
        self._numbers += 1
        self.sent.append({"chat_id": user, "text": text, "buttons": buttons, "message_id": self._numbers})
        return {"message_id": self._numbers, "chat": {"id": user, "type": "private"}, "text": text}

    def _answerCallbackQuery(self, given: dict[str, Any]) -> Any:
        self.answered.append(given)
        return True

    def _deleteMessage(self, given: dict[str, Any]) -> Any:
        self.deleted.append((given["chat_id"], given["message_id"]))
        return True

    def _sendChatAction(self, given: dict[str, Any]) -> Any:
        return True

    def _setWebhook(self, given: dict[str, Any]) -> Any:
        self.webhook = dict(given)
        return True

    def _deleteWebhook(self, given: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    def _getWebhookInfo(self, given: dict[str, Any]) -> Any:
        return {"url": self.webhook.get("url", ""), "pending_update_count": len(self.waits)}

    # --- HTTP -------------------------------------------------------------------------------------------------------
    def start(self) -> "Telegram":
        self._server = PostsServer(self.host, self.port, self._called)
        self._server.start()
        return self

    def stop(self) -> None:
        """Nobody answers any more; what waits is kept."""
        if self._server is not None:
            self._server.stop(leaving=self._wake)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _called(self, path: str, _headers: Mapping[str, str], body: bytes) -> Answer:
        given = json.loads(body or b"{}")
        _, bot, method = path.split("/")
        status, told = 200, dict[str, Any]()
        try:
            told = {"ok": True, "result": self.call(bot.removeprefix("bot"), method, given)}
        except Refused as refused:
            status = refused.status
            told = {"ok": False, "error_code": status, "description": str(refused)}
            if refused.parameters:
                told["parameters"] = refused.parameters
        self.journal.append((method, given, status))
        return status, {}, json.dumps(told).encode()


@contextmanager
def telegram_at(host: str) -> Iterator[Telegram]:
    """One that knows the bot of `bot_channel`."""
    double = Telegram(host, API_PORT, TOKEN).start()
    try:
        yield double
    finally:
        double.stop()


def bot_channel(folder: Path, telegram: Telegram, **more: Any) -> dict[str, Any]:
    """`channels.telegram` of a hotline that has its bot there; the token's file is in `folder`."""
    secret = folder / "token"
    secret.write_text(telegram.token + "\n")
    secret.chmod(0o600)
    return {"line": "100", "token_file": str(secret), "api": f"http://{telegram.host}:{telegram.port}", **more}
