"""Administrators at their pages, in real Chromium on the real service, and callers who hear what they did."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.audio import g711
from tests.desk.admin_rig import sound
from tests.pages.admin_house import HOSTILE
from tests.pages.rig import WAIT, Person, looks_right, person, web_password
from tests.support.callers import Crowd, Phone
from tests.support.service import Service, wait_for

PATIENCE_MS = 60_000       # lists are made by processes that are nice to everybody
CALLERS = "127.0.84.10"
VOICE_HZ = 8000 / (2 * np.pi * 3)       # what the voice of tests.desk.admin_rig sings
PAGES = ("", "/lines", "/prompts", "/hours", "/queues", "/operators", "/trunks", "/calls", "/people", "/audit",
         "/health")


pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(office: Service) -> Service:
    return office


@pytest.fixture(scope="module")
def signed_in(browser: Browser, house: Service) -> Iterator[Person]:
    with person(browser, house, quiet=False) as somebody:
        somebody.log_in("admin", web_password(house, "admin"), "/admin").close()
        yield somebody


@pytest.fixture
def admin(signed_in: Person) -> Iterator[Person]:
    """Logged in; at the end the console must have said nothing."""
    signed_in.complaints.clear()
    yield signed_in
    for page in signed_in.context.pages:
        page.close()
    assert signed_in.complaints == []


@pytest.fixture
def phone(house: Service) -> Iterator[Phone]:
    with Crowd(house.sip) as crowd:
        yield crowd.phone("caller", CALLERS)


def opened(somebody: Person, path: str) -> Page:
    page = somebody.open(path)
    page.set_default_timeout(PATIENCE_MS)
    return page


def sung(phone: Phone) -> float:
    """The share of what a new caller hears first that is the test's voice."""
    call = phone.call("+74951230077")
    wait_for(lambda: call.talking, WAIT, "no answer")
    packets: list[bytes] = []

    def enough() -> bool:
        try:
            while True:
                packets.append(phone._audio.recv(2048))
        except BlockingIOError:
            return len(packets) >= 60

    wait_for(enough, WAIT, "no audio")
    phone.hang_up(call)
    octets = np.frombuffer(b"".join(packet[12:] for packet in packets[10:60]), np.uint8)
    heard = (g711.decode_alaw if packets[10][1] & 127 == 8 else g711.decode_ulaw)(octets).astype(float)
    power = np.abs(np.fft.rfft(heard)) ** 2
    hertz = np.fft.rfftfreq(len(heard), 1 / 8000)
    return float(power[np.abs(hertz - VOICE_HZ) < 20].sum() / max(power.sum(), 1.0))


def test_emergency__announced_from_the_page_heard_by_the_next_caller_and_taken_back(
        admin: Person, house: Service, phone: Phone) -> None:
    assert sung(phone) < 0.2
    page = opened(admin, "/admin/lines")
    page.click("text=Announce >> nth=0")
    page.fill("textarea[name=text-en]", "Cards can't be used abroad today.")
    page.click("button:has-text('Make it heard')")
    assert "Write the text in every language." in page.inner_text(".emergency [role=alert]")
    page.fill("textarea[name=text-ru]", "Карты сегодня не работают за границей.")
    page.click("button:has-text('Make it heard')")
    page.wait_for_selector("text=hears this first, to its end")
    assert [said.inner_text().split(" ", 1)[1] for said in page.query_selector_all(".emergency .said")] == [
        "Cards can't be used abroad today.", "Карты сегодня не работают за границей."]
    assert sung(phone) < 0.2                # nothing is in force before the second step
    page.click("button:has-text('Announce now')")
    page.wait_for_selector(".emergency.on >> text=Cards can't be used abroad today.")
    assert sung(phone) > 0.5
    page.click("button:has-text('Take back')")
    page.wait_for_selector("text=Nothing out of the ordinary")
    assert sung(phone) < 0.2
    assert [row["what"] for row in house.api("/api/audit?what=lines.")["items"]] == [
        "lines.announcement_ended", "lines.announcement"]


