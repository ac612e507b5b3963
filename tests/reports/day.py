"""A day of calls as control writes it, and beside it what truly happened, noted down while the calls are told.

The rows are those of `ivr.call.visit`; the notes are kept apart from them, and the naive figures of `reference.py` are
counted from the notes alone.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.base.ids import Ids
from ivr.base.values import changed
from ivr.call.record import Batch, CallRow, OperatorEntryRow, Outcome, PersonRow, RequestStatus
from ivr.call.visit import Visit

MIDNIGHT = datetime(2024, 5, 16, 21, 0, tzinfo=UTC)       # in Moscow
LINES = {"100": "Europe/Moscow", "200": "Asia/Vladivostok", "300": "UTC"}
QUEUES = ("cards", "loans", "corporate")
OPERATORS = ("anna", "boris", "vera", "gleb")
TOPICS = ("", "lost card", "утеря", "rates", "transfer")
MENUS = ("language", "main", "cards")


@dataclass
class ToldStay:
    queue: str
    began: datetime
    ending: str = "waiting"
    wait: float = 0.0


@dataclass
class ToldTalk:
    operator: str
    queue: str
    began: datetime
    talk: float = 0.0
    hold: float = 0.0


@dataclass
class Told:
    """One visit as it truly was."""

    line: str
    language: str
    began: datetime
    outcome: str | None = None
    topic: str = ""
    stays: list[ToldStay] = field(default_factory=list)
    talks: list[ToldTalk] = field(default_factory=list)
    offers: list[tuple[str, str, bool]] = field(default_factory=list)       # operator, queue, missed
    menus: list[str] = field(default_factory=list)
    first_queue_from: str = ""
    asked: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    number: str | None = None
    request: tuple[str, str, datetime, datetime | None] | None = None       # queue, operator, opened, closed by one


class Teller:
    """Tells one visit: every method moves its clock on and makes entries and notes."""

    def __init__(self, chance: random.Random, number: int, began: datetime) -> None:
        self.chance, self.now = chance, 0.0
        self.began = began
        line, language = chance.choice(list(LINES)), chance.choice(("ru", "en"))
        ids = Ids(lambda size: chance.randbytes(size))
        row = CallRow(id=ids.uuid(), revision=1, node="a", boot_id="boot", line=line, dialled=line, language=language,
                      began_at=began)
        caller = None if chance.random() < 0.1 else f"+7{chance.randrange(150)}"
        self.visit = Visit(row, PersonRow(row.id, caller, None), ids, lambda at: began + timedelta(seconds=at))
        self.told = Told(line, language, began, number=caller)

    def pass_time(self, most: float) -> None:
        """Whole milliseconds: what either database keeps."""
        self.now = round(self.now + self.chance.choice((0.0, self.chance.uniform(0, most))), 3)

    def at(self) -> datetime:
        return self.began + timedelta(seconds=self.now)

    def answer(self) -> None:
        self.visit.entry(self.now, "offered", dialled=self.told.line)
        self.visit.answered(self.now)

    def enter_menus(self) -> None:
        for menu in self.chance.sample(MENUS, self.chance.randint(1, 3)) + self.chance.choices(MENUS, k=1):
            self.pass_time(8)
            self.visit.entry(self.now, "menu_entered", menu=menu)
            self.visit.entry(self.now, "noinput", menu=menu, count=1)
            self.told.menus.append(menu)

    def ask(self, question: str) -> None:
        self.visit.entry(self.now, "survey_asked", menu="main", survey="service", question=question)
        self.told.asked.add(question)
        if self.chance.random() < 0.7:
            for _ in range(self.chance.choice((1, 1, 2))):
                answer = self.chance.choice("12345") if question == "friendly" else self.chance.choice(("yes", "no"))
                self.pass_time(5)
                self.visit.entry(self.now, "survey_answered", menu="main", survey="service", question=question,
                                 answer=answer)
                self.told.answers[question] = answer

    def queue(self, queue: str) -> None:
        first = self.visit.request is None
        if first:
            self.told.topic = self.chance.choice(TOPICS)
            self.told.first_queue_from = self.told.menus[-1] if self.told.menus else ""
        self.visit.open_request(self.now, queue, self.told.topic)
        if first:
            self.told.request = (queue, "", self.at(), None)
        assert self.told.request is not None
        self.told.request = (queue, *self.told.request[1:])
        self.pass_time(0.2)
        self.visit.entry(self.now, "queued", queue=queue)
        self.told.stays.append(ToldStay(queue, self.at()))

    def ring_in_vain(self) -> None:
        operator, reason = self.chance.choice(OPERATORS), self.chance.choice(("no_answer", "busy", "caller_left"))
        self.visit.entry(self.now, "operator_offered", operator=operator)
        self.pass_time(20)
        self.visit.entry(self.now, "offer_failed", operator=operator, reason=reason)
        self.told.offers.append((operator, self.told.stays[-1].queue, reason != "caller_left"))

    def end_stay(self, ending: str) -> None:
        stay = self.told.stays[-1]
        stay.ending, stay.wait = ending, (self.at() - stay.began).total_seconds()

    def talk(self) -> None:
        operator = self.chance.choice(OPERATORS)
        self.visit.entry(self.now, "operator_offered", operator=operator)
        self.told.offers.append((operator, self.told.stays[-1].queue, False))
        self.pass_time(10)
        self.end_stay("answered")
        self._bridge(operator)
        assert self.told.request is not None
        queue, _, opened, closed = self.told.request
        self.told.request = (queue, operator, opened, closed)

    def _bridge(self, operator: str) -> None:
        self.visit.bridged(self.now, operator)
        talk = ToldTalk(operator, self.told.stays[-1].queue, self.at())
        self.told.talks.append(talk)
        self._speak(talk)
        if self.chance.random() < 0.3:
            self.visit.entry(self.now, "held", by=operator)
            before = self.now
            self.pass_time(40)
            self.visit.entry(self.now, "resumed", by=operator)
            talk.hold += self.now - before
            self._speak(talk)

    def _speak(self, talk: ToldTalk) -> None:
        before = self.now
        self.pass_time(300)
        talk.talk += self.now - before

    def transfer(self) -> None:
        """To a colleague's phone, who may not answer; then the caller is back."""
        talk = self.told.talks[-1]
        self.visit.entry(self.now, "transfer_requested", by=talk.operator, to="boris")
        self.visit.parted(self.now)
        self.pass_time(20)
        if self.chance.random() < 0.5:
            self.visit.entry(self.now, "transfer_failed", by=talk.operator, to="boris", status=480)
            self.visit.talks(self.now)
            self._speak(talk)
            return
        self.visit.entry(self.now, "transferred", by=talk.operator, to="boris")
        self._bridge("boris")
        assert self.told.request is not None
        queue, _, opened, closed = self.told.request
        self.told.request = (queue, "boris", opened, closed)

    def end(self, outcome: str, by: str) -> None:
        self.visit.ended(self.now, Outcome(outcome), by, "told")
        self.told.outcome = outcome

    def close_request(self) -> None:
        """What an operator answered they may close, hours or days later."""
        request = self.visit.request
        if request is not None and request.status is RequestStatus.ANSWERED and self.chance.random() < 0.7:
            at = self.at() + timedelta(hours=self.chance.choice((0, 1, 5, 30)))
            self.visit.request = changed(request, status=RequestStatus.CLOSED, closed_at=at)
            self.visit.request_changed = True
            assert self.told.request is not None
            self.told.request = (*self.told.request[:3], at)

    def batch(self) -> Batch:
        batch = self.visit.take_batch()
        assert batch is not None
        return batch


