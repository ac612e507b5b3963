"""Refusals leave a trace, and a flood of them leaves no more than a log and a record can bear."""

from collections.abc import Mapping
from typing import Any

import pytest

from ivr.exchange.phones import phones
from ivr.exchange.refusals import CALL_LINES, CALL_ROWS, CALL_WINDOW, PASSWORD_LINES, PASSWORD_WINDOW, Quota
from ivr.sdp.offer_answer import LocalMedia, make_offer
from ivr.sip.effects import SendBytes
from ivr.sip.message.digest import authorize
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import HOTLINE, Story, make_story

CARRIER, OFFICE = "127.0.9.50", "127.0.9.60"
OFFER = make_offer(LocalMedia(CARRIER, 40_000, 1, 1, ("PCMA",))).decode()


class Peer:
    """Somebody at `host` who writes requests as text, at the story's present."""

    def __init__(self, story: Story, host: str, domain: str = HOTLINE) -> None:
        self.story, self.host, self.domain, self.sent = story, host, domain, 0

    def send(self, method: str, user: str, dialled: str = "100", fields: str = "") -> Response:
        """One request of its own; the last response to it."""
        self.sent += 1
        name = f"{self.host}-{self.sent}"
        body = OFFER if method == "INVITE" else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        via = f"SIP/2.0/UDP {self.host}:5060;branch=z9hG4bK{name}"
        text = (f"{method} sip:{dialled}@{HOTLINE} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:{user}@{self.domain}>;tag=a{name}\r\nTo: <sip:{dialled}@{HOTLINE}>\r\n"
                f"Call-ID: {name}\r\nCSeq: 1 {method}\r\nContact: <sip:{user}@{self.host}:5060>\r\n"
                f"User-Agent: Phone/1\r\n{fields}{kind}Content-Length: {len(body)}\r\n\r\n{body}")
        self.request = parse(text.encode())
        flow = Flow("udp", (HOTLINE, 5060), (self.host, 5060))
        effects = self.story.hotline.exchange.receive(text.encode(), flow, self.story.world.now)
        self.story.hotline.carry_out(effects)
        answers = [parse(effect.payload) for effect in effects if isinstance(effect, SendBytes)]
        return [answer for answer in answers if isinstance(answer, Response)][-1]

    def log_in(self, user: str, password: str, method: str = "REGISTER", claimed: str = "") -> Response:
        """A request as `user`, its challenge answered; `claimed` stands in From and To."""
        claimed = claimed or user
        dialled = claimed if method == "REGISTER" else "100"
        challenge = self.send(method, claimed, dialled)
        assert isinstance(self.request, Request)
        field = authorize(self.request, challenge, user, password, self.story.ids)
        assert field is not None
        return self.send(method, claimed, dialled, f"{field[0]}: {field[1]}\r\n")


def told(story: Story, *events: str) -> list[tuple[str, dict[str, Any]]]:
    return [(one.event, {name: value for name, value in one.fields if value is not None})
            for one in story.hotline.reports if one.event in events]


def house_with(trunk: Mapping[str, Any], **more: Any) -> Story:
    return make_story(audio=False, config={"trunks": [{"name": "carrier", "addresses": [CARRIER], **trunk}], **more})


# --- passwords ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_password__wrong_one_is_told_once_a_minute_and_shown(method: str) -> None:
    story = make_story(audio=False)
    office = Peer(story, OFFICE)
    for _ in range(3):
        assert office.log_in("anna", "mistyped", method).status == 401
        story.world.run(15)
    line = ("password_refused", {"account": "anna", "address": OFFICE, "user_agent": "Phone/1"})
    assert told(story, "password_refused", "refusals_left_out") == [line]
    assert [report.level for report in story.hotline.reports if report.event == "password_refused"] == ["warning"]
    story.world.run(15)
    office.log_in("anna", "mistyped", method)
    assert told(story, "password_refused", "refusals_left_out") == [line, line]
    house, now = story.hotline.exchange.house, story.world.now + 2
    assert {phone["account"]: phone["last_refusal"] for phone in phones(house, now)} == {
        "anna": {"address": OFFICE, "user_agent": "Phone/1", "since_s": 2.0}, "boris": None}
    assert house.counters["passwords_refused"] == 4


