"""The estimate: keeps the mirror in step with the dispatcher, predicts, says, and learns from what came."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from routing.dispatcher import (
    AnnouncePlace,
    AssignCall,
    CallLeft,
    CallQueued,
    CallTaken,
    Effect,
    Event,
    OfferCall,
    OfferFailed,
    OperatorChanged,
    OverflowCall,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    State,
    WithdrawOffer,
)
from routing.estimate.asking import Able, Standing, asked, standing
from routing.estimate.figures import Figure, figure
from routing.estimate.mirror import PLAIN, Line, Made, Mirror, Waiting
from routing.estimate.notes import CameTo, Note, WaitCame, WaitEstimated
from routing.estimate.prediction import Prediction, Range, predict
from routing.estimate.tracker import MOST_KINDS, Tracker
from routing.skills import Demand
from routing.strategy import rank

ROUNDS = 3              # of an estimate that depends on how long it turns out: weights that differ
REMEMBERED = 40         # estimates of one stay that are learned from: the first ones
SLOWEST = 0.1           # of the pace is left to a caller at least, however many of higher priority come


class WaitEstimator:
    """One for all queues of a dispatcher.

    Memory: what the mirror holds, REMEMBERED estimates a caller, and some tens of numbers a queue.
    """

    def __init__(self, settings: Settings, now: float) -> None:
        self.mirror = Mirror(settings, now)
        self.trackers: dict[str, dict[Demand, Tracker]] = {}
        self._notes: list[Note] = []
        self._events: Mapping[type, Callable[[Any, float], None]] = {
            CallLeft: self._call_left, CallTaken: self._call_taken, OfferFailed: self._offer_failed,
            ReachabilityChanged: self._reachability_changed, SettingsReplaced: self._settings_replaced}
        self._effects: Mapping[type, Callable[[Any, float], None]] = {
            OfferCall: self._offered, WithdrawOffer: self._offer_over, AssignCall: self._assigned,
            OverflowCall: self._overflowed, OperatorChanged: self._operator_changed}

    # --- what happened ----------------------------------------------------------------------------------------------
    def heed(self, event: Event, effects: Sequence[Effect], now: float) -> list[Note]:
        """An event of the dispatcher and what it made of it. A caller who now waits gets a first estimate.

        Returns what is to be written down.
        """
        self._notes = []
        if isinstance(event, CallQueued):
            self._call_queued(event, now)
        elif note := self._events.get(type(event)):
            note(event, now)
        said = False
        for effect in effects:
            if row := self._effects.get(type(effect)):
                row(effect, now)
            elif isinstance(effect, AnnouncePlace):
                said = True                 # then it is made as it is said
        if isinstance(event, CallQueued) and not said:
            self._make(event.call, now)
        return self._notes

    # --- what is asked ----------------------------------------------------------------------------------------------
    def estimate(self, call: str, now: float) -> Range | None:
        """What is left of the wait. None: the call does not wait, a phone rings for it, or nobody serves the queue."""
        waiting = self.mirror.waiting.get(call)
        made = self._predicted(waiting, now) if waiting is not None else None
        return made.range if made else None

    def say(self, call: str, now: float) -> WaitEstimated | None:
        """What to tell the caller now, for the record as well: never more than before, unless an operator of the queue
        has left since. None: nothing needs to be said, or nothing honest can be."""
        waiting = self.mirror.waiting.get(call)
        made = self._predicted(waiting, now) if waiting is not None else None
        if waiting is None or made is None:
            return None
        waiting.said = self._figure(waiting, figure(made.range.likely))
        return self._kept(waiting, made, waiting.said)

    def _figure(self, waiting: Waiting, fresh: Figure) -> Figure:
        left = self.mirror.lines[waiting.queue].left
        may_rise = waiting.said is None or left > waiting.left_by
        waiting.left_by = left
        return fresh if may_rise or waiting.said is None else min(fresh, waiting.said)

    # --- how it is made ---------------------------------------------------------------------------------------------
    def _make(self, call: str, now: float) -> None:
        waiting = self.mirror.waiting.get(call)
        if waiting is not None and not waiting.virtual and (made := self._predicted(waiting, now)):
            self._notes.append(self._kept(waiting, made, None))

    def _kept(self, waiting: Waiting, made: Made, said: Figure | None) -> WaitEstimated:
        """The estimate will be learned from, if it is not one too many."""
        if len(waiting.made) < REMEMBERED:
            waiting.made.append(made)
        return WaitEstimated(waiting.call, waiting.queue, made.range.low, made.range.high, said)

    def _predicted(self, waiting: Waiting, now: float) -> Made | None:
        line = self.mirror.lines.get(waiting.queue)
        if line is None or waiting.ringing or line.servers <= 0:
            return None
        until = now
        for _ in range(1 if line.alike else ROUNDS):
            found = standing(self.mirror, line, waiting, now, until)
            if found.servers <= 0:
                return None
            prediction = self._from(line, waiting, found, now)
            until = now + prediction.mean
        return Made(now, found.ahead, prediction, self._tracker(line, waiting.demand).range(prediction, found.ahead))

    def _from(self, line: Line, waiting: Waiting, found: Standing, now: float) -> Prediction:
        lines = self.mirror.lines
        rate = sum(count * lines.get(queue, line).pace.service_rate(now)
                   for queue, count in found.busy.items() if count > 0)
        rate = max(SLOWEST * rate, rate - self._overtaking(line, waiting, found.able, now))
        return predict(found.ahead, found.servers, rate, line.pace.abandon_rate(now), line.pace.spread.cv2,
                       line.pace.ring)

    def _overtaking(self, line: Line, waiting: Waiting, able: Able, now: float) -> float:
        """Callers a second who come later and are served sooner, in all queues that share operators with this one."""
        step = self.mirror.settings.priority_step
        parts = [(line, 1.0), *((self.mirror.lines[other], theirs) for other, (theirs, _) in able.shares.items())]
        return sum(part * coming for each, part in parts if each.pace.coming
                   for priority, coming in each.pace.arrivals_above(waiting.priority, now)
                   if now - priority * step < waiting.rank[0])

    def _tracker(self, line: Line, demand: Demand) -> Tracker:
        """What callers of this kind have come to: they have operators of their own."""
        kinds = self.trackers.setdefault(line.name, {})
        if demand not in kinds and len(kinds) >= MOST_KINDS:
            demand = PLAIN
        return kinds.setdefault(demand, Tracker())

    # --- callers ----------------------------------------------------------------------------------------------------
    def _call_queued(self, event: CallQueued, now: float) -> None:
        line = self.mirror.lines.get(event.queue)
        if line is None:
            return
        self.mirror.serial += 1
        since = now if event.since is None else min(event.since, now)
        key = rank(since, event.priority, self.mirror.settings.priority_step, self.mirror.serial)
        demand = asked(line, event.skills, event.language)
        waiting = Waiting(event.call, event.queue, event.priority, now, key, demand, demand == PLAIN, event.virtual)
        self.mirror.waiting[event.call] = waiting
        line.add(waiting)
        if not event.virtual:           # they never give up, and come earlier than whoever waits
            line.pace.abandons.expose(1, now)
            line.pace.arrived(event.priority, now)

    def _over(self, call: str, came_to: CameTo, now: float) -> Waiting | None:
        """The stay is over: the last that is heard of it, and what its estimates teach. Only the answered teach: how
        long somebody who gave up would have waited is not known."""
        waiting = self.mirror.waiting.pop(call, None)
        if waiting is None:
            return None
        if line := self.mirror.lines.get(waiting.queue):
            line.discard(waiting)
            if not waiting.virtual:
                line.pace.abandons.expose(-1, now)
            if came_to == "abandoned" and not waiting.virtual:
                line.pace.abandons.count(now)
        if came_to == "answered" and line:
            tracker = self._tracker(line, waiting.demand)
            for made in waiting.made:
                tracker.learn(made.prediction, made.ahead, made.range, now - made.at)
        if not waiting.virtual:
            self._notes.append(WaitCame(call, waiting.queue, now - waiting.since, came_to))
        return waiting

    def _call_left(self, event: CallLeft, now: float) -> None:
        self._over(event.call, "abandoned" if event.outcome == "abandoned" else "other", now)

    def _overflowed(self, effect: OverflowCall, now: float) -> None:
        self._over(effect.call, "other", now)

    def _call_taken(self, event: CallTaken, now: float) -> None:
        if (waiting := self._over(event.call, "answered", now)) and event.operator in self.mirror.operators:
            self.mirror.occupy(self.mirror.operators[event.operator], waiting.queue, now)

    # --- offers and operators ---------------------------------------------------------------------------------------
    def _offered(self, effect: OfferCall, now: float) -> None:
        waiting, serving = self.mirror.waiting.get(effect.call), self.mirror.operators.get(effect.operator)
        if waiting is None or serving is None:
            return
        waiting.ringing.add(effect.operator)
        waiting.offered_at = now
        if line := self.mirror.lines.get(waiting.queue):
            line.discard(waiting)
        self.mirror.occupy(serving, waiting.queue, now)

    def _offer_failed(self, event: OfferFailed, now: float) -> None:
        """One that comes late is about an offer that is over."""
        waiting = self.mirror.waiting.get(event.call)
        if waiting is not None and event.operator in waiting.ringing:
            self._offer_over(event, now)

    def _offer_over(self, over: WithdrawOffer | OfferFailed, now: float) -> None:
        """It came to nothing: the caller stands in the old place again, if still there."""
        waiting = self.mirror.waiting.get(over.call)
        if waiting is not None and over.operator in waiting.ringing:
            waiting.ringing.remove(over.operator)
            line = self.mirror.lines.get(waiting.queue)
            if line is not None and not waiting.ringing:
                line.add(waiting)
        serving = self.mirror.operators.get(over.operator)
        if serving is not None and serving.state is not State.ON_CALL:
            self.mirror.occupy(serving, "", now)

    def _assigned(self, effect: AssignCall, now: float) -> None:
        waiting = self._over(effect.call, "answered", now)
        if waiting is not None and not waiting.virtual and (line := self.mirror.lines.get(waiting.queue)):
            line.pace.answered_after(now - waiting.offered_at)

    def _operator_changed(self, effect: OperatorChanged, now: float) -> None:
        serving = self.mirror.operators.get(effect.operator)
        if serving is None:
            return
        if effect.state is State.IDLE and serving.state in (State.ON_CALL, State.WRAP_UP):
            if line := self.mirror.lines.get(serving.queue):
                line.pace.round_over(now - serving.since, now)
            self.mirror.occupy(serving, "", now)
        serving.state = effect.state
        if serving.status is not effect.status:
            serving.status = effect.status
            self.mirror.recount(serving)

    def _reachability_changed(self, event: ReachabilityChanged, now: float) -> None:
        if serving := self.mirror.operators.get(event.operator):
            serving.reachable = event.reachable
            self.mirror.recount(serving)

    def _settings_replaced(self, event: SettingsReplaced, now: float) -> None:
        self.mirror.replace(event.settings, now)
