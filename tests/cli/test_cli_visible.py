"""`hotline trace`, `trunks`, `phones` and `pcap` against a running service with calls; what Wireshark makes of it."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.base.pcap import FILE_HEADER, record
from ivr.cli.database_source import opened
from ivr.drivers.config_file import load_config
from ivr.drivers.sole import sole
from ivr.drivers.state_files import StateFiles
from tests.cli.conftest import Hotline
from tests.support.callers import Crowd, Habit, Phone, PhoneCall
from tests.support.peers import need_program
from tests.support.service import PASSWORD, ROOT, Service, running_service, wait_for

HOST = "127.0.78.1"
CARRIER = "127.0.78.30"
TRUNKS = [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "ping_s": 2, "caller_id": "+74951234567",
           "max_calls": 30, "calls_per_s": 5}]
MENU = str(ROOT / "menus/bank.yaml")
LINES = [{"numbers": ["100"], "menu": MENU}, {"numbers": ["200"], "menu": MENU, "callers": {"accounts": ["anna"]}}]
NUMBER = "+79161234567"
CARDS = {"operators": ["anna", "boris"], "ring_time_s": 10, "max_wait_s": 60, "record": "on_demand"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder, host=HOST, trunks=TRUNKS, lines=LINES, queues={"cards": CARDS}) as running:
        yield running


@pytest.fixture(scope="module")
def crowd(service: Service) -> Iterator[Crowd]:
    with Crowd(service.sip) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def anna(crowd: Crowd) -> Phone:
    phone = crowd.phone("anna", "127.0.78.20", Habit(delay=0.2))
    assert phone.register(PASSWORD) == 200
    return phone


@pytest.fixture(scope="module")
def caller(crowd: Crowd) -> Phone:
    return crowd.phone("caller", "127.0.78.21")


@pytest.fixture
def config(service: Service) -> tuple[str, str]:
    return "--config", str(service.config_file)


@contextmanager
def meanwhile(what: Callable[[], None]) -> Iterator[None]:
    """Somebody else does `what` while a command runs."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            what()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(60)
    assert not failed, failed


def to_operator(caller: Phone, anna: Phone) -> PhoneCall:
    """A call that has come as far as anna, who has taken it."""
    call = caller.call(NUMBER)
    wait_for(lambda: call.talking, 10, "no answer")
    caller.press(call, "120", pause=0.2)
    wait_for(lambda: any(one.talking for one in anna.open_calls), 10, "anna did not take it")
    return call


def hang_up(caller: Phone, call: PhoneCall) -> None:
    caller.hang_up(call)
    wait_for(lambda: call.over, 10, "still talking")


def in_progress(service: Service) -> str:
    """The id of the one call, once its row is written."""
    calls = wait_for(lambda: service.api("/api/calls?in_progress=true")["items"], 10, "no call")
    assert len(calls) == 1
    return str(calls[0]["id"])


def all_over(service: Service) -> None:
    wait_for(service.snapshot_is_idle, 10, "a call is left")


# --- supervise ------------------------------------------------------------------------------------------------------
def test_supervise__from_the_first_ring_to_the_end(hotline: Hotline, service: Service, config: tuple[str, str],
                                                   crowd: Crowd, caller: Phone, anna: Phone) -> None:
    vera = crowd.phone("softphone", "127.0.78.23", Habit(delay=0.2))
    assert vera.register(PASSWORD) == 200
    call = to_operator(caller, anna)
    known = in_progress(service)
    ran = hotline("supervise", known[:8], "--as", "softphone", "--mode", "whisper", "--json", *config)
    assert json.loads(ran.out) == [{"supervisor": "softphone", "mode": "whisper", "state": "ringing"}]
    wait_for(lambda: any(one.talking for one in vera.open_calls), 10, "the supervisor's phone did not answer")
    assert hotline("supervise", known[:8], "--as", "softphone", "--mode", "barge", *config).code == 0
    shown_now = json.loads(hotline("supervise", known[:8], "--json", *config).out)
    assert shown_now == [{"supervisor": "softphone", "mode": "barge", "state": "joined"}]
    ran = hotline("supervise", known[:8], "--as", "nobody", *config)
    assert (ran.code, "there is no operator or account 'nobody'" in ran.err) == (1, True)
    assert hotline("supervise", known[:8], "--as", "softphone", "--end", *config).code == 0
    wait_for(lambda: not vera.open_calls, 10, "the supervisor is still there")
    assert call.talking
    hang_up(caller, call)
    all_over(service)
    assert vera.register(PASSWORD, expires=0) == 200        # other tests look at who is registered


