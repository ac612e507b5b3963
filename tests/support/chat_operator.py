"""An operator's page that answers chats, by the API alone."""

import json
import urllib.request
from typing import Any

from tests.support.service import Service, wait_for
from tests.support.web_page import log_in


class Operator:
    """Logged in; `ask` is what the page would ask."""

    def __init__(self, service: Service, name: str) -> None:
        self.web, self.sent = str(service.config["web"]["listen"]), 0
        password = next(line.split()[-1] for line in (service.state / "first-passwords.txt").read_text().splitlines()
                        if "web" in line.split() and name in line.split())
        self.cookie = log_in(self.web, name, password)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON of `/api` + path. Raises OSError."""
        request = urllib.request.Request(
            f"http://{self.web}/api{path}", method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Cookie": self.cookie, "Content-Type": "application/json", "X-Hotline": "1",
                     "Origin": f"http://{self.web}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            content = answer.read()
            return json.loads(content) if content else None

    def answers(self) -> None:
        """Chats are for this desk, for a while: it has no page that looks on."""
        self.ask("PUT", "/desk/chats", {"answers": True})

    def say(self, call: str, body: str, **more: Any) -> None:
        self.sent += 1
        self.ask("POST", f"/chats/{call}/messages", {"body": body, "key": f"o{self.sent}", **more})

    def reads(self, call: str) -> list[tuple[str, str]]:
        """Who wrote what."""
        return [(one["sender"], one["body"]) for one in self.ask("GET", f"/chats/{call}/messages")["items"]]

    def rings(self) -> str:
        """The chat that is offered."""
        cards = wait_for(lambda: [card for card in self.ask("GET", "/desk")["cards"] if card["state"] == "ringing"], 30,
                         "nothing is offered")
        return str(cards[0]["call"])

    def takes(self, call: str) -> None:
        """This chat, as soon as it is offered."""
        wait_for(lambda: [card for card in self.ask("GET", "/desk")["cards"]
                          if card["state"] == "ringing" and card["call"] == call], 30, "it is not offered")
        self.ask("POST", f"/chats/{call}/take")
        wait_for(lambda: [card for card in self.ask("GET", "/desk")["cards"]
                          if card["state"] == "talking" and card["call"] == call], 30, "they have no chat")
