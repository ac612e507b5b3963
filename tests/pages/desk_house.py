"""A house for the operator's desk: anna's and boris's SIP phones, a caller with a name, and a break with reasons."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ivr.sdp.offer_answer import LocalMedia, make_offer
from ivr.sip import commands
from ivr.sip.message.uri import parse_uri
from routing.requests.database import make_engine
from tests.pages.rig import WAIT
from tests.support.callers import MEDIA_PORT, Crowd, Habit, Phone, PhoneCall
from tests.support.service import PASSWORD, QUEUES, ROOT, Service, running_service, wait_for

NUMBER, NAME = "+74951234567", "<script>alert('caller')</script>"
RINGS = Habit(status=0)         # until somebody picks it up
QUEUE: dict[str, Any] = {"operators": ["anna"], "ring_time_s": 30, "max_wait_s": 120}


class DeskHouse:
    """The service with its phones; what people do at them."""

    def __init__(self, service: Service, crowd: Crowd, host: str) -> None:
        self.service, self.crowd = service, crowd
        base = host.rpartition(".")[0]
        self.callers = crowd.phone("caller", f"{base}.10")
        self.phones = {name: crowd.phone(name, f"{base}.{20 + number}", habit)
                       for number, (name, habit) in enumerate((("anna", RINGS), ("boris", Habit(200, 0.3))))}

    def register(self, name: str) -> Phone:
        assert self.phones[name].register(PASSWORD) == 200
        return self.phones[name]

    def caller_rings(self, keys: str = "10", *, number: str = NUMBER, name: str = NAME) -> PhoneCall:
        """Somebody calls and goes through the menu into a queue."""
        phone, (host, port) = self.callers, self.crowd.hotline
        call = PhoneCall(self.crowd.ids.uuid(), number, time.time())

        def dial() -> None:
            phone.calls[call.leg] = call
            offer = make_offer(LocalMedia(phone.host, MEDIA_PORT, 1, 1))
            phone._carry_out(commands.DialLeg(call.leg, parse_uri(f"sip:100@{host}:{port}"), offer, number, name))

        self.crowd.do(dial)
        wait_for(lambda: call.talking, WAIT, "the hotline did not answer")
        for key in keys:
            time.sleep(0.5)
            phone.press(call, key)
        return call

    def pick_up(self, name: str) -> PhoneCall:
        """What rings at this phone is answered."""
        phone = self.phones[name]
        call = wait_for(lambda: next((one for one in phone.open_calls if not one.talking), None), WAIT, "nothing rings")
        self.crowd.do(lambda: phone._pick_up(call, Habit(200)))
        wait_for(lambda: call.talking, WAIT, "no talk")
        found: PhoneCall = call
        return found

    def hold(self, name: str, call: PhoneCall, held: bool) -> None:
        """As the phone's own button does."""
        phone = self.phones[name]
        offer = make_offer(LocalMedia(phone.host, MEDIA_PORT, 1, 2), "sendonly" if held else "sendrecv")
        self.crowd.do(lambda: phone._carry_out(commands.ReofferLeg(call.leg, offer)))

    def row(self, request: str) -> dict[str, Any]:
        """What the database has of a request as people worked on it."""
        engine = make_engine(self.service.database_url)
        try:
            with engine.connect() as connection:
                found = connection.execute(text("SELECT * FROM request_work WHERE request_id = :id"), {"id": request})
                row = found.mappings().one()
                return dict(row)
        finally:
            engine.dispose()


LOST_CARD = {"en": "lost card", "ru": "Утеря карты"}


@contextmanager
def desk_house(folder: Path, host: str, **settings: Any) -> Iterator[DeskHouse]:
    secret = {"phone_password_file": str(folder / "password")}
    given: dict[str, Any] = {
        "host": host, "topics": str(ROOT / "menus/topics.yaml"), "break_reasons": ["lunch", "training"],
        "queues": {name: {**QUEUE, **({"wrap_up": {"until_saved": True, "max_s": 60}, "title": LOST_CARD}
                                   if name == "lost_card" else {}),
                          **({"operators": ["boris"]} if name == "loans" else {})}
                   for name in QUEUES},
        "operators": {"anna": secret | {"display_name": "Anna Petrova"},
                      "boris": secret | {"display_name": "Boris Orlov"}},
        **settings}
    with running_service(folder, **given) as service, Crowd(service.sip) as crowd:
        yield DeskHouse(service, crowd, host)
