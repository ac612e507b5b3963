"""A file that root writes into somebody's folder is theirs."""

import os
from pathlib import Path

import pytest

from ivr.drivers.private_files import read_private, write_private


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_write__as_root_into_the_folder_of_the_service(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    write_private(tmp_path / "orders.json", "{}")
    status = (tmp_path / "orders.json").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12345, 12346, 0o600)
    assert read_private(tmp_path / "orders.json") == "{}"