# --- why ------------------------------------------------------------------------------------------------------------
def test_why__during_a_talk(hotline: Hotline, service: Service, config: tuple[str, str], caller: Phone,
                            anna: Phone) -> None:
    call = to_operator(caller, anna)
    known = in_progress(service)
    assert hotline("why", "anna", known[:8], *config).out == f"anna is on call {known}.\nCall {known} is with anna.\n"
    assert hotline("why", "boris", known[:8], *config).out.startswith(f"Call {known} is with anna.")
    assert json.loads(hotline("why", "boris", "--json", *config).out)["why"] == "boris is without a registered phone."
    ran = hotline("why", "nobody", *config)
    assert (ran.code, "there is no operator 'nobody'" in ran.err) == (1, True)
    hang_up(caller, call)
    all_over(service)


# --- transfer -------------------------------------------------------------------------------------------------------
def test_transfer__by_command(hotline: Hotline, service: Service, config: tuple[str, str], caller: Phone,
                              anna: Phone) -> None:
    call = to_operator(caller, anna)
    known = in_progress(service)
    ran = hotline("transfer", known[:8], "nobody", *config)
    assert (ran.code, "nobody is 'nobody'" in ran.err) == (1, True)
    ran = hotline("transfer", known[:8], "--then", "back", *config)
    assert (ran.code, "nobody is asked in this call now" in ran.err) == (1, True)
    ran = hotline("transfer", known[:8], "100", "--json", *config)
    assert [(one["call"], one["state"], one["operator"]) for one in json.loads(ran.out)] == [(known, "in_menu", "")]
    wait_for(lambda: not anna.open_calls, 10, "anna is still on the call")
    hang_up(caller, call)
    all_over(service)


# --- trace ----------------------------------------------------------------------------------------------------------
def test_trace__of_a_call_in_progress_and_after(hotline: Hotline, service: Service, config: tuple[str, str],
                                                caller: Phone, anna: Phone) -> None:
    call = to_operator(caller, anna)
    now = hotline("trace", *config).out.splitlines()
    assert "INVITE 100@" in now[1]
    assert "* bridged with anna" in now[-1]
    anna.hang_up(anna.open_calls[0])
    wait_for(lambda: call.over, 10, "still talking")
    all_over(service)
    known = service.calls()[0]["id"]
    wait_for(lambda: service.api(f"/api/calls/{known}")["trace_complete"], 10, "the ladder was not written")
    after = hotline("trace", known[:8], *config).out.splitlines()
    assert after[:len(now)] == now
    assert ["BYE " in after[-2], "200 OK" in after[-1]] == [True, True]


def test_trace__followed_to_its_end(hotline: Hotline, service: Service, config: tuple[str, str], caller: Phone,
                                    anna: Phone) -> None:
    call = caller.call(NUMBER)
    wait_for(lambda: call.talking, 10, "no answer")
    in_progress(service)

    def go_on() -> None:
        time.sleep(1)
        caller.press(call, "120", pause=0.2)
        wait_for(lambda: any(one.talking for one in anna.open_calls), 10, "anna did not take it")
        time.sleep(1)
        anna.hang_up(anna.open_calls[0])

    with meanwhile(go_on):
        followed = hotline("trace", "--follow", *config).out.splitlines()
    whole = hotline("trace", "--follow", *config).out.splitlines()
    assert [line.split() for line in (followed[0], whole[0])] == [["caller", "hotline"], ["caller", "hotline", "anna"]]
    assert ["caller", "hotline", "anna"] in [line.split() for line in followed[1:]]     # she came later
    assert [line for line in followed if line.strip()[0].isdigit()][-4:] == whole[-4:]
    assert "200 OK" in followed[-1]
    all_over(service)


