"""When a call is recorded: what its queue says, what people ask for, where secrets are muted, and what became of it.

A queue that records always does so from the moment an operator answers: people expect the talk, and not the music
before it. From then on the recording follows the caller to the end of the visit, through holds and transfers, until an
operator of a queue that never records takes over.
"""

from datetime import UTC
from typing import Any

from ivr.base.values import changed
from ivr.call.effects import EndRecording, RecordCaller
from ivr.call.events import RecordingEnded
from ivr.call.record import Batch, RecordingRow
from ivr.exchange.capturing import ALWAYS, NEVER
from ivr.exchange.effects import ToPlane, ToStore
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.recording import Recording, RecordingLate
from ivr.media import commands as media
from ivr.media.events import RecordingClosed
from ivr.media.stream_numbers import worker_of

SECRET_TAIL = 2.0        # s after a secret in which the plane may not have muted all of it, if a recording begins then
TELL_EVERY = 60.0        # s between two lines of the log for recordings that fail: on a full disk every one does
DIED = "the media plane died"
LATE = 60.0              # s after the end of its call: a plane that closes a file no more is gone


def policy(house: House, opened: OpenCall) -> str:
    """What the queue of this call says: never, always or on_demand. A chat has nothing to record."""
    if opened.talk is not None:
        return "never"
    queue = house.config.queues.get(opened.call.visit.call.queue)
    return queue.record if queue is not None else "never"


def joined(house: House, opened: OpenCall, now: float) -> list[Any]:
    """The caller talks with somebody, for the first time or again."""
    said, running = policy(house, opened), house.recordings.of_call(opened.call.call)
    if running is not None:
        return follow(house, opened) if said != "never" else stop(running, "the queue is not recorded")
    wanted = said == "always" and opened.call.operator and not opened.unrecorded
    return start(house, opened, "always", "", now) if wanted else []


def talk_over(house: House, opened: OpenCall) -> list[Any]:
    """The caller is asked how it went: nobody talks any more. Should another talk follow, it is another recording."""
    running = house.recordings.of_call(opened.call.call)
    return stop(running, "the talk is over") if running is not None else []


def obstacle(house: House, opened: OpenCall) -> str:
    """Why this call can't be recorded on demand now, "" if it can."""
    if policy(house, opened) == "never":
        return "the queue of this call does not allow it: queues.<queue>.record"
    if house.recordings.of_call(opened.call.call) is not None:
        return "it is being recorded already"
    leg = house.legs.get(opened.call.caller_leg)
    return "" if leg is not None and leg.streaming else "the call has no audio"


def start(house: House, opened: OpenCall, why: Any, by: str, now: float, take: int = 0,
          silence: float = 0.0, queue: str = "") -> list[Any]:
    """Record a call that is not, from now on; for a `take` of its menu the caller alone, to `silence`."""
    call, settings = opened.call, house.config.recordings
    leg = house.legs.get(call.caller_leg)
    if leg is None or not leg.streaming:
        return []
    opened.recordings += 1
    name = f"{call.call}-{opened.recordings}"
    file = f"{house.to_utc(now).astimezone(UTC).date().isoformat()}/{name}.{settings.format}"
    row = RecordingRow(id=name, call_id=call.call, revision=1, queue=queue or call.visit.call.queue,
                       operator=call.operator, why=why, by=by, format=settings.format, file=file,
                       began_at=house.to_utc(now))
    recording = Recording(house.ids.uint32(), leg.leg, leg.stream, row, now, take=take)
    house.recordings.add(recording)
    house.count("recordings_started")
    call.visit.entry(now, "recording_started", recording=name, why=why, **({"by": by} if by else {}))
    opened.trace.note(now, "hotline", f"recording {opened.recordings} begins ({why})")
    command = media.StartRecording(leg.stream, leg.leg, recording.number, f"{settings.folder}/{file}", settings.format,
                                   settings.min_free_mb << 20, bool(take), silence)
    return [ToStore(Batch(recordings=(row,))), ToPlane(command), *_muted_from_start(opened, recording, now)]


def _muted_from_start(opened: OpenCall, recording: Recording, now: float) -> list[Any]:
    """A recording may begin while a secret is asked, or right after it."""
    if opened.secret_until == NEVER or now > opened.secret_until + SECRET_TAIL:
        return []
    muted = _mute(recording, True)
    return muted if opened.secret_until >= ALWAYS else muted + _mute(recording, False)


def follow(house: House, opened: OpenCall) -> list[Any]:
    """The caller may be on another leg than before."""
    recording = house.recordings.of_call(opened.call.call)
    leg = house.legs.get(opened.call.caller_leg)
    if recording is None or leg is None or recording.leg == leg.leg or not leg.streaming:
        return []
    recording.leg, recording.stream = leg.leg, leg.stream
    return [ToPlane(media.StartRecording(leg.stream, leg.leg, recording.number, "", "wav"))]


