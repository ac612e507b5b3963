"""Files read as drafts say, in the place that says so and nowhere else."""

import threading
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.drivers.text_files import drafted, is_there, sources_of, text_of


def test_drafted__all_readers_see_the_draft_and_the_file_stays(tmp_path: Path) -> None:
    file, new = tmp_path / "bank.yaml", tmp_path / "new.yaml"
    file.write_text("old")
    with drafted({str(file): "draft", str(tmp_path / "x" / ".." / "new.yaml"): "new"}, [str(tmp_path)]):
        assert (text_of(str(file)), text_of(str(new))) == ("draft", "new")
        assert is_there(str(new))
        with drafted({str(file): "inner"}, [str(tmp_path)]):
            assert text_of(str(file)) == "inner"
        assert text_of(str(file)) == "draft"
        elsewhere: list[str] = []
        thread = threading.Thread(target=lambda: elsewhere.append(text_of(str(file))))
        thread.start()
        thread.join()
        assert elsewhere == ["old"]
    assert text_of(str(file)) == "old"
    assert not is_there(str(new))


def test_drafted__leads_to_nothing_outside(tmp_path: Path) -> None:
    menus, outside = tmp_path / "menus", tmp_path / "menus_of_others.yaml"
    menus.mkdir()
    outside.write_text("secret")
    (menus / "link.yaml").symlink_to(outside)
    text = "menus: {a: {1: {transfer: {menu: ../menus_of_others.yaml}}, 2: {transfer: {menu: link.yaml}}}}"
    bank = str(menus / "bank.yaml")
    assert set(sources_of(bank, text).texts.values()) == {"secret"}
    with drafted({bank: text}, [str(menus)]):
        assert not sources_of(bank, text).texts
        with pytest.raises(AdminError, match="outside the folders of the menus"):
            text_of(str(outside))
    assert text_of(str(outside)) == "secret"
