"""The operator's desk in real Chromium, with the real service: one call from its ring to its closed request."""

import gzip
import os
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.pages.desk_house import NAME, NUMBER, RINGS, DeskHouse
from tests.pages.rig import BUILT, NARROW, WAIT, faults_of_access, is_cut_off, looks_right, person, tab_to, web_password
from tests.support.service import PASSWORD, wait_for

NOTE = "lost it in the tram; "
BUDGET = 150_000        # octets of script that the desk may load, gzipped

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(desks: DeskHouse) -> Iterator[DeskHouse]:
    yield desks
    for phone in desks.phones.values():         # the next file's operators have other phones
        assert phone.register(PASSWORD, 0) == 200


def stands(page: Page, state: str) -> None:
    """The one call that anna is in."""
    expect(page.locator(f".desk-call[data-state={state}]")).to_be_visible()


def test_desk__a_call_on_a_sip_phone_from_its_ring_to_its_closed_request(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service) as anna:
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        expect(page.get_by_text("You can't be reached")).to_be_visible()
        looks_right(page)
        house.register("anna")
        house.register("boris")
        expect(page.get_by_text("You are free")).to_be_visible()

        call = house.caller_rings("11")
        card = page.locator(".desk-incoming")
        expect(card).to_contain_text(NAME)
        expect(card).to_contain_text(NUMBER)
        expect(card.locator(".desk-path")).to_contain_text("1 English")
        expect(card.locator(".desk-path")).to_contain_text("1 If your card is lost or stolen")
        expect(card).to_contain_text("Waited")
        expect(card.locator(".desk-countdown")).to_be_visible()
        expect(page.locator("[aria-live=assertive]")).to_contain_text("Incoming call")
        looks_right(page)

        talk = house.pick_up("anna")
        stands(page, "talking")
        page.fill("textarea[name=note]", NOTE)
        house.hold("anna", talk, True)
        stands(page, "held")
        house.hold("anna", talk, False)
        stands(page, "talking")
        page.reload()
        stands(page, "talking")
        expect(page.locator("textarea[name=note]")).to_have_value(NOTE)
        second = anna.open("/desk")
        stands(second, "talking")
        expect(second.locator("textarea[name=note]")).to_have_value(NOTE)
        second.close()

        page.keyboard.press("Alt+KeyT")
        page.get_by_role("combobox", name="To whom").fill("bor")
        expect(page.locator("[data-target=boris]")).to_contain_text("free")
        page.keyboard.press("Shift+Enter")
        stands(page, "consulting")
        page.get_by_role("button", name="All three").click()
        stands(page, "conference")
        page.get_by_role("button", name="Leave the two").click()
        wait_for(lambda: house.service.operators()["boris"]["call"], WAIT, "boris has the caller")
        house.callers.hang_up(call)
        writes_up(house, browser, "boris")

        expect(page.locator(".desk-wrap-up")).to_be_visible()
        request = page.locator(".desk-request").get_attribute("data-request") or ""
        page.get_by_role("button", name="Close request").click()
        expect(page.get_by_text("Needed to close it").first).to_be_visible()
        page.get_by_role("button", name="+ The caller was identified.").click()
        looks_right(page)
        page.select_option("select[name=topic]", "cards/lost")
        page.select_option("select[name=result]", "passed_on")
        page.fill("input[name=field-last_digits]", "1234")
        page.select_option("select[name=field-blocked]", "yes")
        page.get_by_role("button", name="Close request").click()
        expect(page.get_by_text("You are free")).to_be_visible()
        expect(page.locator(".desk-request")).to_have_count(0)
        row = house.row(request)
        assert (row["topic"], row["result"], row["status"]) == ("cards/lost", "passed_on", "closed")
        assert row["note"] == f"{NOTE.strip()} The caller was identified."
        page.wait_for_function("() => !Object.keys(localStorage).some(name => name.includes('draft'))")


