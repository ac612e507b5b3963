"""The name service against a real DNS server, which answers from a table with real packets."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from ivr.base.config_words import TcpListen
from ivr.drivers import name_service
from ivr.drivers.name_service import NameService
from ivr.sip.transport.locating import Kind, NaptrRecord, Question, SrvRecord
from tests.drivers.dns_server import Server, serve_dns

HOST = "127.0.14.1"
RECORDS = {
    ("example.com.", "NAPTR"): ['10 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.',
                                '20 10 "s" "SIP+D2U" "" _sip._udp.example.com.'],
    ("_sip._udp.example.com.", "SRV"): ["5 60 5062 a.example.com."],
    ("a.example.com.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("a.example.com.", "AAAA"): ["2001:db8::1"],
    ("alias.example.com.", "CNAME"): ["a.example.com."],
    ("many.example.com.", "A"): [f"192.0.2.{number}" for number in range(1, 101)],      # more than a datagram holds
}


@contextlib.asynccontextmanager
async def served(hosts: Path = Path("/nonexistent")) -> AsyncIterator[tuple[Server, NameService]]:
    async with serve_dns(HOST, RECORDS) as (server, port):
        yield server, NameService(TcpListen(HOST, port), hosts)


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


async def ask(names: NameService, kind: Kind, name: str) -> tuple[Any, ...]:
    return await names.look_up(Question(kind, name))


def test_every_kind_of_record() -> None:
    async def story() -> None:
        async with served() as (_, names):
            assert set(await ask(names, "NAPTR", "example.com")) == {
                NaptrRecord(10, 50, "s", "SIPS+D2T", "_sips._tcp.example.com."),
                NaptrRecord(20, 10, "s", "SIP+D2U", "_sip._udp.example.com.")}
            assert await ask(names, "SRV", "_sip._udp.example.com") == (SrvRecord(5, 60, 5062, "a.example.com."),)
            assert sorted(await ask(names, "A", "a.example.com")) == ["192.0.2.1", "192.0.2.2"]
            assert await ask(names, "AAAA", "a.example.com") == ("2001:db8::1",)
            assert sorted(await ask(names, "A", "alias.example.com")) == ["192.0.2.1", "192.0.2.2"]
            assert len(await ask(names, "A", "many.example.com")) == 100           # over TCP, as the datagram was cut

    run(story)


def test_nothing_there() -> None:
    async def story() -> None:
        async with served() as (server, names):
            assert await ask(names, "A", "nowhere.example.com") == ()
            assert await ask(names, "AAAA", "example.com") == ()
            assert server.asked == ["A nowhere.example.com.", "AAAA example.com."]

    run(story)


@pytest.mark.parametrize("name", ["x" * 64 + ".example.com", "a..b", ".".join(["label"] * 60), "\udcff.example"])
def test_a_name_that_dns_cannot_hold(name: str) -> None:
    async def story() -> None:
        async with served() as (_, names):
            assert await ask(names, "A", name) == ()

    run(story)


def test_answers_are_kept_for_their_time() -> None:
    async def story() -> None:
        async with served() as (server, names):
            for _ in range(3):
                await ask(names, "A", "a.example.com")
            assert len(server.asked) == 1
            server.ttl = 0
            for _ in range(2):
                await ask(names, "AAAA", "a.example.com")
            assert len(server.asked) == 3

    run(story)


def test_a_silent_server(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(name_service, "ATTEMPT", 0.05)
    monkeypatch.setattr(name_service, "LIFETIME", 0.2)

    async def story() -> None:
        async with served() as (server, names):
            server.silent = True
            assert await ask(names, "A", "a.example.com") == ()
            assert len(server.asked) > 1
            server.silent = False
            assert len(await ask(names, "A", "a.example.com")) == 2

    run(story)
    assert [record.message for record in caplog.records] == ["name_not_looked_up"]


def test_the_list_of_hosts_comes_first(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("# ours\n192.0.2.77 pbx PBX.example.com # the exchange\n2001:db8::77 pbx\nnonsense x\n\n"
                     "127.0.0.1\n")

    async def story() -> None:
        async with served(hosts) as (server, names):
            assert await ask(names, "A", "pbx") == ("192.0.2.77",)
            assert await ask(names, "AAAA", "pbx") == ("2001:db8::77",)
            assert await ask(names, "SRV", "pbx") == ()
            assert await ask(names, "A", "pbx.example.com") == ("192.0.2.77",)
            assert server.asked == []
            hosts.write_text("192.0.2.78 pbx\n")
            os.utime(hosts, (time.time() + 10, time.time() + 10))
            assert await ask(names, "A", "pbx") == ("192.0.2.78",)

    run(story)
