"""What a call plays to one leg: clips for the plane, their names for a page."""

from typing import Any

from ivr.call import effects as did
from ivr.exchange import from_pages, hearing_back
from ivr.exchange.effects import ToPlane
from ivr.exchange.house import House, OpenCall
from ivr.exchange.texting.plane import Write
from ivr.exchange.texting.words import words_of
from ivr.media import commands as media


def play_clips(house: House, opened: OpenCall, effect: did.PlayClips, now: float) -> list[Any]:
    leg = house.legs.get(effect.leg)
    if leg is None:
        return []
    if leg.writes:
        words = () if effect.loop else effect.words or words_of(opened.call.settings, effect.clips)
        return [ToPlane(Write(leg.stream, leg.leg, effect.play_id, words, effect.loop, effect.replace))]
    sounds = opened.call.settings.sounds
    clips = tuple(sounds.get(clip, clip) for clip in effect.clips) if sounds else effect.clips
    return [ToPlane(media.Play(leg.stream, leg.leg, effect.play_id, clips, loop=effect.loop,
                               barge_in=effect.barge_in, replace=effect.replace)),
            *from_pages.heard(house, leg.leg, effect.clips, replace=effect.replace, loop=effect.loop)]


def stop_clips(house: House, opened: OpenCall, effect: did.StopClips, now: float) -> list[Any]:
    leg = house.legs.get(effect.leg)
    if house.recordings.heard_back:
        hearing_back.stopped(house, opened.call.call)
    if leg is None:
        return []
    return [ToPlane(media.StopPlayback(leg.stream, leg.leg)), *from_pages.heard(house, leg.leg, (), replace=True)]
