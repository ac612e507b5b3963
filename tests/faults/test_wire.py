"""What may come over the wire at the running service: lossy crowds of SIPp, and every torture message of the RFCs.

The last test kills the parent: nothing survives it.
"""

import csv
import re
import secrets
import socket
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.call.record import Outcome
from tests.support.busy_house import PATIENCE, BusyHouse, busy_house, habit_of_all
from tests.support.callers import Habit
from tests.support.peers import need_program
from tests.support.raw_sip import RawTcp, RawUdp
from tests.support.service import wait_for
from tests.support.torture import CLOSED, FILES, LEFT_OVER, ON_A_STREAM, TOO_SHORT, corpus
from tests.support.truth import read_record

NETWORK = "127.0.20"
HERE = Path(__file__).parent
TAKEN = (16390, 16401)  # of the media ports: an RTP one and an RTCP one
LOSS_PERCENT = 10
TAIL = 45.0             # s until the last transaction has given up: 64 * T1, and what a busy machine adds


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyHouse]:
    """Somebody else has two of its media ports: not worth a refusal, but worth a word."""
    with ports_taken(TAKEN), busy_house(tmp_path_factory.mktemp("wire"), NETWORK, operators=20) as house:
        assert f"ports_in_use pairs=2 first={TAKEN[0]} streams=148" in house.service.log
        assert house.service.metrics()["hotline_plane_streams"] == 148
        yield house


@contextmanager
def ports_taken(ports: Iterable[int]) -> Iterator[None]:
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind((f"{NETWORK}.1", port))
        yield


# --- loss -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Group:
    """Callers of one kind; `digit` marks their numbers."""

    digit: int
    scenario: str
    calls: int
    keys: str
    outcome: Outcome
    ended_by: str


GROUPS = (
    Group(1, "three_keys.xml", 60, "120", Outcome.ANSWERED, "operator"),
    Group(2, "three_keys.xml", 15, "172", Outcome.SELF_SERVED, "hotline"),
    Group(3, "hangs_up.xml", 25, "", Outcome.ABANDONED, "caller"),
)


@pytest.mark.timeout(150)
def test_100_calls_with_a_tenth_of_the_sip_lost_both_ways(house: BusyHouse, tmp_path: Path) -> None:
    need_program("sipp")
    habit_of_all(house, Habit(delay=0.2, talk=1.5))
    lose(house, LOSS_PERCENT / 100)
    crowds = [start_sipp(house, group, tmp_path / str(group.digit)) for group in GROUPS]
    codes = [crowd.wait(100) for crowd in crowds]
    house.wait_until_idle(TAIL)
    lose(house, 0)
    said = [path.read_text() for path in tmp_path.glob("*/*_errors.log")]
    assert codes == [0, 0, 0], said
    assert sum(retransmissions(tmp_path / str(group.digit)) for group in GROUPS) > 20, "nothing was lost"
    assert sum(phone.lost for phone in house.operators.values()) > 20
    check_rows(house)


def lose(house: BusyHouse, share: float) -> None:
    for phone in house.operators.values():
        phone.loss = share


