"""The last call that rang at each operator and was not answered there: their screen says what became of it."""

from dataclasses import dataclass, field

from routing.dispatcher import OfferEnded

NEWS = 60.0         # s


@dataclass(frozen=True)
class Lost:
    """`how` as of `OfferEnded`."""

    call: str
    how: str
    at: float


@dataclass
class LostOffers:
    """As many as there are operators."""

    last: dict[str, Lost] = field(default_factory=dict)

    def note(self, effect: OfferEnded, now: float) -> None:
        if effect.how == "answered":
            self.last.pop(effect.operator, None)
        else:
            self.last[effect.operator] = Lost(effect.call, effect.how, now)

    def news(self, operator: str, now: float) -> Lost | None:
        """What an operator has not known for long."""
        lost = self.last.get(operator)
        return lost if lost is not None and now - lost.at <= NEWS else None
