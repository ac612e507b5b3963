"""A phone and strangers behind an edge, in virtual time: what Kamailio would make of their requests, as text."""

from ivr.sip.message.message import Response
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OURS, Rig, authorization, request, with_settings

EDGE, OTHER_EDGE, HOME = "192.0.2.1", "192.0.2.2", "203.0.113.9"
BY_EDGE = Flow("udp", (OURS, 5060), (EDGE, 5060))
BY_OTHER = Flow("udp", (OURS, 5060), (OTHER_EDGE, 5060))
SETTINGS = with_settings(accounts=ACCOUNTS, edges=(EDGE, OTHER_EDGE))
CONTACT = "<sip:op1@10.0.0.7:5062;ob>"
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
PATH = f"<sip:token==@{EDGE};lr;ob>"
OTHER_PATH = f"<sip:token2@{OTHER_EDGE}:5080;lr;ob>"
OUTBOUND = "Supported: path, outbound\r\n"


def edge_rig(settings: EndpointSettings = SETTINGS) -> Rig:
    return Rig(settings, flow=BY_EDGE)


def through(text: str, edge: str = EDGE, source: str = HOME, port: int = 61000) -> str:
    """A request as an edge passes it on: its own Via on top, and the next one stamped (RFC 3261 §16.6, §18.2.1)."""
    head, via, rest = text.partition("Via: ")
    first, end, rest = rest.partition("\r\n")
    branch = first.partition("branch=")[2].partition(";")[0]
    stamped = first.replace(";rport", f";received={source};rport={port}")
    return f"{head}Via: SIP/2.0/UDP {edge};branch={branch}e\r\n{via}{stamped}{end}{rest}"


class EdgePhone:
    """Registers `op1` through an edge, digest included; each REGISTER counts CSeq on."""

    def __init__(self, rig: Rig, flow: Flow = BY_EDGE, call: str = "reg", user: str = "op1",
                 source: str = HOME) -> None:
        self.rig, self.flow, self.call, self.user, self.source = rig, flow, call, user, source
        self.sequence = 0

    def register(self, contact: str = CONTACT, path: str = PATH, extra: str = OUTBOUND, *, direct: bool = False,
                 password: str = "secret") -> Response:
        lines = extra + (f"Path: {path}\r\n" if path else "")
        self._send(contact, lines, direct)
        refused = self.rig.responses("REGISTER")[-1]
        if refused.status == 401:
            self._send(contact, lines + authorization(refused, self.user, password), direct)
        return self.rig.responses("REGISTER")[-1]

    def flow_number(self, number: int, path: str = PATH, extra: str = OUTBOUND) -> Response:
        return self.register(f"{CONTACT};reg-id={number};{INSTANCE}", path, extra)

    def _send(self, contact: str, lines: str, direct: bool) -> None:
        self.sequence += 1
        text = request("REGISTER", call=self.call, sequence=self.sequence, uri="sip:hotline", user=self.user,
                       contact=contact, extra=lines, branch=f"{self.call}{self.sequence}",
                       transport=self.flow.transport.upper())
        text = text.replace("To: <sip:100@", f"To: <sip:{self.user}@")
        self.rig.receive(text if direct else through(text, self.flow.remote[0], self.source), self.flow)