def start_sipp(house: BusyHouse, group: Group, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir()
    keys = ("-key", "second", group.keys[1], "-key", "third", group.keys[2]) if group.keys else ()
    command = ["sipp", house.service.sip, "-sf", str(HERE / group.scenario), "-s", "100",
               "-i", f"{NETWORK}.{100 + group.digit}", "-p", "5060", "-r", "15", "-m", str(group.calls), "-l", "100",
               "-lost", str(LOSS_PERCENT), "-key", "who", f"+7495{group.digit}00", *keys, "-nostdin", "-timeout", "90",
               "-trace_err", "-trace_stat", "-stf", "stat.csv", "-fd", "1"]
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def retransmissions(folder: Path) -> int:
    with (folder / "stat.csv").open(newline="") as file:
        return int(list(csv.DictReader(file, delimiter=";"))[-1]["Retransmissions(C)"])


def check_rows(house: BusyHouse) -> None:
    rows = read_record(house.service.database_url)
    numbers = {person.call_id: str(person.caller_number) for person in rows["people"]}
    assert len(set(numbers.values())) == len(rows["calls"]) == sum(group.calls for group in GROUPS)
    for group in GROUPS:
        own = [row for row in rows["calls"] if numbers[row.id].startswith(f"+7495{group.digit}00")]
        assert Counter((row.outcome, row.ended_by) for row in own) == {(group.outcome, group.ended_by): group.calls}
    paths = [tuple((step.menu, step.keys) for step in request.path) for request in rows["requests"]]
    assert Counter(paths) == {(("language", "1"), ("main", "2"), ("cards", "0")): GROUPS[0].calls}
    answered = {row.request_id: row.operator for row in rows["calls"] if row.outcome is Outcome.ANSWERED}
    assert {request.id: request.operator for request in rows["requests"]} == answered
    # What the operators' phones saw: one talk for each answered caller, with the operator of the row.
    talks = Counter((name, rung.number) for name, phone in house.operators.items() for rung in phone.rang
                    if rung.answered_at is not None)
    assert talks == Counter((row.operator, numbers[row.id]) for row in rows["calls"] if row.operator)


# --- torture --------------------------------------------------------------------------------------------------------
def test_torture_over_udp(house: BusyHouse) -> None:
    """Every message from a host of its own: what is not acknowledged is sent again for half a minute."""
    begin = len(house.service.log)
    corpus(FILES[0][0])
    wrong = []
    for index, (name, status) in enumerate(FILES):
        with RawUdp(f"127.1.1.{index + 1}", house.crowd.hotline, port=sent_by_port(corpus(name))) as stranger:
            stranger.send(fresh(corpus(name)))
            got = stranger.statuses(wait_of(status), enough=len(expected(status)))
        if got != expected(status) or not is_well(house, index):
            wrong.append((name, status, got))
    assert wrong == []
    check_log(house, begin)


def test_torture_over_tcp(house: BusyHouse) -> None:
    begin = len(house.service.log)
    corpus(FILES[0][0])
    wrong = []
    for index, (name, told) in enumerate(FILES):
        status = 0 if name in TOO_SHORT else ON_A_STREAM.get(name, told)
        wanted = [*expected(status), *([404] if name == "rfc4475/dblreq.dat" else [])]
        with RawTcp(f"127.1.2.{index + 1}", house.crowd.hotline) as stranger:
            stranger.send(fresh(corpus(name)))
            got = stranger.statuses(wait_of(status), enough=len(wanted))
            if name in LEFT_OVER:
                stranger.send(b"OPTIONS after that is lost\r\n\r\n")
            if name in CLOSED + LEFT_OVER:
                stranger.statuses(1.0, enough=1)
                assert stranger.closed, name
        if got != wanted or not is_well(house, index):
            wrong.append((name, wanted, got))
    assert wrong == []
    check_log(house, begin)


def is_well(house: BusyHouse, index: int) -> bool:
    """Whether OPTIONS is answered, asked from another host each time: sixty from one in a minute would be a scan."""
    with RawUdp(f"127.1.3.{index + 1}", house.crowd.hotline) as asker:
        answer = asker.ask("OPTIONS", f"sip:{house.crowd.hotline[0]}")
        return answer is not None and answer.status == 200


def fresh(data: bytes) -> bytes:
    """The same with a Call-ID and a branch of its own: some files share them, and a copy would count as sent again.

    A branch that is the cookie alone is meant, and stays.
    """
    token = secrets.token_hex(4).encode()
    data = re.sub(rb"^((?:call-id|i)\s*:\s*)", rb"\g<1>" + token, data, count=1, flags=re.IGNORECASE | re.MULTILINE)
    return re.sub(rb"(branch\s*=\s*(?:z9hG4bK)?+)(?=[^\s;,])", rb"\g<1>" + token, data, count=1)


def expected(status: int) -> list[int]:
    """What is sent for the status of the table: nobody has the numbers that are dialled there. No 100 goes before the
    404, which is there at once."""
    return {0: [], 100: [404]}.get(status, [status])


def wait_of(status: int) -> float:
    """s for the answer; for silence long enough to be noticed."""
    return 2.0 if status else 0.1


def sent_by_port(data: bytes) -> int:
    """Where an answer over UDP goes (RFC 3261 §18.2.2): to the port that the first Via names."""
    via = re.search(rb"^(?:via|v)\s*:[^;]*?:(\d+)\s*(?:;|,|\r)", data, re.IGNORECASE | re.MULTILINE)
    return int(via[1]) if via else 5060


def check_log(house: BusyHouse, begin: int) -> None:
    said = house.service.log[begin:]
    assert "raceback" not in said
    assert " error " not in said


# --- the end --------------------------------------------------------------------------------------------------------
def test_parent_killed__no_child_survives(house: BusyHouse) -> None:
    """Whoever keeps the ports would keep the next start from them."""
    service = house.service
    children = [service.child(name) for name in ("plane", "control", "web")]
    assert service.process is not None
    service.process.kill()
    service.process.wait(PATIENCE)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), PATIENCE, "a child is left")