def test_password__the_right_one_and_strangers_names_are_no_news() -> None:
    story = make_story(audio=False)
    assert Peer(story, OFFICE).log_in("anna", "anna").status == 200
    assert Peer(story, CARRIER).log_in("nobody", "guess").status == 401
    assert told(story, "password_refused") == []
    assert story.hotline.exchange.house.refusals.passwords == {}


def test_password__a_scan_of_all_accounts_from_many_addresses() -> None:
    names = [f"phone{number}" for number in range(100)]
    story = make_story(audio=False, config={"accounts": {name: {} for name in names}})
    for number, name in enumerate(names):
        Peer(story, f"127.0.20.{number + 1}").log_in(name, "guess")
    assert len(told(story, "password_refused")) == PASSWORD_LINES
    assert told(story, "refusals_left_out") == []
    story.world.run(PASSWORD_WINDOW + 1)
    assert told(story, "refusals_left_out") == [
        ("refusals_left_out", {"of": "password_refused", "count": 100 - PASSWORD_LINES})]
    quota = story.hotline.exchange.house.refusals.of_lines("password_refused", "")
    assert len(quota) == PASSWORD_LINES
    story.world.run(600)
    assert len(told(story, "refusals_left_out")) == 1, "nothing was left out since"


# --- calls ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("limits", "reason"), [
    ({"max_calls": 1, "full_status": 480}, "max_calls"), ({"calls_per_s": 1, "full_status": 480}, "calls_per_s")])
def test_call__beyond_a_limit_of_its_trunk(limits: Mapping[str, Any], reason: str) -> None:
    story = house_with(limits)
    carrier = Peer(story, CARRIER)
    assert carrier.send("INVITE", "030123").status < 300
    assert carrier.send("INVITE", "030456").status == 480
    assert told(story, "call_refused") == [("call_refused", {
        "status": 480, "reason": f"trunk_{reason}", "trunk": "carrier", "number": "030456"})]
    refused = [row for row in story.rows().values() if row.outcome == "refused"]
    assert [(row.line, row.reason) for row in refused] == [("100", f"trunk_{reason}")]
    assert [person.caller_number for batch in story.hotline.stored for person in batch.people
            if person.call_id == refused[0].id] == ["030456"]
    house = story.hotline.exchange.house
    assert (house.counters["calls_offered"], house.counters["calls_refused"]) == (2, 1)
    (trunk,) = story.hotline.exchange.snapshot(story.world.now)["trunks"]
    assert trunk["last_error"] == f"480 {reason}"


def test_call__the_newest_error_of_a_trunk_is_shown() -> None:
    """A ping that met nobody, and has met somebody since, hides no refusal of today."""
    story = house_with({"max_calls": 1, "full_status": 480, "ping_s": 10, "target": CARRIER, "caller_id": "+4930"})
    story.hotline.carry_out(story.hotline.exchange.start(story.world.now))
    story.world.run(120)
    (trunk,) = story.hotline.exchange.snapshot(story.world.now)["trunks"]
    assert trunk["last_error"]
    assert not trunk["last_error"].startswith("480")
    carrier = Peer(story, CARRIER)
    carrier.send("INVITE", "030123")
    assert carrier.send("INVITE", "030456").status == 480
    (trunk,) = story.hotline.exchange.snapshot(story.world.now)["trunks"]
    assert trunk["last_error"] == "480 max_calls"


def test_call__a_full_house_is_told_in_the_same_way() -> None:
    story = house_with({}, sip={"listen": [f"udp:{HOTLINE}:5060"], "max_calls": 1})
    carrier = Peer(story, CARRIER)
    carrier.send("INVITE", "030123")
    assert carrier.send("INVITE", "030456").status == 486
    assert told(story, "call_refused") == [("call_refused", {
        "status": 486, "reason": "max_calls", "trunk": "carrier", "number": "030456"})]
    assert sum(row.outcome == "refused" for row in story.rows().values()) == 1


