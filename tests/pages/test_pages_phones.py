"""The story with pages and real telephones (PJSIP) mixed: who calls by telephone meets an operator at a page, and the
other way round; each sends the caller on to the other kind."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.ears import give_ears, hears, wait_deaf, wait_hears
from tests.pages.rig import chromium, person, web_password
from tests.pages.test_pages_story import QUEUE, WAIT_MS, act, answer, closed_request, stands, switch_on
from tests.phones.hearing import tone_in, write_tone
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.support.peers import need_pjsua2
from tests.support.service import QUEUES, ROOT, Service, running_service, wait_for

HOST, CALLER_HOST, BORIS_HOST = "127.0.61.1", "127.0.61.10", "127.0.61.11"
CALLER, ANNA, BORIS = 440, 880, 1320    # Hz
NUMBER = "4930123456"
TALK, HELD = 1.0, 0.5                   # s: a tone must have been heard so long, and been away in between

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("phones")
    with running_service(folder, host=HOST, topics=str(ROOT / "menus/topics.yaml"),
                         queues=dict.fromkeys(QUEUES, QUEUE)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Scene:
    """People with pages and telephones, each with a tone; all of them leave at its end."""

    def __init__(self, stack: ExitStack, service: Service, browser: Browser, folder: Path) -> None:
        self.stack, self.service, self.browser, self.folder = stack, service, browser, folder

    def page(self, name: str, hertz: int, path: str = "/desk") -> Page:
        """Somebody's page; a stranger's without a name."""
        somebody = self.stack.enter_context(person(self.browser, self.service))
        give_ears(somebody.context, hertz)
        return somebody.log_in(name, web_password(self.service, name), path) if name else somebody.open(path)

    def caller(self) -> Phone:
        phone = Phone(self.folder, self.service.sip, CALLER_HOST, NUMBER, tone=self._tone(CALLER))
        self.stack.enter_context(phones_closed(phone))
        return phone

    def boris(self) -> Phone:
        """His telephone, which answers what rings."""
        phone = operator_phone(self.folder, self.service.sip, BORIS_HOST, "boris", tone=self._tone(BORIS), answer=200,
                               delay=0.5)
        self.stack.enter_context(phones_closed(phone))
        wait_for(lambda: self.service.operators()["boris"]["reachable"], 30, "boris is not registered")
        return phone

    def _tone(self, hertz: int) -> Path:
        return write_tone(self.folder / f"{hertz}.wav", hertz)


@pytest.fixture
def scene(service: Service, browser: Browser, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, service, browser, tmp_path)


def state_of(service: Service, name: str) -> Any:
    return service.operators()[name]["state"]


def under_way(service: Service) -> str:
    """The call that goes on."""
    return str(service.api("/api/calls?in_progress=true")["items"][0]["id"])


def closes(page: Page, topic: str, result: str) -> None:
    """The request, at somebody's desk while they wrap up: that ends it."""
    expect(page.locator(".desk-wrap-up")).to_be_visible(timeout=WAIT_MS)
    page.select_option("select[name=topic]", topic)
    page.select_option("select[name=result]", result)
    page.get_by_role("button", name="Close request").click()
    expect(page.locator(".desk-wrap-up")).to_have_count(0, timeout=WAIT_MS)


def rows_say(service: Service, call: str, operator: str, topic: str, note: str) -> None:
    """What the database has of the call and its request."""
    kept = wait_for(lambda: closed_request(service, call), 30, "the request is not closed")
    assert (kept["topic"], kept["result"], kept["status"], kept["note"]) == (topic, "solved", "closed", note)
    shown = service.api(f"/api/requests/{kept['request_id']}")
    assert (shown["call_id"], shown["status"], shown["operator"]) == (call, "closed", operator)
    told = service.api(f"/api/calls/{call}")
    assert (told["call"]["outcome"], told["call"]["operator"]) == ("answered", operator)
    kinds = [entry["kind"] for entry in told["entries"]]
    for kind in ("held", "resumed", "transferred", "ended"):
        assert kinds.count(kind) == 1, (kind, kinds)
    wait_for(service.snapshot_is_idle, 30, "something is left")


