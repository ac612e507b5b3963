"""Pictures of every page, for docs/screens: `make screens`. Both themes, 1280 and 400 pixels wide.

A real service with callers who are telephones of the tests; a page that is cut off or says anything on the console ends
it with 1. `python -m tests.pages.screens login desk-page` takes those scenes alone.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from tests.pages import screens_chats, screens_house, screens_scenes
from tests.pages.palette import with_palette
from tests.pages.rig import NARROW, WIDE, chromium, is_cut_off
from tests.pages.screens_scenes import Scene, Stage, View
from tests.support.service import ROOT

OUT = ROOT / "docs/screens"
SCENES = {**screens_scenes.SCENES, **screens_chats.SCENES}
SIZES = (WIDE, NARROW)
THEMES = ("light", "dark")
SETTLE_MS = 500


def main(only: list[str]) -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = {name: SCENES[name] for name in only or SCENES}
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, screens_house.open_house(Path(folder)) as house, \
            chromium() as browser, browser.new_context() as plain:
        blank = plain.new_page()
        for number, (name, scene) in enumerate(wanted.items(), 1):
            print(f"[{number}/{len(wanted)}] {name}", flush=True)
            for theme in THEMES:
                faults += [f"{name} {theme}: {fault}" for fault in played(scene, Stage(browser, house, theme), blank)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def played(scene: Scene, stage: Stage, blank: Page) -> list[str]:
    """A scene in one theme; what is wrong with it. One that stops leaves the others alone."""
    with stage:
        try:
            faults = take(scene(stage), stage.theme, blank)
        except (PlaywrightError, AssertionError) as error:
            faults = [str(error)]
    return faults + [f"console: {said}" for said in stage.complaints]


def take(views: Iterator[View], theme: str, blank: Page) -> list[str]:
    """What a scene shows, at both widths; what is cut off."""
    faults = []
    for name, page, at, whole in views:
        for size in SIZES:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            page.mouse.move(0, 0)
            if at:
                page.locator(at).first.evaluate("(it) => it.scrollIntoView({block: 'center', inline: 'nearest'})")
            page.wait_for_timeout(SETTLE_MS)
            path = OUT / f"{name}-{theme}-{size['width']}.png"
            path.write_bytes(with_palette(page.screenshot(full_page=whole), blank))
            faults += [f"{path.stem}: cut off: {what}" for what in is_cut_off(page)]
        page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
