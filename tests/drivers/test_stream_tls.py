"""TLS on real sockets with real certificates: who is let in, why not, byte by byte, half-open, renewed meanwhile."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from ivr.base.config_words import SipListen
from ivr.drivers import stream_connections
from ivr.drivers.certificates import CertificateFault, Certificates, TlsFiles, Verify, load
from ivr.drivers.received import Received
from ivr.drivers.sip_sockets import open_socket
from ivr.drivers.stream_connections import StreamConnections
from ivr.drivers.tls import TlsChannel, names_host, names_in
from ivr.sip.message.parser import parse
from ivr.sip.message.stream import StreamFramer
from ivr.sip.transport.flow import Flow

HOST = "127.0.13.1"
PATIENCE = 5.0
MESSAGE = (b"OPTIONS sip:100@127.0.13.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.13.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
           b"From: <sip:a@127.0.13.9>;tag=1\r\nTo: <sip:100@127.0.13.1>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
           b"Content-Length: 3\r\n\r\nabc")


@dataclass
class Told:
    """Everything that the connections told, as (what, flow, payload)."""

    events: list[tuple[str, Flow, bytes]] = field(default_factory=list)

    @property
    def received(self) -> Received:
        def told(what: str) -> Callable[..., None]:
            return lambda flow, payload=b"": self.events.append((what, flow, payload))

        return Received(told("datagram"), told("stream"), told("closed"), told("failed"), told("opened"))

    def of(self, what: str) -> list[tuple[str, Flow, bytes]]:
        return [event for event in self.events if event[0] == what]

    async def wait(self, what: str, count: int = 1) -> list[tuple[str, Flow, bytes]]:
        await until(lambda: len(self.of(what)) >= count)
        return self.of(what)

    @property
    def bytes(self) -> bytes:
        return b"".join(payload for _, _, payload in self.of("stream"))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)


class Shop:
    """An authority and the files of its customers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(self.ca)

    def files(self, *names: str, verify: Verify = "servers", authority: trustme.CA | None = None) -> TlsFiles:
        made = (authority or self.authority).issue_cert(*names)
        return self.write(made, TlsFiles(self.folder / f"{names[0]}.pem", self.folder / f"{names[0]}.key", self.ca,
                                         verify))

    def write(self, made: trustme.LeafCert, files: TlsFiles) -> TlsFiles:
        files.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(files.key)
        return files


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


@contextlib.asynccontextmanager
async def side(told: Told, files: TlsFiles, host: str = HOST, most: int = 100) -> AsyncIterator[
        tuple[StreamConnections, tuple[str, int]]]:
    certificates = Certificates(files)
    connections = StreamConnections(told.received, most, lambda: certificates.contexts)
    listener = open_socket(SipListen("tls", host, 0))
    await connections.listen("tls", listener)
    yield connections, listener.getsockname()[:2]
    await connections.close()
    await asyncio.sleep(0.01)


def to(remote: tuple[str, int], domain: str, host: str = HOST) -> Flow:
    return Flow("tls", (host, 5061), remote, 0, domain)


@pytest.mark.parametrize("host", [HOST, "::1"])
def test_there_and_back(shop: Shop, host: str) -> None:
    async def story() -> None:
        far, near = Told(), Told()
        async with side(far, shop.files("pbx.example.com"), host) as (server, address), \
                side(near, shop.files("hotline.example.com"), host) as (client, _):
            client.send(to(address, "pbx.example.com", host), b"one")
            client.send(to(address, "pbx.example.com", host), b"two")
            await until(lambda: far.bytes == b"onetwo")
            ((_, opened, _),) = near.of("opened")
            assert (opened.transport, opened.remote, opened.domain) == ("tls", address, "pbx.example.com")
            flow = far.of("stream")[0][1]
            assert (flow.transport, flow.local, flow.domain) == ("tls", address, "")
            server.send(flow, b"back")
            assert (await near.wait("stream"))[0][1] == opened
            assert len(server) == len(client) == 1
            client.send(to(address, "pbx.example.com", host), b"x" * 300_000)     # many records
            await until(lambda: len(far.bytes) == 300_006)
            server.close_stream(flow)
            await near.wait("closed")
            await far.wait("closed")
            assert len(server) == len(client) == 0

    run(story)


