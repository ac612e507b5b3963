"""A real DNS server on a UDP and a TCP port, which answers from a table."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = dict[tuple[str, str], list[str]]


class Server(asyncio.DatagramProtocol):
    """Answers from `zone`, texts of records by name and kind. `ttl` is what it tells, `silent`: it is down."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[str] = []
        self.silent = False
        self.ttl = 60

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        if not self.silent:
            self.transport.sendto(self.answer(data, limit=512), address)
        else:
            self.asked.append("silence")

    def answer(self, data: bytes, limit: int = 65535) -> bytes:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = str(question.name).lower(), question.rdtype.name
        self.asked.append(f"{kind} {name}")
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        for known in ("CNAME", kind):
            if (name, known) in self.zone:
                reply.answer.append(dns.rrset.from_text_list(name, self.ttl, "IN", known, self.zone[name, known]))
                name = self.zone[name, known][0] if known == "CNAME" else name
        if not reply.answer and not any(known == name for known, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        wire: bytes = reply.to_wire(max_size=65535)
        if len(wire) > limit:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            wire = reply.to_wire()
        return wire

    async def over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            size = int.from_bytes(await reader.readexactly(2), "big")
            wire = self.answer(await reader.readexactly(size))
            writer.write(len(wire).to_bytes(2, "big") + wire)
        writer.close()


@contextlib.asynccontextmanager
async def serve_dns(host: str, zone: Zone) -> AsyncIterator[tuple[Server, int]]:
    """The server and its port."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: Server(zone), (host, 0))
    port = transport.get_extra_info("sockname")[1]
    tcp = await asyncio.start_server(server.over_tcp, host, port)
    yield server, port
    transport.close()
    tcp.close()
