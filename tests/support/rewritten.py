"""An exchange that goes on, now and then, with what was read back from the text of its state."""

from collections.abc import Callable
from typing import Any

from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of, written
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.state import fixed_of, house_read, house_written


def laid_out(thing: Any, fixed: Fixed) -> Any:
    """All that hangs on it as lists in lists, so that equal things are equal whatever they share. No cycles."""
    state = written({"it": thing}, fixed)
    shapes, made = state["shapes"], list[Any]()
    for row in state["objects"]:
        made.append([shapes[row[0]], *(made[value[0]] if type(value) is list else value for value in row[1:])])
    return made[-1] if made else thing


def by_parts(house: House, fixed: Fixed) -> House:
    """Written as a journal would: every call a text of its own, which names what is not its own, and the house that
    names the calls."""
    calls = {f"call/{name}": opened for name, opened in house.calls.items()}
    all_settings = {id(one): one for one in (*house.lines.values(), *(one.call.settings for one in calls.values()))}
    settings = {f"settings/{number}": one for number, one in enumerate(all_settings.values())}
    beside = fixed.beside(settings)
    texts = {name: text_of({name: one}, fixed) for name, one in settings.items()}
    texts |= {name: text_of({name: opened}, beside) for name, opened in calls.items()}
    rest = house_written(house, beside.beside(calls))
    settings = {name: read_text(texts[name], fixed)[name] for name in settings}
    beside = fixed.beside(settings)
    return house_read(rest, beside.beside({name: read_text(texts[name], beside)[name] for name in calls}))


class Rewritten:
    """Stands for an exchange. What each verb does is noted down in `did`; before a verb of which `when` says so the
    house is written (with `parts`: each call apart), and one that was read back takes its place. With the notes of
    another run (`same_as`) every verb must do what that one did."""

    def __init__(self, exchange: Exchange, when: Callable[[], bool] = lambda: False,
                 same_as: list[Any] | None = None, notes: bool = True, parts: bool = False) -> None:
        self.exchange = exchange
        self.when = when
        self.same_as = same_as
        self.notes = notes
        self.parts = parts
        self.did: list[Any] = []
        self.written = 0
        self._fixed: tuple[list[int], Fixed] | None = None

    @property
    def house(self) -> House:
        return self.exchange.house

    def fixed(self) -> Fixed:
        """Made anew where menus have changed."""
        editions = self.house.editions
        key = [*editions.alive, id(editions.pending), id(self.house.hours)]
        if self._fixed is None or self._fixed[0] != key:
            self._fixed = key, fixed_of(self.house)
        return self._fixed[1]

    def rewrite(self) -> None:
        fixed = self.fixed()
        house = by_parts(self.house, fixed) if self.parts else house_read(house_written(self.house, fixed), fixed)
        assert house is not self.house
        self.exchange = Exchange(house)
        self.written += 1

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.exchange, name)
        if not callable(found) or name in ("snapshot", "check_accounts", "phones", "ladder", "next_timer"):
            return found

        def verb(*given: Any, **named: Any) -> Any:
            if not name.startswith("_") and self.when():        # else a verb is under way
                self.rewrite()
            effects = getattr(self.exchange, name)(*given, **named)
            if self.notes:
                self._note(name, effects)
            return effects

        return verb

    def _note(self, name: str, effects: Any) -> None:
        self.did.append((name, laid_out(effects, self.fixed())))
        if self.same_as is not None:
            place = len(self.did) - 1
            assert self.did[place] == self.same_as[place], f"step {place} does something else: {name}"