def test_the_address_is_enough_where_the_certificate_names_it(shop: Shop) -> None:
    async def story() -> None:
        far, near = Told(), Told()
        async with side(far, shop.files(HOST)) as (_, address), side(near, shop.files("a.example.com")) as (client, _):
            client.send(to(address, ""), b"x")
            await far.wait("stream")

    run(story)


@pytest.mark.parametrize(("name", "strange", "reason"), [
    ("other.example.com", False, "is for other.example.com, not for pbx.example.com"),
    ("pbx.example.com", True, "not trusted: unable to get local issuer"),
])
def test_a_server_that_is_not_who_was_dialled(shop: Shop, caplog: pytest.LogCaptureFixture, name: str, strange: bool,
                                              reason: str) -> None:
    async def story() -> None:
        far, near = Told(), Told()
        files = shop.files(name, authority=trustme.CA() if strange else None)
        async with side(far, files) as (server, address), side(near, shop.files("a.example.com")) as (client, _):
            client.send(to(address, "pbx.example.com"), b"secret")
            ((_, flow, _),) = await near.wait("failed")
            assert flow == to(address, "pbx.example.com")
            await until(lambda: not len(server) + len(client))
            assert far.bytes == b""

    run(story)
    told = [record.__dict__["fields"] for record in caplog.records if record.levelname == "WARNING"]
    assert [(one["host"], reason in one["reason"]) for one in told] == [("pbx.example.com", True)]


def test_nobody_is_verified_where_the_admin_says_so(shop: Shop) -> None:
    async def story() -> None:
        far, near = Told(), Told()
        files = shop.files("other.example.com", authority=trustme.CA())
        lab = shop.files("hotline.example.com", verify="nobody")
        async with side(far, files) as (_, address), side(near, lab) as (client, _):
            client.send(to(address, "pbx.example.com"), b"x")
            await far.wait("stream")

    run(story)


def test_callers_must_show_a_certificate(shop: Shop) -> None:
    async def story() -> None:
        far, near = Told(), Told()
        async with side(far, shop.files(HOST, verify="everybody")) as (server, address), \
                side(near, shop.files("hotline.example.com")) as (client, _):
            client.send(to(address, ""), b"known")
            await far.wait("stream")
            context = ssl.create_default_context(cafile=str(shop.ca))
            with pytest.raises((ssl.SSLError, ConnectionError)):        # with TLS 1.3 only the first read shows it
                await heard_from(address, context)
            assert far.bytes == b"known"
            await until(lambda: len(server) == 1)

    run(story)


async def heard_from(address: tuple[str, int], context: ssl.SSLContext) -> bytes:
    reader, writer = await asyncio.open_connection(*address, ssl=context)
    writer.write(b"unknown")
    said = await reader.read(1)
    if not said:
        raise ConnectionResetError
    return said


def test_byte_by_byte(shop: Shop) -> None:
    """The framer over a real TLS connection, every byte of the stream in a segment of its own."""
    async def story() -> None:
        far = Told()
        async with side(far, shop.files(HOST)) as (_, address):
            loop = asyncio.get_running_loop()
            channel = TlsChannel(load(shop.files("phone.example.com")).client, HOST, server_side=False)
            with socket.create_connection(address) as plain:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                plain.setblocking(False)

                async def flush() -> None:
                    for byte in channel.outgoing():
                        await loop.sock_sendall(plain, bytes([byte]))
                        await asyncio.sleep(0)

                channel.start()
                await flush()
                while not channel.established:
                    channel.receive(await loop.sock_recv(plain, 1))
                await flush()
                for byte in MESSAGE + MESSAGE:
                    channel.send(bytes([byte]))
                    await flush()
                await until(lambda: far.bytes == MESSAGE + MESSAGE)
        framer = StreamFramer()
        frames = [frame for _, _, payload in far.of("stream") for frame in framer.feed(payload)]
        assert [parse(frame).body for frame in frames if isinstance(frame, bytes)] == [b"abc", b"abc"]
        assert len(far.of("stream")) > len(MESSAGE)

    run(story)


