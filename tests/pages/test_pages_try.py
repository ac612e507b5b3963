"""/try in real Chromium with the real service: what people hear, read and press there."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from ivr.audio.g711 import decode_ulaw
from tests.desk.phone.test_pages_talk import ANNA
from tests.pages.desk_house import DeskHouse
from tests.pages.rig import NARROW, WAIT, WIDE, chromium, faults_of_access, is_cut_off, person, web_password
from tests.support.service import ROOT, Service, wait_for
from tests.support.web_page import WebPage, log_in

FOREIGN = "hotline.example"
pytestmark = pytest.mark.timeout(300)
PROMPTS = yaml.safe_load((ROOT / "menus/bank.yaml").read_text())["prompts"]
# What the page sends to the loudspeaker goes through an analyser, too.
EAR = """(() => {
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode)
            connect.call(this, window.ear = new AnalyserNode(this.context, {fftSize: 8192, smoothingTimeConstant: 0}));
        return connect.call(this, to, ...rest);
    };
})()"""
LOUDNESS = """() => {
    const heard = new Float32Array(window.ear.fftSize);
    window.ear.getFloatTimeDomainData(heard);
    return Math.sqrt(heard.reduce((sum, one) => sum + one * one, 0) / heard.length)
}"""
PITCH = """() => {
    const heard = new Float32Array(window.ear.frequencyBinCount);
    window.ear.getFloatFrequencyData(heard);
    return heard.indexOf(Math.max(...heard)) * window.ear.context.sampleRate / window.ear.fftSize
}"""


@pytest.fixture(scope="module")
def service(desks: DeskHouse) -> Service:
    return desks.service


@pytest.fixture
def anna(service: Service) -> Iterator[WebPage]:
    """Her phone, in a page without a browser: it says a tone of 800 Hz."""
    web = str(service.config["web"]["listen"])
    phone = WebPage(web, "/ws/phone", log_in(web, "anna", web_password(service, "anna")))
    phone.tone = lambda frame: ANNA
    phone.hello()
    service.api("/api/operators/anna/wrap-up", delete=True)         # what another scene left her to write up
    wait_for(lambda: (shown := service.operators()["anna"])["reachable"] and shown["state"] == "idle"
             and shown["status"] == "available", WAIT, "anna is not free")
    yield phone
    phone.close()


def said(*names: str, language: str = "en") -> str:
    """The prompts' texts as one line."""
    return " ".join(" ".join(PROMPTS[name][language].split()) for name in names)


def row_of(service: Service) -> dict[str, Any]:
    """The newest call, once it has ended."""
    row: dict[str, Any] = wait_for(lambda: [row for row in service.calls()[:1] if row["outcome"]], WAIT, "no row")[0]
    return row


def hears(page: Page, pitch: float | None = None) -> None:
    page.wait_for_function(f"() => window.ear && ({LOUDNESS})() > 0.01")
    if pitch is not None:
        page.wait_for_function(f"() => Math.abs(({PITCH})() - {pitch}) < 12")


def looks_right(page: Page) -> None:
    assert is_cut_off(page) == []
    assert faults_of_access(page) == []


def speaks(phone: WebPage) -> bool:
    """Whether something else than silence came within the last half a second."""
    return any(abs(decode_ulaw(np.frombuffer(frame, np.uint8)).astype(int)).max() > 1000 for frame in phone.frames(25))


def test_try__from_the_greeting_to_the_operator_and_the_row(service: Service, browser: Browser, anna: WebPage) -> None:
    with person(browser, service, size=WIDE) as caller:
        caller.context.add_init_script(EAR)
        page = caller.open("/try")
        page.get_by_text("Languages: English, Russian").wait_for()
        looks_right(page)
        page.click("button.call")
        line = page.locator(".heard p")
        expect(line.last).to_have_text(f"{said('choose_language')} {said('choose_language', language='ru')}")
        hears(page)

        page.click(".keypad [data-key='1']")
        expect(line.last).to_have_text(said("welcome", "main_options"))
        expect(page.locator(".path")).to_have_text("LanguageMain menu")
        page.keyboard.press("2")
        expect(page.locator(".path [aria-current]")).to_have_text("Cards")
        expect(line.last).to_have_text(said("cards_options"))
        looks_right(page)

        page.reload()                   # in the middle of a call: it goes on, with all that was said
        expect(page.locator(".path [aria-current]")).to_have_text("Cards")
        expect(line).to_have_count(3)
        page.click(".options button:has-text('Use your card abroad')")
        expect(line.nth(3)).to_have_text(said("card_abroad"))
        hears(page)

        page.click(".options button:has-text('Speak to an operator')")
        expect(page.locator(".place")).to_contain_text("Number 1 in line")
        anna.comes("ringing")
        anna.say("answer")
        expect(page.locator(".place")).to_have_text("You talk with an operator")
        hears(page, pitch=800)
        wait_for(lambda: speaks(anna), WAIT, "the operator does not hear the caller's microphone")
        page.click("button:has-text('Mute')")
        wait_for(lambda: not speaks(anna), WAIT, "a muted caller is heard")
        page.click(".hang-up")
        page.get_by_text("You hung up.").wait_for()
        looks_right(page)
    row = row_of(service)
    assert (row["outcome"], row["ended_by"], row["operator"], row["queue"]) == ("answered", "caller", "anna", "cards")


