"""The real service with many operators at their phones and a crowd of callers, on a network of its own."""

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.snapshots import FRESH
from tests.support.callers import Crowd, Habit, Phone, PhoneCall
from tests.support.service import PASSWORD, QUEUES, Service, running_service, wait_for

PATIENCE = 20.0             # s for anything that is a matter of milliseconds on an idle machine
TO_AN_OPERATOR = "10"       # the keys of the sample menu: English, operator


@dataclass
class BusyHouse:
    """A running service, its callers (one phone with any number of calls) and its operators by name."""

    service: Service
    crowd: Crowd
    callers: Phone
    operators: dict[str, Phone]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def dial(self, count: int) -> list[PhoneCall]:
        """So many new calls; each has its own number."""
        return [self.callers.call(f"+7495{next(self._numbers):07d}") for _ in range(count)]

    def answered(self, count: int) -> list[PhoneCall]:
        """The same, once the menu has answered them all."""
        calls = self.dial(count)
        wait_for(lambda: all(call.talking for call in calls), PATIENCE, "calls were not answered")
        return calls

    def in_main_menu(self, count: int) -> list[PhoneCall]:
        """The same, in a menu whose prompt is long enough for any test."""
        calls = self.answered(count)
        for call in calls:
            self.callers.press(call, "1")
        return calls

    def ask_for_operator(self, calls: Sequence[PhoneCall]) -> None:
        for call in calls:
            self.callers.press(call, TO_AN_OPERATOR)

    def bridged(self, count: int) -> list[PhoneCall]:
        """So many new calls, each with an operator."""
        calls = self.answered(count)
        self.ask_for_operator(calls)
        self.wait_until_bridged(calls)
        return calls

    def wait_until_bridged(self, calls: Sequence[PhoneCall]) -> None:
        wait_for(lambda: all(self.is_bridged(call) for call in calls), PATIENCE, "calls did not reach an operator")

    def is_bridged(self, call: PhoneCall) -> bool:
        return any(taken.talking for _, taken in self.offers(call.number))

    def offers(self, number: str) -> list[tuple[str, PhoneCall]]:
        """(operator, call) for each time that an operator's phone rang for this caller."""
        return [(name, rung) for name, phone in self.operators.items() for rung in list(phone.rang)
                if rung.number == number]

    def hang_up(self, calls: Sequence[PhoneCall]) -> None:
        """The callers hang up; returns when their phones know the end."""
        for call in calls:
            self.callers.hang_up(call)
        self.wait_until_over(calls)

    def wait_until_over(self, calls: Sequence[PhoneCall]) -> None:
        wait_for(lambda: all(call.over for call in calls), PATIENCE, "calls did not end")

    def operators_hang_up(self) -> None:
        """Every operator ends what is left, as people do who hear nothing any more."""
        for phone in self.operators.values():
            for call in phone.open_calls:
                phone.hang_up(call)

    def wait_until_idle(self, timeout: float = PATIENCE) -> None:
        """No call, no port, every operator can take calls; as it is now, not as pages were shown it a moment ago."""
        time.sleep(2 * FRESH)
        wait_for(self.is_idle, timeout, "calls or ports were left, or an operator was stuck")

    def is_idle(self) -> bool:
        try:
            known = self.service.operators()
            return self.service.snapshot_is_idle() and all(
                known[name]["state"] == "idle" and known[name]["reachable"] for name in self.operators)
        except OSError:         # the web process, or the database behind it, is being started
            return False

    def wait_for_log(self, text: str, since: int = 0, timeout: float = PATIENCE) -> None:
        wait_for(lambda: text in self.service.log[since:], timeout, f"the log did not say {text!r}")

    def register(self) -> None:
        """Every operator's phone, and until the service has noted them down."""
        for phone in self.operators.values():
            assert phone.register(PASSWORD) == 200
        kept = self.service.state / "phones.json"
        wait_for(lambda: kept.exists() and all(f'"{name}"' in kept.read_text() for name in self.operators), PATIENCE,
                 "the phones were not noted down")


@contextmanager
def busy_house(folder: Path, network: str, operators: int = 4, **settings: Any) -> Iterator[BusyHouse]:
    """`network` is "127.0.N": the service at .1, its callers at .2, the operators op1, op2 … from .11 on."""
    names = [f"op{number}" for number in range(1, operators + 1)]
    password = {"phone_password_file": str(folder / "password")}
    queue = {"operators": names, "ring_time_s": 10, "max_wait_s": 60, "announce_every_s": 0}
    settings = {"host": f"{network}.1", "sip": {"max_calls": 120}, "ports": "16384-16683",
                "operators": dict.fromkeys(names, password),
                "queues": dict.fromkeys(QUEUES, queue), **settings}
    with running_service(folder, **settings) as service, Crowd(service.sip) as crowd:
        callers = crowd.phone("callers", f"{network}.2")
        phones = {name: crowd.phone(name, f"{network}.{10 + number}") for number, name in enumerate(names, 1)}
        house = BusyHouse(service, crowd, callers, phones)
        house.register()
        yield house


def habit_of_all(house: BusyHouse, habit: Habit) -> None:
    for phone in house.operators.values():
        phone.habit = habit