def test_half_open_handshakes_end_and_keep_nobody_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_connections, "HANDSHAKES", 5)

    async def story() -> None:
        far, near = Told(), Told()
        async with side(far, shop.files(HOST)) as (server, address), \
                side(near, shop.files("b.example.com")) as (client, _):
            idle = [socket.create_connection(address) for _ in range(7)]
            await until(lambda: len(server._shaking) == 5)
            client.send(to(address, ""), b"x")
            await far.wait("stream")
            assert len(server) == 1
            for one in idle:
                one.close()
            await until(lambda: not server._shaking)
            assert far.of("closed") == []

    run(story)


def test_a_handshake_that_takes_too_long(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_connections, "HANDSHAKE_TIMEOUT", 0.05)

    async def story() -> None:
        told = Told()
        async with side(told, shop.files(HOST)) as (server, address):
            with socket.create_connection(address) as peer:
                peer.sendall(b"\x16\x03\x01")
                peer.settimeout(PATIENCE)
                assert await asyncio.to_thread(peer.recv, 1) == b""
                await until(lambda: not server._shaking and not server._of_address)
            assert told.events == []

    run(story)


def test_something_else_than_tls(shop: Shop) -> None:
    async def story() -> None:
        told = Told()
        async with side(told, shop.files(HOST)) as (server, address):
            with socket.create_connection(address) as peer:
                peer.sendall(MESSAGE)
                await until(lambda: not server._shaking and not server._of_address)
            near = Told()
            async with side(near, shop.files("b.example.com")) as (client, _):
                with open_socket(SipListen("tls", HOST, 0)) as plain:
                    client.send(to(plain.getsockname(), ""), b"x")
                    met, _ = await asyncio.to_thread(plain.accept)
                    met.sendall(b"SIP/2.0 200 OK\r\n\r\n")
                    await near.wait("failed")
                    met.close()
            assert told.events == []

    run(story)


def test_one_address_gets_its_share_of_connections(shop: Shop) -> None:
    async def story() -> None:
        told = Told()
        async with side(told, shop.files(HOST), most=16) as (server, address):
            context = ssl.create_default_context(cafile=str(shop.ca))
            writers = [(await asyncio.open_connection(*address, ssl=context))[1] for _ in range(2)]
            await until(lambda: len(server) == 2)
            with pytest.raises(ConnectionError):
                await asyncio.open_connection(*address, ssl=context)
            other = await asyncio.open_connection(*address, ssl=context, local_addr=("127.0.13.9", 0))
            await until(lambda: len(server) == 3)
            for writer in (*writers, other[1]):
                writer.close()
            await until(lambda: not len(server) and not server._of_address)

    run(story)


def test_old_tls_is_refused(shop: Shop) -> None:
    async def story() -> None:
        told = Told()
        async with side(told, shop.files(HOST)) as (_, address):
            context = ssl.create_default_context(cafile=str(shop.ca))
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
            with pytest.raises(ssl.SSLError):
                await asyncio.open_connection(*address, ssl=context)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
            _, writer = await asyncio.open_connection(*address, ssl=context)
            writer.close()

    with pytest.warns(DeprecationWarning, match="TLSv1"):
        run(story)


