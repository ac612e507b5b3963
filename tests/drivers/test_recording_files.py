"""Recordings on disk: playable whatever happens, private, and never in the way of what is said."""

import os
import resource
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import soundfile

from ivr.drivers.recording_files import MOST_WAITING, TOO_SLOW, RecordingFiles
from ivr.drivers.sound_file import BYTES_PER_SECOND, HEADER_BYTES, PART, finish, open_sound_file
from ivr.media.commands import StartRecording
from ivr.media.events import RecordingClosed
from ivr.media.recording.recorder import Ended, Piece

FRAMES = 1600           # of a piece


def start(path: Path, recording: int = 1, **changes: Any) -> StartRecording:
    return StartRecording(0, "leg", recording, str(path), **changes)


def piece(*recordings: int, first: int = 0) -> Piece:
    """200 ms: a ramp on the left, its mirror on the right."""
    ramp = np.arange(first, first + FRAMES, dtype=np.int16)
    return Piece(recordings, np.broadcast_to(np.stack((ramp, -ramp), axis=1), (len(recordings), FRAMES, 2)).copy())


def wait_for(holds: Callable[[], Any], seconds: float = 5.0) -> Any:
    until = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.005)
    return found


def closed(files: RecordingFiles, number: int = 1) -> list[RecordingClosed]:
    told: list[RecordingClosed] = []
    wait_for(lambda: told.extend(files.told()) or len(told) >= number)
    return told


