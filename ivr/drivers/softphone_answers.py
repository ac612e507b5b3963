"""What pyVoIP 1.6.8 hears and does not tell: how its INVITE was refused, and that its BYE was answered.

It knows two refusals and prints of the others that they are to be done. So its responses are looked at before it.
"""

import importlib
import threading
from contextlib import suppress
from typing import Any

PRINTING = ("pyVoIP.SIP", "pyVoIP.VoIP.VoIP", "pyVoIP.RTP")
LOOK = {
    401: "is the password of the account right?", 403: "may this account call there? see `callers` of the line",
    404: "there is no such number; see `numbers` of the lines in config.yaml",
    480: "nobody is there; see hotline operators and hotline phones",
    486: "busy, or as many calls as may be; see hotline calls and its log",
    488: "no codec or no encryption in common; see `srtp` of the account",
    503: "no calls are taken now; its log says why",
    603: "it was declined; hotline calls says why",
}
ELSE = "the log of the hotline says why"


class Refused(Exception):
    """The INVITE's final answer, when it is no 2xx."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"it was refused with {f'{status} {reason}'.rstrip()} ({LOOK.get(status, ELSE)})")


class Answers:
    """Responses to a registered pyVoIP client, from now on."""

    def __init__(self, sip: Any) -> None:
        self.refused: Refused | None = None
        self.bye_answered = threading.Event()
        self._sip, self._next = sip, sip.parse_message
        sip.parse_message = self._parse_message

    def _parse_message(self, message: Any) -> None:
        """Raises Refused: that ends pyVoIP's wait within `invite`; its loop that receives goes on."""
        status = int(message.status or 0) if message.heading.startswith(b"SIP/") else 0
        method = message.headers["CSeq"]["method"]
        if status >= 300 and method == "INVITE":
            self._take_refusal(message, status)
        elif status >= 200 and method == "BYE":
            self.bye_answered.set()
        elif status == 0 or status >= 200:
            self._next(message)

    def _take_refusal(self, message: Any, status: int) -> None:
        with suppress(OSError):
            self._sip.out.sendto(self._sip.gen_ack(message).encode(), (self._sip.server, self._sip.port))
        if int(message.headers["CSeq"]["check"]) != self._sip.inviteCounter.current() - 1:
            return          # the challenge, once more: our ACK of it was lost
        reason = message.heading.decode(errors="replace").split(" ", 2)[2:]
        self.refused = self.refused or Refused(status, " ".join(reason))
        raise self.refused


def silence() -> None:
    """Keep pyVoIP from printing what it has left to do."""
    for name in PRINTING:
        vars(importlib.import_module(name))["debug"] = lambda *told: None
