"""The prompts of the bench's menus: a low tone and a high one, told apart by the zero crossings of any single frame,
and a short one.

Their loudness says nothing: the service plays all clips equally loud.
"""

import wave
from pathlib import Path

import numpy as np

RATE = 8000
LOW_HZ, HIGH_HZ = 300, 1500         # 12 and 60 zero crossings in 20 ms; the generator's threshold lies between
SHORT = 0.3                         # seconds
PEAK = 4600                         # -20 dBov, the level of all prompts


def write_prompts(folder: Path, seconds: float) -> None:
    """`low.wav` and `high.wav` in `folder`, each so long, and `short.wav`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frequency, length in (("low", LOW_HZ, seconds), ("high", HIGH_HZ, seconds), ("short", LOW_HZ, SHORT)):
        at = np.arange(int(RATE * length)) / RATE
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((PEAK * np.sin(2 * np.pi * frequency * at)).astype("<i2").tobytes())
