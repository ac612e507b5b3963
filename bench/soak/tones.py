"""Keys in the audio at length: the whole table of Q.24 with other noise each time, and the sounds of talk-off at other
levels and alignments."""

import time
from typing import Any

import numpy as np

from bench.progress import say
from tests.media.test_talk_off import SOUNDS, heard_in, sound_in
from tests.support.tones import KEYS, NO_KEYS, TWICE, rates

LEVELS_DB = (0, -6, -12, -18)
ALL = 16                    # keys at each alignment


def tones(minutes: float) -> dict[str, Any]:
    """Rounds for so many minutes, each with a seed of its own; at least one."""
    began_at = time.monotonic()
    sounds = sound_in(SOUNDS) if SOUNDS.is_dir() else None
    rounds, heard, broken = 0, "", []
    while not rounds or time.monotonic() - began_at < 60 * minutes:
        for presses, table in ((1, KEYS), (2, TWICE), (0, NO_KEYS)):
            for name, case in table.items():
                right, none = rates(case, ALL, presses, seed=rounds + 2)
                if (right if presses else none) < 1.0:
                    broken.append({"case": name, "seed": rounds + 2, "right": right, "none": none})
        if sounds is not None:
            gain = 10 ** (LEVELS_DB[rounds % len(LEVELS_DB)] / 20)
            heard += heard_in((sounds[7 * rounds % 80:] * np.float32(gain)).astype(np.int16))
        rounds += 1
        say(f"  {rounds} rounds in {time.monotonic() - began_at:.0f} of {60 * minutes:.0f} s, "
            f"broken: {len(broken)}, keys in speech: {heard or 'none'}")
    return {"rounds": rounds, "cases": len(KEYS) + len(TWICE) + len(NO_KEYS), "talk_off": sounds is not None,
            "findings": len(broken) + len(heard), "broken": broken[:20], "heard": heard}
