"""The caller is with the menu: its steps become effects, the caller's keys its events."""

from collections.abc import Iterable
from typing import Any, ClassVar

from ivr.call.effects import (
    AnswerLeg,
    LookUp,
    MaskInput,
    Note,
    OrderLines,
    PlayClips,
    RingLeg,
    SetTimer,
    StopClips,
    VerifyPin,
)
from ivr.call.leaving import LeavingPart
from ivr.call.notice import Notice
from ivr.call.record import Outcome
from ivr.call.state import CallState
from ivr.menu import events, steps
from ivr.menu.text.events import Typed

SOLVED = "solved"       # the question of a survey whose "no" leaves the request open


class MenuPart(LeavingPart):
    """Actions of the states `offered` and `in_menu`."""

    def ring_or_answer(self, event: Any, now: float) -> list[Any]:
        """Let the caller hear ringing for a while, or answer at once."""
        self.visit.entry(now, "offered", dialled=self.visit.call.dialled)
        if self.settings.ring_time > 0:
            at = now + self.settings.ring_time
            return [RingLeg(self.caller_leg), SetTimer("ring", at), *self.write()]
        return self.answer(event, now)

    def answer(self, event: Any, now: float) -> list[Any]:
        self.enter_menu_state()
        self.visit.answered(now)
        effects: list[Any] = [AnswerLeg(self.caller_leg), *self.write()]
        if self.notice is not None:
            return effects + self.say_notice(self.notice, now)
        return effects + self.take_steps(self.interpreter.start(now), now)

    def say_notice(self, notice: Notice, now: float) -> list[Any]:
        """No key cuts it short: keys are for the menu, which waits until all is heard."""
        if notice.outcome is not None:
            return self.say_last(notice.clips, notice.outcome, notice.reason)
        return self.say_first(notice.clips, now)

    def notice_heard(self, event: Any, now: float) -> list[Any]:
        if event.play_id != self.notice_play:
            return []
        follows, self.after_notice = self.after_notice, None
        if follows is not None:
            return self.register(*follows, now)
        if self.beside:
            return self.fetch_kept(now)
        self.enter_menu_state()
        return self.take_steps(self.interpreter.start(now), now)

    def caller_left_notice(self, event: Any, now: float) -> list[Any]:
        """Who was on the way into a queue has waited for a person."""
        waits = self.after_notice or self.beside
        return self.caller_left_waiting(event, now) if waits else self.caller_left_menu(event, now)

    def menu_key(self, event: Any, now: float) -> list[Any]:
        return self.take_steps(self.interpreter.handle(events.KeyPressed(event.digit, now), now), now)

    def menu_key_released(self, event: Any, now: float) -> list[Any]:
        return self.take_steps(self.interpreter.handle(events.KeyReleased(event.digit, now), now), now)

    def menu_text(self, event: Any, now: float) -> list[Any]:
        typed: Any = Typed(event.text, now)         # which the interpreter of who speaks knows nothing of
        return self.take_steps(self.interpreter.handle(typed, now), now)

    def menu_playback(self, event: Any, now: float) -> list[Any]:
        heard = events.PlaybackFinished(event.play_id, event.stopped)
        return self.take_steps(self.interpreter.handle(heard, now), now)

    def menu_timeout(self, event: Any, now: float) -> list[Any]:
        return self.take_steps(self.interpreter.handle(events.InputTimeout(), now), now)

    def menu_answer(self, event: Any, now: float) -> list[Any]:
        answered = events.LookUpAnswered(event.number, event.answer, event.reason)
        return self.take_steps(self.interpreter.handle(answered, now), now)

    def return_to_menu(self, event: Any, now: float) -> list[Any]:
        """The transfer that the menu asked for did not work: the caller is told, and the menu says what now."""
        if self.overflow_hops:
            return []
        self.enter_menu_state()
        # It replaces the music, which has no end: the menu's words would wait behind it for ever.
        return [self.play((self.announcement("transfer_failed"),), replace=True),
                *self.take_steps(self.interpreter.handle(events.Returned("transfer_failed"), now), now)]

    def take_steps(self, taken: Iterable[Any], now: float) -> list[Any]:
        effects: list[Any] = []
        for step in taken:
            effects.extend(self.STEPS[type(step)](self, step, now))
        return effects

    # --- one method per step ----------------------------------------------------------------------------------------
    def step_play(self, step: steps.Play, now: float) -> list[Any]:
        return [PlayClips(self.caller_leg, step.play_id, step.clips, barge_in=step.barge_in, words=step.words)]

    def step_stop(self, step: steps.StopPlayback, now: float) -> list[Any]:
        return [StopClips(self.caller_leg)]

    def step_timer(self, step: steps.SetTimer, now: float) -> list[Any]:
        return [SetTimer("input", step.at)]

    def step_secret(self, step: steps.SecretInput, now: float) -> list[Any]:
        return [MaskInput(step.active)]

    def step_enter_queue(self, step: steps.EnterQueue, now: float) -> list[Any]:
        self.priority, self.skills = step.priority + self.own_priority, step.skills
        return self.register(step.queue, step.subject, now)

    def step_transfer(self, step: steps.TransferTo, now: float) -> list[Any]:
        if queue := self.settings.departments.get(step.target):
            self.priority, self.skills = self.own_priority, ()
            return self.register(queue, step.target, now)
        return self.dial_target(step.target, now)

    def step_look_up(self, step: steps.LookUp, now: float) -> list[Any]:
        return [LookUp(step.number, step.request)]

    def step_looked_up(self, step: steps.LookedUp, now: float) -> list[Any]:
        self.visit.entry(now, "looked_up", menu=step.menu, host=step.host, reason=step.reason)
        return [Note(f"{step.host} {'did not answer: ' + step.reason if step.reason else 'answered'}")]

    def step_verify(self, step: steps.Verify, now: float) -> list[Any]:
        return [VerifyPin(step.number, step.register, step.customer, step.pin)]

    def step_verified(self, step: steps.Verified, now: float) -> list[Any]:
        """Who it is stands in no entry: those can't be erased."""
        self.visit.entry(now, "verified", menu=step.menu, register=step.register, reason=step.reason)
        return [Note(f"{step.register}: {step.reason or 'known'}")]

    def step_order(self, step: steps.Order, now: float) -> list[Any]:
        return [OrderLines(step.number, step.lines, step.kind, step.given, step.prompt, step.lasts)]

    def step_ordered(self, step: steps.Ordered, now: float) -> list[Any]:
        """Written at once, with who it was: whoever asks why a line is closed looks here."""
        self.visit.entry(now, "lines_ordered", menu=step.menu, order=step.order, by=step.by, reason=step.reason)
        return [Note(f"{step.order}: {f'refused: {step.reason}' if step.reason else f'by {step.by}'}"), *self.write()]

    def step_hang_up(self, step: steps.HangUp, now: float) -> list[Any]:
        if self.state is CallState.SURVEYING:
            return self.say_goodbye("goodbye", Outcome.ANSWERED, "the survey is over", now)
        turned_away = self.overflow_hops and step.outcome != "closed"
        outcome = Outcome.OVERFLOW if turned_away else Outcome(step.outcome)
        return self.hang_up_all(now, outcome, "hotline", "the menu ended")

    def step_language(self, step: steps.LanguageChosen, now: float) -> list[Any]:
        self.visit.change(language=step.language)
        self.visit.entry(now, "language_chosen", language=step.language)
        return []

    def step_entered(self, step: steps.MenuEntered, now: float) -> list[Any]:
        self.visit.entry(now, "menu_entered", menu=step.menu)
        return [Note(f"menu {step.menu}")]

    def step_keys(self, step: steps.KeysTaken, now: float) -> list[Any]:
        self.visit.chose(now, step.menu, step.keys, step.option)
        self.overflow_hops = 0      # a caller who chooses goes round by themselves
        return [Note(f"key {step.keys}: {step.option}")]

    def step_value(self, step: steps.ValueTaken, now: float) -> list[Any]:
        self.visit.entry(now, "value_taken", menu=step.menu, name=step.name)
        return [Note(f"value of {step.name}")]

    def step_filled(self, step: steps.FieldsFilled, now: float) -> list[Any]:
        """The values go where they can be erased; that there are some is an entry."""
        self.visit.fill(dict(step.filled))
        names = " ".join(name for name, _ in step.filled)
        self.visit.entry(now, "fields_filled", menu=step.menu, fields=names)
        return [Note(f"fields {names}")]

    def step_survey_asked(self, step: steps.SurveyAsked, now: float) -> list[Any]:
        self.visit.entry(now, "survey_asked", menu=step.menu, survey=step.survey, question=step.question)
        return []

    def step_survey(self, step: steps.SurveyAnswered, now: float) -> list[Any]:
        """Written at once: it is all that is left of what the caller thinks."""
        self.visit.entry(now, "survey_answered", menu=step.menu, survey=step.survey, question=step.question,
                         answer=step.answer)
        if step.question == SOLVED and step.answer in ("yes", "no"):
            self.visit.solved(now, solved=step.answer == "yes")
        return [Note(f"survey {step.survey}: {step.question} {step.answer}"), *self.write()]

    def step_noinput(self, step: steps.NoInputCounted, now: float) -> list[Any]:
        self.visit.entry(now, "noinput", menu=step.menu, count=step.count)
        return [Note(f"no input ({step.count})")]

    def step_nomatch(self, step: steps.NoMatchCounted, now: float) -> list[Any]:
        self.visit.entry(now, "nomatch", menu=step.menu, count=step.count)
        return [Note(f"no match ({step.count})")]

    STEPS: ClassVar[dict[type, Any]] = {
        steps.Play: step_play,
        steps.StopPlayback: step_stop,
        steps.SetTimer: step_timer,
        steps.SecretInput: step_secret,
        steps.EnterQueue: step_enter_queue,
        steps.TransferTo: step_transfer,
        steps.LeaveRequest: LeavingPart.step_leave_request,
        steps.RequestLeft: LeavingPart.step_request_left,
        steps.PlayMusic: LeavingPart.step_music,
        steps.RecordCaller: LeavingPart.step_record,
        steps.EndRecording: LeavingPart.step_end_recording,
        steps.PlayRecording: LeavingPart.step_play_recording,
        steps.CallerRecorded: LeavingPart.step_recorded,
        steps.HangUp: step_hang_up,
        steps.LanguageChosen: step_language,
        steps.MenuEntered: step_entered,
        steps.KeysTaken: step_keys,
        steps.LookUp: step_look_up,
        steps.LookedUp: step_looked_up,
        steps.Verify: step_verify,
        steps.Verified: step_verified,
        steps.Order: step_order,
        steps.Ordered: step_ordered,
        steps.ValueTaken: step_value,
        steps.FieldsFilled: step_filled,
        steps.SurveyAsked: step_survey_asked,
        steps.SurveyAnswered: step_survey,
        steps.NoInputCounted: step_noinput,
        steps.NoMatchCounted: step_nomatch,
    }