# --- stories --------------------------------------------------------------------------------------------------------
def refused(teller: Teller) -> None:
    teller.end("refused", "hotline")


def left_in_menu(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    teller.pass_time(20)
    teller.end("abandoned", "caller")


def served(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    teller.ask("friendly")
    teller.end("self_served", teller.chance.choice(("caller", "hotline")))


def closed(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    teller.end("closed", "hotline")


def transferred(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    teller.visit.entry(teller.now, "transferring", target="branch")
    teller.visit.bridged(teller.now, "", "branch")
    teller.pass_time(100)
    teller.end("transferred", "caller")


def _into_queue(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    teller.queue(teller.chance.choice(QUEUES))
    for _ in range(teller.chance.choice((0, 0, 1, 2))):
        teller.ring_in_vain()
    teller.pass_time(45)


def answered(teller: Teller) -> None:
    _into_queue(teller)
    teller.talk()
    if teller.chance.random() < 0.2:
        teller.transfer()
    if teller.chance.random() < 0.5:
        teller.visit.entry(teller.now, "survey_begun", menu="main")
        teller.ask("friendly")
        teller.ask("solved")
    teller.end("answered", teller.chance.choice(("caller", "operator")))
    teller.close_request()


def abandoned(teller: Teller) -> None:
    _into_queue(teller)
    teller.end_stay("abandoned")
    teller.end("abandoned", "caller")


def lost(teller: Teller) -> None:
    _into_queue(teller)
    teller.end_stay("failed")
    teller.end("failed", teller.chance.choice(("hotline", "network")))


def overflowed(teller: Teller) -> None:
    _into_queue(teller)
    teller.end_stay("overflow")
    teller.visit.entry(teller.now, "overflowed", queue=teller.told.stays[-1].queue, reason="max_wait")
    if teller.chance.random() < 0.5:
        teller.end("overflow", "hotline")
        return
    teller.queue("corporate")
    teller.pass_time(30)
    teller.talk()
    teller.end("answered", "operator")


def sent_back(teller: Teller) -> None:
    """An operator sends the caller into another queue, where they hang up, or are answered."""
    _into_queue(teller)
    teller.talk()
    teller.visit.entry(teller.now, "transfer_requested", by=teller.told.talks[-1].operator, to="loans")
    teller.visit.entry(teller.now, "transferred", by=teller.told.talks[-1].operator, to="loans")
    teller.visit.parted(teller.now)
    teller.queue("loans")
    teller.pass_time(30)
    if teller.chance.random() < 0.5:
        teller.end_stay("abandoned")
        teller.end("answered", "caller")
        assert teller.told.request is not None
        teller.told.request = (*teller.told.request[:3], teller.at())     # the request is closed with the call
        return
    teller.talk()
    teller.end("answered", "caller")


def left_otherwise(teller: Teller) -> None:
    """Who asked to be called back, or left a message, has left the queue so."""
    _into_queue(teller)
    how = teller.chance.choice(("callback", "voicemail"))
    teller.end_stay(how)
    teller.visit.entry(teller.now, "stay_ended", queue=teller.told.stays[-1].queue, ending=how)
    teller.end(how, "hotline")


def in_progress(teller: Teller) -> None:
    teller.answer()
    teller.enter_menus()
    if teller.chance.random() < 0.7:
        teller.queue(teller.chance.choice(QUEUES))


STORIES: tuple[tuple[Callable[[Teller], None], int], ...] = (
    (refused, 4), (left_in_menu, 8), (served, 12), (closed, 5), (transferred, 4), (answered, 35), (abandoned, 10),
    (lost, 3), (overflowed, 7), (sent_back, 5), (left_otherwise, 4), (in_progress, 3))


def a_day(calls: int, seed: int = 7) -> tuple[list[Batch], list[Told]]:
    """The rows and the truth; a few calls are of the days before and after."""
    chance = random.Random(seed)
    stories, weights = zip(*STORIES, strict=True)
    batches, told = [], []
    for number in range(calls):
        began = MIDNIGHT + timedelta(milliseconds=chance.randrange(-4 * 3_600_000, 34 * 3_600_000))
        teller = Teller(chance, number, began)
        chance.choices(stories, weights)[0](teller)
        batches.append(teller.batch())
        told.append(teller.told)
    return batches, told


# --- operators ------------------------------------------------------------------------------------------------------
@dataclass
class ToldSpell:
    operator: str
    status: str
    state: str
    reachable: bool
    began: datetime
    ended: datetime | None
    visit: Told | None
    queue: str


def a_day_of_operators(batches: list[Batch], told: list[Told], seed: int = 8) -> tuple[Batch, list[ToldSpell]]:
    """How operators stood from before the day until after it. One run of control dies on the way, one ends in order."""
    chance = random.Random(seed)
    calls = [(batch.calls[0].id, each) for batch, each in zip(batches, told, strict=True) if each.talks]
    rows, spells, position = [], [], 0
    for operator in OPERATORS:
        at, boot = MIDNIGHT - timedelta(hours=30), "first"
        while at < MIDNIGHT + timedelta(hours=40):
            if boot == "first" and at > MIDNIGHT + timedelta(hours=6):
                boot = "second"
                if spells and spells[-1].ended == at:
                    spells.pop()        # the first one died: nobody knows until when this held
            status = chance.choice(("available", "available", "on_break", "logged_out"))
            late = at > MIDNIGHT + timedelta(hours=37)
            state = chance.choice(("idle", "ringing", "on_call") if late else (
                "idle", "ringing", "on_call", "wrap_up", "gone"))
            before = [each for each in calls if each[1].began < at]
            state = state if before else "idle"
            call, visit = chance.choice(before) if state in ("on_call", "wrap_up") else ("", None)
            queue = visit.talks[-1].queue if visit else ""
            reachable = chance.random() < 0.9
            position += 1
            rows.append(OperatorEntryRow(id=f"{boot}/{operator}/{position}", node="a", boot_id=boot, operator=operator,
                                         position=position, at=at, status=status, reason="", by="", state=state,
                                         reachable=reachable, call_id=call, queue=queue))
            later = at + timedelta(milliseconds=chance.randrange(3 * 3_600_000))
            if state != "gone":
                spells.append(ToldSpell(operator, status, state, reachable, at, later, visit, queue))
            at = later
        if spells and spells[-1].operator == operator and spells[-1].ended == at:
            spells[-1].ended = None     # the last one: it goes on
    return Batch(operator_entries=tuple(rows)), spells
