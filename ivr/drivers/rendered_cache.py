"""What speech engines made, by the hash of all that decides it: a text that comes back is not rendered again."""

import hashlib
import json
import os
from pathlib import Path

import soundfile

from ivr.audio import telephone
from ivr.drivers import clip_editing
from ivr.drivers.prompt_engines import PAUSE_MS, Engine, describe
from ivr.drivers.prompt_files import PIPELINE, write_wav
from ivr.drivers.prompt_manifest import hash_of, writing

MOST_BYTES = 1 << 30         # 18 hours of speech; beyond it what was not used for longest goes

_SETTINGS = (PIPELINE, PAUSE_MS, telephone.RATE, telephone.SPEECH_LEVEL_DBOV, clip_editing.SILENCE_DBFS,
             clip_editing.LEADING_MS, clip_editing.TRAILING_MS, clip_editing.FADE_MS)


class RenderedCache:
    """Files named by their key. Several threads may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, text: str, language: str, engine: Engine) -> Path:
        """Where a rendering is kept, whether it is there or not."""
        decides = json.dumps([text, language, describe(engine), _SETTINGS])
        return self.folder / f"{hashlib.sha256(decides.encode()).hexdigest()[:40]}.wav"

    def find(self, path: Path) -> telephone.Samples | None:
        """None too for an entry that some accident has spoilt."""
        try:
            samples, rate = soundfile.read(path, dtype="int16")
            os.utime(path)                          # in use
        except (OSError, soundfile.SoundFileError):
            return None
        return samples if rate == telephone.RATE and samples.ndim == 1 and len(samples) else None

    def keep(self, path: Path, samples: telephone.Samples) -> None:
        """Raises AdminError."""
        with writing(path):
            write_wav(path, samples)

    def is_copy(self, path: Path, file: Path) -> bool:
        """Whether `file` is the rendering kept at `path`, octet by octet."""
        try:
            return path.stat().st_size == file.stat().st_size and hash_of(path) == hash_of(file)
        except OSError:
            return False

    def forget(self, most_bytes: int = MOST_BYTES) -> None:
        """Delete the oldest until what is left takes no more than this."""
        entries = [(path.stat(), path) for path in self.folder.glob("*.wav")]
        left = sum(status.st_size for status, _ in entries)
        for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime_ns):
            if left <= most_bytes:
                return
            path.unlink(missing_ok=True)
            left -= status.st_size
