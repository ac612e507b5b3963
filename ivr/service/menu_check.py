"""Whether a text could stand in a file of menus or announcements as things are: asked before it is written there."""

from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.prompt_files import PromptCatalogue
from ivr.menu.announcements import load_announcements
from ivr.service.loading import languages_of, menu_of
from ivr.service.menu_watch import watched


def check_text(config: Config, path: str, text: str) -> None:
    """Raises AdminError with every fault that the text would have in the file at `path`."""
    if path not in watched(config):
        raise AdminError([Fault(Place(path), "no line of the configuration has this file", "name it there first")])
    catalogue = PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", config.codecs)
    lengths = catalogue.scan()
    if path == str(config.prompts.announcements):
        load_announcements(text, path, lengths, languages_of(config))
        return
    menu = menu_of(config, path, text, lengths)
    refused = [fault for clip, fault in catalogue.refused.items() if clip in menu.clips()]
    if refused:
        raise AdminError(refused)