def writes_up(house: DeskHouse, browser: Browser, name: str) -> None:
    """Who had the caller last has a wrap-up as well, and says at their own desk that it is done."""
    with person(browser, house.service) as somebody:
        page = somebody.log_in(name, web_password(house.service, name), "/desk")
        page.locator(".desk-wrap-up").get_by_role("button", name="Done").click()
        expect(page.get_by_text("You are free")).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose_by_typing(page: Page, field: Locator, text: str, value: str) -> None:
    """In the list that has the focus, by the beginning of its words. A browser forgets the letters before a second's
    pause: where the machine made one, all is typed again after another."""
    for _ in range(5):
        page.keyboard.type(text)
        if field.input_value() == value:
            return
        page.wait_for_timeout(1500)
    raise AssertionError(f"{text} does not choose {value}")


def test_desk__a_whole_round_by_keyboard_with_the_phone_of_the_page(house: DeskHouse, browser: Browser) -> None:
    house.phones["boris"].habit = RINGS         # his telephone rings beside the page, and nobody lifts it
    with person(browser, house.service) as boris:
        page = boris.log_in("boris", web_password(house.service, "boris"), "/desk")
        tab_to(page, page.get_by_role("button", name="Answer calls in this browser", exact=True))
        press(page, "Enter")
        expect(page.get_by_text("Calls ring in this page.")).to_be_visible()
        call = house.caller_rings("130", number="+74950000002", name="")        # loans: boris's queue
        expect(page.locator(".desk-incoming")).to_contain_text("+74950000002")
        # what the server tells of the call and what the page's phone does come by ways of their own
        expect(page.locator(".desk-answer")).to_be_visible()
        press(page, "Alt+KeyA")
        stands(page, "talking")
        expect(page.locator(".desk-phone .meters")).to_be_visible()
        press(page, "Alt+KeyH")
        stands(page, "held")
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
        press(page, "Alt+KeyH")
        stands(page, "talking")
        expect(page.locator("textarea[name=note]")).to_be_visible()
        press(page, "Alt+KeyN")
        page.keyboard.type("wants a loan? ")
        press(page, "Shift+Slash")
        expect(page.locator("textarea[name=note]")).to_have_value("wants a loan? ?")
        expect(page.locator("dialog")).to_have_count(0)
        press(page, "Alt+Slash")
        expect(page.locator("dialog[open]")).to_contain_text("Answer the call that rings")
        press(page, "Escape")
        expect(page.locator("dialog")).to_have_count(0)
        press(page, "Alt+KeyX")
        wait_for(lambda: call.over, WAIT, "the caller is not hung up")
        stood = wait_for(lambda: house.service.operators()["boris"]["state"] == "idle", WAIT, "boris is not free")
        assert stood

        # the next call does not take the focus from the note
        press(page, "Alt+KeyN")
        following = house.caller_rings("130", number="+74950000003", name="Мария")
        expect(page.locator(".desk-incoming")).to_contain_text("Мария")
        page.keyboard.type("!")
        expect(page.locator("textarea[name=note]")).to_have_value("wants a loan? ?!")
        house.callers.hang_up(following)
        expect(page.locator(".desk-incoming")).to_have_count(0)
        press(page, "Alt+Enter")
        expect(page.get_by_text("To close it, fill in what is marked.")).to_be_visible()
        topic = page.locator("select[name=topic]")
        expect(topic).to_be_focused()
        choose_by_typing(page, topic, "Loans", "loans")
        request = page.locator(".desk-request").get_attribute("data-request") or ""
        press(page, "Alt+Enter")
        expect(page.locator(".desk-request")).to_have_count(0)
        assert (house.row(request)["topic"], house.row(request)["status"]) == ("loans", "closed")
        page.get_by_role("tab", name="Missed").click()
        expect(page.locator(".desk-list")).to_contain_text("Мария")

        press(page, "Alt+Digit2")
        expect(page.locator("dialog[open]")).to_contain_text("lunch")
        looks_right(page)
        press(page, "ArrowDown", "Enter")
        expect(page.get_by_text("You are on a break")).to_be_visible()
        shown = house.service.operators()["boris"]
        assert (shown["status"], shown["reason"]) == ("on_break", "training")
        press(page, "Alt+Digit1")
        expect(page.get_by_text("You are free")).to_be_visible()