def mute(house: House, opened: OpenCall, muted: bool) -> list[Any]:
    """A secret is asked of the caller, or no more."""
    recording = house.recordings.of_call(opened.call.call)
    return _mute(recording, muted) if recording is not None else []


def _mute(recording: Recording, muted: bool) -> list[Any]:
    return [ToPlane(media.MuteRecording(recording.stream, recording.leg, recording.number, muted))]


def stop(recording: Recording, reason: str, cut: float = 0.0) -> list[Any]:
    """End one before its call, without its last seconds."""
    recording.stopping = True
    return [ToPlane(media.StopRecording(recording.number, reason, cut), worker_of(recording.stream))]


def call_over(house: House, call: str, now: float) -> None:
    """The plane closes its recording now; if it is gone, nobody will."""
    for recording in house.recordings:
        if recording.row.call_id == call:
            house.timers.start(("recording", recording.number), now + LATE, RecordingLate(recording.number))


def late(house: House, event: RecordingLate, now: float) -> list[Any]:
    return closed(house, RecordingClosed(event.recording, 0.0, 0, DIED, failed=True), now)


def plane_lost(house: House, worker: int, now: float) -> list[Any]:
    """What a plane held of recordings when it died is on the disk."""
    return [effect for recording in house.recordings if worker_of(recording.stream) == worker
            for effect in late(house, RecordingLate(recording.number), now)]


def closed(house: House, event: RecordingClosed, now: float) -> list[Any]:
    """The file is closed: its row is written for the last time, and its failing is an alarm."""
    recording = house.recordings.pop(event.recording)
    if recording is None:
        return []
    house.timers.cancel(("recording", event.recording))
    known = bool(event.octets or not event.failed)
    row = changed(recording.row, revision=2, ended_at=house.to_utc(now), reason=event.reason, failed=event.failed,
                  seconds=event.seconds if known else None, octets=event.octets if known else None, muted=event.muted)
    effects: list[Any] = [ToStore(Batch(recordings=(row,)))]
    opened = house.calls.get(row.call_id)
    if opened is not None:
        if recording.take and not event.failed:
            opened.takes[recording.take] = row.file
        effects += _told_menu(house, recording, row, event)
        opened.call.visit.entry(now, "recording_ended", recording=row.id, reason=event.reason, failed=event.failed)
        opened.trace.note(now, "hotline", f"recording ends: {event.reason}")
    if event.failed:
        return effects + _alarm(house, recording, event, now)
    house.count("recordings_kept")
    if recording.began > house.recordings.fault_at:
        house.recordings.fault = ""
    return effects


def _told_menu(house: House, recording: Recording, row: RecordingRow, event: RecordingClosed) -> list[Any]:
    """Its menu waits for it. Where a plane has died with the caller's leg, that ends the call and no menu goes on."""
    if not recording.take or (event.reason == DIED and house.legs.get(recording.leg) is not None):
        return []
    return [Tell(row.call_id, RecordingEnded(recording.take, row.id, event.spoken, event.failed, event.reason))]


def record_caller(house: House, opened: OpenCall, effect: RecordCaller, now: float) -> list[Any]:
    """A call has one recording at a time: what its menu asks for is of now."""
    running = house.recordings.of_call(opened.call.call)
    stopped = stop(running, "the menu records") if running is not None else []
    started = start(house, opened, effect.why, "", now, effect.number, effect.silence,
                    effect.queue)
    if not started:
        ended = RecordingEnded(effect.number, "", 0.0, failed=True, reason="the call has no audio")
        return [*stopped, Tell(opened.call.call, ended)]
    return [*stopped, *started]


def end_caller(house: House, opened: OpenCall, effect: EndRecording, now: float) -> list[Any]:
    running = house.recordings.of_call(opened.call.call)
    if running is None or running.take != effect.number:
        return []
    return stop(running, "the caller ended it" if effect.cut else "it was long enough", effect.cut)


def _alarm(house: House, recording: Recording, event: RecordingClosed, now: float) -> list[Any]:
    recordings = house.recordings
    house.count("recordings_failed")
    recordings.fault, recordings.fault_at = event.reason, now
    if now < recordings.told_at + TELL_EVERY:
        return []
    recordings.told_at = now
    return [report("error", "recording_failed", call=recording.row.call_id, reason=event.reason,
                   failed=house.counters["recordings_failed"])]


ROUTES: dict[type, Any] = {RecordingClosed: closed, RecordingLate: late}