def test_trace__of_a_refused_call(hotline: Hotline, service: Service, config: tuple[str, str], caller: Phone) -> None:
    call = caller.call(NUMBER, "200")
    wait_for(lambda: call.over, 10, "it was not refused")
    assert call.status == 403
    (known,) = wait_for(lambda: [one["id"] for one in service.calls() if one["outcome"] == "refused"], 10, "no row")
    says = "this call was refused (caller_not_of_line); refused calls are not drawn\n"
    assert hotline("trace", known, *config).out == says
    assert hotline("trace", "--follow", known[:8], *config).out == says
    with opened(load_config(service.config_file), service.config_file) as database:
        assert database.call(known).refused == "caller_not_of_line"


# --- trunks and phones ----------------------------------------------------------------------------------------------
def test_trunks__as_they_stand(hotline: Hotline, service: Service, config: tuple[str, str], crowd: Crowd) -> None:
    crowd.phone("carrier", CARRIER)
    wait_for(lambda: service.api("/api/trunks")["trunks"][0]["ping"] == "up", 10, "the trunk does not answer")
    (trunk,) = json.loads(hotline("trunks", "--json", *config).out)
    assert (trunk["name"], trunk["registration"], trunk["max_calls"], trunk["calls_per_s"]) == ("carrier", "", 30, 5.0)
    assert trunk["round_trip_s"] > 0
    table = hotline("trunks", *config).out.splitlines()
    assert "trunks (from the running service)" in table[0]
    (row,) = [line for line in table if " carrier " in line]
    assert " up " in row
    assert "30, 5/s" in row
    metrics = service.metrics()
    assert metrics['hotline_trunk_up{trunk="carrier"}'] == 1


def test_phones__registered_or_not(hotline: Hotline, service: Service, config: tuple[str, str], anna: Phone) -> None:
    phones = {phone["account"]: phone for phone in json.loads(hotline("phones", "--json", *config).out)}
    assert list(phones) == ["anna", "boris", "softphone"]
    (contact,) = phones["anna"]["contacts"]
    assert (contact["contact"], contact["transport"], contact["address"], contact["nat"]) == (
        "sip:anna@127.0.78.20:5060", "udp", "127.0.78.20:5060", False)
    assert 0 < contact["expires_in_s"] <= 600
    assert (phones["softphone"]["operator"], phones["softphone"]["contacts"]) == (False, [])
    table = hotline("phones", *config).out
    assert [line.split()[:3] for line in table.splitlines() if " anna " in line] == [["anna", "operator", "udp"]]
    assert "not registered" in table
    assert service.metrics()['hotline_phones_registered{transport="udp"}'] == 1


def test_phones__a_wrong_password(hotline: Hotline, service: Service, config: tuple[str, str], crowd: Crowd) -> None:
    assert crowd.phone("boris", "127.0.78.22").register("mistyped") == 401
    phones = {phone["account"]: phone for phone in json.loads(hotline("phones", "--json", *config).out)}
    assert phones["boris"]["last_refusal"]["address"] == "127.0.78.22"
    (row,) = [line for line in hotline("phones", *config).out.splitlines() if " boris " in line]
    assert "127.0.78.22, " in row
    wait_for(lambda: "password_refused account=boris address=127.0.78.22" in service.log, 5, "no line in the log")


