"""What users get is what the source says: the built pages travel in the repository and in the package, and nobody needs
node to run the hotline."""

import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES, BUILT = ROOT / "desk/pages", ROOT / "desk/built"
SOURCES = ("index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts")
REMEDY = "the pages were not built of this source: make pages"


def files_in(path: Path) -> Iterator[Path]:
    yield from [path] if path.is_file() else (each for each in path.rglob("*") if each.is_file())


def source_hash() -> str:
    """As vite.config.ts reckons it."""
    hash_of = hashlib.sha256()
    for path in sorted(str(path) for name in SOURCES for path in files_in(PAGES / name)):
        hash_of.update(f"{Path(path).relative_to(PAGES)}\0".encode() + Path(path).read_bytes() + b"\0")
    return hash_of.hexdigest()


def test_built__is_of_this_source() -> None:
    assert (BUILT / "source.txt").read_text().strip() == source_hash(), REMEDY


@pytest.mark.timeout(120)
def test_built__another_build_gives_the_same_octets(tmp_path: Path) -> None:
    if not (PAGES / "node_modules").exists() or shutil.which("npx") is None:
        assert not os.environ.get("CI"), "CI must have built the pages: make desk/pages/node_modules/.installed"
        pytest.skip("node is not here, and users need none")
    subprocess.run(["npx", "vite", "build", "--logLevel", "warn"], cwd=PAGES, check=True, timeout=110,
                   env={**os.environ, "HOTLINE_PAGES_OUT": str(tmp_path / "built")}, stdout=subprocess.DEVNULL)
    names = sorted(str(path.relative_to(BUILT)) for path in files_in(BUILT))
    assert names == sorted(str(path.relative_to(tmp_path / "built")) for path in files_in(tmp_path / "built")), REMEDY
    assert filecmp.cmpfiles(BUILT, tmp_path / "built", names, shallow=False)[1:] == ([], []), REMEDY


def test_built__every_file_is_there_and_none_is_fetched_from_elsewhere() -> None:
    page = (BUILT / "index.html").read_text()
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) >= 3
    assert all((BUILT / name.lstrip("/")).is_file() for name in named)
    manifest = json.loads((BUILT / "manifest.json").read_text())
    files = {name for entry in manifest.values() for name in (entry["file"], *entry.get("css", ()))}
    assert len(files) > 5
    assert all((BUILT / name).is_file() for name in files)
    assert "<script>" not in page
    assert " style=" not in page


@pytest.mark.timeout(120)
def test_wheel__carries_the_pages_and_not_their_source(tmp_path: Path) -> None:
    copied = tmp_path / "tree"
    copied.mkdir()
    for name in ("ivr", "routing", "desk"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, copied / name)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                    "--wheel-dir", str(tmp_path), str(copied)], check=True, timeout=110)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        inside = {name: opened.read(name) for name in opened.namelist() if name.startswith("desk/")}
    for path in files_in(BUILT):
        assert inside[f"desk/built/{path.relative_to(BUILT)}"] == path.read_bytes()
    assert not [name for name in inside if name.startswith("desk/pages/")]
    assert not [name for name in inside if name.endswith((".ts", ".tsx"))]