class TestRenewal:
    def test_new_connections_use_the_new_certificate(self, shop: Shop) -> None:
        async def story() -> None:
            files = shop.files(HOST)
            certificates = Certificates(files)
            told = Told()
            server = StreamConnections(told.received, 100, lambda: certificates.contexts)
            listener = open_socket(SipListen("tls", HOST, 0))
            await server.listen("tls", listener)
            address = listener.getsockname()[:2]
            context = ssl.create_default_context(cafile=str(shop.ca))
            first = await asyncio.open_connection(*address, ssl=context)
            renew(shop, files)
            certificates.look()
            second = await asyncio.open_connection(*address, ssl=context)
            serials = [writer.get_extra_info("peercert")["serialNumber"] for _, writer in (first, second)]
            assert serials[0] != serials[1]
            first[1].write(b"still here")
            await until(lambda: told.bytes == b"still here")
            first[1].close()
            second[1].close()
            await server.close()
            await asyncio.sleep(0.01)

        run(story)

    def test_a_faulty_pair_is_refused_and_the_old_one_goes_on(self, shop: Shop) -> None:
        files = shop.files(HOST)
        certificates = Certificates(files)
        before = certificates.contexts
        renew(shop, files, key=False)                   # the certificate has come, its key not yet
        certificates.look()
        certificates.look()
        certificates.look()
        assert certificates.contexts is before
        files.certificate.unlink()
        certificates.look()
        assert certificates.contexts is before
        renew(shop, files)
        certificates.look()
        assert certificates.contexts is not before

    def test_unchanged_files_are_not_read_again(self, shop: Shop) -> None:
        certificates = Certificates(shop.files(HOST))
        before = certificates.contexts
        certificates.look()
        assert certificates.contexts is before

    @pytest.mark.parametrize(("spoil", "reason"), [
        (lambda files: files.key.unlink(), "No such file"),
        (lambda files: files.certificate.write_text("nothing"), "no PEM|no start line|PEM"),
        (lambda files: files.ca.write_text("nothing"), "ca.pem"),
        (lambda files: files.key.write_bytes(trustme.CA().issue_cert("x").private_key_pem.bytes()), "does not belong"),
    ])
    def test_faulty_at_the_start(self, shop: Shop, spoil: Callable[[TlsFiles], None], reason: str) -> None:
        files = shop.files(HOST)
        spoil(files)
        with pytest.raises(CertificateFault, match=reason):
            Certificates(files)


def renew(shop: Shop, files: TlsFiles, *, key: bool = True) -> None:
    old = files.key.read_bytes()
    shop.write(shop.authority.issue_cert(HOST), files)
    if not key:
        files.key.write_bytes(old)
    for path in (files.certificate, files.key):
        os.utime(path, ns=(path.stat().st_mtime_ns + 1_000_000_000,) * 2)


CERTIFICATE = {"subject": ((("commonName", "old.example.com"),),),
               "subjectAltName": (("DNS", "pbx.example.com"), ("DNS", "*.wide.example.com"), ("DNS", "*.com"),
                                  ("URI", "sip:sip.example.com"), ("URI", "sip:bob@user.example.com"),
                                  ("URI", "https://web.example.com"), ("IP Address", "2001:DB8:0:0:0:0:0:1"))}


@pytest.mark.parametrize(("host", "expected"), [
    ("pbx.example.com", True), ("PBX.example.com.", True), ("sip.example.com", True), ("a.wide.example.com", True),
    ("2001:db8::1", True), ("a.b.wide.example.com", False), ("wide.example.com", False), ("example.com", False),
    ("user.example.com", False), ("web.example.com", False), ("old.example.com", False), ("2001:db8::2", False),
])
def test_names_host(host: str, expected: bool) -> None:
    assert names_host(CERTIFICATE, host) is expected


def test_names_host__the_common_name_counts_only_alone() -> None:
    assert names_in({"subject": CERTIFICATE["subject"]}) == ["old.example.com"]
    assert names_in({}) == []
