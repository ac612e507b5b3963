"""The whole story at pages alone: caller, two operators and supervisor, each with a browser and a tone of their own."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from routing.requests.database import make_engine
from tests.pages.ears import give_ears, hears, wait_deaf, wait_hears
from tests.pages.rig import WAIT, WAIT_MS, chromium, person, web_password
from tests.support.service import QUEUES, ROOT, Service, running_service, wait_for

HOST = "127.0.48.4"
CALLER, ANNA, BORIS, OLGA = 440, 880, 1320, 1760       # Hz
QUEUE = {"operators": ["anna", "boris"], "ring_time_s": 30, "max_wait_s": 120,
         "wrap_up": {"until_saved": True, "max_s": 90}}
PEOPLE = {"olga": {"role": "supervisor", "display_name": "Olga"}}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("story")
    password = {"phone_password_file": str(folder / "password")}
    with running_service(
            folder, host=HOST, topics=str(ROOT / "menus/topics.yaml"), queues=dict.fromkeys(QUEUES, QUEUE),
            operators={"anna": password, "boris": password},
            web={"listen": f"{HOST}:8080", "people": PEOPLE}) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def people(service: Service, browser: Browser) -> Iterator[Any]:
    """Opens somebody's page: `people(name, tone, path)`; a stranger's without a name."""
    with ExitStack() as stack:
        def come(name: str, tone: int, path: str) -> Page:
            somebody = stack.enter_context(person(browser, service))
            give_ears(somebody.context, tone)
            return somebody.log_in(name, web_password(service, name), path) if name else somebody.open(path)
        yield come


def switch_on(page: Page) -> None:
    """Calls are answered in this page from now on."""
    page.get_by_role("button", name="Answer calls in this browser").click()


def answer(page: Page) -> None:
    page.locator(".desk-answer").click(timeout=WAIT_MS)
    stands(page, "talking")


def stands(page: Page, state: str) -> None:
    expect(page.locator(f".desk-call[data-state={state}]")).to_be_visible(timeout=WAIT_MS)


def act(page: Page, name: str) -> None:
    """A button of the call's card."""
    page.locator(".desk-acts").get_by_role("button", name=name, exact=False).click()


def closed_request(service: Service, call: str) -> Any:
    """What somebody made of the request of this call, once they have closed it."""
    engine = make_engine(service.database_url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(
                "SELECT request_work.* FROM request_work JOIN requests ON requests.id = request_work.request_id "
                "WHERE requests.call_id = :call AND request_work.status = 'closed'"), {"call": call}
            ).mappings().one_or_none()
    finally:
        engine.dispose()


def test_story__caller_two_operators_and_a_supervisor_at_pages(service: Service, people: Any) -> None:
    service.api("/api/operators/boris/status", {"status": "on_break", "reason": ""})
    anna, olga = people("anna", ANNA, "/desk"), people("olga", OLGA, "/supervisor")
    switch_on(anna)
    expect(anna.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)
    switch_on(olga)

    # from the page through the menu into the queue
    caller = people("", CALLER, "/try")
    caller.get_by_role("button", name="Call 100").click()
    expect(caller.locator(".screen")).to_contain_text("press one", timeout=WAIT_MS)
    caller.locator(".keypad").get_by_role("button", name="1", exact=True).click()
    expect(caller.locator(".options")).to_contain_text("ards", timeout=WAIT_MS)
    caller.keyboard.press("0")
    answer(anna)
    wait_hears(anna, CALLER)
    wait_hears(caller, ANNA)
    call = service.api("/api/calls?in_progress=true")["items"][0]["id"]

    # hold and resume
    act(anna, "Hold")
    stands(anna, "held")
    wait_deaf(caller, ANNA)
    wait_deaf(anna, CALLER)
    act(anna, "Resume")
    stands(anna, "talking")
    wait_hears(caller, ANNA)

    # a supervisor listens, whispers, barges, and leaves
    row = olga.locator(f"tr[data-call='{call}']")
    row.get_by_role("button", name="Listen").click(timeout=WAIT_MS)
    wait_hears(olga, CALLER, ANNA)
    assert not hears(anna, OLGA)
    assert not hears(caller, OLGA)
    row.get_by_role("button", name="Whisper").click()
    wait_hears(anna, OLGA)
    assert not hears(caller, OLGA)
    row.get_by_role("button", name="Barge in").click()
    wait_hears(caller, OLGA)
    olga.locator(".phone-bar").get_by_role("button", name="Hang up").click()
    wait_deaf(caller, OLGA)
    wait_hears(caller, ANNA)
    wait_hears(anna, CALLER)

    # on to a second operator, at a page too
    service.api("/api/operators/boris/status", {"status": "available", "reason": ""})
    boris = people("boris", BORIS, "/desk")
    switch_on(boris)
    anna.fill("textarea[name=note]", "asks about the rates")
    wait_for(lambda: service.operators()["boris"]["reachable"], WAIT, "boris can't be reached")
    act(anna, "Transfer")
    anna.locator("dialog [role=combobox]").fill("boris")
    anna.locator("[data-target=boris]").click()
    anna.get_by_role("button", name="Send").click()
    answer(boris)
    wait_hears(boris, CALLER)
    wait_hears(caller, BORIS)
    wait_deaf(caller, ANNA)

    # anna's wrap-up, the end, and the request in the database
    expect(anna.locator(".desk-wrap-up")).to_be_visible(timeout=WAIT_MS)
    anna.locator(".desk-wrap-up").get_by_role("button", name="Done").click()
    wait_for(lambda: service.operators()["anna"]["state"] == "idle", WAIT, "the wrap-up does not end")
    caller.get_by_role("button", name="Hang up").click()
    expect(caller.get_by_text("The call has ended")).to_be_visible(timeout=WAIT_MS)
    expect(boris.locator(".desk-wrap-up")).to_be_visible(timeout=WAIT_MS)
    boris.select_option("select[name=topic]", "other")
    boris.select_option("select[name=result]", "solved")
    boris.get_by_role("button", name="Close request").click()
    expect(boris.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)
    kept = wait_for(lambda: closed_request(service, call), WAIT, "the request is not closed")
    assert (kept["topic"], kept["result"]) == ("other", "solved")
    (shown,) = service.requests()
    assert (shown["id"], shown["status"], shown["operator"]) == (kept["request_id"], "closed", "boris")
    done = service.api(f"/api/calls/{call}")
    assert done["call"]["outcome"] == "answered"
    wait_for(service.snapshot_is_idle, WAIT, "something is left")
