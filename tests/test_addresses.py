"""Tests that start services run beside one another: none may take another's address."""

import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
APART = ("attack", "faults", "interop")         # jobs of the Makefile in which files come one after the other
ALONE = ({"test_phone_endings.py", "test_phone_srtp.py"}, {"test_cli_records.py", "test_phone_refreshes.py"})
OWN = re.compile(r'(?:host=|HOST = )"(127\.0\.\d+\.\d+)"')


def test_addresses__no_two_files_that_run_at_once_share_one() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for path in (*HERE.rglob("test_*.py"), *HERE.rglob("pages/conftest.py")):
        part = path.relative_to(HERE).parts[0]
        for host in OWN.findall(path.read_text()):
            owners[host].add(part if part in APART else path.name)
    shared = {host: names for host, names in owners.items() if len(names - {*APART}) > 1}
    assert len(owners) > 10
    assert all(names in ALONE for names in shared.values()), shared
