"""/chat in real Chromium with the real service: a visitor writes to the hotline, there and in somebody else's page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.pages.rig import NARROW, WIDE, chromium, faults_of_access, is_cut_off, person
from tests.support.chat_operator import Operator
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.66.2"
BANK, OTHERS = "127.0.66.3", "127.0.66.4"       # pages of the bank's own site, and of another one
NO_CHAT = "127.0.66.5"
PORT = 8090
MENU = """\
languages: [en, ru]
start: language
defaults: {on_failure: {queue: general}}
menus:
  language:
    all_languages: yes
    prompts: choose_language
    options:
      "1": [{language: en}, {goto: main}]
      "2": [{language: ru}, {goto: main}]
  main:
    greeting: welcome
    prompts: main_options
    options:
      "1": [{collect: {into: code, prompts: cards_options, as: pin, digits: 4}}, {say: card_abroad}, {goto: main}]
      "2": [{say: goodbye}, hangup]
      "0": {queue: cards}
prompts:
  choose_language: {en: "For English, press one.", ru: "Чтобы говорить по-русски, нажмите два."}
  welcome: {en: "Welcome to North Bank.", ru: "Здравствуйте! Это Северный банк."}
  main_options:
    en: "To block a card, press one. To say goodbye, press two. To speak to an operator, press zero."
    ru: "Заблокировать карту — нажмите один. Проститься — два. Чтобы поговорить с оператором, нажмите ноль."
  cards_options: {en: "What is your code?", ru: "Какой у вас код?"}
  card_abroad: {en: "Thank you, it is blocked.", ru: "Спасибо, карта заблокирована."}
  goodbye: {en: "Goodbye, and thank you.", ru: "До свидания, спасибо."}
"""
HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe \u200b" + "w" * 600
ON_SITE = """<!doctype html><html lang="en"><head><title>North Bank</title></head><body><main><h1>North Bank</h1>
<p>A page with a policy of its own.</p></main>
<script src="http://{host}:8080/chat.js" defer data-colour="#7a1fa2" data-side="left" data-label="Write to us"
 data-language="en"></script></body></html>"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("chat-page")
    (folder / "menu.yaml").write_text(MENU)
    people = {"anna": {"display_name": "Anna Belova"}, "boris": {}}
    with running_service(folder, host=HOST, lines=[{"numbers": ["100"], "menu": str(folder / "menu.yaml")}],
                         operators=people,
                         channels={"web": {"line": "100", "origins": [f"http://{BANK}:{PORT}"]}}) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def anna(service: Service) -> Operator:
    operator = Operator(service, "anna")
    operator.ask("PUT", "/desk/chats", {"answers": True})
    return operator


