"""docs/interop.md: every cell names scenes that are played, or says why there is none."""

import re

import pytest

from tests.phones import test_phone_codecs, test_phone_kinds, test_phone_srtp
from tests.phones.features import ALL
from tests.support.service import ROOT

REASONS = ("the client can't", "not tried")
PLAYED = {scene.__name__ for scene in (*ALL, *test_phone_kinds.SCENES, *test_phone_srtp.SCENES,
                                       *test_phone_codecs.SCENES)}
ROWS = [[cell.strip() for cell in line.strip("|\n").split("|")]
        for line in (ROOT / "docs/interop.md").read_text().splitlines() if line.startswith("| ")][1:]
SCENE = re.compile(r"`([a-z0-9]+_[a-z0-9_]+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_cells(row: list[str]) -> None:
    for cell in row[1:]:
        named = set(SCENE.findall(cell))
        assert named <= PLAYED
        assert named or cell.startswith(REASONS), cell


def test_every_scene_is_in_the_table() -> None:
    named = {name for row in ROWS for cell in row for name in SCENE.findall(cell)}
    assert {scene.__name__ for scene in ALL} - named == set()
