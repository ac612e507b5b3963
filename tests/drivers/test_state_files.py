"""Statuses and phones in files: the newest content wins, and no broken file keeps the service from starting."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.private_files import write_private
from ivr.drivers.state_files import LatestWriter, StateFiles
from ivr.sip.message.headers import parse_address
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow


def binding(transport: str = "udp", expires_at: float = 500.0) -> Binding:
    flow = Flow(transport, ("127.0.0.1", 5060), ("127.0.0.2", 5062))
    return Binding("anna", parse_uri("sip:anna@127.0.0.2:5062"), flow, 0.5, expires_at, "phone", "<urn:1>")


def test_phones__come_back_as_they_were(tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    files.save_phones([binding(), binding("tcp"), binding(expires_at=99.0)], 100.0)
    (kept,) = files.phones(100.0)
    assert kept.expires_at == pytest.approx(500, abs=2)
    assert (kept.account, kept.contact, kept.flow, kept.q) == ("anna", binding().contact, binding().flow, 0.5)
    assert kept.since == pytest.approx(0, abs=2)


def test_phones__behind_an_edge_come_back_with_their_path__also_of_tcp(tmp_path: Path) -> None:
    files, path = StateFiles(tmp_path), (parse_address("<sip:to/ken==@127.0.0.9;lr;ob>"),)
    whole = Flow("tcp", ("127.0.0.1", 5060), ("127.0.0.9", 40000), 7)
    saved = Binding("anna", parse_uri("sip:anna@10.0.0.7;ob"), whole, 1.0, 500.0, "phone", "<urn:1>", 100.0, path, 3,
                    "203.0.113.9")
    files.save_phones([saved], 100.0)
    (kept,) = files.phones(100.0)
    assert (kept.path, kept.reg_id, kept.source) == (path, 3, "203.0.113.9")
    assert kept.flow == Flow("tcp", whole.local, whole.remote)          # a connection is made anew


def test_outbound__comes_back_as_it_was(tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    assert files.outbound() == ("", {})
    files.save_outbound("2026-03-02", {"anna": 3})
    assert files.outbound() == ("2026-03-02", {"anna": 3})


@pytest.mark.parametrize("content", ["", "[]", "{", '{"trials": 5}', '{"trials": [1, ["100", "v"], []]}'])
def test_trials__come_back_as_they_were_and_a_broken_file_is_read_as_empty(content: str, tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    assert files.trials() == []
    files.save_trials([("100", "v2", True, "старый")])
    assert files.trials() == [("100", "v2", True, "старый")]
    write_private(tmp_path / "trials.json", content)
    assert files.trials() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"orders": 5}', '{"orders": [1, "x"]}'])
def test_orders__come_back_as_they_were_and_a_broken_file_is_read_as_empty(content: str, tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    files.save_orders([{"line": "100"}])
    assert files.orders() == [{"line": "100"}]
    write_private(tmp_path / "orders.json", content)
    assert files.orders() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"by_operator": 5}', '{"day": 5, "by_operator": {"a": "x"}}'])
def test_outbound__a_broken_file_is_read_as_empty(content: str, tmp_path: Path) -> None:
    write_private(tmp_path / "outbound.json", content)
    assert StateFiles(tmp_path).outbound()[1] == {}


@pytest.mark.parametrize("content", [
    "", "null", "[]", "{", '{"phones": 5}', '{"phones": {"a": 1}}', '{"phones": [null, 1, "x", [], {}]}',
    json.dumps({"phones": [{"account": "a", "contact": "sip:a@b", "local": [], "remote": [], "q": 1, "expires": 9e9,
                            "user_agent": "", "instance": ""}]}),
    '{"phones": [{"account": "a", "contact": "sip:a@b", "local": ["h", Infinity], "remote": ["h", 1], "q": 1, '
    '"expires": 9e9, "user_agent": "", "instance": ""}]}'])
def test_phones__a_broken_file_is_read_as_empty(content: str, tmp_path: Path) -> None:
    write_private(tmp_path / "phones.json", content)
    assert StateFiles(tmp_path).phones(0.0) == []


@pytest.mark.parametrize("content", ["[]", '{"anna": "x"}', '{"anna": []}', "{", "[" * 100_000],
                         ids=range(5))
def test_statuses__a_broken_file_is_read_as_empty(content: str, tmp_path: Path) -> None:
    write_private(tmp_path / "operators.json", content)
    assert StateFiles(tmp_path).statuses() == {}


def test_latest_writer__never_two_at_once_and_the_newest_last() -> None:
    async def story() -> None:
        written: list[Any] = []
        at_once, go_on = threading.Semaphore(1), threading.Event()

        def write(content: int) -> None:
            assert at_once.acquire(blocking=False), "two threads write the same file"
            go_on.wait(5)
            written.append(content)
            at_once.release()

        keeper = LatestWriter(write)
        keeper.put(1)
        await asyncio.sleep(0.05)
        for content in range(2, 9):
            keeper.put(content)
        go_on.set()
        await keeper.settled()
        assert written == [1, 8]
        keeper.put(9)
        await keeper.settled()
        assert written[-1] == 9

    asyncio.run(story())