@contextmanager
def site(host: str, of: str = HOST) -> Iterator[str]:
    """A web server of somebody else, whose page shows the chat of our server `of`; its policy lets scripts and frames
    of ours in, and no style that is written into the page."""
    content = ON_SITE.format(host=of).encode()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = self.path in ("/", "/more")
            self.send_response(200 if there else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy",
                             f"default-src 'none'; script-src http://{of}:8080; frame-src http://{of}:8080")
            self.send_header("Content-Length", str(len(content) if there else 0))
            self.end_headers()
            if there:
                self.wfile.write(content)

        def log_message(self, *said: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((host, PORT), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{PORT}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def looks_right(page: Page) -> None:
    assert is_cut_off(page) == []
    assert faults_of_access(page) == []


def start(page: Page | FrameLocator, name: str = "", button: str = "Start the chat") -> None:
    if name:
        page.locator("input[name=name]").fill(name)
    page.get_by_role("button", name=button).click()


def write(page: Page | FrameLocator, text: str) -> None:
    field = page.locator(".write textarea")
    field.fill(text)
    field.press("Enter")


def option(page: Page | FrameLocator, label: str) -> None:
    page.locator(".options").get_by_role("button", name=label).click()


def said(page: Page | FrameLocator, text: str) -> None:
    expect(page.locator(".log .body", has_text=text).last).to_be_visible()


def kept(page: Page | FrameLocator) -> None:
    expect(page.locator(".log .said.me").last.locator(".fate")).to_have_text("Sent")


@pytest.mark.timeout(180)
def test_chat__by_buttons_and_words_to_an_operator_with_a_reload_and_a_neighbour(
        service: Service, browser: Browser, anna: Operator) -> None:
    with person(browser, service, size=WIDE) as maria, person(browser, service, size=NARROW, language="ru",
                                                              theme="dark") as oleg:
        page, other = maria.open("/chat"), oleg.open("/chat")
        page.get_by_role("button", name="Start the chat").wait_for()
        looks_right(page)
        looks_right(other)
        start(page, "Мария")
        said(page, "For English, press one")
        start(other, button="Начать чат")
        option(page, "English")
        said(page, "Welcome to North Bank.")
        expect(page.locator(".said.me .body").last).to_have_text("English")
        looks_right(page)
        option(other, "Говорить по-русски")
        said(other, "Здравствуйте!")
        looks_right(other)
        other.set_viewport_size({"width": 320, "height": 568})
        assert is_cut_off(other) == []
        said(other, "Здравствуйте!")

        write(page, "operator")
        call = anna.rings()
        anna.ask("POST", f"/chats/{call}/take")
        write(page, HOSTILE)
        kept(page)
        wait_for(lambda: any("onerror" in body for _, body in anna.reads(call)), 30, "anna does not read it")
        anna.ask("POST", f"/chats/{call}/typing")
        expect(page.locator(".state")).to_have_text("Anna Belova is writing…")
        anna.say(call, "I have blocked it: https://bank.example/cards. <b>Not</b> javascript:alert(1)")
        said(page, "<b>Not</b> javascript:alert(1)")
        expect(page.locator(".said.operator .who").last).to_contain_text("Anna Belova")
        links = page.locator(".log .body a")
        expect(links).to_have_count(1)
        expect(links).to_have_attribute("href", "https://bank.example/cards")
        expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")
        looks_right(page)

        count = page.locator(".log .bubble").count()
        page.reload()
        expect(page.locator(".log .bubble")).to_have_count(count)
        anna.say(call, "Still there?")
        said(page, "Still there?")
        page.locator(".write textarea").fill("two")
        page.locator(".write textarea").press("Shift+Enter")
        page.locator(".write textarea").press_sequentially("lines")
        page.locator(".write textarea").press("Enter")
        kept(page)
        assert ("caller", "two\nlines") in wait_for(lambda: [one for one in anna.reads(call) if "two" in one[1]], 30,
                                                    "two lines are not read")
        second = maria.open("/chat")                    # another tab of the same visitor: it is the same chat
        said(second, "Still there?")
        write(second, "from the second tab")
        said(page, "from the second tab")
        assert "Anna" not in other.locator(".log").inner_text()
        second.close()

        page.get_by_role("button", name="End the chat").click()
        looks_right(page)
        page.locator("dialog").get_by_role("button", name="End the chat").click()
        page.get_by_text("This chat is over.").wait_for()
        looks_right(page)
        page.get_by_role("button", name="New chat").click()
        page.get_by_role("button", name="Start the chat").wait_for()
        assert page.evaluate("localStorage.getItem('hotline.chat')") is None


@pytest.mark.timeout(120)
def test_chat__a_secret_is_hidden_and_the_last_words_are_heard(service: Service, browser: Browser) -> None:
    with person(browser, service, size=NARROW) as visitor:
        # A browser that keeps nothing has the chat all the same.
        visitor.context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error() }})")
        page = visitor.open("/chat")
        start(page)
        option(page, "English")
        option(page, "Block a card")
        code = page.locator(".write input[type=password]")
        code.fill("2468")
        looks_right(page)
        code.press("Enter")
        said(page, "Thank you, it is blocked.")
        expect(page.locator(".write textarea")).to_be_visible()
        assert "2468" not in page.locator(".log").inner_text()
        write(page, "Say goodbye")
        said(page, "Goodbye, and thank you.")
        page.get_by_text("This chat is over.").wait_for()


@pytest.mark.timeout(120)
def test_chat__in_a_page_that_the_house_names_and_in_no_other(service: Service, browser: Browser) -> None:
    with site(BANK) as bank, person(browser, service, size=WIDE) as visitor:
        page = visitor.open("/chat")
        page.goto(bank)
        button = page.get_by_role("button", name="Write to us")
        expect(button).to_have_attribute("aria-expanded", "false")
        assert faults_of_access(page) == []
        button.click()
        frame = page.frame_locator("iframe")
        start(frame)
        option(frame, "English")
        said(frame, "Welcome to North Bank.")
        frame.locator(".write textarea").press("Escape")
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(button).to_be_focused()
        page.goto(bank + "more")                        # the next page of the site: the chat goes on
        button.click()
        said(frame, "Welcome to North Bank.")
        page.set_viewport_size({"width": 400, "height": 860})
        assert is_cut_off(page) == []
        frame.get_by_role("button", name="Close").click()
        expect(button).to_be_visible()
        button.click()
        frame.get_by_role("button", name="End the chat").click()
        frame.locator("dialog").get_by_role("button", name="End the chat").click()
        frame.get_by_text("This chat is over.").wait_for()
    with site(OTHERS) as others, person(browser, service, size=WIDE, quiet=False) as visitor:
        page = visitor.open("/chat")
        page.goto(others)
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.get_by_role("button", name="Write to us").click()


@pytest.mark.timeout(120)
def test_chat__is_closed_where_no_line_answers_it(tmp_path: Path, browser: Browser) -> None:
    with running_service(tmp_path, host=NO_CHAT) as service, person(browser, service, size=NARROW) as visitor:
        page = visitor.open("/chat")
        page.get_by_text("The chat is closed.").wait_for()
        looks_right(page)