def test_prompt__sent_and_played(admin: Person, house: Service, tmp_path: Path) -> None:
    (tmp_path / "new.ogg").write_bytes(sound(seconds=1.5, rate=48000, form="OGG"))
    (tmp_path / "no.wav").write_text("<script>")
    page = opened(admin, "/admin/prompts?clip=en%2Fwelcome.wav")
    dialog = page.locator("dialog")
    dialog.locator("input[type=file]").set_input_files(tmp_path / "new.ogg")
    page.wait_for_selector("text=The recording is taken")
    page.wait_for_selector("dialog >> text=Earlier takes")
    player = dialog.locator("audio").first
    assert player.evaluate("""async (player) => {
        player.muted = true; await player.play();
        await new Promise(done => { player.ontimeupdate = () => player.currentTime > 0.1 && done() });
        return Math.round(player.duration * 10) / 10 }""") == pytest.approx(1.5, abs=0.2)
    page.keyboard.press("Escape")
    row = page.locator("tr", has=page.locator("text=en/welcome.wav"))
    assert "a person" in row.inner_text()
    assert "bank.yaml" in row.inner_text()
    row.locator("button").click()
    dialog.get_by_role("button", name="Record here").click()        # Chromium's own microphone beeps
    dialog.get_by_role("status").filter(has_text=re.compile(r"Recording: [1-9]\d* s")).wait_for()
    dialog.get_by_role("button", name="Stop").click()
    dialog.get_by_role("button", name="Use this take").click()
    page.wait_for_selector("dialog section button >> nth=1")        # the sent one is an earlier take by now
    assert not admin.complaints
    dialog.locator("input[type=file]").set_input_files(tmp_path / "no.wav")
    page.wait_for_selector("dialog [role=alert] >> text=this is no sound file that can be read")
    admin.complaints.clear()            # a browser writes every 400 down


def test_call__its_timeline_and_ladder_and_a_name_that_is_a_script(admin: Person, house: Service, phone: Phone) -> None:
    call = phone.call("+74951230099")
    wait_for(lambda: call.talking, WAIT, "no answer")
    page = opened(admin, "/admin/calls")
    page.click("tbody tr >> nth=0 >> a")
    page.wait_for_selector("h1:has-text('+74951230099')")
    page.wait_for_selector("svg text:has-text('INVITE')")
    phone.press(call, "1")
    page.wait_for_selector("svg text:has-text('key 1')")
    assert page.locator(".pill:has-text('in progress')").count() == 1
    phone.hang_up(call)
    page.wait_for_selector(".timeline >> text=Over: abandoned, ended by the caller")
    page.wait_for_selector("svg text:has-text('BYE')")
    assert "Pressed 1 in Language" in page.inner_text(".timeline")
    page.wait_for_selector(".timeline >> text=For English, press one.")
    page.click("text=All calls")
    page.click("tr:has-text('onerror') a")
    page.wait_for_selector("h1:has-text('<script>')")
    assert page.inner_text("h1").count(HOSTILE) == 2
    assert "hacked" not in page.title()
    with page.expect_download() as download:
        page.click("text=All calls")
        page.click("text=Export (CSV)")
    assert "+74951230099" in download.value.path().read_text()


def test_hours__a_day_is_closed_in_the_calendar(admin: Person, house: Service) -> None:
    page = opened(admin, "/admin/hours")
    page.click(".month >> nth=1 >> button:has-text('28')")          # never today, on which others call
    page.click("label:has-text('Other hours')")
    page.fill("input[name=hours]", "11:00-13:00")
    page.fill("input[name=why]", "a <b>move</b>")
    page.click("button:has-text('Write into the file')")
    page.wait_for_selector("text=Written: new calls go by it within seconds.")
    page.wait_for_selector(".month button:has-text('11–13')")
    assert 'hours: 11:00-13:00, why: "a <b>move</b>"' in Path(house.config["hours"]).read_text()


def test_pages__clean_for_readers_and_nothing_cut_off(admin: Person) -> None:
    page = opened(admin, "/admin")
    for at in PAGES:
        page.click(f"nav.admin-pages a[href='/admin{at}']")
        page.wait_for_selector(f"nav.admin-pages a.here[href='/admin{at}']")
        page.wait_for_selector("text=Loading…", state="detached")
        looks_right(page)


def test_supervisor__sees_and_changes_nothing(browser: Browser, house: Service) -> None:
    """Who may not change a thing has no button for it."""
    with person(browser, house) as somebody:
        page: Page = somebody.log_in("olga", web_password(house, "olga"), "/admin/lines")
        page.set_default_timeout(PATIENCE_MS)
        page.wait_for_selector("text=What callers hear now")
        assert page.locator("text=Emergency").count() == 0
        page.goto(f"{somebody.base}/admin/hours")
        page.wait_for_selector(".month button")
        assert page.locator(".month button:enabled").count() == 0


def test_hours__their_rules_are_russian_on_a_russian_page(browser: Browser, house: Service) -> None:
    with person(browser, house, language="ru") as somebody:
        page: Page = somebody.log_in("olga", web_password(house, "olga"), "/admin/hours")
        page.set_default_timeout(PATIENCE_MS)
        page.select_option("main select", "bank")
        expect(page.locator(".week")).to_contain_text("понедельник–пятница")
        expect(page.locator(".week")).to_contain_text("воскресенье")
        said = page.locator("main").inner_text().replace("bank", "")
        assert re.search("closed|outside|holiday|monday|sunday|every day", said) is None, said
