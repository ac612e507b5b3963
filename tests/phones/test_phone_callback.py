"""A caller asks to be called back, the service is started anew, and two real phones are brought together."""

from contextlib import ExitStack
from pathlib import Path

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import tone_in
from tests.phones.phone import Phone, operator_phone
from tests.phones.record import errors_of
from tests.support.peers import need_pjsua2
from tests.support.service import running_service, wait_for

HOST, CALLER, ANNA, CARRIER = "127.0.96.1", "127.0.96.10", "127.0.96.11", "127.0.96.60"
NUMBER = "+74951234567"
MENU = """\
languages: [en, ru]
start: main
defaults: {on_failure: {queue: cards}}
menus:
  main:
    prompts: choose_language
    options:
      "2": [{callback: {queue: loans}}, hangup]
prompts:
  choose_language: {en: "Press a key.", ru: "-"}
"""
SETTINGS = {
    "country": "RU", "outbound": {"allow": ["+7495"]},
    "trunks": [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "caller_id": "+74950000000"}],
    "queues": {"loans": {"operators": ["anna"], "callback": {"first": "operator", "ring_s": 20}}},
}


def test_callback__over_a_restart(tmp_path: Path, tones: dict[str, Path]) -> None:
    need_pjsua2()
    menu = tmp_path / "menu.yaml"
    menu.write_text(MENU)
    lines = [{"numbers": ["100"], "menu": str(menu)}]
    with running_service(tmp_path, host=HOST, lines=lines, **SETTINGS) as service, ExitStack() as phones:
        caller = Phone(tmp_path, service.sip, CALLER, NUMBER)
        phones.callback(caller.close)
        caller.do(f"call:sip:100@{HOST}")
        caller.wait("state", state="CONFIRMED")
        caller.do("wait:0.7")
        caller.do("dtmf:2")
        caller.wait("state", state="DISCONNECTED")
        wait_for(lambda: service.requests() and service.requests()[0]["kind"] == "callback", 5, "no request")
        service.stop()
        called = Phone(tmp_path, service.sip, CARRIER, "called", port=5060, answer=200, delay=0.5,
                       tone=tones["caller"])
        phones.callback(called.close)
        service.start()
        anna = operator_phone(tmp_path, service.sip, ANNA, "anna", answer=200, delay=0.2, tone=tones["operator"])
        phones.callback(anna.close)
        called.wait("state", timeout=20, state="CONFIRMED")
        called.do("wait:2")
        called.hang_up()
        anna.wait("state", state="DISCONNECTED")
        assert "Callback" in anna.happened("incoming")[0]["caller"]
        wait_for(service.snapshot_is_idle, 10, "a call was left")
        request, = service.requests()
        assert (request["status"], request["operator"]) == ("answered", "anna")
        assert sorted((call["direction"], call["outcome"]) for call in service.calls()) == [
            ("inbound", "callback"), ("outbound", "answered")]
        assert service.api("/api/callbacks") == {"callbacks": []}
        assert tone_in(called.recording(), OPERATOR_HERTZ).length > 1
        assert tone_in(anna.recording(), CALLER_HERTZ).length > 1
        assert errors_of(service) == []
