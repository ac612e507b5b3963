"""What the files of menus say now, with the texts that it was read from."""

from collections.abc import Iterable
from dataclasses import replace

from ivr.drivers.menu_files import read_written
from ivr.exchange.editions import MenuChange, Text
from ivr.menu.loader import version_of
from ivr.service.loading import Loaded, load_house, others


def read_change(config_file: str, running: Loaded) -> tuple[Loaded, MenuChange] | None:
    """Read and check everything again; None if a file changed meanwhile. For a thread. Raises AdminError."""
    before = _texts(others(running.config))
    loaded = load_house(config_file, running=running)
    change = change_of(loaded)
    return None if change is None or before != _texts(others(loaded.config)) else (loaded, change)


def change_of(loaded: Loaded) -> MenuChange | None:
    """What was loaded, with the texts that it was read from; None where they are others by now. For a thread."""
    versions = {file.path: file.version for menu in loaded.menus.values() for file in menu.files}
    versions[str(loaded.config.prompts.announcements)] = loaded.announcements.version
    read, around = _texts(versions), _texts(others(loaded.config))
    if read is None or around is None or any(read[path].version != version for path, version in versions.items()):
        return None
    for path, menu in loaded.menus.items():
        if len(menu.files) > 1:
            files = {file.path: file.version for file in menu.files}
            changed_ns = max(read[file].changed_ns for file in files)
            read[path] = replace(read[path], version=menu.version, files=files, changed_ns=changed_ns)
    return MenuChange(loaded.menus, loaded.announcements, loaded.clips, loaded.encoded_clips, {**read, **around},
                      tuple(text.version for text in around.values()), loaded.hours)


def _texts(files: Iterable[str]) -> dict[str, Text] | None:
    """None if one of them can't be read."""
    texts: dict[str, Text] = {}
    for path in files:
        try:
            written = read_written(path)
        except (OSError, UnicodeDecodeError):
            return None
        texts[path] = Text(written.text, version_of(written.text), written.author, written.changed_ns)
    return texts
