"""A carrier's calls all come from one address: the budget of phones is not for it."""

from ivr.sip.gate.gate import Gate
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.transport.flow import Flow
from tests.sip.rig import invite

CARRIER, OFFICE = "192.0.2.20", "192.0.2.21"
HERE = ("198.51.100.1", 5060)


def test_carrier__2400_requests_a_second_are_heard_of_a_trunk_and_not_of_an_office() -> None:
    one = Gate(GateSettings(), lambda _: False, {CARRIER, OFFICE}.__contains__, None, {CARRIER}.__contains__)
    data, times = invite().encode(), [number / 2400 for number in range(20 * 2400)]     # 800 calls/s for 20 s
    heard = {address: sum(one.judge(data, Flow("udp", HERE, (address, 5060)), now) is not None for now in times)
             for address in (CARRIER, OFFICE)}
    assert heard[CARRIER] == len(times)
    assert heard[OFFICE] < len(times) / 3


def test_carrier__has_a_bound_too() -> None:
    one = Gate(GateSettings(), lambda _: False, {CARRIER}.__contains__, None, {CARRIER}.__contains__)
    data, flow = invite().encode(), Flow("udp", HERE, (CARRIER, 5060))
    assert sum(one.judge(data, flow, 0.0) is not None for _ in range(51_000)) == 50_000
    assert one.counters["sip_over_budget"] == 1_000