@pytest.fixture
def files() -> Iterator[RecordingFiles]:
    files = RecordingFiles()
    yield files
    files.close(5.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "recordings" / "2026-03-02" / "call-1.wav"


def test_file__holds_what_was_said_and_nobody_else_may_read_it(files: RecordingFiles, path: Path) -> None:
    files.open(start(path))
    for number in range(7):
        files.put([piece(1, first=number * FRAMES)])
    files.put([Ended(1, 1.4, "the call ended", ((0.5, 1.0),))])
    assert closed(files) == [RecordingClosed(1, 1.4, HEADER_BYTES + 7 * FRAMES * 4, "the call ended", ((0.5, 1.0),))]
    assert not files
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        samples = np.frombuffer(file.readframes(1 << 20), np.int16).reshape(-1, 2)
    assert np.array_equal(samples[:, 0], np.arange(7 * FRAMES))
    assert np.array_equal(samples[:, 1], -np.arange(7 * FRAMES))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_file__of_ogg_is_opus_in_two_channels(files: RecordingFiles, path: Path) -> None:
    path = path.with_suffix(".ogg")
    at = np.arange(16000) / 8000
    both = np.stack([8000 * np.sin(2 * np.pi * each * at) for each in (400, 800)], axis=1).astype(np.int16)
    files.open(start(path, format="ogg"))
    for part in both.reshape(10, FRAMES, 2):
        files.put([Piece((1,), part[None])])
    files.put([Ended(1, 2.0, "the call ended", ())])
    (told,) = closed(files)
    assert (told.seconds, told.failed) == (2.0, False)
    assert told.octets == path.stat().st_size < 2 * BYTES_PER_SECOND / 4
    assert soundfile.info(path).subtype == "OPUS"
    samples, rate = soundfile.read(path)
    spectrum = np.abs(np.fft.rfft(samples[rate // 2:rate + rate // 2], axis=0))
    assert np.argmax(spectrum, axis=0).tolist() == [400, 800]


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_file__that_is_erased_while_it_grows_is_let_go(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / f"it.{kind}"
    before = len(os.listdir("/proc/self/fd"))
    file = open_sound_file(path, kind)
    path.with_name(path.name + PART).unlink()
    with pytest.raises(FileNotFoundError):
        file.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_files__several_at_once_end_apart(files: RecordingFiles, path: Path) -> None:
    paths = [path.with_name(f"{number}.wav") for number in range(5)]
    for number, each in enumerate(paths):
        files.open(start(each, number))
    for _ in range(3):
        files.put([piece(*range(5))])
    files.put([Ended(2, 0.6, "", ())])
    files.put([piece(0, 1, 3, 4)])
    files.put([Ended(number, 0.8, "", ()) for number in (0, 1, 3, 4)])
    assert {one.recording: one.seconds for one in closed(files, 5)} == {0: 0.8, 1: 0.8, 2: 0.6, 3: 0.8, 4: 0.8}
    assert not list(path.parent.glob("*" + PART))


def test_file__that_is_there_already_is_not_written_over(files: RecordingFiles, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    files.open(start(path))
    files.put([piece(1)])
    (told,) = closed(files)
    assert told.failed
    assert path.read_bytes() == b"mine"


def test_recording__goes_on_in_its_file_with_another_stream(files: RecordingFiles, path: Path) -> None:
    files.open(start(path))
    files.put([piece(1)])
    files.open(start(path))
    files.put([piece(1), Ended(1, 0.4, "", ())])
    assert [one.seconds for one in closed(files)] == [0.4]


# --- a plane that is killed ------------------------------------------------------------------------------------------
VICTIM = """
import sys, time
from pathlib import Path
from tests.drivers.test_recording_files import RecordingFiles, piece, start
files = RecordingFiles()
files.open(start(Path(sys.argv[1]), format=sys.argv[2]))
for number in range(60):
    files.put([piece(1, first=number)])
    time.sleep(0.002)
print("there", flush=True)
time.sleep(60)
"""


def kill(path: Path, kind: str, while_it_lives: Callable[[], None] = lambda: None) -> None:
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, str(path), kind], stdout=subprocess.PIPE)
    try:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"there\n"
        growing = path.with_name(path.name + PART)
        wait_for(lambda: growing.stat().st_size > (10 * BYTES_PER_SECOND if kind == "wav" else 10_000))
        while_it_lives()
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.communicate()


def test_killed__wav_is_playable_as_it_lies_and_whole_once_finished(path: Path) -> None:
    part = path.with_name(path.name + PART)

    def may_not_be_finished() -> None:
        assert finish(part) is None

    kill(path, "wav", may_not_be_finished)
    with wave.open(str(part)) as file:
        assert file.getnframes() == 10 * 8000       # what the last mark told of, of 12 s
    assert finish(part) == 12.0
    assert not part.exists()
    with wave.open(str(path)) as file:
        assert file.getnframes() == 12 * 8000


def test_killed__ogg_is_playable(path: Path) -> None:
    path = path.with_suffix(".ogg")
    kill(path, "ogg")
    assert finish(path.with_name(path.name + PART)) == 0.0
    samples, rate = soundfile.read(path)
    assert 3.0 < len(samples) / rate <= 12.0       # of the part that was there when it was killed


# --- a full disk -----------------------------------------------------------------------------------------------------
FULL_DISK = """
import os, subprocess, sys, time, wave
from pathlib import Path
from ivr.drivers.recording_files import FULL
from tests.drivers.test_recording_files import *
folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], check=True)
files = RecordingFiles()
kinds = ("wav", "wav", "ogg")
for number, kind in enumerate(kinds):
    files.open(start(folder / "day" / f"{number}.{kind}", number, format=kind))
for number in range(40):
    files.put([piece(0, 1, 2, first=number)])
told = closed(files, 3)
assert all(one.failed and one.reason == FULL for one in told), told
assert not files
for one in told[:3]:
    if one.recording < 2:
        with wave.open(str(folder / "day" / f"{one.recording}.wav")) as file:
            assert abs(file.getnframes() / 8000 - one.seconds) < 1e-9 and one.seconds > 1, one
assert not list(folder.glob("day/*.part"))
os.unlink(folder / "day" / "0.wav")
files.open(start(folder / "day" / "3.wav", 3))
files.put([piece(3), Ended(3, 0.2, "", ())])
(after,) = closed(files)
assert not after.failed and after.seconds == 0.2, after
files.open(start(folder / "day" / "4.wav", 4, min_free=1 << 20))
(refused,) = closed(files)
assert refused.failed and refused.reason == FULL, refused
print("well")
"""


def test_full_disk__ends_all_recordings_and_the_next_goes_well_when_there_is_room(tmp_path: Path) -> None:
    ran = subprocess.run(["unshare", "--mount", "--map-root-user", sys.executable, "-c", FULL_DISK, str(tmp_path)],
                         capture_output=True, text=True, timeout=60)
    assert ran.stdout == "well\n", ran.stderr


def test_file__that_may_not_grow_ends_alone(files: RecordingFiles, path: Path) -> None:
    """A file of its own bound (RLIMIT_FSIZE) is no full disk: the other goes on."""
    files.open(start(path, 1))
    for _ in range(10):
        files.put([piece(1)])
    files.open(start(path.with_name("2.wav"), 2))
    wait_for(lambda: path.with_name("2.wav.part").exists())
    with largest_file(3 * BYTES_PER_SECOND):
        for _ in range(10):
            files.put([piece(1)])
        (told,) = closed(files)
        assert (told.recording, told.failed) == (1, True)
        assert told.seconds == pytest.approx((3 * BYTES_PER_SECOND - HEADER_BYTES) / BYTES_PER_SECOND, abs=1e-3)
        files.put([piece(2), Ended(2, 0.2, "", ())])
        (other,) = closed(files)
    assert (other.recording, other.failed, other.seconds) == (2, False, 0.2)
    with wave.open(str(path)) as file:
        assert file.getnframes() == round(told.seconds * 8000)


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_file__whose_folder_is_gone_is_let_go(path: Path, kind: Literal["wav", "ogg"]) -> None:
    path.parent.mkdir(parents=True)
    before = descriptors()
    file = open_sound_file(path, kind)
    shutil.rmtree(path.parent)
    with pytest.raises(FileNotFoundError):
        file.close()
    assert descriptors() == before


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))



@contextmanager
def largest_file(octets: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- a slow disk -----------------------------------------------------------------------------------------------------
def test_slow_disk__never_holds_up_the_plane_and_ends_recordings(tmp_path: Path) -> None:
    """A write that hangs: the file is a pipe that nobody empties."""
    files = RecordingFiles()
    path = tmp_path / "day" / "slow.wav"
    path.parent.mkdir()
    files.open(start(path))
    part = path.with_name(path.name + PART)
    wait_for(part.exists)
    reader = blocked(files)
    longest, told = 0.0, []
    for _ in range(MOST_WAITING + 20):
        began = time.perf_counter()
        told += files.put([piece(1)])
        longest = max(longest, time.perf_counter() - began)
    assert [(one.recording, one.reason, one.failed) for one in told] == [(1, TOO_SLOW, True)]
    assert longest < 0.05
    assert [one.reason for one in files.open(start(path.with_name("next.wav"), 2))] == [TOO_SLOW]
    drain(reader)
    wait_for(lambda: not files._behind)
    files.open(start(path.with_name("later.wav"), 3))
    files.put([piece(3), Ended(3, 0.2, "", ())])
    assert [one.failed for one in closed(files)] == [False]
    files.close(5.0)


def test_slow_disk__many_that_end_at_once_are_no_slow_disk(tmp_path: Path) -> None:
    """Of each its last samples come by themselves: all together they are but one piece of all."""
    files, many = RecordingFiles(), range(1, 2 * MOST_WAITING)
    for number in many:
        files.open(start(tmp_path / "day" / f"{number}.wav", number))
    wait_for((tmp_path / "day" / f"{many[-1]}.wav{PART}").exists)
    reader = blocked(files)
    told = [one for _ in range(6) for one in files.put([piece(*many)])]     # a second: the writer hangs in the first
    told += files.put([item for number in many for item in (piece(number), Ended(number, 1.4, "", ()))])
    assert not told
    drain(reader)
    assert not any(one.failed for one in closed(files, len(many)))
    files.close(5.0)



def blocked(files: RecordingFiles) -> int:
    """Put a full pipe in the place of the file, as a disk that takes nothing; its reading end."""
    reader, writer = os.pipe()
    while select.select([], [writer], [], 0)[1]:
        os.write(writer, bytes(4096))
    file: Any = files._files[1].file
    file.write = lambda samples: os.write(writer, samples)
    return reader


def drain(reader: int) -> None:
    while select.select([reader], [], [], 0.2)[0]:
        os.read(reader, 1 << 16)
