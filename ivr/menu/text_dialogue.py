"""A dialogue by messages instead of keys: the same caller, in a chat. Nothing is heard that takes time."""

from ivr.menu.collection import Entry
from ivr.menu.dialogue import Dialogue, Heard
from ivr.menu.facts import Facts
from ivr.menu.model import Menu
from ivr.menu.steps import Play, Step
from ivr.menu.text.events import Typed
from ivr.menu.text.interpreter import PATIENCE, TextInterpreter
from ivr.menu.text.offered import ASKING
from ivr.menu.watched import Watched

CLOSE = 1e-9            # s; sums of floats


class WatchedText(Watched, TextInterpreter):
    """A text channel's interpreter that remembers where it did something."""


class TextDialogue(Dialogue):
    """One visitor at one menu. Keys become messages, one for each answer: they are cut as the question asked would cut
    them, and sent when it has enough of them, or the visitor does something else. Who speaks writes into the recording.

    `heard` has the prompts that were written, by their clips, and `written` what stood there.
    """

    patience = PATIENCE
    _draft = ""             # keys of an answer that may go on
    _sent_at = 0.0          # when it is sent if nothing more comes

    def new_interpreter(self, menu: Menu, language: str | None, facts: Facts) -> Watched:
        made = WatchedText(menu, language, facts)
        made.patience = self.patience
        return made

    # --- what a visitor can do ---------------------------------------------------------------------------------------
    def type(self, text: str) -> "TextDialogue":
        """Send a message as it is."""
        self._draft = ""
        assert isinstance(self.interpreter, TextInterpreter)
        self._do(self.interpreter.handle(Typed(text, self.now), self.now))
        return self

    def press(self, keys: str, hold: float = 0.1, pause: float = 0.1) -> "TextDialogue":
        for digit in keys:
            self._press(digit, hold)
            super().wait(hold + pause)
        return self

    def speak(self, seconds: float) -> "TextDialogue":
        self._send()
        super().speak(seconds)
        return self

    def wait(self, seconds: float) -> "TextDialogue":
        """Who waits so long that no key would follow has sent what they typed."""
        until = self.now + seconds
        if self._draft and self._sent_at <= until + CLOSE:
            super().wait(max(0.0, self._sent_at - self.now))
            self._send()
        super().wait(max(0.0, until - self.now))
        return self

    def silence(self) -> "TextDialogue":
        if not self._send():
            super().silence()
        return self

    def settle(self) -> "TextDialogue":
        self._send()
        super().settle()
        return self

    def _press(self, digit: str, hold: float) -> None:
        if self._take is not None:
            taking = self.interpreter.under_way()
            if digit in getattr(taking, "end_keys", ""):
                self.tell(self._end_take(self._take, "the caller ended it"))
        elif self.interpreter.state in ASKING:
            question = self.interpreter.question
            entry, self._draft = question.add_key(self._draft, digit)
            self._sent_at = self.now + hold + question.interdigit
            if entry not in (Entry.OPEN, Entry.ANEW):
                self._send()

    def _send(self) -> bool:
        """Whether there was anything to send."""
        draft, self._draft = self._draft, ""
        if draft:
            whole, point, fraction = draft.partition(getattr(self.interpreter.question, "point", "") or "none")
            has_point = point and whole.isdecimal() and fraction.isdecimal() and len(fraction) <= 2
            self.type(f"{whole}.{fraction}" if has_point else draft)
        return bool(draft)

    @property
    def goes_on(self) -> bool:
        """Whether an answer is begun and not sent yet."""
        return bool(self._draft)

    # --- what comes of it --------------------------------------------------------------------------------------------
    @property
    def written(self) -> list[str]:
        """All that the visitor could read, in order."""
        return [words for _, step in self.taken if isinstance(step, Play) for words in step.words]

    def _do(self, taken: list[Step]) -> None:
        """What is written is there at once."""
        super()._do(taken)
        while self._playing:
            self._advance(self.now)

    def _play_ends_at(self) -> float:
        return self._began_at

    def _write_heard(self, play: Play, until: float) -> None:
        self.heard += [Heard(self.now, clip, cut=False) for clip in play.clips]
