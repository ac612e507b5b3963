"""Downloads the wheels of all dependencies for one version of Python: `python -m bench.wheels 3.13`.

They land in `wheels/<version>`. Exit code 1, naming the package, if one has no wheel for that version: then a newcomer
with that Python would need a compiler. Runs on any version; pip itself reads the markers of dependencies of
dependencies for the Python that it runs on, which ours have no need of.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
EXTRAS = ("opus", "postgresql", "softphone")
MISSING = re.compile(r"No matching distribution found for (\S+)")


def requirements(version: str, extras: tuple[str, ...] = EXTRAS) -> list[str]:
    """What pyproject.toml asks for under this version of Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    read = [Requirement(each) for each in asked]
    environment = {"python_version": version, "python_full_version": f"{version}.0"}
    return sorted({f"{each.name}{'[' + ','.join(each.extras) + ']' if each.extras else ''}{each.specifier}"
                   for each in read if each.marker is None or each.marker.evaluate(environment)})


def download(version: str) -> str:
    """Fetch them; what has no wheel, or ""."""
    target = ROOT / "wheels" / version
    done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                           "--only-binary", ":all:", "--python-version", version, "--dest", str(target),
                           *requirements(version)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    found = MISSING.search(done.stderr)
    return found[1] if found is not None else done.stderr.strip()[-500:]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.wheels", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version", help="such as 3.13")
    version = parser.parse_args().version
    lacking = download(version)
    if lacking:
        print(f"Python {version}: no wheel for {lacking}", file=sys.stderr)
        return 1
    print(f"Python {version}: {len(list((ROOT / 'wheels' / version).glob('*.whl')))} wheels, no compiler needed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
