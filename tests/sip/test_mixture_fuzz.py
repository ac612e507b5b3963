"""Everything at once in a few legs: a peer that says what it likes in any order, a user who asks what they like, time
that passes in any step. No machine may meet an event without a row, nothing may be raised, and all must be forgotten
in the end."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from ivr.base.errors import PeerError
from ivr.sip.commands import (
    WHEN_ROUTED,
    AcceptTransfer,
    AcknowledgeLeg,
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    OfferLeg,
    ProbeLeg,
    ProgressLeg,
    RejectLeg,
    RejectOffer,
    RejectTransfer,
    ReofferLeg,
    ReportTransfer,
    RingLeg,
    SendInfoDigit,
    TransferLeg,
)
from ivr.sip.effects import CloseStream, LookUp, SendBytes
from ivr.sip.events import LegOffered, Traced
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import LegRouted
from ivr.sip.trunk.trunk_settings import Registration
from tests.sip.rig import OUR_SDP, OURS, PEER, SDP, TCP, UDP, Rig, request, response, with_settings

SEEDS = int(os.environ.get("HOTLINE_MIXTURES", "60"))
STEPS = 120
CARRIER = Flow("udp", (OURS, 5060), ("192.0.2.1", 5060))
FLOWS = (UDP, UDP, UDP, TCP, CARRIER)
OTHER_SDP = SDP.replace("o=- 1 1", "o=- 1 2")
BODIES = ("", SDP, SDP, OTHER_SDP)
KIND_STATUSES = (100, 180, 183, 183, 200, 200, 200, 200, 202, 401, 405, 422, 486, 491, 491, 500)
STATUSES = (100, 180, 180, 183, 183, 199, 200, 200, 200, 200, 202, 302, 401, 404, 405, 407, 408, 420, 422, 423, 481,
            486, 487, 488, 491, 500, 501, 503, 603)
TAGS = ("b1", "b1", "b1", "b2", "b3", "")
EXTRAS = ("", "", "", "Supported: timer, 100rel\r\n", "Allow: INVITE, UPDATE, BYE\r\n", "Session-Expires: 90\r\n",
          "Session-Expires: 90;refresher=uas\r\nSupported: timer\r\n", "Session-Expires: 1800;refresher=uac\r\n",
          "Session-Expires: 4;refresher=uas\r\n", "Require: 100rel\r\n", "Expires: 3\r\n",
          "Record-Route: <sip:192.0.2.77;lr>\r\n", "Record-Route: <sip:192.0.2.78>\r\n", "Refer-Sub: false\r\n",
          "Require: timer\r\nMin-SE: 400\r\nSession-Expires: 500\r\n")
CHALLENGES = ('WWW-Authenticate: Digest realm="us", nonce="n", qop="auth"\r\n'
              'Proxy-Authenticate: Digest realm="us", nonce="n", stale=true\r\n')
ALLOWED = "Allow: INVITE, UPDATE, BYE, REFER, PRACK\r\nSupported: timer\r\n"
METHODS = ("BYE", "INFO", "OPTIONS", "SUBSCRIBE", "CANCEL", *(2 * ("INVITE", "UPDATE", "PRACK", "REFER", "NOTIFY")))
FRAGMENTS = ("", "SIP/2.0 100 Trying", "SIP/2.0 200 OK", "SIP/2.0 486 Busy")
URIS = ("sip:bob@192.0.2.9:5070", "sip:bob@example.com:5070", "sip:bob@192.0.2.9;transport=tcp", "tel:+49301")
SPANS = (0.0, 0.0, 0.01, 0.1, 0.5, 1.0, 4.0, 12.0, 33.0, 50.0, 200.0, 1000.0)
TRUNKS = (Trunk("one", ("192.0.2.1",), target=parse_uri("sip:192.0.2.1"), priority=1, max_calls=2),
          Trunk("two", ("192.0.2.2",), target=parse_uri("sip:192.0.2.2"), ping=60,
                registration=Registration("me", parse_uri("sip:192.0.2.2"), "secret")))


class Mixture:
    """One run. What the peer has seen and said, so that much of what it says makes sense."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.kind = seed % 2 == 1           # a peer that means well
        self.rig = Rig(with_settings(trunks=TRUNKS, credentials=(Credential("us", "me", "secret"),)), seed=seed)
        self.said: list[tuple[str, Flow]] = []
        self.heard: list[tuple[Request, Flow]] = []
        self.dialogs: list[tuple[str, str, str]] = []       # ours and their side of From and To, Call-ID
        self.provisional: list[Response] = []
        self.legs: list[str] = []
        self.due: list[str] = []            # legs that wait for their offer
        self.questions: list[Any] = []
        self.decided: set[str] = set()
        self.sequence = 10
        self.invited = 0
        self.dialled = 0

    def run(self) -> None:
        self.take(self.rig.take(self.rig.endpoint.start(0.0)))
        self.begin()
        for _ in range(STEPS):
            self.chance.choice(STEPS_OF_ONE if self.kind else STEPS_OF_ALL)(self)
        for leg in self.legs:
            self.take(self.rig.handle(HangUpLeg(leg)))
        self.take(self.rig.take(self.rig.endpoint.unregister(self.rig.now)))
        while self.questions:
            self.look_up()
        for _ in range(100_000):
            if (due := self.rig.endpoint.next_timer()) is None:
                break
            self.take(self.rig.run_until(due))
        else:
            raise AssertionError(f"timers for ever\n{self.rig}")
        counts = self.rig.endpoint.counts()
        left = {name: count for name, count in counts.items() if count and name not in (
            "streams", "watched_sources", "failure_addresses", "bindings")}
        assert not left, f"{left}\n{self.rig}"
        assert all(not status.calls for status in self.rig.endpoint.trunks())

    def begin(self) -> None:
        """In every second run one call, theirs or ours, that the peer means to go on with."""
        if not self.kind or self.chance.random() < .3:
            self.invite()
        elif self.chance.random() < .3:
            self.dial()
            self.look_up()
        elif self.chance.random() < .5:
            self.say(request("INVITE", call="m0", sequence=self.sequence, body=SDP, extra="Allow: UPDATE\r\n"), UDP)
            self.take(self.rig.handle(AnswerLeg(self.legs[0], OUR_SDP)))
            self.decided.add(self.legs[0])
            self.inside("ACK", self.sequence)
        else:
            self.legs.append("L0")
            self.take(self.rig.handle(DialLeg("L0", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "100")))
            asked = self.heard[-1][0]
            self.dialogs.append((f"{asked.headers.get('To')};tag=b1", asked.headers.get("From") or "",
                                 asked.sip_call_id))
            self.say(response(asked, 200, body=SDP, extra="Allow: UPDATE\r\n"), UDP)

    def take(self, out: list[Any]) -> None:
        for one in out:
            if isinstance(one, Traced):
                assert "bug:" not in one.text, f"{one.text}\n{self.rig}"
            elif isinstance(one, LookUp):
                self.questions.append(one.question)
            elif isinstance(one, LegRouted) and one.offer_due:
                self.due = [*self.due[-3:], one.leg]
            elif isinstance(one, LegOffered):
                self.legs.append(one.leg)
            elif isinstance(one, SendBytes):
                self.note(one)
            elif isinstance(one, CloseStream):
                self.take(self.rig.take(self.rig.endpoint.stream_closed(one.flow, self.rig.now)))

    def note(self, sent: SendBytes) -> None:
        try:
            message = parse(sent.payload)
        except PeerError:
            return                      # a keep-alive, or a refusal that repeats what could not be read
        if isinstance(message, Request) and message.method != "ACK":
            self.heard.append((message, sent.flow))
            del self.heard[:-12]
        if isinstance(message, Response):
            if message.to.tag and message.cseq.method == "INVITE" and message.status < 300:
                self.dialogs.append((message.headers.get("From") or "", message.headers.get("To") or "",
                                     message.sip_call_id))
                del self.dialogs[:-12]
            if message.headers.get("RSeq"):
                self.provisional = [*self.provisional[-3:], message]

    def say(self, text: str, flow: Flow | None = None) -> None:
        flow = flow or self.chance.choice(FLOWS)
        self.said = [*self.said[-20:], (text, flow)]
        self.take(self.rig.receive(text, flow))

    # --- the peer

    def invite(self) -> None:
        self.invited += 1
        self.say(request("INVITE", call=f"m{self.invited}", sequence=self.sequence, body=self.chance.choice(BODIES),
                         extra=self.chance.choice(EXTRAS) + self.replaces(), contact=self.chance.choice((
                             "<sip:alice@192.0.2.9:5070>", "<sip:alice@10.0.0.1>", "<sip:alice@host;transport=tcp>"))))

    def replaces(self) -> str:
        if not self.dialogs or self.chance.random() < .8:
            return ""
        from_, to, call = self.chance.choice(self.dialogs)
        return f"Replaces: {call};to-tag={tag_of(to)};from-tag={tag_of(from_)}\r\n"

    def answer(self) -> None:
        if not self.heard:
            return
        asked, flow = self.chance.choice(self.heard[-3:] if self.kind else self.heard)
        status, tag = self.chance.choice(KIND_STATUSES if self.kind else STATUSES), self.chance.choice(TAGS)
        extra = ALLOWED if self.kind and self.chance.random() < .5 else self.chance.choice(EXTRAS)
        extra = {401: CHALLENGES, 407: CHALLENGES, 422: "Min-SE: 2000\r\n"}.get(status, extra)
        if asked.method == "INVITE" and status < 200 and self.chance.random() < .4:
            extra = f"Require: 100rel\r\nRSeq: {self.chance.randint(1, 3)}\r\n"
        body = self.chance.choice(BODIES) if asked.method in ("INVITE", "UPDATE", "PRACK") else ""
        text = response(asked, status, tag=tag, body=body, extra=extra)
        if asked.method == "INVITE" and tag and 100 < status < 300:
            to = asked.headers.get("To") or ""
            self.dialogs.append((to if "tag=" in to else f"{to};tag={tag}", asked.headers.get("From") or "",
                                 asked.sip_call_id))
        self.say(text, flow)

    def acknowledge(self) -> None:
        if self.dialogs:
            self.inside("ACK", sequence=self.chance.choice((self.sequence, self.sequence - 1, 10)),
                        body=self.chance.choice(BODIES))

    def ask(self) -> None:
        if not self.dialogs:
            return
        method = self.chance.choice(METHODS)
        if self.kind and method == "BYE" and self.chance.random() < .9:
            return
        if self.kind or self.chance.random() < .8:
            self.sequence += 1
        body, kind, extra = "", "application/sdp", ""
        if method in ("INVITE", "UPDATE", "PRACK"):
            body, extra = self.chance.choice(BODIES), self.chance.choice(EXTRAS)
        if method == "PRACK" and self.provisional:
            of = self.chance.choice(self.provisional)
            extra = f"RAck: {of.headers.get('RSeq')} {of.cseq}\r\n"
            self.inside(method, self.sequence, body, extra, of_call=of.sip_call_id)
            return
        if method == "REFER":
            extra = "Refer-To: <sip:200@198.51.100.1>\r\n" + self.chance.choice(("", "Refer-Sub: false\r\n"))
        if method in ("NOTIFY", "SUBSCRIBE"):
            extra = "Event: refer" + self.chance.choice(("", f";id={self.chance.randint(1, 12)}")) + "\r\n"
            state = self.chance.choice(("active;expires=5", "terminated;reason=noresource"))
            expires = self.chance.choice((0, 60))
            extra += f"Expires: {expires}\r\n" if method == "SUBSCRIBE" else f"Subscription-State: {state}\r\n"
        if method == "NOTIFY":
            body, kind = self.chance.choice(FRAGMENTS), "message/sipfrag"
        self.inside(method, self.sequence, body, extra, kind)

    def inside(self, method: str, sequence: int, body: str = "", extra: str = "", kind: str = "application/sdp",
               of_call: str = "") -> None:
        known = [one for one in self.dialogs if not of_call or one[2] == of_call]
        if not known:
            return
        from_, to, call = self.chance.choice(known)
        text = request(method, call="x", sequence=sequence, body=body, extra=extra, kind=kind,
                       branch=f"r{self.chance.randint(0, 10**9)}")
        lines = []
        for line in text.split("\r\n"):
            name = line.partition(":")[0]
            lines.append({"From": f"From: {from_}", "To": f"To: {to}", "Call-ID": f"Call-ID: {call}"}.get(name, line))
        self.say("\r\n".join(lines))

    def cancel(self) -> None:
        invites = [one for one in self.said if one[0].startswith("INVITE")]
        if invites:
            text, flow = self.chance.choice(invites)
            head = text.partition("\r\n\r\n")[0].replace(" INVITE", " CANCEL").replace("INVITE ", "CANCEL ", 1)
            kept = [line for line in head.split("\r\n") if not line.startswith(("Content", "Require"))]
            self.say("\r\n".join([*kept, "Content-Length: 0\r\n\r\n"]), flow)

    def repeat(self) -> None:
        if self.said:
            self.say(*self.chance.choice(self.said))

    # --- our user, the network, time

    def command(self) -> None:
        if not self.legs:
            return
        leg = self.chance.choice(self.legs[-3:])
        if self.kind and self.chance.random() < .5 and leg in self.decided:
            self.take(self.rig.handle(self.chance.choice((
                ReofferLeg(leg, OUR_SDP), AnswerOffer(leg, OUR_SDP), AcceptTransfer(leg), ReportTransfer(leg, 180),
                ReportTransfer(leg, 200), TransferLeg(leg, parse_uri("sip:200@192.0.2.8"))))))
            return
        if leg not in self.decided and self.chance.random() < .2:
            self.decided.add(leg)           # once, as the contract has it
            self.take(self.rig.handle(self.chance.choice((*(4 * (AnswerLeg(leg, OUR_SDP),)), RejectLeg(leg, 486)))))
            return
        target = parse_uri("sip:200@192.0.2.8")
        commands = (
            RingLeg(leg), ProgressLeg(leg, OUR_SDP), AcknowledgeLeg(leg, OUR_SDP), RejectOffer(leg, 488), ProbeLeg(leg),
            RingLeg(leg) if self.kind else HangUpLeg(leg, "enough"), ReofferLeg(leg, OUR_SDP), ReofferLeg(leg, OUR_SDP),
            AnswerOffer(leg, OUR_SDP), AnswerOffer(leg, OUR_SDP), SendInfoDigit(leg, "5"), AcceptTransfer(leg),
            AcceptTransfer(leg), RejectTransfer(leg, 603), ReportTransfer(leg, 180), ReportTransfer(leg, 200),
            TransferLeg(leg, target), TransferLeg(leg, target, self.chance.choice(self.legs)))
        self.take(self.rig.handle(self.chance.choice(commands)))

    def dial(self) -> None:
        self.dialled += 1
        leg = f"L{self.dialled}"
        self.legs.append(leg)
        uri = self.chance.choice(URIS)
        body = self.chance.choice((OUR_SDP, OUR_SDP, OUR_SDP, None, WHEN_ROUTED, WHEN_ROUTED))
        self.take(self.rig.handle(DialLeg(leg, parse_uri(uri), body, "100")))

    def offer(self) -> None:
        if self.due:
            self.take(self.rig.handle(OfferLeg(self.due.pop(), OUR_SDP, self.chance.random() < .5)))

    def look_up(self) -> None:
        if self.questions:
            found = (PEER, "192.0.2.8") if self.chance.random() < .9 else ()
            self.take(self.rig.take(self.rig.endpoint.looked_up(self.questions.pop(), found, self.rig.now)))

    def fail(self) -> None:
        if self.heard:
            flow = self.chance.choice(self.heard)[1]
            self.take(self.rig.take(self.rig.endpoint.send_failed(flow, self.rig.now)))

    def close(self) -> None:
        self.take(self.rig.take(self.rig.endpoint.stream_closed(TCP, self.rig.now)))

    def wait(self) -> None:
        self.take(self.rig.run_until(self.rig.now + self.chance.choice(SPANS)))


def tag_of(address: str) -> str:
    return address.rpartition("tag=")[2].partition(";")[0]


Step = Callable[[Mixture], None]
OFTEN: tuple[Step, ...] = (Mixture.answer, Mixture.ask, Mixture.command)
NOW_AND_THEN: tuple[Step, ...] = (Mixture.acknowledge, Mixture.wait, Mixture.dial, Mixture.look_up, Mixture.offer)
SELDOM: tuple[Step, ...] = (Mixture.wait, Mixture.invite, Mixture.cancel, Mixture.repeat, Mixture.fail, Mixture.close)
STEPS_OF_ALL: tuple[Step, ...] = (*(6 * OFTEN), *(2 * NOW_AND_THEN), *SELDOM)
STEPS_OF_ONE: tuple[Step, ...] = (*(6 * OFTEN), *(3 * (Mixture.acknowledge, Mixture.wait, Mixture.repeat)),
                                  Mixture.look_up, Mixture.offer, Mixture.cancel)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_everything_at_once(seed: int) -> None:
    Mixture(seed).run()
