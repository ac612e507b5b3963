"""What supervisors see and do in a real browser, on a real service with telephones of the tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.rig import NARROW, WAIT, is_cut_off, looks_right, person, web_password
from tests.pages.screens_house import ring
from tests.support.callers import Crowd, Habit, Phone
from tests.support.service import PASSWORD, Service, wait_for

CALLERS, ANNA, OLGA = "127.0.83.10", "127.0.83.20", "127.0.83.30"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(office: Service) -> Service:
    """A day and a half of calls that were; nobody is there now."""
    wait_for(office.snapshot_is_idle, WAIT, "somebody is there")
    return office


@pytest.fixture
def crowd(house: Service) -> Iterator[Crowd]:
    with Crowd(house.sip) as phones:
        yield phones


def waiting(house: Service, crowd: Crowd) -> Phone:
    """Somebody with a phone that rings and is not taken up: so a caller can wait; and that caller."""
    anna = crowd.phone("anna", ANNA, Habit(0))
    assert anna.register(PASSWORD) == 200
    wait_for(lambda: house.operators()["anna"]["reachable"], WAIT, "anna is not reachable")
    callers = crowd.phone("caller", CALLERS)
    ring(callers, "+74951000001", "120")
    return callers


def gone(house: Service, callers: Phone) -> None:
    for call in callers.open_calls:
        callers.hang_up(call)
    wait_for(house.snapshot_is_idle, WAIT, "the house is not idle")


def test_wallboard__a_waiting_caller_is_seen_within_seconds(house: Service, browser: Browser, crowd: Crowd) -> None:
    password = web_password(house, "olga")
    with person(browser, house, quiet=False) as olga:
        wall = olga.log_in("olga", password, "/wallboard")
        queue = wall.locator("tr[data-queue=cards] [data-figure=waiting]")
        expect(queue).to_have_text("0")
        assert wall.locator("button, select, input").count() == 0
        callers = waiting(house, crowd)
        expect(queue).to_have_text("1")
        expect(wall.locator("dd[data-figure=waiting]")).to_have_text("1")
        expect(wall.locator("tr[data-queue=cards]")).to_contain_text(re.compile("wait", re.I))
        alone = olga.open("/wallboard?queue=loans")
        expect(alone.locator("dd[data-figure=waiting]")).to_have_text("0")
        expect(alone.locator("h1")).to_have_text("loans")
        alone.close()
        looks_right(wall)
        _loses_its_connection(olga.context, wall)
        gone(house, callers)
        expect(queue).to_have_text("0")


def _loses_its_connection(context: object, wall: Page) -> None:
    """It says since when it knows nothing new, keeps what it had, and wakes by itself."""
    context.set_offline(True)       # type: ignore[attr-defined]
    stale = wall.locator(".stale")
    expect(stale).to_contain_text("No connection since")
    expect(wall.locator("dd[data-figure=waiting]")).to_have_text("1")
    context.set_offline(False)      # type: ignore[attr-defined]
    expect(stale).to_have_count(0)


def test_supervisor__status_reaches_control_and_a_call_is_taken_and_ended(house: Service, browser: Browser,
                                                                          crowd: Crowd) -> None:
    callers = waiting(house, crowd)
    own = crowd.phone("olga", OLGA, Habit(200, 0.2))
    assert own.register(PASSWORD) == 200
    with person(browser, house) as olga:
        page = olga.log_in("olga", web_password(house, "olga"), "/supervisor")
        expect(page.locator("[data-queue=cards]")).to_contain_text("anna")
        looks_right(page)
        page.locator("tr[data-operator=boris]").get_by_role("button", name="Set status").click()
        page.get_by_label("On break").check()
        page.get_by_label("Reason").fill("<b>lunch</b>")
        page.get_by_role("dialog").get_by_role("button", name="Set status").click()
        expect(page.locator("tr[data-operator=boris]")).to_contain_text("<b>lunch</b>")
        shown = house.operators()["boris"]
        assert (shown["status"], shown["reason"], shown["set_by"]) == ("on_break", "<b>lunch</b>", "olga")
        page.locator("tr[data-operator=anna]").get_by_role("button", name="Why?").click()
        expect(page.get_by_role("dialog")).to_contain_text("anna")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("4")            # to the first call; t: take it
        expect(page.locator("tr[data-call]")).to_be_focused()
        page.keyboard.press("t")
        page.get_by_role("dialog").get_by_role("button", name="Take").click()
        row = page.locator("tr[data-call]")
        expect(row).to_contain_text("talks")
        assert [call.talking for call in own.rang] == [True]
        row.get_by_role("button", name="Hang up").click()
        page.get_by_role("dialog").get_by_label("Reason").fill("a prank")
        page.get_by_role("dialog").get_by_role("button", name="Hang up").click()
        expect(page.get_by_text("No call is in progress.")).to_be_visible()
        page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
        assert is_cut_off(page) == []
    gone(house, callers)
    (newest, *_) = house.calls()
    told = {entry["kind"]: entry["details"] for entry in house.api(f"/api/calls/{newest['id']}")["entries"]}
    assert (told["taken_out"]["by"], told["end_ordered"]["by"]) == ("olga", "olga")
    assert (newest["outcome"], newest["reason"]) == ("transferred", "olga ended it")


def test_reports__a_figure_opens_exactly_its_calls(house: Service, browser: Browser) -> None:
    with person(browser, house, language="ru", theme="dark") as olga:
        page = olga.log_in("olga", web_password(house, "olga"), "/reports")
        expect(page.locator(".chart canvas").first).to_be_visible()
        with page.expect_response(lambda got: "/api/reports?" in got.url) as told_of_week:
            page.select_option("select[name=period]", "p_week")
        groups = {group["key"]: group for group in told_of_week.value.json()["reports"]["queue"]["groups"]}
        for figure in ("abandoned", "answered"):
            expect(page.locator(f"tr[data-group=cards] td[data-figure={figure}]")).to_have_text(
                str(groups["cards"]["counts"][figure]))
        looks_right(page)
        expect(page.locator("tr[data-group=cards] th")).to_have_text("Карты")
        answered = page.locator("th code").filter(has_text="A: ожидания, которые закончил ответ оператора")
        expect(answered).to_have_count(1)
        formulas = page.locator("code").all_inner_texts()
        assert [each for each in formulas if re.search("[a-z]{4}", re.sub("sla.close_h|theta", "", each))] == []
        for figure in ("abandoned", "answered"):
            cell = page.locator(f"tr[data-group=cards] td[data-figure={figure}] button")
            number = int(cell.inner_text())
            cell.click()
            listed = page.locator("dialog table.behind")
            expect(listed).to_have_attribute("data-count", str(number))
            while (more := page.get_by_role("button", name="Ещё")).count():
                before = listed.locator("tr[data-call]").count()
                more.click()
                expect(listed.locator("tr[data-call]")).not_to_have_count(before)
            assert listed.locator("tr[data-call]").count() == number > 0
            page.keyboard.press("Escape")
        page.get_by_role("tab", name="Дни").click()
        expect(page.locator("tr[data-group]").first).to_contain_text("20")
        page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
        assert is_cut_off(page) == []
        with page.expect_download() as saved:
            page.get_by_role("link", name="JSON").click()
        told = json.loads(Path(saved.value.path()).read_text())
        assert set(told["reports"]) == {"day"}
