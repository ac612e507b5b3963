"""What is wrong with a recording, by its figures: as a code, in words, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.audio.clip_figures import Figures
from ivr.audio.telephone import RATE

LONGEST = 30.0               # seconds: who is read more than this no longer knows what the first key was for
QUIETEST_DBOV = -40.0        # to -20 dBov it is raised by 20 dB, and the noise of its room with it
LOUDEST_DBOV = -10.0         # speech needs 19 dB for its peaks: what is louder was squeezed or cut to fit
SILENT_DBOV = -60.0          # a noise floor, and no speech
CLIPPED_TOPS = 3             # so often a click, more often a wrong knob
LEADING, TRAILING = 0.5, 1.0     # seconds of silence that callers take for a broken line, or wait for the next words

ENDINGS = {"wav": ("WAV", "WAVEX", "RF64"), "mp3": ("MP3",), "ogg": ("OGG",), "flac": ("FLAC",)}
EIGHT_BITS = ("PCM_U8", "PCM_S8")
CUT = "let `hotline prompts import` cut it"


@dataclass(frozen=True)
class Verdict:
    """One thing that is wrong. All of them are warnings: the service plays such a file."""

    code: str
    message: str
    remedy: str


def verdicts(figures: Figures, spoken: bool, music: bool, longest: float = LONGEST) -> Iterator[Verdict]:
    """`spoken`: there is a text for it, so that silence is no pause on purpose. Music may be long and quiet."""
    if figures.level_dbov < SILENT_DBOV:
        if spoken or music:
            yield Verdict("prompt-silent", "nothing is heard in it", "record it again, or let it be rendered")
        return
    if not music:
        yield from _of_speech(figures, longest)
    if figures.level_dbov > LOUDEST_DBOV:
        yield Verdict("prompt-too-loud", f"its level is {figures.level_dbov:.0f} dBov, louder than "
                                         f"{LOUDEST_DBOV:.0f}: its peaks were squeezed or cut",
                      "record it more softly, speech at about -26 dBov")
    if figures.clipped >= CLIPPED_TOPS:
        yield Verdict("prompt-clipped", f"it is cut off at full scale in {figures.clipped} places and sounds harsh",
                      "record it more softly: no knob can mend it")


def _of_speech(figures: Figures, longest: float) -> Iterator[Verdict]:
    if figures.seconds > longest:
        yield Verdict("prompt-too-long", f"it takes {figures.seconds:.0f} s, more than {longest:g}",
                      "say less, or divide the menu; --longest sets another bound")
    if figures.level_dbov < QUIETEST_DBOV:
        yield Verdict("prompt-too-quiet", f"its level is {figures.level_dbov:.0f} dBov, softer than "
                                          f"{QUIETEST_DBOV:.0f}: raised to be heard, its noise is heard too",
                      "record it closer to the microphone")
    if figures.leading > LEADING:
        yield Verdict("prompt-silence-before", f"{figures.leading:.1f} s of silence before it begins", CUT)
    if figures.trailing > TRAILING:
        yield Verdict("prompt-silence-after", f"{figures.trailing:.1f} s of silence after it ends", CUT)


def form_verdicts(ending: str, form: str, encoding: str, rate: int) -> Iterator[Verdict]:
    """Of the file itself: `ending` of its name; form and encoding as libsndfile calls them."""
    if form not in ENDINGS.get(ending, (form,)):
        yield Verdict("prompt-wrong-format", f"it is named .{ending} and is {form} inside",
                      "save it as what its name says, or rename it here and in the menu")
    if rate < RATE:
        yield Verdict("prompt-wrong-rate", f"it has {rate} samples a second, and a telephone carries {RATE}: it sounds "
                                           "dull", f"record it at {RATE} or more")
    if encoding in EIGHT_BITS:
        yield Verdict("prompt-wrong-format", "it has 8 bits a sample, and hisses", "save it with 16 bits")