def writes(page: Page, note: str) -> None:
    """Who sent the caller on has their wrap-up until they have saved what there is to say."""
    expect(page.locator(".desk-wrap-up")).to_be_visible(timeout=WAIT_MS)
    page.fill("textarea[name=note]", note)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)


def test_phones__a_telephone_calls_an_operator_at_a_page_who_sends_them_to_a_telephone(
        scene: Scene, service: Service) -> None:
    anna, desk, caller = scene.page("anna", ANNA), scene.page("boris", BORIS), scene.caller()
    switch_on(anna)
    expect(anna.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)
    caller.do(f"call:sip:100@{HOST}")
    for key in "10":
        anna.wait_for_timeout(600)
        caller.do(f"dtmf:{key}")
    expect(anna.locator(".desk-incoming")).to_contain_text(NUMBER, timeout=WAIT_MS)
    answer(anna)
    wait_hears(anna, CALLER)
    call = under_way(service)

    act(anna, "Hold")
    stands(anna, "held")
    wait_deaf(anna, CALLER)
    act(anna, "Resume")
    stands(anna, "talking")
    wait_hears(anna, CALLER)
    assert not hears(anna, ANNA)

    boris = scene.boris()
    act(anna, "Transfer")
    anna.locator("dialog [role=combobox]").fill("boris")
    anna.locator("[data-target=boris]").click()
    anna.get_by_role("button", name="Send").click()
    stands(desk, "talking")
    writes(anna, "asks about the rates")
    assert state_of(service, "boris") == "on_call"
    desk.wait_for_timeout(TALK * 1500)
    caller.hang_up()
    closes(desk, "other", "solved")
    rows_say(service, call, "boris", "other", "asks about the rates")

    heard = caller.recording()
    hers, his = tone_in(heard, ANNA), tone_in(heard, BORIS)
    assert hers.gap > HELD
    assert his.length > TALK
    assert hers.end < his.begin
    assert tone_in(boris.recording(), CALLER).length > TALK


def test_phones__a_page_calls_an_operators_telephone_which_sends_them_to_a_page(
        scene: Scene, service: Service) -> None:
    desk, anna, caller = scene.page("boris", BORIS), scene.page("anna", ANNA), scene.page("", CALLER, "/try")
    boris = scene.boris()
    expect(desk.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)
    caller.get_by_role("button", name="Call 100").click()
    expect(caller.locator(".options")).to_contain_text("English", timeout=WAIT_MS)
    caller.keyboard.press("1")
    expect(caller.locator(".options")).to_contain_text("ards", timeout=WAIT_MS)
    caller.keyboard.press("0")
    boris.wait("state", state="CONFIRMED")
    stands(desk, "talking")
    wait_hears(caller, BORIS)
    call = under_way(service)

    boris.do("hold")
    stands(desk, "held")
    wait_deaf(caller, BORIS)
    boris.do("unhold")
    stands(desk, "talking")
    wait_hears(caller, BORIS)
    desk.wait_for_timeout(TALK * 1500)

    switch_on(anna)
    wait_for(lambda: service.operators()["anna"]["reachable"], 30, "anna can't be reached")
    boris.do(f"xfer:sip:anna@{HOST}")
    answer(anna)
    boris.wait("state", state="DISCONNECTED")
    wait_hears(anna, CALLER)
    wait_hears(caller, ANNA)
    wait_deaf(caller, BORIS)
    anna.fill("textarea[name=note]", "new customer")
    writes(desk, "wants a loan")
    anna.get_by_role("button", name="Save", exact=True).click()
    expect(anna.get_by_text("A colleague has saved it meanwhile")).to_be_visible(timeout=WAIT_MS)
    assert state_of(service, "anna") == "on_call"
    caller.get_by_role("button", name="Hang up").click()
    closes(anna, "loans", "solved")
    rows_say(service, call, "anna", "loans", "wants a loan\nnew customer")

    heard = tone_in(boris.recording(), CALLER)
    assert heard.gap > HELD
    assert heard.length - heard.gap > TALK
