"""What lies ready in the workshop: the configuration that runs, and the sounds as they were found."""

import os
from dataclasses import dataclass
from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import Fault
from ivr.drivers.prompt_files import PromptCatalogue
from ivr.drivers.spoken_notices import path_of
from ivr.menu.model import Announcements
from ivr.service.loading import Loaded, menu_paths


class Unwanted(Exception):
    """What was asked for can't be done; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Bench:
    """`running` stands for what the service runs with: its configuration alone counts here."""

    config_file: str
    running: Loaded

    @property
    def config(self) -> Config:
        return self.running.config

    @property
    def within(self) -> tuple[str, ...]:
        """What a draft may lead to: the folders of the menus, and what the configuration names besides."""
        config = self.config
        named = (self.config_file, config.prompts.announcements, config.hours, config.topics, path_of(config.state_dir))
        return (*(os.path.dirname(path) for path in menu_paths(config)), *(str(path) for path in named if path))

    @classmethod
    def of(cls, config_file: str, config: Config) -> "Bench":
        catalogue = PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", config.codecs)
        catalogue.scan()
        said = Announcements(str(config.prompts.announcements), "", (), {}, 0, 0)
        return cls(config_file, Loaded(config, {}, said, {}, {}, (), catalogue=catalogue))


def shown(fault: Fault) -> dict[str, object]:
    """A finding as programs see it, as `hotline check --json` has it."""
    return {"code": fault.code, "severity": fault.severity, "file": fault.place.file, "line": fault.place.line,
            "column": fault.place.column, "message": fault.message, "remedy": fault.remedy}
