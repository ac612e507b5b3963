"""Pictures of every page, for docs/screens: `make screens`. Both themes, 1280 and 400 pixels wide.

A real service with callers who are telephones of the tests; a page that is cut off or says anything on the console ends
it with 1.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.pages import screens_house
from tests.pages.rig import NARROW, WIDE, chromium, is_cut_off, person
from tests.support.service import ROOT, Service

OUT = ROOT / "docs/screens"
SIZES = (WIDE, NARROW)
THEMES = ("light", "dark")
SETTLE_MS = 900


@dataclass(frozen=True)
class Shot:
    """One page: who looks, at what, and what must be there before the picture is taken."""

    name: str
    path: str
    who: str | None
    wait: str = "main"
    language: str = "en"


SHOTS = (
    Shot("login", "/login", None, "input[name=password]"),
    Shot("try", "/try", None),
    Shot("desk", "/desk", "anna", ".desk-request"),
    Shot("desk-rings", "/desk", "vera", ".desk-incoming"),
    Shot("desk-ru", "/desk", "boris", ".desk-request", language="ru"),
    Shot("supervisor", "/supervisor", "olga", "table.calls"),
    Shot("wallboard", "/wallboard", "olga", "text=cards"),
    Shot("reports", "/reports", "olga", "canvas"),
    Shot("menus", "/admin/menus", "admin", ".react-flow__node"),
    Shot("account", "/account", "olga"),
    Shot("admin", "/admin", "admin"),
    Shot("lines", "/admin/lines", "admin", "main button[aria-pressed]"),
    Shot("prompts", "/admin/prompts", "admin"),
    Shot("hours", "/admin/hours", "admin"),
    Shot("queues", "/admin/queues", "admin"),
    Shot("operators", "/admin/operators", "admin"),
    Shot("trunks", "/admin/trunks", "admin"),
    Shot("calls", "/admin/calls", "admin"),
    Shot("audit", "/admin/audit", "admin"),
    Shot("health", "/admin/health", "admin"),
)


def main(only: list[str]) -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not only or shot.name in only]
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, screens_house.open_house(Path(folder)) as house, \
            chromium() as browser:
        for number, shot in enumerate(wanted, 1):
            print(f"[{number}/{len(wanted)}] {shot.name}", flush=True)
            for theme in THEMES:
                faults += take(browser, house, shot, theme)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def take(browser: Browser, service: Service, shot: Shot, theme: str) -> list[str]:
    """A page in one theme at both widths; what is wrong with it."""
    faults = []
    with person(browser, service, theme=theme, language=shot.language, quiet=False, size=WIDE) as somebody:
        with opened(somebody, service, shot) as page:
            for size in SIZES:
                page.set_viewport_size({"width": size["width"], "height": size["height"]})
                page.wait_for_timeout(SETTLE_MS)
                page.screenshot(path=OUT / f"{shot.name}-{theme}-{size['width']}.png")
                faults += [f"{shot.name} {theme} {size['width']}: cut off: {what}" for what in is_cut_off(page)]
        faults += [f"{shot.name} {theme}: console: {said}" for said in somebody.complaints]
    return faults


@contextmanager
def opened(somebody: "object", service: Service, shot: Shot) -> Iterator[Page]:
    from tests.pages.rig import Person, web_password

    assert isinstance(somebody, Person)
    if shot.who is None:
        page = somebody.open(shot.path)
    else:
        page = somebody.log_in(shot.who, web_password(service, shot.who), shot.path)
    page.wait_for_selector(shot.wait)
    try:
        yield page
    finally:
        page.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
