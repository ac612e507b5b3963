"""How files of menus and sounds stand, and what is written in them."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.base.looks import Looks
from ivr.drivers.config_file import load_config
from ivr.drivers.customer_files import read_customers
from ivr.drivers.menu_files import read_written, replace_texts, stamps
from ivr.drivers.private_files import read_private
from ivr.drivers.text_files import text_of


def test_looks__a_change_counts_when_two_in_a_row_see_it() -> None:
    looks = Looks("a")
    assert [looks.see(seen) for seen in "aabccdedd"] == [False, False, False, False, True, False, False, False, True]
    assert [looks.see(seen) for seen in "dcdd"] == [False, False, False, False]
    looks.again()
    assert looks.see("d")


def test_looks__with_nothing_taken_the_first_two_that_agree_count() -> None:
    looks: Looks[str] = Looks()
    assert [looks.see(seen) for seen in "abb"] == [False, False, True]


def test_stamps__see_menus_and_sounds_and_nothing_else(tmp_path: Path) -> None:
    menu, folder = tmp_path / "menu.yaml", tmp_path / "prompts"
    (folder / "en/queue").mkdir(parents=True)
    sound = folder / "en/queue/hold.wav"
    for file in (menu, sound, folder / "en/notes.txt", folder / "en/.hidden.wav"):
        file.write_text("x")
    (folder / "en/circle").symlink_to(folder)
    (folder / "en/itself").symlink_to(folder / "en/itself")
    before = stamps([str(menu), str(tmp_path / "none")], str(folder))
    assert {str(menu), str(tmp_path / "none"), str(sound)} <= before.keys()
    assert before[str(tmp_path / "none")] is None
    assert not any("notes" in file or "hidden" in file for file in before)
    assert stamps([str(menu), str(tmp_path / "none")], str(folder)) == before
    sound.write_text("xy")
    assert stamps([str(menu), str(tmp_path / "none")], str(folder)) != before


def make_pipe(file: Path) -> None:
    os.mkfifo(file)


def make_device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def make_folder(file: Path) -> None:
    file.mkdir()


def make_socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(file))


def make_huge(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(1 << 40)        # takes no room on the disk: a file with a hole


@pytest.mark.parametrize(("make", "says"), [
    (make_pipe, "can't be read: it is a pipe, not a file"), (make_device, "can't be read: it is a device, not a file"),
    (make_folder, "can't be read: it is a folder, not a file"), (make_socket, "can't be read"),
    (make_huge, "can't be read: it is larger than 4 MB")])
def test_text__what_is_no_file_holds_nobody_up(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    """A pipe that nobody writes to kept the thread of the watch for ever, and no change of any menu was seen again."""
    file = tmp_path / "menu.yaml"
    make(file)
    with pytest.raises(AdminError) as caught:
        text_of(str(file))
    (fault,) = caught.value.faults
    assert says in fault.message
    with pytest.raises(OSError, match=r".*"):
        read_written(str(file))
    for refused in (lambda: load_config(file), lambda: read_customers(str(file), "7"), lambda: read_private(file)):
        with pytest.raises(AdminError):
            refused()


@pytest.mark.parametrize(("content", "place", "says"), [
    ("a: 1\nб: Привет\n".encode("cp1251"), (2, 1), "looks like Windows-1251"),
    ("a: 1\r\nbb: «Привет»\r\n".encode("cp1251"), (2, 5), "is not UTF-8 text"),
    ("ы: да\n".encode() + b"a: \xff", (2, 4), "is not UTF-8 text"),
    ("a: 1".encode("utf-16"), (0, 0), "UTF-16")])
def test_text__in_another_encoding(tmp_path: Path, content: bytes, place: tuple[int, int], says: str) -> None:
    file = tmp_path / "menu.yaml"
    file.write_bytes(content)
    with pytest.raises(AdminError) as caught:
        text_of(str(file))
    (fault,) = caught.value.faults
    assert (fault.place.line, fault.place.column) == place
    assert says in fault.message


def test_text__of_windows(tmp_path: Path) -> None:
    file = tmp_path / "menu.yaml"
    file.write_bytes("\ufefflanguages: [en]\r\nstart: main\r\n".encode())
    assert text_of(str(file)) == read_written(str(file)).text == "languages: [en]\nstart: main\n"


def test_replace_text__keeps_rights_and_follows_links(tmp_path: Path) -> None:
    file, link = tmp_path / "menu.yaml", tmp_path / "link.yaml"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_texts({str(link): "новый"})
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    written = read_written(str(link))
    assert (written.text, written.changed_ns) == ("новый", os.stat(file).st_mtime_ns)
    assert written.author
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UnicodeDecodeError):
        read_written(str(file))
