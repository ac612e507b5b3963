"""A dispatcher that an estimator watches."""

from routing.dispatcher import Dispatcher, Effect, Event, Resumed, Settings
from routing.estimate.estimator import WaitEstimator
from routing.estimate.lasting import learned, relearn
from routing.lasting import QueuesLast


class EstimatingDispatcher(Dispatcher):
    """The same in all it does; `waits` knows how long its callers will wait."""

    def __init__(self, settings: Settings, now: float) -> None:
        super().__init__(settings, now)
        self.waits = WaitEstimator(settings, now)

    def handle(self, event: Event, now: float) -> list[Effect]:
        effects = super().handle(event, now)
        self.waits.heed(event, effects, now)
        return effects

    # --- over a restart ---------------------------------------------------------------------------------------------
    def lasts(self, now: float, *, come_again: bool = False) -> QueuesLast:
        """What outlives the calls, with what was learned; `come_again` as of `lasting`."""
        kept = self.lasting(now, come_again=come_again)
        return QueuesLast(*kept, learned(self.waits.mirror, self.waits.trackers, now))

    def resume(self, kept: QueuesLast, shift: float, now: float) -> list[Effect]:
        """The first that it is told: what an earlier one kept. Raises IllegalEvent if calls are there already."""
        effects = self.handle(Resumed(kept.operators, kept.queues, shift), now)
        relearn(self.waits.mirror, self.waits.trackers, kept.paces, shift, now)
        return effects
