"""The second look at tests that failed: what it lets pass, and what not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ONCE = """
from pathlib import Path
def test_once():
    seen = Path("seen")
    first = not seen.exists()
    seen.touch()
    assert not first
"""
HOLDS, FAILS, BROKEN = "def test_holds(): pass\n", "def test_fails(): assert False\n", "import nothing_of_this_name\n"


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "tests.support.suite", *arguments], cwd=folder, capture_output=True,
                          text=True, check=False, timeout=60, env={"PYTHONPATH": str(ROOT), "PATH": ""})
    return done.returncode, done.stdout


@pytest.mark.parametrize(("tests", "part", "again", "says"), [
    ({"test_a.py": HOLDS}, 0, 0, ""),
    ({"test_a.py": HOLDS, "test_b.py": ONCE}, 0, 0, "test_b.py::test_once"),
    ({"test_a.py": FAILS, "test_b.py": ONCE}, 0, 1, "failed alone, too"),
    ({f"test_{number}.py": FAILS for number in range(6)}, 1, 1, "no accident"),
    ({"test_a.py": BROKEN}, 2, 2, "test_a.py"),
], ids=["all hold", "one fails once", "one fails always", "too many", "not a test file"])
def test_suite__a_few_failures_have_a_second_look_alone(tmp_path: Path, tests: dict[str, str], part: int, again: int,
                                                        says: str) -> None:
    for name, content in tests.items():
        (tmp_path / name).write_text(content)
    assert run(tmp_path, "part", "one", "-q", ".")[0] == part
    code, said = run(tmp_path, "again")
    assert code == again
    assert says in said


def test_suite__failures_of_all_parts_count_together(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"test_{number}.py").write_text("import pytest\n@pytest.mark.parametrize('n', range(3))\n"
                                                    "def test_fails(n): assert False\n")
        assert run(tmp_path, "part", str(number), "-q", f"test_{number}.py")[0] == 0
    code, said = run(tmp_path, "again")
    assert code == 1
    assert "no accident" in said


def test_suite__an_older_run_of_a_part_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(FAILS)
    assert run(tmp_path, "part", "one", "-q", ".")[0] == 0
    (tmp_path / "test_a.py").write_text(HOLDS)
    assert run(tmp_path, "part", "one", "-q", ".")[0] == 0
    assert run(tmp_path, "again") == (0, "")
