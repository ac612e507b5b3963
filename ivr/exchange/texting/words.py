"""The words of clips, for who reads what others hear: announcements, and prompts that queues name."""

from collections import OrderedDict
from collections.abc import Mapping

from ivr.call.settings import CallSettings
from ivr.menu.text.written import texts_of

NO_FILES = {"en": "No pictures or files arrive here: please write what it is about.",
            "ru": "Картинки и файлы сюда не доходят: напишите, пожалуйста, в чём дело."}
MOST = 32                   # editions whose texts are kept; versions are hashes, so a text is never an old one
_known: OrderedDict[tuple[str, str], Mapping[str, str]] = OrderedDict()


def words_of(settings: CallSettings, clips: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of these clips; a sound without one, such as music, says nothing."""
    known = _texts(settings)
    found = (known.get(clip, "") for clip in clips)
    return tuple(text for text in found if text)


def no_files(language: str) -> str:
    """What is said to who has sent a file by a channel that takes none."""
    return NO_FILES["ru" if language.lower().startswith("ru") else "en"]


def _texts(settings: CallSettings) -> Mapping[str, str]:
    key = settings.menu.version, settings.announcements.version
    if key not in _known:
        _known[key] = {**texts_of(settings.announcements), **texts_of(settings.menu)}
        while len(_known) > MOST:
            _known.popitem(last=False)
    return _known[key]
