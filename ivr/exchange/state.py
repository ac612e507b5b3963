"""The whole state of control as a text of JSON, and back: what was read back goes on as the other would have.

Journalled by parts, one call with all that hangs on it is a part of its own: `Fixed.beside` names what it shares.
"""

from typing import Any

from ivr.base.state.errors import NotReadable
from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from ivr.exchange.house import House


def fixed_of(house: House, *, with_ids: bool = True) -> Fixed:
    """What a new process brings along: configuration, menus by edition and version, the clock, chance. Holds until
    menus change. Without the ids these are part of the state, if they come from `Chance`: a replay draws the same."""
    ids = {"ids": house.ids} if with_ids else {}
    return Fixed({"config": house.config, "endpoint": house.endpoint.settings, "hours": house.hours, **_menus(house)},
                 {**ids, "to_utc": house.to_utc,
                  **{f"customers/{file}": customers for file, customers in house.customers.items()}})


def _menus(house: House) -> dict[str, Any]:
    """A version of a menu, or of the announcements, is the same text."""
    editions, things = house.editions, dict[str, Any]()
    made = {**editions.alive, **{edition.number: edition for line in editions.lines.values()
                                 for edition in (line.current, line.newest)}}
    if editions.pending is not None:
        made |= {edition.number: edition for edition in editions.pending.editions.values()}
        things["hours/new"] = editions.pending.change.hours
    for number, edition in made.items():
        things[f"edition/{number}/menu/{edition.menu.version}"] = edition.menu
        things[f"edition/{number}/announcements/{edition.announcements.version}"] = edition.announcements
    if editions.pending is not None:
        for path, menu in editions.pending.change.menus.items():
            things[f"new/{path}/{menu.version}"] = menu
    return things


def house_written(house: House, fixed: Fixed) -> str:
    """Raises NotWritable for what is no plain data: a bug of ours."""
    return text_of({"house": house}, fixed)


def house_read(text: str, fixed: Fixed) -> House:
    """Raises NotReadable for what is no text of `house_written`, or was written with other fixed things."""
    house = read_text(text, fixed).get("house")
    if not isinstance(house, House):
        raise NotReadable("there is no house in this state")
    return house
