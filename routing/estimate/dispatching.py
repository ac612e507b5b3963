"""A dispatcher that an estimator watches."""

from routing.dispatcher import Dispatcher, Effect, Event, Settings
from routing.estimate.estimator import WaitEstimator


class EstimatingDispatcher(Dispatcher):
    """The same in all it does; `waits` knows how long its callers will wait."""

    def __init__(self, settings: Settings, now: float) -> None:
        super().__init__(settings, now)
        self.waits = WaitEstimator(settings, now)

    def handle(self, event: Event, now: float) -> list[Effect]:
        effects = super().handle(event, now)
        self.waits.heed(event, effects, now)
        return effects