# --- pcap -----------------------------------------------------------------------------------------------------------
def shown(file: Path, wanted: str, *fields: str) -> list[list[str]]:
    """What tshark finds in a capture."""
    options = [option for name in fields for option in ("-e", name)]
    done = subprocess.run([need_program("tshark"), "-r", file, "-Y", wanted, "-T", "fields", *options],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


FLOW = ["INVITE", "200", "ACK", "INFO", "200", "INFO", "200", "INFO", "200",
        "INVITE", "100", "180", "200", "ACK", "BYE", "200", "BYE", "200"]


def test_pcap__the_next_call_with_its_rtp(hotline: Hotline, service: Service, config: tuple[str, str], caller: Phone,
                                          anna: Phone) -> None:
    def call_and_talk() -> None:
        wait_for(lambda: any(one["state"] == "waiting" for one in service.api("/api/captures")["captures"]), 30,
                 "no capture was begun")
        call = to_operator(caller, anna)
        time.sleep(0.5)
        hang_up(caller, call)

    with meanwhile(call_and_talk):
        ran = hotline("pcap", "--next", "--rtp", *config)
    assert ran.code == 0
    assert ran.err.startswith("waiting for the call; Ctrl-C ends it\nthe call is over: 18 messages, ")
    file = Path(ran.out.strip())
    assert file.parent == service.state / "captures"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.glob("*.rtp*")) == []
    messages = shown(file, "sip", "sip.Method", "sip.Status-Code")
    assert [method or status for method, status in messages] == FLOW
    assert shown(file, "_ws.malformed || _ws.short", "frame.number") == []
    heard = shown(file, f"rtp && ip.dst == {caller.host}", "rtp.p_type", "rtp.seq", "rtp.setup-method")
    assert len(heard) > 20
    assert {kind for kind, _, _ in heard} == {"8"}
    assert {method for _, _, method in heard} == {"SDP"}
    numbers = [int(number) for _, number, _ in heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    all_over(service)


def test_pcap__a_call_in_progress_until_it_is_stopped(hotline: Hotline, service: Service, config: tuple[str, str],
                                                      caller: Phone) -> None:
    call = caller.call(NUMBER)
    wait_for(lambda: call.talking, 10, "no answer")
    known = in_progress(service)
    begun = service.api("/api/captures", post={"which": "call", "value": known[:8]})
    assert (begun["state"], begun["call"]) == ("running", known)
    ran = hotline("pcap", "--call", known[:8], *config)
    assert (ran.code, f"call {known} is being captured already" in ran.err) == (1, True)
    caller.press(call, "1")
    wait_for(lambda: service.api(f"/api/captures/{begun['capture']}")["messages"] == 2, 10, "nothing was captured")
    service.api(f"/api/captures/{begun['capture']}", delete=True)
    done = wait_for(lambda: next((one for one in [service.api(f"/api/captures/{begun['capture']}")]
                                  if one["state"] == "done"), None), 10, "it did not end")
    assert done["reason"] == "it was stopped"
    hang_up(caller, call)
    assert [method or status for method, status in shown(Path(done["file"]), "sip", "sip.Method", "sip.Status-Code")] \
        == ["INFO", "200"]
    all_over(service)


@pytest.mark.parametrize("which", [["--number", "+70000000000"], ["--next"], ["--next", "--rtp"]])
def test_pcap__no_call_came(hotline: Hotline, service: Service, config: tuple[str, str], which: list[str]) -> None:
    before = captured(service)
    ran = hotline("pcap", *which, "--seconds", "1", *config)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == ("waiting for the call; Ctrl-C ends it\n"
                       "no such call came (its time is up); nothing was captured\n")
    assert captured(service) == before


def captured(service: Service) -> list[Path]:
    return sorted((service.state / "captures").glob("*"))


def test_pcap__a_call_that_is_not_there(hotline: Hotline, config: tuple[str, str], service: Service) -> None:
    ran = hotline("pcap", "--call", "3f0c", *config)
    assert (ran.code, ran.out) == (1, "")
    assert "no call in progress begins with '3f0c'" in ran.err


def test_pcap__no_place_for_its_file(hotline: Hotline, service: Service, config: tuple[str, str],
                                     caller: Phone) -> None:
    """Calls go on as if nothing had been asked."""
    folder, aside = service.state / "captures", service.state / "aside"
    if folder.exists():
        folder.rename(aside)
    folder.write_text("a file")
    ran = hotline("pcap", "--next", *config)
    assert (ran.code, "can't be made" in ran.err) == (1, True)
    folder.unlink()
    if aside.exists():
        aside.rename(folder)
    call = caller.call(NUMBER)
    wait_for(lambda: call.talking, 10, "no answer")
    hang_up(caller, call)
    all_over(service)


# --- without a service ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("line", "says"), [
    ("why anna", "hotline why: error: the service does not run, and only it knows who gets which call"),
    ("trunks", "hotline trunks: error: the service does not run, and only it knows how its trunks stand"),
    ("phones", "hotline phones: error: the service does not run, and only it knows which phones are registered"),
    ("pcap --next", "hotline pcap: error: the service does not run, and only it knows the calls in progress"),
    ("callbacks now 3f",
     "hotline callbacks: error: the service does not run, and only it knows who is to be called back"),
])
def test_visible__only_the_service_knows(hotline: Hotline, folder: Path, line: str, says: str) -> None:
    file = folder / "config.yaml"
    file.write_text(file.read_text().replace("127.0.0.1:8080", "127.0.78.9:8080"))
    ran = hotline(*line.split())
    assert (ran.code, ran.out, ran.err) == (1, "", f"{says} (start it: hotline serve)\n")


