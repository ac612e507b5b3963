"""The ear of `ua.py`, which runs in the same interpreter (that of `.peers`)."""

import json
import time
import wave

import pjsua2 as pj


class Ear(pj.AudioMediaPort):
    """Keeps every 20 ms that reach the ear, and when."""

    SILENCE = bytes(320)

    def __init__(self):
        super().__init__()
        self.times, self.frames = [], []
        shape = pj.MediaFormatAudio()
        shape.type = pj.PJMEDIA_TYPE_AUDIO
        shape.clockRate, shape.channelCount, shape.bitsPerSample, shape.frameTimeUsec = 8000, 1, 16, 20_000
        self.createPort("ear", shape)

    def onFrameReceived(self, frame):
        self.times.append(time.monotonic())
        self.frames.append(bytes(frame.buf) if frame.size else self.SILENCE)

    def write(self, path):
        count = len(self.frames)            # more may come while we write
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(b"".join(self.frames[:count]))
        with open(path + ".json", "w") as file:
            json.dump(self.times[:count], file)
