"""The operators' phones are registered from where the generator answers for them afterwards."""

import socket
from collections.abc import Iterable
from secrets import token_bytes, token_hex

from bench.generator import PHONES
from ivr.base.ids import Ids
from ivr.sip.message.digest import answer_challenge
from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse

TIMEOUT, TRIES = 2.0, 5


def register(names: Iterable[str], password: str, target: tuple[str, int]) -> None:
    """REGISTER each with its password. Raises RuntimeError for one that is not let in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(PHONES)
        phone.settimeout(TIMEOUT)
        for name in names:
            asked = _ask(phone, target, name, 1)
            answer = answer_challenge(asked.headers.all("WWW-Authenticate"), "REGISTER", f"sip:{target[0]}", name,
                                      password, Ids(token_bytes))
            status = _ask(phone, target, name, 2, f"Authorization: {answer}\r\n").status
            if status != 200:
                raise RuntimeError(f"the phone of {name} was told {status} when it registered")


def _ask(phone: socket.socket, target: tuple[str, int], name: str, number: int, field: str = "") -> Response:
    host, port = PHONES
    request = (f"REGISTER sip:{target[0]} SIP/2.0\r\n"
               f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{token_hex(8)};rport\r\nMax-Forwards: 70\r\n"
               f"From: <sip:{name}@{target[0]}>;tag={token_hex(4)}\r\nTo: <sip:{name}@{target[0]}>\r\n"
               f"Call-ID: bench-{name}\r\nCSeq: {number} REGISTER\r\nContact: <sip:{name}@{host}:{port}>\r\n"
               f"Expires: 3600\r\n{field}Content-Length: 0\r\n\r\n")
    for _ in range(TRIES):
        phone.sendto(request.encode(), target)
        try:
            while True:
                response = parse(phone.recv(65_535))
                if isinstance(response, Response) and response.sip_call_id == f"bench-{name}" \
                        and response.cseq.number == number and response.status >= 200:
                    return response
        except TimeoutError:
            continue
    raise RuntimeError(f"nobody answered the REGISTER of {name}")
