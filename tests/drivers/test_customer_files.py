"""Files of customers: what a line may be, what is told of faulty ones, and that a change is seen."""

import asyncio
import os
from pathlib import Path

import pytest

from ivr.base.customers import Customers
from ivr.base.errors import AdminError, Fault
from ivr.drivers.customer_files import FAULTS, CustomerFiles, read_customers


def written(folder: Path, text: str) -> str:
    path = folder / "customers.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_read(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff# ours\n\n+74951234567\n8 (495) 765-43-21   # a friend\n"
                             "  +4930123456  \n+74951234567\n")
    customers, faults = read_customers(path, "RU")
    assert (len(customers), faults) == (3, [])
    assert all(number in customers for number in ("+74951234567", "+74957654321", "+4930123456"))


def test_read__faulty_lines_are_told_and_the_others_count(tmp_path: Path) -> None:
    path = written(tmp_path, "+74951234567\nno number\n84957654321\n" + "x\n" * 100)
    customers, faults = read_customers(path, "")
    assert len(customers) == 1
    assert [(fault.place.line, fault.severity) for fault in faults[:2]] == [(2, "warning"), (3, "warning")]
    assert len(faults) == FAULTS + 1
    assert faults[-1].message.startswith("82 more lines")


@pytest.mark.parametrize("data", [None, b"\xff\xfe1\x000\x00"])
def test_read__impossible(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "customers.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(AdminError):
        read_customers(str(path), "")


def test_a_change_is_seen_and_a_file_that_is_gone_keeps_its_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "+74951234567\n")
    told: list[tuple[str, int, list[Fault]]] = []
    lost: list[AdminError] = []

    def changed(path: str, customers: Customers, faults: list[Fault]) -> None:
        told.append((path, len(customers), faults))

    async def look() -> None:
        files = CustomerFiles([path], "", changed, lost.append)
        await files.look()
        assert told == []
        written(tmp_path, "+74951234567\n+74951234568\n")
        os.utime(path, (1, 1))
        await files.look()
        await files.look()
        assert told == [(path, 2, [])]
        Path(path).unlink()
        await files.look()
        assert len(lost) == 1

    asyncio.run(look())