def test_desk__the_web_process_dies_in_a_call_which_goes_on(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service, quiet=False) as anna:       # the browser complains of a server that is away
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        call = house.caller_rings("10", number="+74950000004")
        talk = house.pick_up("anna")
        stands(page, "talking")
        expect(page.locator("textarea[name=note]")).to_be_visible()
        os.kill(house.service.child("web"), signal.SIGKILL)
        expect(page.get_by_text("Your call goes on")).to_be_visible()
        page.fill("textarea[name=note]", "typed without a server")
        expect(page.get_by_text("Your call goes on")).to_have_count(0)
        stands(page, "talking")
        expect(page.locator("textarea[name=note]")).to_have_value("typed without a server")
        press(page, "Alt+KeyS")
        expect(page.locator(".desk-request [role=status]").last).to_have_text("Saved")
        assert talk.talking
        house.callers.hang_up(call)
        expect(page.locator(".desk-call")).to_have_count(0)


def test_desk__in_russian_and_within_its_budget_of_script(house: DeskHouse, browser: Browser) -> None:
    """Every script that the page has fetched once it is there, gzipped."""
    with person(browser, house.service, language="ru", theme="dark") as anna:
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        expect(page.get_by_text("Вы свободны")).to_be_visible()
        expect(page.locator(".desk-queues")).to_contain_text("Утеря карты")
        fetched = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
        page.keyboard.press("Alt+Slash")
        expect(page.locator("dialog[open]")).to_contain_text("Перевести, спросить")
        assert is_cut_off(page) == []
        page.set_viewport_size(NARROW)                      # type: ignore[arg-type]
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        assert is_cut_off(page) == []
        assert faults_of_access(page) == []
    scripts = {path for name in fetched if (path := urlsplit(name).path).endswith(".js")}
    sizes = {path: len(gzip.compress((BUILT.parent / path.lstrip("/")).read_bytes(), 6)) for path in scripts}
    assert any("index" in path for path in sizes), sizes
    assert sum(sizes.values()) <= BUDGET, sizes


# As somebody does who answers the browser's question with no, and thinks better of it later.
REFUSING = """
window.allowed = false;
const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (what) => window.allowed ? asked(what)
    : Promise.reject(new DOMException("no", "NotAllowedError"));
"""


def test_desk__a_colleague_asks_first_and_the_microphone_was_refused(house: DeskHouse, browser: Browser) -> None:
    house.phones["boris"].habit = RINGS
    for name in ("anna", "boris"):
        house.register(name)
    with person(browser, house.service) as anna, person(browser, house.service) as boris:
        boris.context.add_init_script(REFUSING)
        his = boris.log_in("boris", web_password(house.service, "boris"), "/desk")
        his.get_by_role("button", name="Answer calls in this browser").click()
        expect(his.get_by_text("Calls ring in this page.")).to_be_visible()
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        call = house.caller_rings("11", number="+74950000009", name="Пётр")
        expect(page.locator(".desk-incoming")).to_contain_text("Пётр")
        expect(page.locator("[data-brought]")).to_have_count(0)
        house.pick_up("anna")
        stands(page, "talking")
        page.keyboard.press("Alt+KeyT")
        page.get_by_role("combobox", name="To whom").fill("bor")
        expect(page.locator("[data-target=boris]")).to_be_visible()
        page.keyboard.press("Shift+Enter")

        expect(his.locator("[data-brought=asks]")).to_contain_text("Anna Petrova asks you first")
        expect(his.locator("[aria-live=assertive]")).to_contain_text("asks you first")
        looks_right(his)
        his.keyboard.press("Alt+KeyA")
        stands(his, "consulted")
        page.locator(".desk-call").get_by_role("button", name="Hand over").click()
        stands(his, "talking")
        again = his.get_by_role("button", name="Microphone refused: ask again")
        expect(again).to_be_visible()
        expect(his.get_by_role("button", name="Mute")).to_have_count(0)
        expect(his.get_by_text("Allow it in the address bar")).to_be_visible()
        looks_right(his)
        his.keyboard.press("Alt+KeyM")          # asks again, and is refused again
        expect(again).to_be_visible()
        his.evaluate("window.allowed = true")
        again.click()
        expect(his.get_by_role("button", name="Mute")).to_be_visible()
        expect(his.get_by_text("Allow it in the address bar")).to_have_count(0)
        house.callers.hang_up(call)
        expect(his.locator(".desk-call")).to_have_count(0)