# --- what Wireshark reads -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ours", "theirs"), [
    (("192.0.2.1", 5060), ("192.0.2.9", 49_152)), (("192.0.2.1", 5061), ("192.0.2.9", 40_001)),     # 5061: it was TLS
    (("2001:db8::1", 5060), ("2001:db8::9", 40_001)), (("192.0.2.1", 15_060), ("192.0.2.9", 25_060)),
])
def test_pcap__sip_of_any_transport_is_read(tmp_path: Path, ours: tuple[str, int], theirs: tuple[str, int]) -> None:
    message = (b"INFO sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bK1\r\n"
               b"From: <sip:a@b>;tag=1\r\nTo: <sip:100@192.0.2.1>;tag=2\r\nCall-ID: 1\r\nCSeq: 7 INFO\r\n"
               b"Content-Length: 0\r\n\r\n")
    (tmp_path / "one.pcap").write_bytes(FILE_HEADER + record(1.0, theirs, ours, message))
    assert shown(tmp_path / "one.pcap", "sip", "sip.Method", "sip.CSeq.seq") == [["INFO", "7"]]
    assert shown(tmp_path / "one.pcap", "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0",
                 "frame.number") == []


# --- health ---------------------------------------------------------------------------------------------------------
def test_health__parts_and_planes(hotline: Hotline, config: tuple[str, str]) -> None:
    ran = hotline("health", *config)
    assert ran.code == 0
    assert "health: ok" in ran.out
    assert next(line.split() for line in ran.out.splitlines() if line.split()[:2] == ["0", "yes"])[2:] == ["0", "100"]
    told = json.loads(hotline("health", "--json", *config).out)
    assert told["workers"] == [{"worker": 0, "ready": True, "streams": 100, "in_use": 0, "free": 100}]


def test_health__of_a_control_that_does_not_answer(hotline: Hotline, config: tuple[str, str], service: Service) -> None:
    control = service.child("control")
    os.kill(control, signal.SIGSTOP)
    try:
        ran = wait_for(lambda: ran if (ran := hotline("health", *config)).code else None, 20, "nobody missed control")
    finally:
        os.kill(control, signal.SIGCONT)
    assert ran.code == 1
    assert "health: failing" in ran.out
    assert ran.err == ""
    wait_for(lambda: hotline("health", *config).code == 0, 20, "control did not come back")


