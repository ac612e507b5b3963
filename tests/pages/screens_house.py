"""A house for pictures: a day of sample calls in the record, callers who wait, one who talks, a break."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivr.base.ids import Ids
from ivr.call.record import Batch, CallRow, Outcome, PersonRow
from ivr.call.visit import Visit
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.support.callers import Crowd, Habit, Phone, PhoneCall
from tests.support.service import PASSWORD, QUEUES, ROOT, Service, running_service, wait_for

HOST = "127.0.48.1"
CALLERS = "127.0.48.10"
PHONES = {"anna": ("127.0.48.20", Habit(200, 2.5)), "boris": ("127.0.48.21", Habit(200, 0.2)),
          "vera": ("127.0.48.22", Habit(status=0))}
SERVES = {"cards": ["anna", "ivan"], "loans": ["vera"], "corporate": ["maria"]}
MORE: dict[str, Any] = {"cards": {"record": "always", "recording_notice": "connecting"},
                        "corporate": {"wrap_up": {"until_saved": True, "max_s": 90}}}
SUBJECTS = (("cards", "card limits"), ("loans", "rates"), ("deposits", "terms"), ("general", ""),
            ("lost_card", "lost card"))
OPERATORS = ("anna", "boris", "vera")
VISITS = 220
NAMES = ("", "", "ООО «Ромашка»", "")


@dataclass(frozen=True)
class House:
    """The service, and the telephone from which its callers call."""

    service: Service
    callers: Phone


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """The service with its record, its callers and the phones of three operators."""
    remember(f"sqlite:///{folder}/hotline.db")
    shutil.copytree(ROOT / "menus", folder / "menus")       # menus are published in the pictures
    with running_service(folder, **settings_of(folder)) as service, Crowd(service.sip) as crowd:
        callers = crowd.phone("caller", CALLERS)
        live(service, crowd, callers)
        yield House(service, callers)


def settings_of(folder: Path) -> dict[str, Any]:
    operator = {"phone_password_file": str(folder / "password")}
    menus = folder / "menus"
    waiting = {"ring_time_s": 120, "max_wait_s": 900}
    return {
        "host": HOST, "hours": str(menus / "hours.yaml"), "topics": str(menus / "topics.yaml"),
        "lines": [{"numbers": ["100"], "menu": str(menus / "bank.yaml"), "title": "North Bank"}],
        "break_reasons": ["lunch", "training"], "channels": {"web": {"line": "100"}},
        "operators": {"anna": operator | {"display_name": "Anna Petrova"},
                      "boris": operator | {"display_name": "Boris Orlov"},
                      "vera": operator | {"display_name": "Vera Sokolova"},
                      "maria": operator | {"display_name": "Maria Wolf"},
                      "ivan": operator | {"display_name": "Ivan Kim"}},
        "queues": {name: waiting | {"operators": SERVES.get(name, ["boris"])} | MORE.get(name, {}) for name in QUEUES},
        "recordings": {"folder": str(folder / "recordings"), "min_free_mb": 0},
        "web": {"listen": f"{HOST}:8080", "people": {"olga": {"role": "supervisor", "display_name": "Olga Smirnova"}}},
    }


def live(service: Service, crowd: Crowd, callers: Phone) -> None:
    """A talk is over; then anna and boris talk, vera's phone rings, ivan has lunch; some wait."""
    for name, (host, habit) in PHONES.items():
        assert crowd.phone(name, host, habit).register(PASSWORD) == 200
    talked(service, callers)
    service.api("/api/tokens", post={"name": "prometheus", "role": "supervisor", "days": 365})
    service.api("/api/operators/ivan/status", {"status": "on_break", "reason": "lunch"})
    for number, keys in enumerate(("120", "130", "10", "120", "10", "120")):
        ring(callers, f"+7495100{number:04d}", keys)
    for name, state in (("anna", "on_call"), ("boris", "on_call"), ("vera", "ringing")):
        wait_for(lambda name=name, state=state: service.operators()[name]["state"] == state, 30, f"{name}: not {state}")


def talked(service: Service, callers: Phone) -> None:
    """Somebody called, waited and talked, and the talk was recorded."""
    call = ring(callers, "+74951002030", "120")
    wait_for(lambda: service.operators()["anna"]["state"] == "on_call", 30, "anna does not talk")
    time.sleep(4)
    callers.hang_up(call)
    wait_for(lambda: service.operators()["anna"]["state"] == "idle", 30, "anna is not free")


def ring(callers: Phone, number: str, keys: str) -> PhoneCall:
    call = callers.call(number)
    wait_for(lambda: call.talking, 30, "no answer")
    for key in keys:
        time.sleep(0.6)
        callers.press(call, key)
    return call


def remember(url: str) -> None:
    """A day and a half of calls that were."""
    engine = open_database(url)
    chance, ids = random.Random(7), Ids(random.Random(7).randbytes)
    begin = datetime.now(UTC) - timedelta(hours=30)
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [visit(begin + timedelta(minutes=8 * number + chance.uniform(0, 6)), chance, ids)
                           for number in range(VISITS)])
    engine.dispose()


def visit(began: datetime, chance: random.Random, ids: Ids) -> Batch:
    """One call from its first ring to its end."""
    row = CallRow(id=ids.uuid(), revision=1, node="test", boot_id="earlier", line="100", dialled="100",
                  language=chance.choice(("ru", "en")), began_at=began)
    person = PersonRow(row.id, f"+7495{chance.randrange(10**7):07d}", chance.choice(NAMES))
    told = Visit(row, person, ids, lambda at: began + timedelta(seconds=at))
    told.entry(0.0, "offered", dialled="100")
    told.answered(0.0)
    told.entry(0.1, "menu_entered", menu="main")
    queue, subject = chance.choice(SUBJECTS)
    told.chose(6.0, "main", "2", "queue")
    if chance.random() < 0.15:
        told.ended(9.0, Outcome.SELF_SERVED, "caller", "hung up")
        return batch_of(told)
    told.open_request(8.0, queue, subject)
    told.entry(8.1, "queued", queue=told.call.queue)
    wait = 8.0 + chance.expovariate(1 / 25)
    if chance.random() < 0.12:
        told.ended(wait + 20, Outcome.ABANDONED, "caller", "hung up")
        return batch_of(told)
    told.entry(wait, "operator_offered", operator=(operator := chance.choice(OPERATORS)))
    told.bridged(wait + 3, operator)
    told.ended(wait + 3 + chance.uniform(40, 400), Outcome.ANSWERED, "caller", "hung up")
    return batch_of(told)


def batch_of(told: Visit) -> Batch:
    batch = told.take_batch()
    assert batch is not None
    return batch
