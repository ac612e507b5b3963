"""Supervisors of chats, in virtual time: read along, write notes to the operator, write with both."""

from typing import Any

from ivr.call.supervising import Mode
from ivr.exchange import card
from tests.exchange.test_texting_seats import Floor


class Watched(Floor):
    """anna has a visitor, and boris watches."""

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self.anna.answers()
        self.writes = self.visitor()
        self.anna.accept()
        self.call_id = next(iter(self.story.rows()))
        self.boris.answers()
        self.choose(mode)
        self.boris.accept()

    def choose(self, mode: Mode) -> None:
        exchange = self.story.hotline.exchange
        self.carried(exchange.supervise(self.call_id, "boris", mode, self.story.world.now))

    def says(self, text: str, **more: Any) -> None:
        self.boris.say(text, **more)
        self.story.world.run(1)

    def kept(self) -> list[tuple[str, str, str | None]]:
        """Of people of ours: sender, audience, body."""
        return [(row.sender, row.audience, row.body) for batch in self.story.hotline.stored for row in batch.messages
                if row.sender not in ("caller", "hotline")]

    def mode(self) -> str:
        shown = card.at_desk(self.story.hotline.exchange.house, "boris", self.story.world.now)
        return str(shown["cards"][0]["mode"])


def test_listen__reads_along_and_writes_nothing() -> None:
    floor = Watched("listen")
    floor.writes.say("hello")
    floor.anna.say("good day")
    floor.anna.say("whom shall I ask?", private=True)
    floor.story.world.run(1)
    assert [text for _, text in floor.boris.read()][-3:] == ["hello", "good day", "whom shall I ask?"]
    floor.says("say sorry", key="k")
    assert floor.boris.kinds("refused") == [{"key": "k", "reason": "listens"}]
    assert "say sorry" not in str(floor.anna.told) + str(floor.writes.told)
    assert floor.mode() == "listen"
    floor.over()


def test_whisper__is_a_note_that_the_operator_reads() -> None:
    floor = Watched("listen")
    floor.choose("whisper")
    floor.says("offer a discount")
    assert floor.anna.read()[-1] == ("boris", "offer a discount")
    assert "discount" not in str(floor.writes.told)
    assert floor.kept() == [("boris", "staff", "offer a discount")]
    assert floor.mode() == "whisper"
    floor.over()


def test_barge__both_read_it_and_notes_are_still_for_us() -> None:
    floor = Watched("barge")
    floor.says("I am the supervisor")
    floor.says("leave it to me", private=True)
    assert floor.writes.read()[-1] == ("boris", "I am the supervisor")
    assert [text for _, text in floor.anna.read()][-2:] == ["I am the supervisor", "leave it to me"]
    floor.writes.say("thank you")
    floor.story.world.run(1)
    assert floor.boris.read()[-1] == floor.anna.read()[-1] == ("caller", "thank you")
    assert floor.kept() == [("boris", "all", "I am the supervisor"), ("boris", "staff", "leave it to me")]
    floor.over()
