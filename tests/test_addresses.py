"""Tests that start services run beside one another: none may take another's address."""

import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
# Jobs of the Makefile in which the files of these folders come one after the other.
JOBS = {"attack": "cutting", "faults": "cutting", "interop": "loose"}
ALONE = ({"test_phone_endings.py", "test_phone_srtp.py"}, {"test_cli_records.py", "test_phone_refreshes.py"})
OWN = re.compile(r'(?:host=|HOST = )"(127\.0\.\d+\.\d+)"')


def test_addresses__no_two_files_that_run_at_once_share_one() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for path in (*HERE.rglob("test_*.py"), *HERE.rglob("pages/conftest.py")):
        part = path.relative_to(HERE).parts[0]
        for host in OWN.findall(path.read_text()):
            owners[host].add(JOBS.get(part, path.name))
    jobs = {*JOBS.values()}
    shared = {host: names for host, names in owners.items() if len(names - jobs) > 1 or names >= jobs}
    assert len(owners) > 10
    assert all(names in ALONE for names in shared.values()), shared
