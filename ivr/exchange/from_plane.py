"""What the media plane tells: keys, playbacks, silence, its own coming and going."""

from typing import Any

from msgspec.structs import asdict

from ivr.call import events as call_events
from ivr.call.record import Batch, LegRow
from ivr.exchange import from_menus, from_recording, hearing_back
from ivr.exchange.capturing import RtpCaptured
from ivr.exchange.effects import ToStore
from ivr.exchange.from_menus import load
from ivr.exchange.from_sip import probe
from ivr.exchange.house import House, Tell, report
from ivr.exchange.legs import Leg
from ivr.media import events


def plane_ready(house: House, event: events.PlaneReady, now: float) -> list[Any]:
    """A plane is there, and needs every clip. Its rows are ours to lease when it has them: until then a caller would
    hear nothing, and is refused or goes to another."""
    house.legs.planes.comes(event.worker, event.ports, house.editions.clips)
    return [report("info", "media_plane_ready", worker=event.worker, streams=len(event.ports), wire=event.wire),
            *(load(house, clip, event.worker) for clip in sorted(house.editions.clips)),
            *_clip_done(house, event.worker, ""), *from_menus.plane_begins_anew(house, event.worker, now)]


def plane_lost(house: House, worker: int, now: float) -> list[Any]:
    """A plane died: its calls have no audio and end. New ones go to the others, or are refused where there is none."""
    house.legs.lost(worker)
    house.media.lost(worker)
    calls = house.calls_waiting_first(house.legs.calls_in(worker))
    return [report("error", "media_plane_lost", worker=worker, calls=len(calls)),
            *from_menus.plane_begins_anew(house, worker, now),
            *from_recording.plane_lost(house, worker, now),
            *(Tell(call, call_events.PlaneLost()) for call in calls)]


def _live(house: House, event: Any) -> Leg | None:
    """The leg an event speaks of, unless the row has another tenant by now."""
    leg = house.legs.get(event.leg)
    return leg if leg is not None and leg.stream == event.stream else None


def digit_pressed(house: House, event: events.DigitPressed, now: float) -> list[Any]:
    leg = _live(house, event)
    if leg is None or not leg.keys.speaks(event.source):
        return []
    if leg.keys.press(event.source, event.digit, now):
        return [Tell(leg.call, call_events.KeyPressed(leg.leg, event.digit))]
    return []


def digit_released(house: House, event: events.DigitReleased, now: float) -> list[Any]:
    leg = _live(house, event)
    if leg is None or leg.keys.source != event.source:
        return []
    return [Tell(leg.call, call_events.KeyReleased(leg.leg, event.digit))]


def playback_finished(house: House, event: events.PlaybackFinished, now: float) -> list[Any]:
    leg = _live(house, event)
    if leg is None:
        return []
    return [Tell(leg.call, call_events.PlaybackFinished(leg.leg, event.play_id, event.stopped))]


def media_lost(house: House, event: events.MediaLost, now: float) -> list[Any]:
    """Silence is no death: ask in the dialog whether the peer is still there."""
    leg = _live(house, event)
    if leg is None:
        return []
    return probe(house, leg, now)


def media_latched(house: House, event: events.MediaLatched, now: float) -> list[Any]:
    leg = _live(house, event)
    trace = house.trace_of(leg.call) if leg is not None else None
    if leg is not None and trace is not None:
        trace.note(now, leg.party, f"audio comes from port {event.remote[1]}")
    return []


def stream_closed(house: House, event: events.StreamClosed, now: float) -> list[Any]:
    """A leg's audio is over, and what there is to say of it. The call may be over for long."""
    leg, told = house.legs.release(event.stream, event.leg, now), event.statistics
    if leg is None or told is None or not (told.packets_sent or told.packets_received):
        return []
    house.media.closed(told)
    agreed = leg.sip.negotiated
    row = LegRow(leg.leg, leg.call, leg.party, agreed.codec if agreed is not None else "",
                 agreed is not None and agreed.crypto is not None, house.to_utc(now), asdict(told))
    return [ToStore(Batch(legs=(row,)))]


def plane_figures(house: House, event: events.PlaneFigures, now: float) -> list[Any]:
    house.legs.planes.heard(event.worker, now)
    house.media.turn(event, now)
    return []


def clip_loaded(house: House, event: events.ClipLoaded, now: float) -> list[Any]:
    """The catalogue knew the length before; only a failure is news."""
    return [*hearing_back.loaded(house, event.clip, event.worker), *_clip_done(house, event.worker, event.clip),
            *from_menus.clip_read(house, event.worker, event.clip, now)]


def clip_failed(house: House, event: events.ClipFailed, now: float) -> list[Any]:
    return [report("error", "clip_failed", clip=event.clip, reason=event.reason, worker=event.worker),
            *hearing_back.failed(house, event.clip), *_clip_done(house, event.worker, event.clip),
            *from_menus.clip_failed(house, event.worker, event.clip, event.reason, now)]


def _clip_done(house: House, worker: int, clip: str) -> list[Any]:
    """The plane has a clip, or never will. After the last one calls are taken."""
    if not house.legs.planes.has_clip(worker, clip):
        return []
    return [report("info", "clips_loaded", worker=worker, clips=len(house.editions.clips))]


def capture_closed(house: House, event: events.CaptureClosed, now: float) -> list[Any]:
    return [RtpCaptured(event.capture, event.packets, event.reason)]


ROUTES: dict[type, Any] = {
    events.CaptureClosed: capture_closed,
    events.PlaneFigures: plane_figures,
    events.PlaneReady: plane_ready,
    events.DigitPressed: digit_pressed,
    events.DigitReleased: digit_released,
    events.PlaybackFinished: playback_finished,
    events.MediaLost: media_lost,
    events.MediaLatched: media_latched,
    events.StreamClosed: stream_closed,
    events.ClipLoaded: clip_loaded,
    events.ClipFailed: clip_failed,
}