# --- recordings ------------------------------------------------------------------------------------------------------
def test_recordings__begun_ended_saved_and_erased(hotline: Hotline, service: Service, config: tuple[str, str],
                                                  caller: Phone, anna: Phone, tmp_path: Path) -> None:
    call = to_operator(caller, anna)
    known = in_progress(service)
    assert hotline("recordings", "begin", known[:8], *config).code == 0
    assert "it is being recorded already" in hotline("recordings", "begin", known, *config).err
    time.sleep(1.0)
    assert "going on" in hotline("recordings", "list", *config).out
    assert hotline("recordings", "end", known[:8], *config).code == 0
    hang_up(caller, call)
    all_over(service)
    # its file and its row are written by others than the call
    wait_for(lambda: service.api(f"/api/recordings?call_id={known}")["items"][0]["ended_at"], 10, "it goes on")
    (row,) = json.loads(hotline("recordings", "list", "--json", *config).out)
    assert (row["call_id"], row["why"], row["by"], row["reason"]) == (known, "on_demand", "api", "api ended it")
    assert 1.0 <= row["seconds"] < 8
    assert f"  recording      {known[:8]}-1" in hotline("calls", "show", known, *config).out
    saved = tmp_path / "saved.wav"
    (listed,) = re.findall(r"[0-9a-f]{8}-\d+", hotline("recordings", "list", *config).out)
    assert hotline("recordings", "save", listed, str(saved), *config).out == f"{saved}\n"
    for other, says in ((f"{known}-2", "there is no such recording"), (known, "File exists"),
                        (row["id"], "File exists")):
        assert says in hotline("recordings", "save", other, str(saved), *config).err
    with wave.open(str(saved)) as file:
        assert file.getnframes() / 8000 == row["seconds"]
    assert saved.stat().st_mode & 0o777 == 0o600
    assert "deleted by age" in hotline("recordings", "prune", *config).out
    assert hotline("recordings", "erase", row["id"], *config).code == 0
    assert "erased (api)" in hotline("recordings", "list", *config).out
    assert "Its audio was deleted" in hotline("recordings", "save", row["id"], str(tmp_path / "no.wav"), *config).err
    assert not (tmp_path / "no.wav").exists()
    assert not list((service.state / "recordings").glob("*/*"))
    assert [use["what"] for use in service.api(f"/api/recordings/{row['id']}")["uses"]] == ["erased", "fetched"]
    uses = json.loads(hotline("recordings", "who", listed, "--json", *config).out)
    assert [(use["who"], use["what"]) for use in uses] == [("api", "erased"), ("api", "fetched")]


# --- orders for lines -----------------------------------------------------------------------------------------------
def test_orders__closed_and_opened_again(hotline: Hotline, service: Service, caller: Phone,
                                         config: tuple[str, str]) -> None:
    assert hotline("announce", "100", "nonsense", *config).code == 1
    assert "did you mean `goodbye`" in hotline("close", "100", "--say", "godbye", *config).err
    assert hotline("announce", "all", "hold", "--for", "2h", *config).code == 0
    closed = hotline("close", "100", "--say", "goodbye", "--json", *config)
    orders = {(one["line"], one["kind"]) for one in json.loads(closed.out)}
    assert orders == {("100", "announcement"), ("200", "announcement"), ("100", "closure")}
    wait_for(lambda: "line 100 is closed" in hotline("health", "--json", *config).out, 10, "health says nothing")
    call = caller.call(NUMBER)
    wait_for(lambda: call.over, 15, "the line is not closed")
    wait_for(lambda: service.api("/api/calls?limit=1")["items"][0]["outcome"] == "closed", 10, "another outcome")
    hotline("announce", "all", "--end", *config)
    assert hotline("open", "100", *config).code == 0
    assert hotline("announce", *config).out == "no line is closed by an order, and none has an announcement\n"


def test_orders__without_the_service(hotline: Hotline, folder: Path) -> None:
    """They are in the file that it reads at its start."""
    closed = hotline("close", "100", "--for", "2h", "--json")
    assert closed.code == 0
    assert "holds from its next start on" in closed.err
    assert [(one["line"], one["kind"], one["prompt"]) for one in json.loads(closed.out)] == [
        ("100", "closure", "nobody_available")]
    assert hotline("announce", "all", "goodbye").code == 0
    kept = StateFiles(folder / "var").orders()
    assert [one["kind"] for one in kept] == ["announcement", "closure"]
    assert json.loads(hotline("announce", "--json").out) == kept
    assert hotline("open", "100").code == 0
    assert [one["kind"] for one in StateFiles(folder / "var").orders()] == ["announcement"]
    assert hotline("announce", "all", "--end").code == 0
    assert StateFiles(folder / "var").orders() == []
    assert "did you mean `goodbye`" in hotline("close", "100", "--say", "godbye").err
    assert "no line has the number '300'" in hotline("close", "300").err


def test_orders__not_beside_a_service_that_starts(hotline: Hotline, folder: Path) -> None:
    with sole(folder / "var"):
        said = hotline("close", "100").err
    assert "it starts or stops just now" in said
    assert StateFiles(folder / "var").orders() == []
