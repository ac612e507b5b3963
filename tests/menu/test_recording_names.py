"""Which prompt a recording is for, by its name, and what is said of one that no prompt takes."""


import pytest

from ivr.menu.needed_clips import NeededClip
from ivr.menu.recording_names import RecordingNames

CLIPS = ("en/welcome.wav", "ru/welcome.wav", "en/goodbye.wav", "ru/goodbye.wav", "en/queue/goodbye.wav",
         "ru/queue/goodbye.wav", "en/queue/place_1.wav", "ru/queue/place_1.wav", "en/queue/place_10.wav",
         "ru/own/anna.mp3", "en/only_english.wav", "ru/words/двадцать.wav")
NEEDED = [NeededClip(clip, clip[:2], "Text") for clip in CLIPS] + [NeededClip("music/hold.wav", "", "")]


@pytest.mark.parametrize(("recording", "clip"), [
    ("en/welcome.wav", "en/welcome.wav"),
    ("en/welcome.mp3", "en/welcome.wav"),
    ("EN/Welcome.WAV", "en/welcome.wav"),
    ("welcome_en.flac", "en/welcome.wav"),
    ("ru-welcome.wav", "ru/welcome.wav"),
    ("Welcome (RU).ogg", "ru/welcome.wav"),
    ("studio/session 2/ru/welcome.wav", "ru/welcome.wav"),
    ("ru/final takes/welcome.wav", "ru/welcome.wav"),
    ("07_welcome_ru.wav", "ru/welcome.wav"),
    ("en/03 - place 1.wav", "en/queue/place_1.wav"),
    ("en/goodbye.wav", "en/goodbye.wav"),
    ("en/queue/goodbye.wav", "en/queue/goodbye.wav"),
    ("queue goodbye en.wav", "en/queue/goodbye.wav"),
    ("place_1_ru.wav", "ru/queue/place_1.wav"),
    ("en/place-10.wav", "en/queue/place_10.wav"),
    ("anna.wav", "ru/own/anna.mp3"),
    ("only english.wav", "en/only_english.wav"),
    ("ru/words/Двадцать.wav", "ru/words/двадцать.wav"),
    ("hold.ogg", "music/hold.wav"),
    ("music/hold.wav", "music/hold.wav"),
])
def test_match__names_as_studios_write_them(recording: str, clip: str) -> None:
    found = RecordingNames(NEEDED).match([recording])
    assert found.clips == {recording: clip}
    assert found.unmatched == []


@pytest.mark.parametrize(("recording", "message", "remedy"), [
    ("welcome.wav", "it could be several prompts: en/welcome.wav, ru/welcome.wav",
     "put it into a folder of its language, or say --language"),
    ("place_1.wav", "it could be several prompts: en/queue/place_1.wav, ru/queue/place_1.wav",
     "put it into a folder of its language, or say --language"),
    ("en/wellcome.wav", "no prompt has this name", "did you mean `en/welcome.wav`? name it so"),
    ("wellcome_ru.wav", "no prompt has this name", "did you mean `ru/welcome.wav`? name it so"),
    ("en/only_englisch.wav", "no prompt has this name", "did you mean `en/only_english.wav`? name it so"),
    ("ru/only_english.wav", "no prompt has this name", "name it as its prompt, such as en/welcome.wav"),
    ("en/fish.wav", "no prompt has this name", "name it as its prompt, such as en/welcome.wav"),
    (".wav", "no prompt has this name", "name it as its prompt, such as en/welcome.wav"),
    ("en/place_.wav", "no prompt has this name", "did you mean `en/queue/place_1.wav`? name it so"),
])
def test_match__what_is_nobodys(recording: str, message: str, remedy: str) -> None:
    found = RecordingNames(NEEDED).match([recording])
    assert found.clips == {}
    ((nobodys),) = found.unmatched
    assert (nobodys.recording, nobodys.message, nobodys.remedy) == (recording, message, remedy)


def test_match__a_language_may_be_said_for_names_that_tell_none() -> None:
    found = RecordingNames(NEEDED, "ru").match(["welcome.wav", "place_1.wav", "goodbye.wav", "en/welcome.wav"])
    assert found.clips == {"welcome.wav": "ru/welcome.wav", "place_1.wav": "ru/queue/place_1.wav",
                           "goodbye.wav": "ru/goodbye.wav", "en/welcome.wav": "en/welcome.wav"}


def test_match__of_two_for_one_prompt_none_is_taken() -> None:
    found = RecordingNames(NEEDED).match(["en/welcome.wav", "en/take2/welcome.mp3", "en/goodbye.wav"])
    assert found.clips == {"en/goodbye.wav": "en/goodbye.wav"}
    assert [(one.recording, one.message) for one in found.unmatched] == [
        ("en/take2/welcome.mp3", "en/welcome.wav would be en/welcome.wav too"),
        ("en/welcome.wav", "en/take2/welcome.mp3 would be en/welcome.wav too")]


def test_match__a_name_in_one_folder_of_a_language_that_means_two_prompts() -> None:
    needed = [NeededClip("en/a/menu.wav", "en", "x"), NeededClip("en/b/menu.wav", "en", "y")]
    (nobodys,) = RecordingNames(needed).match(["en/menu.wav"]).unmatched
    assert nobodys.message == "it could be several prompts: en/a/menu.wav, en/b/menu.wav"
    assert nobodys.remedy == "name it as one of them"


def test_match__thousands_of_recordings() -> None:
    needed = [NeededClip(f"en/prompt_{number}.wav", "en", "x") for number in range(500)]
    recordings = [f"en/prompt_{number}.wav" for number in range(500)]
    strangers = [f"en/IMG {number:05} holiday.wav" for number in range(3000)]
    found = RecordingNames(needed).match([*recordings, *strangers])
    assert len(found.clips) == 500
    assert len(found.unmatched) == 3000
