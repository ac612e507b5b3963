"""The gate alone, in virtual time: who is heard, how often, and who is put aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.sip.gate.gate import Gate, Standing
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.gate.news import InsecureRefused, SourcePutAside
from ivr.sip.transport.flow import Flow
from tests.sip.rig import invite, request
from tests.sip.test_glance import BYTES

STRANGER, PHONE, OTHER = "192.0.2.9", "192.0.2.10", "192.0.2.11"
INVITE, OPTIONS = invite().encode(), request("OPTIONS").encode()
LIVE = request("BYE", call="live", tag="x").encode()


def flow(address: str) -> Flow:
    return Flow("udp", ("198.51.100.1", 5060), (address, 5060))


def gate(**settings: object) -> Gate:
    return Gate(GateSettings(**settings), {"live@192.0.2.9"}.__contains__, {PHONE}.__contains__,    # type: ignore[arg-type]
                is_offered_by=lambda *of: of == ("live@192.0.2.9", STRANGER))


def passed(one: Gate, data: bytes, address: str, times: list[float]) -> int:
    return sum(one.judge(data, flow(address), now) is not None for now in times)


@pytest.mark.parametrize(("data", "address", "standing"), [
    (INVITE, STRANGER, Standing.STRANGER),
    (request("ACK", tag="x").encode(), STRANGER, Standing.STRANGER),
    (LIVE, STRANGER, Standing.ONGOING),
    (INVITE, PHONE, Standing.KNOWN),
    (request("REGISTER").encode(), PHONE, Standing.KNOWN),
    (request("ACK", tag="x").encode(), PHONE, Standing.ONGOING),
    (b"SIP/2.0 200 OK\r\nCall-ID: y\r\n\r\n", PHONE, Standing.ONGOING),
    (b"SIP/2.0 200 OK\r\nCall-ID: y\r\n\r\n", STRANGER, Standing.STRANGER),
    (b"SIP/2.0 200 OK\r\nCall-ID: live@192.0.2.9\r\n\r\n", STRANGER, Standing.ONGOING),
    (b"\r\n\r\n", PHONE, None),
    (b"\0\0\0\0", STRANGER, None),
])
def test_whose_it_is(data: bytes, address: str, standing: Standing | None) -> None:
    assert gate().judge(data, flow(address), 0) is standing


@pytest.mark.parametrize(("settings", "heard"), [
    ({}, True), ({"deny": ("192.0.2.0/24",)}, False), ({"allow": ("192.0.2.0/24",)}, True),
    ({"allow": ("203.0.113.0/24",)}, False), ({"allow": ("192.0.2.0/24",), "deny": (STRANGER,)}, False),
])
def test_allow_and_deny(settings: dict[str, object], heard: bool) -> None:
    one = gate(**settings)
    assert (one.judge(LIVE, flow(STRANGER), 0) is not None) is heard
    assert one.counters["sip_denied"] == (not heard)


class TestBudget:
    def test_a_burst_then_the_rate(self) -> None:
        one = gate(requests_per_second=2)
        assert passed(one, INVITE, STRANGER, [0.0] * 30) == 20
        assert passed(one, INVITE, STRANGER, [5.0] * 30) == 10

    def test_calls_in_progress_and_others_are_not_hurt(self) -> None:
        one = gate(requests_per_second=2)
        passed(one, INVITE, STRANGER, [0.0] * 1000)
        assert one.judge(LIVE, flow(STRANGER), 0) is Standing.ONGOING
        assert one.judge(INVITE, flow(OTHER), 0) is Standing.STRANGER

    def test_where_phones_are_registered_it_is_larger(self) -> None:
        assert passed(gate(requests_per_second=2), INVITE, PHONE, [0.0] * 1000) == 400

    def test_invented_addresses_fill_nothing_for_long_and_push_out_nobody(self) -> None:
        one = gate(requests_per_second=2, max_sources=100)
        passed(one, INVITE, STRANGER, [0.0] * 20)
        for number in range(5000):
            one.judge(INVITE, flow(f"10.0.{number // 256}.{number % 256}"), 1.0)
        assert one.counts()["watched_sources"] <= 3 * 100
        assert passed(one, INVITE, STRANGER, [1.0] * 20) == 2          # it is still known what this one has used
        assert one.counters["sip_over_budget"] > 4000                  # who finds no room shares one budget
        assert passed(one, INVITE, OTHER, [25.0] * 20) == 20

    def test_an_office_behind_one_address(self) -> None:
        """100 phones start at one moment: each is challenged and comes again."""
        assert passed(gate(), request("REGISTER").encode(), STRANGER, [0.0] * 200) == 200


class TestPutAside:
    def test_flood(self) -> None:
        one = gate(requests_per_second=2, pause=60)
        passed(one, INVITE, STRANGER, [0.0] * 1000)
        assert one.judge(INVITE, flow(STRANGER), 30) is None
        assert one.judge(LIVE, flow(STRANGER), 30) is Standing.ONGOING
        assert one.judge(INVITE, flow(STRANGER), 61) is Standing.STRANGER
        assert one.news.take() == [SourcePutAside(STRANGER, "flood", 60)]
        assert one.news.take() == []

    @pytest.mark.parametrize(("offence", "most"), [
        ("guess", 20), ("unknown_number", 20), ("malformed", 25), ("challenge", 50), ("ping", 50), ("refused", 50)])
    def test_offences(self, offence: str, most: int) -> None:
        one = gate()
        for number in range(most - 1):
            one.blame(STRANGER, offence, number * 0.1)
        assert one.judge(INVITE, flow(STRANGER), 6) is not None
        one.blame(STRANGER, offence, 6)
        assert one.judge(INVITE, flow(STRANGER), 6.1) is None
        assert one.news.take() == [SourcePutAside(STRANGER, offence, 300)]

    def test_who_is_slow_is_let_alone(self) -> None:
        """An exchange that pings every 2 s, for an hour."""
        one = gate()
        for number in range(1800):
            one.blame(STRANGER, "ping", 2.0 * number)
            assert one.judge(OPTIONS, flow(STRANGER), 2.0 * number) is not None

    def test_where_phones_are_registered_nobody_is(self) -> None:
        one = gate()
        for _ in range(1000):
            one.blame(PHONE, "guess", 0)
        assert one.judge(INVITE, flow(PHONE), 0) is Standing.KNOWN

    def test_who_logs_in_is_forgiven(self) -> None:
        one = gate()
        for _ in range(1000):
            one.blame(STRANGER, "challenge", 0)
        one.forgive(STRANGER)
        assert one.judge(INVITE, flow(STRANGER), 0) is Standing.STRANGER

    def test_the_log_is_bounded(self) -> None:
        one = gate()
        for number in range(1000):
            for _ in range(20):
                one.blame(f"10.0.{number // 256}.{number % 256}", "guess", 1)
        assert len(one.news.take()) == 20
        assert one.counters["sip_sources_put_aside"] == 1000
        one.refused_insecure(STRANGER, "udp", "carrier", 70)
        assert one.news.take() == [InsecureRefused(STRANGER, "udp", "carrier")]


@given(BYTES, st.sampled_from([STRANGER, PHONE, "", "not an address", "fe80::1%eth0"]))
def test_any_bytes_from_anywhere(data: bytes, address: str) -> None:
    one = gate(allow=("192.0.2.0/24", "fe80::/10"), deny=("203.0.113.1",))
    one.judge(data, flow(address), 0)


def test_responses_that_nobody_waits_for_cost_budget() -> None:
    one = gate(requests_per_second=2)
    assert passed(one, b"SIP/2.0 200 OK\r\nCall-ID: y\r\n\r\n", STRANGER, [0.0] * 100) == 20
