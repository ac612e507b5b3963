"""One hotline to a state folder."""

import os
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.drivers.sole import NAME, sole


def test_sole__a_second_one_is_told_who_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with sole(folder):
        with pytest.raises(AdminError, match=rf"a hotline runs here already \(process {os.getpid()}\)"), sole(folder):
            pass
        assert (folder / NAME).read_text() == f"{os.getpid()}\n"
    with sole(folder):      # the first has gone
        pass


def test_sole__a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(AdminError, match=rf"{tmp_path}/{NAME}: error: it can't be written: Is a directory"), \
            sole(tmp_path):
        pass