@pytest.mark.parametrize("sip", [{}, {"max_calls": 1}])
def test_call__a_flood_through_a_trunk(sip: Mapping[str, Any]) -> None:
    """Whichever limit refuses it."""
    story = house_with({"max_calls": 400 if sip else 1}, sip={"listen": [f"udp:{HOTLINE}:5060"], **sip})
    carrier = Peer(story, CARRIER)
    for number in range(1 + CALL_ROWS + 100):
        carrier.send("INVITE", str(number))
    assert len(told(story, "call_refused")) == CALL_LINES
    assert sum(row.outcome == "refused" for row in story.rows().values()) == CALL_ROWS
    house = story.hotline.exchange.house
    assert (house.counters["calls_refused"], house.counters["refused_calls_without_row"]) == (CALL_ROWS + 100, 100)
    story.world.run(CALL_WINDOW + 1)
    assert told(story, "refusals_left_out") == [("refusals_left_out", {
        "of": "call_refused", "who": "carrier", "count": CALL_ROWS + 100 - CALL_LINES})]


def test_call__a_flood_of_strangers_hides_no_refusal_of_a_trunk() -> None:
    story = house_with({"max_calls": 1}, sip={"listen": [f"udp:{HOTLINE}:5060"], "anonymous_calls": False})
    stranger, carrier = Peer(story, OFFICE, OFFICE), Peer(story, CARRIER)
    carrier.send("INVITE", "030123")
    for number in range(CALL_LINES + 10):
        stranger.send("INVITE", str(number))
    carrier.send("INVITE", "030456")
    assert told(story, "call_refused")[-1][1]["trunk"] == "carrier"


def test_call__of_a_stranger_where_there_are_no_anonymous_calls() -> None:
    story = make_story(audio=False, config={"sip": {"listen": [f"udp:{HOTLINE}:5060"], "anonymous_calls": False}})
    stranger = Peer(story, OFFICE, OFFICE)
    assert stranger.send("INVITE", "030789").status == 403
    assert told(story, "call_refused") == [("call_refused", {
        "status": 403, "reason": "anonymous_calls", "number": "030789"})]
    assert [(row.outcome, row.reason) for row in story.rows().values()] == [("refused", "anonymous_calls")]
    assert stranger.send("INVITE", "030789", "900442071838750").status == 403      # a scan for ways out: only counted
    assert len(told(story, "call_refused")) == len(story.rows()) == 1
    assert story.hotline.exchange.house.counters["unknown_numbers"] == 1


def test_call__as_somebody_else_than_its_account() -> None:
    story = make_story(audio=False)
    assert Peer(story, OFFICE).log_in("anna", "anna", "INVITE", claimed="boris").status == 403
    assert told(story, "call_refused") == [("call_refused", {
        "status": 403, "reason": "from_is_not_the_account", "account": "anna", "number": "boris"})]
    assert [row.reason for row in story.rows().values()] == ["from_is_not_the_account"]


# --- phones that come and go ----------------------------------------------------------------------------------------
def test_phone__who_comes_and_who_leaves() -> None:
    story = make_story(audio=False, registered=False)
    for host in (OFFICE, CARRIER):
        peer = Peer(story, host)
        peer.log_in("anna", "anna")
        peer.log_in("anna", "anna")         # a refresh is no news
    leaving = Peer(story, OFFICE)
    leaving.sent = 100
    challenge = leaving.send("REGISTER", "anna", "anna")
    assert isinstance(leaving.request, Request)
    field = authorize(leaving.request, challenge, "anna", "anna", story.ids)
    assert field is not None
    leaving.send("REGISTER", "anna", "anna", f"Expires: 0\r\n{field[0]}: {field[1]}\r\n")
    shared = {"account": "anna", "transport": "udp"}
    told_of = told(story, "phone_registered", "phone_unregistered")
    assert told_of == [
        ("phone_registered", {**shared, "address": OFFICE, "contacts": 1}),
        ("phone_registered", {**shared, "address": CARRIER, "contacts": 2}),
        ("phone_unregistered", {**shared, "address": OFFICE, "cause": "unregistered", "contacts": 1})]
    story.world.run(4000)
    assert told(story, "phone_unregistered")[1:] == [
        ("phone_unregistered", {**shared, "address": CARRIER, "cause": "expired", "contacts": 0})]


# --- the quota ------------------------------------------------------------------------------------------------------
def test_quota__slides_and_forgets() -> None:
    quota = Quota(2, 10.0)
    assert [quota.take(key, now) for key, now in (("a", 0), ("a", 1), ("b", 5), ("c", 9))] == [True, False, True, False]
    assert (quota.take_left_out(), quota.left_out) == (1, 0)
    assert [quota.take("c", 10), quota.take("a", 14.9), quota.take("a", 15)] == [True, False, True]
    assert len(quota) == 2
