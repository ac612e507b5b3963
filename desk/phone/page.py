"""One WebSocket with its page: what it says becomes operations of control and frames, and back."""

from typing import Any

from desk.bucket import Bucket
from desk.phone import protocol
from desk.phone.outbox import Outbox, Send
from desk.phone.stream import Stream
from desk.phone.words import Words


class PageSocket:
    """A page that has said hello. `phone` is what control calls it, `tab` which page it is."""

    def __init__(self, send: Send, kind: str, account: str | None, cookie: str | None, host: str) -> None:
        self.outbox = Outbox(send)
        self.kind, self.account, self.cookie, self.host = kind, account, cookie, host
        self.elsewhere = False                       # another tab has the phone
        self.phone = self.tab = self.token = ""
        self.person = ""                             # who opened it, if they were logged in then
        self.user_agent = ""
        self.state: dict[str, Any] = {"state": "idle", "call": None}
        self.stream = Stream(0, 0, 0)
        self.frames = Bucket(protocol.FRAMES_PER_S, protocol.FRAMES_BURST)
        self.wishes = Bucket(protocol.WISHES_PER_S, protocol.WISHES_BURST)
        self.texts = Bucket(protocol.TEXTS_PER_S, protocol.TEXTS_BURST)
        self.dropped = Bucket(protocol.DROPPED_PER_S, protocol.DROPPED_BURST)
        self.faults = Bucket(protocol.FAULTS_PER_S, protocol.FAULTS_BURST)
        self.missed: list[dict[str, Any]] = []       # while it is being opened
        self._told_lost = -1

    @property
    def vouched(self) -> bool:
        """Whether somebody opened it who was logged in."""
        return self.person != ""

    # --- audio ------------------------------------------------------------------------------------------------------
    def flush(self) -> None:
        """Frames for the page; one whose network is slow gets the newest ones later."""
        down, outbox = self.stream.down, self.outbox
        while down and not outbox.busy:
            outbox.frame(down.popleft())
        if down:
            self.stream.wait()

    def take_frame(self, frame: bytes, now: float) -> bool:
        """A frame of the page's, if it is one and not one too many; False if there were too many such."""
        if len(frame) == protocol.FRAME and self.frames.take(now):
            self.stream.take(frame)
            return True
        self.stream.lost += 1
        return (self.dropped if len(frame) == protocol.FRAME else self.faults).take(now)

    # --- what the page is told --------------------------------------------------------------------------------------
    def refuse(self, code: str, message: str) -> None:
        self.outbox.tell({"type": "refused", "code": code, "message": message})

    def ready(self) -> None:
        self.outbox.tell({"type": "ready", "token": self.token, "account": self.account, **self.state})

    def note(self, fields: dict[str, Any]) -> None:
        """How the phone stands, as control says."""
        self.state = {name: fields.get(name) for name in ("state", "call", "number", "name", "held", "rings")}

    def pushed(self, kind: str, fields: dict[str, Any], words: Words) -> None:
        """What control says of the phone, in the page's words."""
        match kind:
            case "state":
                self.note(fields)
                self.outbox.tell({"type": "state", **self.state})
            case "ended":
                self.state = {"state": "idle", "call": None}
                self.outbox.tell({"type": "ended", "call": fields.get("call"), "reason": fields.get("reason", ""),
                                  "status": fields.get("status", 0)})
            case "heard":
                self.outbox.tell({"type": "heard", "replace": fields.get("replace"), "loop": fields.get("loop"),
                                  "items": words.heard(fields)})
            case "menu":
                self.outbox.tell({"type": "menu", **words.menu(fields)})
            case "with":
                self.outbox.tell({"type": "with", "whom": fields.get("whom", "")})
            case "queue":
                self.outbox.tell({"type": "queue", "queue": fields.get("queue"), "place": fields.get("place"),
                                  "wait": fields.get("wait")})

    def figures(self) -> None:
        """How the audio does, once in a while: only what has changed, or is late."""
        late, lost = self.stream.late_ms, self.stream.lost
        if self.stream.plane is not None and (late or lost != self._told_lost):
            self._told_lost = lost
            self.outbox.tell({"type": "figures", "late_ms": late, "lost": lost})
