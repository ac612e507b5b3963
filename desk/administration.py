"""What the pages of administrators need besides control and database: lists made of files, and work on them."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from desk.apart import Apart
from desk.hours_now import HoursNow
from desk.pieces import Pieces
from ivr.base.config import Config
from ivr.drivers.menu_files import stamps

KEPT_WORDS = 50     # versions of menus whose words are kept: calls of one day have few


class Listed:
    """A list that is made of files: made anew when one of them has changed, once for all who ask meanwhile."""

    def __init__(self, apart: Apart, work: str) -> None:
        self._apart, self._work = apart, work
        self._answer: dict[str, Any] | None = None
        self._making: asyncio.Task[dict[str, Any]] | None = None

    async def get(self, config: Config) -> dict[str, Any]:
        """Raises Refusal where the files are faulty."""
        if self._answer is not None and await run_in_threadpool(_is_as_seen, self._answer, config):
            return self._answer
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._apart.read(self._work, config))
        # Shielded: a page that is closed while it waits does not take the answer from the others.
        self._answer = await asyncio.shield(self._making)
        return self._answer


class MenuWords:
    """What menus of single versions said. A version never changes."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def get(self, config: Config, version: str, file: str, text: str, others: dict[str, str]) -> dict[str, Any]:
        """Raises Refusal for a text that is no menu any more: the language may have grown since."""
        if version not in self._kept:
            self._kept[version] = await self._apart.read("menu_words", config, file=file, text=text, others=others)
        self._kept.move_to_end(version)
        while len(self._kept) > KEPT_WORDS:
            self._kept.popitem(last=False)
        return self._kept[version]


class Administration:
    """All of it, made once with the desk."""

    def __init__(self) -> None:
        self.apart = Apart()
        self.pieces = Pieces()
        self.prompts = Listed(self.apart, "prompts")
        self.line_prompts = Listed(self.apart, "line_prompts")
        self.words = MenuWords(self.apart)
        self.hours = HoursNow()


def _is_as_seen(answer: dict[str, Any], config: Config) -> bool:
    now = stamps(answer["files"], str(Path(config.prompts.folder)))
    return bool({path: list(stamp) if stamp else None for path, stamp in now.items()} == answer["seen"])
