"""How many planes there are: what is configured, what the machine has, what a container grants."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.base.config import Config
from ivr.base.config_words import PortRange
from ivr.base.media_checks import media_faults
from ivr.drivers.cores import MOST, quota, usable_cores, workers


def config(**media: object) -> Config:
    return Config.model_validate({"lines": [{"numbers": ["100"], "menu": "bank.yaml"}], "media": media})


@pytest.mark.parametrize(("cores", "planes"), [(1, 1), (2, 1), (3, 2), (8, 7), (64, 10)])
def test_auto__all_cores_but_one_and_fifty_pairs_for_each(cores: int, planes: int) -> None:
    assert workers(config().media, cores) == planes         # of the 500 pairs of the default


def test_workers__as_configured() -> None:
    assert [workers(config(workers=given).media, 2) for given in ("1", "3", 64)] == [1, 3, 64]
    assert 1 <= workers(config().media) <= max(1, usable_cores() - 1)


@pytest.mark.parametrize("given", ["0", "65", "-1", "2.0", "many", "", "²", None])
def test_workers__what_is_no_number_of_processes(given: object) -> None:
    with pytest.raises(ValidationError, match="not a number of processes"):
        config(workers=given)


@pytest.mark.parametrize(("given", "faulty"), [("62", False), ("63", True), ("auto", False), ("1", False)])
def test_workers__each_needs_a_few_ports(given: str, faulty: bool) -> None:
    assert [path for path, *_ in media_faults(config(workers=given))] == [("media", "workers")] * faulty


@pytest.mark.parametrize(("pairs", "parts"), [(500, 1), (500, 3), (7, 7), (8, 3)])
def test_ports__are_divided_without_gaps(pairs: int, parts: int) -> None:
    whole = PortRange(16_384, 16_383 + 2 * pairs)
    shares = [whole.share(part, parts) for part in range(parts)]
    assert [share.first for share in shares] == [whole.first, *(share.last + 1 for share in shares[:-1])]
    assert shares[-1].last == whole.last
    assert {share.pairs - pairs // parts for share in shares} <= {0, 1}


@pytest.mark.parametrize(("group", "own", "above", "granted"), [
    ("/a/b", "150000 100000", "max 100000", 2), ("/a/b", "400000 100000", "100000 100000", 1),
    ("/a/b", "max 100000", "max 100000", MOST), ("/a/b", "rubbish", "1 0", MOST), ("/a/../b", "max", "", MOST)])
def test_quota__of_the_group_and_those_above_it(tmp_path: Path, group: str, own: str, above: str, granted: int) -> None:
    (tmp_path / "fs/a/b").mkdir(parents=True)
    (tmp_path / "fs/a/b/cpu.max").write_text(own)
    (tmp_path / "fs/a/cpu.max").write_text(above)
    (tmp_path / "own").write_text(f"1:name=systemd:/\n0::{group}\n")
    assert quota(tmp_path / "own", tmp_path / "fs") == granted


def test_quota__without_cgroups(tmp_path: Path) -> None:
    assert quota(tmp_path / "nothing", tmp_path) == MOST
    (tmp_path / "own").write_text("1:name=systemd:/\n")
    assert quota(tmp_path / "own", tmp_path) == MOST
