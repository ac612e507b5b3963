"""How files of menus and sounds stand, and what is written in them."""

import os
from pathlib import Path

import pytest

from ivr.base.looks import Looks
from ivr.drivers.menu_files import read_written, replace_text, stamps


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


def test_replace_text__keeps_rights_and_follows_links(tmp_path: Path) -> None:
    file, link = tmp_path / "menu.yaml", tmp_path / "link.yaml"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_text(str(link), "новый")
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    written = read_written(str(link))
    assert (written.text, written.changed_ns) == ("новый", os.stat(file).st_mtime_ns)
    assert written.author
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UnicodeDecodeError):
        read_written(str(file))
