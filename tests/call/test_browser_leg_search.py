"""The phone in a page, searched: every command and every event in every state, by chance and by table."""

import random
from collections import Counter
from typing import Any

import pytest

from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from ivr.call.browser_leg import (
    OF_LEGS,
    BrowserPhone,
    PageAnswers,
    PageDials,
    PageHangsUp,
    PageHolds,
    PageLeft,
    PageMoved,
    PageTold,
    PhoneState,
)
from ivr.sdp.offer_answer import LocalMedia, make_answer, make_offer
from ivr.sip import commands as c
from ivr.sip import events as e
from ivr.sip.message.uri import Uri

HOUSE = LocalMedia("127.0.0.1", 20_000, 1, 1, ("PCMU",))
ENDED = (e.LegEnded,)


def phone() -> BrowserPhone:
    return BrowserPhone("anna", "anna", "Anna", ("127.0.0.1", 50_000), 7)


class House:
    """What the exchange would say to a phone: sensible bodies, hostile ones, at any time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.legs = 0

    def body(self, offer: bytes = b"") -> bytes:
        kind = self.chance.random()
        if kind < 0.2:
            return self.chance.randbytes(self.chance.randrange(40))
        if kind < 0.4 or not offer:
            return make_offer(HOUSE)
        return make_answer(offer, HOUSE)[0]

    def event(self, leg: str) -> Any:
        self.legs += 1
        chance = self.chance
        body = self.body(make_offer(LocalMedia("127.0.0.1", 50_000, 7, 1, ("PCMU",))))
        uri = Uri("sip", "anna", None, "127.0.0.1")
        return chance.choice([
            lambda: PageDials(f"leg-{self.legs}", "100"), PageAnswers, PageHangsUp,
            lambda: PageHolds(chance.random() < 0.5), PageLeft,
            lambda: PageMoved(("127.0.0.1", chance.randrange(1024, 65_000))),
            lambda: c.DialLeg(f"leg-{self.legs}", uri, chance.choice([body, None, c.WHEN_ROUTED]), "123", "Ivan"),
            lambda: c.RingLeg(leg), lambda: c.ProgressLeg(leg, body), lambda: c.AnswerLeg(leg, body),
            lambda: c.AcknowledgeLeg(leg, body), lambda: c.RejectLeg(leg, 486), lambda: c.OfferLeg(leg, body),
            lambda: c.HangUpLeg(leg), lambda: c.ReofferLeg(leg, body), lambda: c.AnswerOffer(leg, body),
            lambda: c.RejectOffer(leg, 488), lambda: c.ProbeLeg(leg), lambda: c.SendInfoDigit(leg, "1"),
            lambda: c.AcceptTransfer(leg), lambda: c.RejectTransfer(leg, 603), lambda: c.ReportTransfer(leg, 200),
            lambda: c.TransferLeg(leg, uri)])()


@pytest.mark.parametrize("seed", range(40))
def test_search__every_leg_ends_exactly_once(seed: int) -> None:
    house, tried, begun, ended = House(seed), phone(), Counter[str](), Counter[str]()
    for step in range(500):
        event = house.event(tried.leg)
        if isinstance(event, c.DialLeg):
            begun[event.leg] += 1
        before = tried.state
        effects = tried.handle(event, float(step))
        begun.update(effect.leg for effect in effects if isinstance(effect, e.LegOffered))
        ended.update(effect.leg for effect in effects if isinstance(effect, ENDED))
        told = [effect for effect in effects if isinstance(effect, PageTold)]
        assert bool(tried.leg) == (tried.state is not PhoneState.IDLE)
        if before is not tried.state:
            assert told, (event, effects)           # a page always knows where it stands
        if tried.state is PhoneState.IDLE:
            assert (tried.plane, tried.held, tried.number) == (None, False, "")
    ended.update(effect.leg for effect in tried.handle(PageLeft(), 0.0) if isinstance(effect, ENDED))
    assert begun
    assert ended == begun
    assert set(ended.values()) == {1}


def test_table__has_a_row_for_everything() -> None:
    events = (*OF_LEGS, c.DialLeg, PageDials, PageAnswers, PageHangsUp, PageHolds, PageMoved, PageLeft)
    missing = [(state, event) for state in PhoneState for event in events if (state, event) not in BrowserPhone.table]
    assert missing == []


@pytest.mark.parametrize("seed", range(5))
def test_state__written_and_read_goes_on_as_before(seed: int) -> None:
    house, kept = House(seed), phone()
    for step in range(200):
        event = house.event(kept.leg)
        other = read_text(text_of({"phone": kept}, Fixed({})), Fixed({}))["phone"]
        assert other is not kept
        assert other.handle(event, float(step)) == kept.handle(event, float(step))


def test_hold__is_taken_back_where_the_house_refuses_it() -> None:
    tried = phone()
    tried.handle(c.DialLeg("leg", Uri("sip", "anna"), make_offer(HOUSE), "1"), 0.0)
    tried.handle(PageAnswers(), 1.0)
    (offered, _) = tried.handle(PageHolds(True), 2.0)
    assert b"a=sendonly" in offered.body
    (told,) = tried.handle(c.RejectOffer("leg", 488), 2.0)
    assert dict(told.fields)["state"] == "talking"
