"""The caller leaves something behind: a request from within the menu, or a message by just hanging up.

      caller      call                         plane            store
        │ speaks   │── RecordCaller ────────────▶│                │
        │── BYE ──▶│ leaving                     │                │
        │          │◀──────────── RecordingEnded │                │
        │          │── the request, the outcome, the end ────────▶│
"""

from collections.abc import Sequence
from typing import Any

from ivr.call.effects import EndLeg, EndRecording, Note, PlayRecording, RecordCaller, SetTimer
from ivr.call.in_queue import QueuePart
from ivr.call.record import Outcome
from ivr.call.settings import STORE_TIMEOUT
from ivr.call.state import CallState
from ivr.menu import events, steps

CLOSING = 5.0            # s that a call waits for the file of its message; a disk is given up after that time too


class LeavingPart(QueuePart):
    """Actions of `in_menu` for requests and recordings, and of `leaving`."""

    def take_steps(self, taken: Sequence[Any], now: float) -> list[Any]:
        """What the menu wants: `MenuPart` knows."""
        raise NotImplementedError

    # --- requests ---------------------------------------------------------------------------------------------------
    def step_leave_request(self, step: steps.LeaveRequest, now: float) -> list[Any]:
        self.visit.leave_request(now, step.kind, step.queue, step.subject, step.number, step.recording)
        return [SetTimer("store", now + STORE_TIMEOUT), *self.write(durable=True),
                Note(f"{step.kind} for {step.queue}")]

    def step_request_left(self, step: steps.RequestLeft, now: float) -> list[Any]:
        return [Note(f"no {step.kind} for {step.queue}: {step.reason}")] if step.reason else []

    def step_music(self, step: steps.PlayMusic, now: float) -> list[Any]:
        return [self.music_of(step.queue)]

    def menu_request_kept(self, event: Any, now: float) -> list[Any]:
        return self._request_kept(now, kept=True)

    def menu_request_refused(self, event: Any, now: float) -> list[Any]:
        return self._request_kept(now, kept=False)

    def _request_kept(self, now: float, *, kept: bool) -> list[Any]:
        """Nothing if the menu waits for none (any more)."""
        if self.visit.leaving is None:
            return []
        (self.visit.left_safe if kept else self.visit.left_refused)(now)
        return [SetTimer("store", None), *self.write(),
                *self.take_steps(self.interpreter.handle(events.RequestKept(kept), now), now)]

    # --- recordings -------------------------------------------------------------------------------------------------
    def step_record(self, step: steps.RecordCaller, now: float) -> list[Any]:
        return [RecordCaller(step.number, step.why, step.silence, step.queue)]

    def step_end_recording(self, step: steps.EndRecording, now: float) -> list[Any]:
        return [EndRecording(step.number, step.cut)]

    def step_play_recording(self, step: steps.PlayRecording, now: float) -> list[Any]:
        return [PlayRecording(self.caller_leg, step.play_id, step.number)]

    def step_recorded(self, step: steps.CallerRecorded, now: float) -> list[Any]:
        """Its row says all that there is to say."""
        return [Note(f"{step.spoken:.1f} s were said" if step.recording else f"nothing recorded: {step.reason}")]

    def menu_recorded(self, event: Any, now: float) -> list[Any]:
        return self.take_steps(self.interpreter.handle(_for_menu(event), now), now)

    # --- the caller goes --------------------------------------------------------------------------------------------
    def caller_left_menu(self, event: Any, now: float) -> list[Any]:
        """Who goes while they speak, or before they said whether it may be kept, has left a message."""
        outcome = Outcome.SELF_SERVED if self.interpreter.served else Outcome.ABANDONED
        if self.overflow_hops:       # a queue gave them up, and they have chosen nothing since
            outcome = Outcome.OVERFLOW
        if self.interpreter.speaks:
            return self._await_message(*self.ended_by_caller(event, outcome), now=now)
        self.leave_reviewed(event, now)
        return self._caller_left(event, outcome, now)

    def end_menu_ordered(self, event: Any, now: float) -> list[Any]:
        if self.interpreter.speaks:
            return [EndLeg(self.caller_leg), *self._await_message(Outcome.FAILED, "hotline", event.reason, now=now)]
        self.leave_reviewed(event, now)
        return self.end_ordered(event, now)

    def leave_reviewed(self, event: Any, now: float) -> None:
        """The message of which nobody said yet whether it may be kept."""
        self._leave(self.interpreter.message(), now)

    def _await_message(self, outcome: Outcome, by: str, reason: str, *, now: float) -> list[Any]:
        self.state, self.leaving = CallState.LEAVING, (outcome, by, reason)
        return [SetTimer("store", None), SetTimer("input", now + CLOSING), Note("the message is being closed"),
                *self.write()]

    def message_closed(self, event: Any, now: float) -> list[Any]:
        """It is left if the caller had said enough."""
        self._leave(self.interpreter.message(_for_menu(event)), now)
        return self.message_lost(event, now)

    def message_lost(self, event: Any, now: float) -> list[Any]:
        outcome, by, reason = self.leaving
        if by == "network":
            outcome = self.visit.promised or outcome
        return self.hang_up_all(now, Outcome(outcome), by, reason)

    def _leave(self, message: steps.LeaveRequest | None, now: float) -> None:
        """Nobody waits any more to be told that it is safe: it goes with the other rows."""
        if message is not None:
            self.visit.leave_request(now, message.kind, message.queue, message.subject, recording=message.recording)


def _for_menu(event: Any) -> events.RecordingEnded:
    return events.RecordingEnded(event.number, event.recording, event.spoken, event.failed, event.reason)
