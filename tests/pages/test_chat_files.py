"""Files in a chat, in real Chromium on both sides: a visitor's picture, an operator's PDF, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.pages.desk_house import DeskHouse, desk_house
from tests.pages.rig import NARROW, WIDE, looks_right, person, web_password
from tests.support.pictures import PDF, png

HOST = "127.0.69.2"
PICTURE = png(64, 48)
PASTE = """(field, [kind, octets]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(octets)], "pasted.png", {type: "image/png"}));
  const more = {bubbles: true, cancelable: true};
  field.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", {clipboardData: files, ...more})
    : new DragEvent("drop", {dataTransfer: files, ...more}));
}"""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    folder: Path = tmp_path_factory.mktemp("chat-files")
    with desk_house(folder, HOST, channels={"web": {"line": "100", "max_file_mb": 0.2}},
                    chat_files={"min_free_mb": 0}) as house:
        yield house


def payload(name: str, content: bytes, type_: str = "") -> FilePayload:
    return {"name": name, "mimeType": type_, "buffer": content}


def attach(page: Page, *files: FilePayload) -> None:
    page.locator("input[name=files]").set_input_files(list(files))


def write(page: Page, text: str) -> None:
    page.locator(".write textarea").fill(text)
    page.locator(".write textarea").press("Enter")
    expect(page.locator(".log .said.me").last.locator(".fate")).to_have_text(("Sent", "Отправлено")[page.locator(
        "html[lang=ru]").count()])


def is_drawn(picture: Locator, size: tuple[int, int] = (64, 48)) -> None:
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == list(size)


def downloaded(page: Page, button: Locator) -> tuple[str, bytes]:
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_files__a_picture_goes_to_the_operator_and_a_pdf_comes_back(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service, quiet=False) as anna, person(browser, house.service, size=WIDE) as maria, \
            person(browser, house.service) as olga:
        desk = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        desk.get_by_role("switch", name="Answer chats here").check()
        expect(desk.get_by_text("Chats come to this desk: 0 of 3.")).to_be_visible()
        page = maria.open("/chat")
        page.locator("input[name=name]").fill("Maria")
        page.get_by_role("button", name="Start the chat").click()
        page.locator(".options").get_by_role("button", name="English").wait_for()
        attach(page, payload("early.png", PICTURE))           # the menu asks again below it
        is_drawn(page.locator(".said.me .chat-picture img"))
        page.locator(".options").get_by_role("button", name="English").click()
        page.locator(".options").get_by_role("button").first.wait_for()
        write(page, "1")
        desk.locator(".desk-incoming").get_by_role("button", name="Take").click()
        chat = desk.locator(".desk-chat[data-state=talking]")
        expect(chat).to_be_visible()
        call = str(chat.get_attribute("data-call"))

        with page.expect_file_chooser() as chooser:           # by the keyboard
            page.locator(".write textarea").focus()
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Enter")
        chooser.value.set_files([payload("my card.png", png(64, 48, notes=b"SECRET PLACE"), "image/png")])
        is_drawn(page.locator(".said.me .chat-picture img").nth(1))
        looks_right(page)
        seen = desk.locator(".desk-chat-line.caller .chat-picture")
        expect(seen).to_have_count(2)
        is_drawn(seen.nth(1).locator("img"))
        expect(desk.locator(".desk-chat > [aria-live=polite]")).to_contain_text("my card.png")
        looks_right(desk)
        seen.nth(1).click()
        is_drawn(desk.locator("dialog img"))
        looks_right(desk)
        name, content = downloaded(desk, desk.locator("dialog a"))
        assert (name, content) == ("my card.png", PICTURE)
        desk.keyboard.press("Escape")
        expect(desk.locator("dialog")).to_have_count(0)
        expect(seen.nth(1)).to_be_focused()

        page.locator(".write textarea").evaluate(PASTE, ["paste", list(PICTURE)])
        expect(seen).to_have_count(3)
        page.locator(".chat main").evaluate(PASTE, ["drop", list(PICTURE)])
        expect(seen).to_have_count(4)

        attach(desk, payload("Договор №7.pdf", PDF, "application/pdf"))
        expect(desk.locator(".desk-chat-line.me[data-position] .chat-file")).to_contain_text("Договор №7.pdf")
        came = page.locator(".said.operator .chat-file")
        expect(came).to_contain_text("Договор №7.pdf")
        assert downloaded(page, came) == ("Договор №7.pdf", PDF)
        looks_right(page)
        page.reload()
        is_drawn(page.locator(".said.me .chat-picture img").last)
        assert downloaded(page, page.locator(".said.operator .chat-file")) == ("Договор №7.pdf", PDF)
        page.locator(".said.me .chat-picture").last.click()
        is_drawn(page.locator("dialog img"))
        page.keyboard.press("Escape")

        attach(desk, payload("program.exe", b"MZ\x90\0", ""))
        expect(desk.locator(".desk-chat-line.failed")).to_contain_text("Only pictures")
        desk.locator(".desk-chat-line.failed").get_by_role("button", name="Discard").click()
        desk.get_by_label("Note for us alone").check()
        attach(desk, payload("for us.txt", b"she is upset", "text/plain"))
        expect(desk.locator(".note-for-us[data-position] .chat-file")).to_contain_text("for us.txt")
        assert "for us" not in page.locator(".log").inner_text()

        record = olga.log_in("admin", web_password(house.service, "admin"), f"/admin/calls/{call}")
        is_drawn(record.locator(".desk-chat-line.caller .chat-picture img").first)
        expect(record.locator(".chat-file", has_text="Договор №7.pdf")).to_be_visible()
        page.get_by_role("button", name="End the chat").click()
        page.locator("dialog").get_by_role("button", name="End the chat").click()
        page.get_by_text("This chat is over.").wait_for()


def test_files__what_is_refused_says_why_and_what_to_do(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service, size=NARROW, language="ru", theme="dark", quiet=False) as oleg:
        page = oleg.open("/chat")
        page.get_by_role("button", name="Начать чат").click()
        page.locator(".options").get_by_role("button").first.wait_for()
        for name, content, why in (("large.png", b"x" * 200_001, "Файл больше, чем"), ("none.txt", b"", "Файл пуст."),
                                   ("evil.png", b"<svg onload=alert(1)>", "Пришлите снимок экрана"),
                                   ("half.png", PICTURE[:60], "Файл повреждён.")):
            attach(page, payload(name, content, "image/png"))
            refused = page.locator(".said.refused", has_text=name)
            expect(refused.get_by_role("alert")).to_contain_text(why)
            expect(refused.get_by_role("button", name="Повторить")).to_have_count(0)
            looks_right(page)
            refused.get_by_role("button", name="Удалить").click()
            expect(refused).to_have_count(0)
        page.route("**/api/chat/files", lambda route: route.abort())
        attach(page, payload("later.png", PICTURE, "image/png"))
        refused = page.locator(".said.refused", has_text="later.png")
        expect(refused.get_by_role("alert")).to_contain_text("Связь прервалась.")
        page.unroute("**/api/chat/files")
        refused.get_by_role("button", name="Повторить").click()
        is_drawn(page.locator(".said.me .chat-picture img"))
        looks_right(page)
        # the menu has been answered, so the page speaks its language now
        page.get_by_role("button", name="End the chat").click()
        page.locator("dialog").get_by_role("button", name="End the chat").click()
        page.get_by_text("This chat is over.").wait_for()
