"""Registers of PINs on the disk, hashed for real: who is known, who may read them, and that a change is seen."""

import asyncio
import os
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.drivers import pin_file, pin_registers
from ivr.drivers.pin_file import changing, draw, number_of, read_pins, registered, weakness
from ivr.drivers.pin_registers import TOO_MANY, UNREADABLE, PinRegisters, Verdict
from ivr.menu.actions.verify import REFUSED


def put(path: Path, number: str, pin: str, name: str = "") -> None:
    with changing(path) as entries:
        one = registered(number, pin, name, "RU")
        entries[one.number] = one


def ask(registers: PinRegisters, *pairs: tuple[str, str]) -> list[Verdict]:
    async def all_of_them() -> list[Verdict]:
        return await asyncio.gather(*(registers.verify("staff", number, pin) for number, pin in pairs))

    return asyncio.run(all_of_them())


def test_verify__known_wrong_stranger_and_changed(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "staff.pins"
    put(path, "4711", "2468", "Vera")
    put(path, "8 (495) 123-45-67".replace("8 ", "+7"), "135790")
    registers = PinRegisters({"staff": str(path)})
    assert ask(registers, ("4711", "2468"), ("4711", "2469"), ("4712", "2468"), ("+74951234567", "135790")) == [
        Verdict("Vera"), Verdict(reason=REFUSED), Verdict(reason=REFUSED), Verdict("+74951234567")]
    with changing(path) as entries:
        del entries["4711"]
    assert ask(registers, ("4711", "2468")) == [Verdict(reason=REFUSED)]
    registers.close()


def test_verify__a_stranger_is_hashed_for_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "staff.pins"
    put(path, "4711", "2468")
    hashed: list[str] = []
    verify = pin_registers.verify
    monkeypatch.setattr(pin_registers, "verify", lambda known, pin: hashed.append(known) or verify(known, pin))
    registers = PinRegisters({"staff": str(path)})
    ask(registers, ("4711", "2468"), ("4712", "2468"))
    assert len(hashed) == 2
    assert {one.rsplit("$", 2)[0] for one in hashed} == {hashed[0].rsplit("$", 2)[0]}      # with the same settings


def test_verify__one_more_than_fit_fails_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_registers, "MOST_AT_ONCE", 2)
    path = tmp_path / "staff.pins"
    put(path, "4711", "2468")
    registers = PinRegisters({"staff": str(path)})
    found = ask(registers, *[("4711", "2468")] * 3)
    assert found == [Verdict("4711"), Verdict("4711"), Verdict(reason=TOO_MANY)]
    assert ask(registers, ("4711", "2468")) == [Verdict("4711")]


def test_verify__a_file_that_others_may_read_knows_nobody(tmp_path: Path) -> None:
    path = tmp_path / "staff.pins"
    put(path, "4711", "2468")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    registers = PinRegisters({"staff": str(path)})
    assert ask(registers, ("4711", "2468")) == [Verdict(reason=UNREADABLE)]
    path.chmod(0o600)
    os.utime(path, (1, 1))
    assert ask(registers, ("4711", "2468")) == [Verdict("4711")]


def test_verify__no_register_and_no_file(tmp_path: Path) -> None:
    registers = PinRegisters({"others": str(tmp_path / "none.pins"), "staff": str(tmp_path / "none.pins")})
    assert ask(registers, ("4711", "2468")) == [Verdict(reason=REFUSED)]
    assert ask(PinRegisters({}), ("4711", "2468")) == [Verdict(reason=UNREADABLE)]


def test_read__damaged(tmp_path: Path) -> None:
    path = tmp_path / "staff.pins"
    put(path, "4711", "2468")
    with path.open("a") as file:
        file.write("4712\t2468\n")
    with pytest.raises(AdminError) as caught:
        read_pins(path)
    (fault,) = caught.value.faults
    assert fault.place.line == 3
    assert "2468" not in str(fault)


def test_write__bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_file, "MOST", 1)
    path = tmp_path / "staff.pins"
    put(path, "4711", "2468")
    with pytest.raises(AdminError, match="more than the 1 that fit"):
        put(path, "4712", "2468")
    assert list(read_pins(path)) == ["4711"]


def test_registered__refuses_what_is_none() -> None:
    for number, pin, name in (("47a", "2468", ""), ("", "2468", ""), ("+7", "2468", ""), ("4711", "111", ""),
                              ("4711", "7777", ""), ("4711", "3456", ""), ("4711", "2468", "x" * 65)):
        with pytest.raises(AdminError) as caught:
            registered(number, pin, name, "RU")
        assert not pin or pin not in str(caught.value.faults[0])
    assert number_of("+7 (495) 123-45-67", "RU") == "+74951234567"


def test_draw__is_no_weak_one() -> None:
    drawn = {draw() for _ in range(200)}
    assert len(drawn) > 190
    assert not any(map(weakness, drawn))
