"""A caller has asked to be called back; the service is started, and two real phones are brought together."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.call.record import Batch, Outcome, PersonRow
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import tone_in
from tests.phones.phone import Phone, operator_phone
from tests.phones.record import errors_of
from tests.requests.visits import call_row, request_row
from tests.support.peers import need_pjsua2
from tests.support.service import running_service, wait_for

HOST, ANNA, CARRIER = "127.0.96.1", "127.0.96.11", "127.0.96.60"
NUMBER = "+74951234567"
SETTINGS = {
    "country": "RU", "outbound": {"allow": ["+7495"]},
    "trunks": [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "caller_id": "+74950000000"}],
    "queues": {"loans": {"operators": ["anna"], "callback": {"first": "operator", "ring_s": 20}}},
}


def left_before(url: str) -> None:
    """What an earlier process wrote down."""
    came = datetime.now(UTC) - timedelta(minutes=5)
    call = call_row(1, node="test", line="100", began_at=came, ended_at=came, outcome=Outcome.CALLBACK)
    request = replace(request_row(1, kind="callback"), queue="loans", opened_at=came)
    engine = open_database(url)
    with engine.begin() as connection:
        write(connection, [Batch((call,), (PersonRow(call.id, NUMBER, "", NUMBER),), (request,))])
    engine.dispose()


def test_callback__of_an_earlier_process(tmp_path: Path, tones: dict[str, Path]) -> None:
    need_pjsua2()
    url = f"sqlite:///{tmp_path}/before.db"
    left_before(url)
    with running_service(tmp_path, host=HOST, database=url, **SETTINGS) as service, ExitStack() as phones:
        called = Phone(tmp_path, service.sip, CARRIER, "called", port=5060, answer=200, delay=0.5,
                       tone=tones["caller"])
        phones.callback(called.close)
        anna = operator_phone(tmp_path, service.sip, ANNA, "anna", answer=200, delay=0.2, tone=tones["operator"])
        phones.callback(anna.close)
        called.wait("state", timeout=30, state="CONFIRMED")
        called.do("wait:2")
        called.hang_up()
        anna.wait("state", state="DISCONNECTED")
        assert "Callback" in anna.happened("incoming")[0]["caller"]
        wait_for(service.snapshot_is_idle, 30, "a call was left")
        wait_for(lambda: all(call["outcome"] for call in service.calls()), 30, "a call has no outcome")
        request, = service.requests()
        assert (request["status"], request["operator"]) == ("answered", "anna")
        assert sorted((call["direction"], call["outcome"]) for call in service.calls()) == [
            ("inbound", "callback"), ("outbound", "answered")]
        assert service.api("/api/callbacks") == {"callbacks": []}
        assert tone_in(called.recording(), OPERATOR_HERTZ).length > 1
        assert tone_in(anna.recording(), CALLER_HERTZ).length > 1
        assert errors_of(service) == []
