"""People and their access in real Chromium, with the real service: passwords, tokens, who sees what, an end that is
told to every tab; and the same from the command line."""

import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from ivr.cli.main import main
from tests.pages.rig import WAIT, Person, looks_right, person, web_password
from tests.support.service import Service, wait_for

NEW = "correct horse battery"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def service(office: Service) -> Service:
    return office


def test_account__a_new_password_ends_the_other_browser(service: Service, browser: Browser) -> None:
    first = web_password(service, "vera")
    with person(browser, service, language="ru") as here, person(browser, service, quiet=False) as there:
        other = there.log_in("vera", first, "/wallboard")
        page = here.log_in("vera", first, "/account")
        expect(page.get_by_role("heading", level=1)).to_have_text("Vera <script>alert(1)</script>")
        looks_right(page)
        page.fill("input[name=old]", first)
        page.fill("input[name=new]", NEW)
        page.fill("input[name=again]", f"{NEW}!")
        expect(page.get_by_text("Пароли не совпадают.")).to_be_visible()
        page.fill("input[name=again]", NEW)
        page.click("button.primary")
        expect(page.get_by_text("Пароль изменён.")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_be_visible()        # here it goes on
        other.wait_for_url(lambda url: "/login" in url)                     # there the stream has ended
    assert first not in (service.state / "first-passwords.txt").read_text()
    with person(browser, service, quiet=False) as again:
        page = again.open("/login")
        page.fill("input[name=login]", "vera")
        page.fill("input[name=password]", first)
        page.click("button.primary")
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.fill("input[name=password]", NEW)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/supervisor" in url)


def test_people__an_administrator_makes_a_password_that_must_be_changed(service: Service, browser: Browser) -> None:
    with person(browser, service) as boss, person(browser, service, quiet=False) as petr:
        before = petr.log_in("petr", web_password(service, "petr"), "/wallboard")
        page = boss.log_in("admin", web_password(service, "admin"), "/admin/people")
        row = page.locator("[data-login=petr]")
        expect(row).to_contain_text("not changed yet")
        expect(page.locator("[data-login=admin] button")).to_have_count(0)
        looks_right(page)
        row.get_by_role("button").click()
        looks_right(page)
        page.get_by_role("button", name="Make a new password").click()
        password = page.get_by_label("Password", exact=True).input_value()
        looks_right(page)
        page.get_by_role("button", name="I have it").click()
        expect(row).to_contain_text("made by an administrator")
        before.wait_for_url(lambda url: "/login" in url)

        page = petr.log_in("petr", password, "/supervisor")
        expect(page.get_by_role("heading", level=1)).to_have_text("Choose your password")
        looks_right(page)
        page.goto(f"{petr.base}/wallboard")
        expect(page.get_by_role("heading", level=1)).to_have_text("Choose your password")
        for field, text in (("old", password), ("new", NEW), ("again", NEW)):
            page.fill(f"input[name={field}]", text)
        page.click("button.primary")
        expect(page.get_by_text("Choose your password")).to_have_count(0)
        page.goto(f"{petr.base}/supervisor")
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_tokens__made_shown_once_used_and_withdrawn(service: Service, browser: Browser,
                                                    monkeypatch: pytest.MonkeyPatch,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    with person(browser, service) as admin:
        page = admin.log_in("admin", web_password(service, "admin"), "/account")
        expect(page.get_by_text("No program has a token of its own.")).to_be_visible()
        page.get_by_role("button", name="Make a token").click()
        page.fill("input[name=program]", "crm")
        page.select_option("select[name=role]", "supervisor")
        page.get_by_role("dialog").get_by_role("button", name="Make a token").click()
        shown = page.get_by_role("dialog").get_by_label("Token")
        expect(shown).to_be_visible()
        looks_right(page)
        token = shown.input_value()
        page.get_by_role("button", name="I have it").click()

        def asks(path: str) -> int:
            with httpx.Client(base_url=admin.base, trust_env=False) as program:
                return program.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

        assert (asks("/api/calls"), asks("/api/audit")) == (200, 403)
        row = page.get_by_role("row").filter(has_text="crm")
        expect(row).to_contain_text("Supervisor")
        looks_right(page)
        assert token not in page.content()
        page.get_by_role("button", name="Withdraw the token crm").click()
        page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
        expect(page.get_by_text("The token crm holds no longer.")).to_be_visible()
        assert asks("/api/calls") == 401

        def hotline(*words: str) -> str:
            monkeypatch.setattr(sys, "argv", ["hotline", *words, "--config", str(service.config_file)])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code == 0
            return capsys.readouterr().out

        made = hotline("tokens", "make", "cti", "--days", "1").strip()
        assert made.startswith("hl_")
        assert "cti" in hotline("tokens")
        assert hotline("tokens", "withdraw", "cti") == "cti holds no longer\n"
        said = hotline("audit", "--what", "tokens.", "--json")
        assert [said.count(word) for word in ('"tokens.make"', '"tokens.withdraw"', made, token)] == [2, 2, 0, 0]
        assert "password.change" in hotline("audit", "--who", "vera")


def test_pages__an_operator_is_not_let_in_where_they_may_not(service: Service, browser: Browser) -> None:
    with person(browser, service) as anna:
        page = anna.log_in("anna", web_password(service, "anna"), "/account")
        expect(page.get_by_role("heading", name="Password")).to_be_visible()
        assert page.get_by_role("button", name="Make a token").count() == 0
        for path in ("/admin", "/supervisor", "/reports"):
            page.goto(anna.base + path)
            expect(page.get_by_text("This page is not for your login.")).to_be_visible()


def test_pages__a_tampered_page_runs_no_script_of_others(service: Service, browser: Browser) -> None:
    """The policy holds in the browser: what would be injected is not run, and says so on the console."""
    with person(browser, service, quiet=False) as stranger:
        page = stranger.open("/login")
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.broken = 1";
            document.body.append(script);
            const image = document.createElement("img");
            image.setAttribute("onerror", "window.broken = 2");
            image.src = "/nothing.png";
            document.body.append(image);
        }""")
        wait_for(lambda: page.wait_for_timeout(50) or len(refused(stranger)) >= 2, WAIT, "nothing was refused")
        page.wait_for_timeout(300)
        assert page.evaluate("() => window.broken") is None


def refused(somebody: Person) -> list[str]:
    """What the policy kept from being run, as the console has it."""
    return [said for said in somebody.complaints if "Content Security Policy" in said]


def test_folder_of_the_service__is_private(service: Service) -> None:
    for name in ("secrets.json", "api-token", "first-passwords.txt", "ended-sessions.json"):
        path: Path = service.state / name
        if path.exists():
            assert path.stat().st_mode & 0o077 == 0, name
