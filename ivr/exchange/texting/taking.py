"""What a chat does in the place of audio: where a menu records who speaks, it waits for a message: that is the
recording."""

from typing import Any

from ivr.call import effects as did
from ivr.call import events as call_events
from ivr.exchange.house import House, OpenCall, Tell

NOT_ACCEPTABLE = 488


def record_caller(house: House, opened: OpenCall, effect: did.RecordCaller, now: float) -> list[Any]:
    assert opened.talk is not None
    opened.talk.take = effect.number
    return []


def end_recording(house: House, opened: OpenCall, effect: did.EndRecording, now: float) -> list[Any]:
    """Nothing was written in the time there was."""
    assert opened.talk is not None
    if opened.talk.take != effect.number:
        return []
    opened.talk.take = 0
    return [Tell(opened.call.call, call_events.RecordingEnded(effect.number, "", 0.0))]


def play_recording(house: House, opened: OpenCall, effect: did.PlayRecording, now: float) -> list[Any]:
    """They have it before their eyes."""
    return [Tell(opened.call.call, call_events.PlaybackFinished(effect.leg, effect.play_id, stopped=False))]


def dial_address(house: House, opened: OpenCall, effect: did.DialAddress, now: float) -> list[Any]:
    """Nobody reads there."""
    return [Tell(opened.call.call, call_events.LegEnded(effect.leg, "us", NOT_ACCEPTABLE, "a chat"))]


EFFECTS: dict[type, Any] = {did.DialAddress: dial_address, did.RecordCaller: record_caller,
                            did.EndRecording: end_recording, did.PlayRecording: play_recording}
