"""Trials of menus over a restart: the older version is read again from the text that was kept of it."""

from collections.abc import Iterable

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.exchange.editions import MenuChange
from ivr.exchange.from_menus import resume_trial
from ivr.exchange.house import House
from ivr.menu.model import Menu
from ivr.menu.sources import unpack
from ivr.service.loading import Loaded, menu_of

log = Log("control")


def resume_trials(house: House, loaded: Loaded, kept: Iterable[tuple[str, str, bool, str]]) -> None:
    """For lines whose file still has the version that was tried. An older text that is no longer good is let go of, and
    the file's own counts."""
    for number, version, returned, text in kept:
        line = house.editions.lines.get(number)
        if line is None or not line.percent or line.current.menu.version != version:
            continue
        try:
            resume_trial(house, number, *_older(loaded, line.path, text), text, returned)
        except AdminError as error:
            for fault in error.faults:
                log.error("menu_trial_lost", line=number, fault=str(fault))
        except (ValueError, TypeError, AttributeError, StopIteration):      # the file of trials was damaged
            log.error("menu_trial_lost", line=number, fault="what was kept of the older version can't be read")


def _older(loaded: Loaded, path: str, text: str) -> tuple[Menu, MenuChange]:
    catalogue = loaded.catalogue
    assert catalogue is not None        # load_house has made one
    own_text, others = unpack(text)
    menu = menu_of(loaded.config, path, own_text, loaded.lengths, others)
    own = {clip: str(catalogue.raw_path(clip)) for clip in menu.clips()}
    encoded = {clip: catalogue.encoded_paths(clip) for clip in own}
    return menu, MenuChange({path: menu}, loaded.announcements, {**loaded.clips, **own},
                            {**loaded.encoded_clips, **encoded})