def test_try__without_a_microphone_on_a_telephone_and_in_russian(service: Service) -> None:
    host = service.config["media"]["host"]
    with chromium("--use-fake-ui-for-media-stream=deny", f"--host-resolver-rules=MAP {FOREIGN} {host}") as browser:
        with person(browser, service, size=NARROW, theme="dark", language="ru") as caller:
            caller.context.clear_permissions()
            caller.context.add_init_script(EAR)
            page = caller.open("/try")
            page.click("button.call")
            page.get_by_text("вы только слушаете").wait_for()
            hears(page)
            again = page.get_by_role("button", name="Микрофон не разрешён: спросить снова")
            expect(again).to_be_visible()
            expect(page.get_by_role("button", name="Выкл. микрофон")).to_have_count(0)
            again.click()
            expect(again).to_be_visible()       # it is refused still
            page.keyboard.press("2")
            expect(page.locator(".heard p").last).to_have_text(said("welcome", "main_options", language="ru"))
            expect(page.locator(".options button").nth(1)).to_have_text("2Карты")
            looks_right(page)
            page.click(".hang-up")
            page.get_by_role("button", name="Позвонить снова").click()
            page.wait_for_selector(".heard p")
            page.click(".hang-up")
            page.get_by_text("Звонок завершён").wait_for()
            looks_right(page)
        # By another name the page is neither safe enough for sound nor open to strangers, and says so.
        with person(browser, service, size=NARROW, quiet=False) as stranger:
            page = stranger.context.new_page()
            page.goto(f"http://{FOREIGN}:8080/try")
            page.get_by_text("only over HTTPS or on the server itself").wait_for()
            page.get_by_text("Trying is switched off here").wait_for()
            looks_right(page)
    assert row_of(service)["outcome"] == "abandoned"


def test_desk__one_tab_of_a_person_has_the_phone_and_another_can_take_it(service: Service, browser: Browser) -> None:
    password = web_password(service, "boris")
    elsewhere, ready = "The phone is in another tab or window.", "Calls ring in this page"
    with person(browser, service) as boris:
        first = boris.log_in("boris", password, "/desk")
        first.click("button:has-text('Answer calls in this browser')")
        first.get_by_text(ready).wait_for()
        wait_for(lambda: service.operators()["boris"]["reachable"], WAIT, "boris has no phone")
        second = boris.open("/desk")
        second.get_by_text(elsewhere).wait_for()
        second.click("button:has-text('Take it here')")
        second.get_by_text(ready).wait_for()
        first.get_by_text(elsewhere).wait_for()
        with person(browser, service) as at_home:                   # another browser: there the server decides
            third = at_home.log_in("boris", password, "/desk")
            third.click("button:has-text('Answer calls in this browser')")
            third.get_by_text(elsewhere).wait_for()
            third.click("button:has-text('Take it here')")
            third.get_by_text(ready).wait_for()
            second.get_by_text(elsewhere).wait_for()
            third.wait_for_timeout(1000)                             # and nobody takes it back unasked
            expect(third.get_by_text(ready)).to_be_visible()
            expect(first.get_by_text(elsewhere)).to_be_visible()
        second.click("button:has-text('Take it here')")
        second.get_by_text(ready).wait_for()
        second.close()
        first.get_by_text(ready).wait_for()                         # the tab that is left has it by itself
        wait_for(lambda: [contact["transport"] for phone in service.api("/api/phones")["phones"]
                          if phone["account"] == "boris" for contact in phone["contacts"]] == ["browser"], WAIT,
                 "boris has another phone than this page")
