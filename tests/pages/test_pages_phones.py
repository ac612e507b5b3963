"""Pages and real telephones (PJSIP): a telephone calls an operator at a page, a page an operator's telephone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.ears import give_ears, hears, wait_deaf, wait_hears
from tests.pages.rig import chromium, person, web_password
from tests.pages.test_pages_story import WAIT_MS, act, answer, stands, switch_on
from tests.phones.hearing import tone_in, write_tone
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.support.peers import need_pjsua2
from tests.support.service import QUEUES, Service, running_service, wait_for

HOST, CALLER_HOST, BORIS_HOST = "127.0.49.1", "127.0.49.10", "127.0.49.20"
CALLER, OPERATOR = 440, 880             # Hz
NUMBER = "4930123456"
QUEUE = {"operators": ["anna", "boris"], "ring_time_s": 30, "max_wait_s": 120}
TALK = 1.0                              # s that a tone must have been heard by a telephone

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("phones")
    with running_service(folder, host=HOST, queues=dict.fromkeys(QUEUES, QUEUE)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("tones")
    return {hertz: write_tone(folder / f"{hertz}.wav", hertz) for hertz in (CALLER, OPERATOR)}


def last_call(service: Service) -> Any:
    return wait_for(lambda: next((call for call in service.calls() if call["ended_at"]), None), 10, "no call is over")


def test_phones__a_telephone_calls_and_an_operator_answers_at_a_page(
        service: Service, browser: Browser, tones: dict[int, Path], tmp_path: Path) -> None:
    caller = Phone(tmp_path, service.sip, CALLER_HOST, NUMBER, tone=tones[CALLER])
    with phones_closed(caller), person(browser, service) as anna:
        give_ears(anna.context, OPERATOR)
        page = anna.log_in("anna", web_password(service, "anna"), "/desk")
        switch_on(page)
        expect(page.get_by_text("You are free")).to_be_visible(timeout=WAIT_MS)
        caller.do(f"call:sip:100@{HOST}")
        caller.wait("state", state="CONFIRMED")
        for key in "10":
            page.wait_for_timeout(600)
            caller.do(f"dtmf:{key}")
        expect(page.locator(".desk-incoming")).to_contain_text(NUMBER, timeout=WAIT_MS)
        answer(page)
        wait_hears(page, CALLER)
        page.wait_for_timeout(2000)
        act(page, "Hold")
        stands(page, "held")
        wait_deaf(page, CALLER)
        act(page, "Resume")
        stands(page, "talking")
        wait_hears(page, CALLER)
        assert not hears(page, OPERATOR)
        caller.hang_up()
        expect(page.locator(".desk-call")).to_have_count(0, timeout=WAIT_MS)
        heard = caller.recording()
    assert tone_in(heard, OPERATOR).length > TALK
    row = last_call(service)
    assert (row["outcome"], row["operator"]) == ("answered", "anna")
    wait_for(service.snapshot_is_idle, 10, "something is left")


def test_phones__a_page_calls_and_an_operator_answers_by_telephone(
        service: Service, browser: Browser, tones: dict[int, Path], tmp_path: Path) -> None:
    boris = operator_phone(tmp_path, service.sip, BORIS_HOST, "boris", tone=tones[OPERATOR], answer=200, delay=0.5)
    with phones_closed(boris), person(browser, service) as somebody:
        give_ears(somebody.context, CALLER)
        wait_for(lambda: service.operators()["boris"]["reachable"], 10, "boris is not registered")
        page = somebody.open("/try")
        page.get_by_role("button", name="Call 100").click()
        expect(page.locator(".options")).to_contain_text("English", timeout=WAIT_MS)
        page.keyboard.press("1")
        expect(page.locator(".options")).to_contain_text("ards", timeout=WAIT_MS)
        page.keyboard.press("0")
        boris.wait("state", state="CONFIRMED")
        wait_hears(page, OPERATOR)
        page.wait_for_timeout(2000)
        page.get_by_role("button", name="Hang up").click()
        boris.wait("state", state="DISCONNECTED")
        heard = boris.recording()
    assert tone_in(heard, CALLER).length > TALK
    row = last_call(service)
    assert (row["outcome"], row["operator"]) == ("answered", "boris")
    wait_for(service.snapshot_is_idle, 10, "something is left")
