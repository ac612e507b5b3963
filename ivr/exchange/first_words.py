"""What a caller hears before the menu: what was ordered for the line, then what its configuration says."""

from collections.abc import Iterable
from datetime import datetime

from ivr.base.config_lines import LineConfig
from ivr.call.notice import Notice
from ivr.call.record import Outcome
from ivr.call.settings import CallSettings
from ivr.exchange.house import House
from ivr.menu.notices import clips_said

CLOSED = "nobody_available"      # what a closed line says where nothing else is named
NOT_OF_LINE = "caller_not_of_line"


def first_words(house: House, line: LineConfig, settings: CallSettings, language: str, moment: datetime, *,
                refused: bool = False) -> Notice | None:
    """None where the menu begins at once. `refused`: the line is not for this caller. A closure comes before all."""
    number = line.numbers[0]
    closure = house.orders.of(number, "closure", moment)
    if closure is not None:
        return Notice(_clips(settings, [closure.prompt], language) or _clips(settings, [CLOSED], language),
                      Outcome.CLOSED, f"closed by {closure.by}")
    if refused:
        return Notice(_clips(settings, [line.refused_say or CLOSED], language) or _clips(settings, [CLOSED], language),
                      Outcome.REFUSED, NOT_OF_LINE)
    announcement = house.orders.of(number, "announcement", moment)
    if announcement is None and line.recording_notice is None:
        return None
    names = [announcement.prompt if announcement is not None else None, line.recording_notice]
    clips = _clips(settings, [name for name in names if name is not None], language)
    return Notice(clips) if clips else None


def _clips(settings: CallSettings, names: Iterable[str], language: str) -> tuple[str, ...]:
    return clips_said(settings.menu, settings.announcements, names, language)
