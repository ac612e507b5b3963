"""Callers hear what they have just said: a plane reads the file as a clip, plays it, and forgets it."""

from typing import Any

from ivr.call import events as call_events
from ivr.call.effects import PlayRecording
from ivr.exchange.effects import ToPlane
from ivr.exchange.house import House, OpenCall, Tell
from ivr.exchange.recording import HeardBack
from ivr.media import commands as media
from ivr.media.stream_numbers import worker_of

PREFIX = "recorded/"         # no prompt's: its clips begin with a language or with music


def play(house: House, opened: OpenCall, effect: PlayRecording, now: float) -> list[Any]:
    """Have it read. Without a file, or in a format that no plane reads, there is nothing to hear."""
    leg, file = house.legs.get(effect.leg), opened.takes.get(effect.number, "")
    if leg is None:
        return []
    if not file.endswith(".wav"):
        return [_nothing(HeardBack(opened.call.call, effect.leg, effect.play_id))]
    clip = f"{PREFIX}{file}"
    house.recordings.heard_back[clip] = HeardBack(opened.call.call, effect.leg, effect.play_id)
    return [ToPlane(media.LoadClip(clip, f"{house.config.recordings.folder}/{file}", recorded=True),
                    worker_of(leg.stream))]


def loaded(house: House, clip: str, worker: int) -> list[Any]:
    """It can be played, unless the caller has gone on or is gone. What plays keeps its memory until it is over."""
    if not clip.startswith(PREFIX):
        return []
    wanted = house.recordings.heard_back.pop(clip, None)
    leg = house.legs.get(wanted.leg) if wanted is not None else None
    forget = ToPlane(media.DropClip(clip), worker)
    if wanted is None or leg is None:
        return [forget]
    return [ToPlane(media.Play(leg.stream, leg.leg, wanted.play_id, (clip,), barge_in=True)), forget]


def failed(house: House, clip: str) -> list[Any]:
    wanted = house.recordings.heard_back.pop(clip, None)
    return [_nothing(wanted)] if wanted is not None else []


def stopped(house: House, call: str) -> None:
    """The caller wants to hear no more of it, or is gone."""
    waiting = house.recordings.heard_back
    for clip in [clip for clip, wanted in waiting.items() if wanted.call == call]:
        del waiting[clip]


def _nothing(wanted: HeardBack) -> Tell:
    return Tell(wanted.call, call_events.PlaybackFinished(wanted.leg, wanted.play_id, stopped=False))
