"""`hotline pins`: registers of those who are known by a number and a PIN."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import counted, progress

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.drivers.pin_file import Registered

pins = typer.Typer(no_args_is_help=True, help="Registers of PINs, for `verify` in menus: who is in them, and changes.")

RegisterOption = Annotated[str, typer.Option("--register", "-r", help="Of `pins` in the configuration; needed where "
                                                                       "there are several.")]
Number = Annotated[str, typer.Argument(help="What the caller types; or +74951234567 for who is known by the number "
                                            "that they call from.", show_default=False)]


@pins.command("set")
def set_command(
    number: Number,
    register: RegisterOption = "",
    name: Annotated[str, typer.Option("--name", help="Who records say it was; without it the number.")] = "",
    random: Annotated[bool, typer.Option("--random", help="Draw a PIN and show it, this once.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Take somebody in, or give them another PIN. It is asked for unseen, twice."""
    from ivr.drivers.pin_file import changing, draw, number_of, registered

    loaded, path = _register(config, register)
    number_of(number, loaded.country)       # said before a PIN is asked for
    pin = draw() if random else typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    with changing(path) as entries:
        before = entries.get(number_of(number, loaded.country))
        made = registered(number, pin, name or (before.name if before is not None else ""), loaded.country)
        entries[made.number] = made
    typer.echo(f"{made.number}{f' ({made.name})' if made.name != made.number else ''} has "
               f"{'another PIN' if before is not None else 'a PIN'} now")
    if random:
        typer.echo(f"PIN: {pin} (nobody can show it again)")


@pins.command("remove")
def remove_command(number: Number, register: RegisterOption = "", config: ConfigOption = CONFIG) -> None:
    """Take somebody out."""
    from ivr.drivers.pin_file import changing, number_of

    loaded, path = _register(config, register)
    wanted = number_of(number, loaded.country)
    with changing(path) as entries:
        if wanted not in entries:
            raise AdminError([Fault(Place(str(path)), f"{wanted} is not in this register", "hotline pins list")])
        del entries[wanted]
    typer.echo(f"{wanted} is out")


@pins.command("list")
def list_command(register: RegisterOption = "", config: ConfigOption = CONFIG) -> None:
    """Numbers and names; PINs are known to nobody."""
    from ivr.cli.table import Narrow, print_table
    from ivr.drivers.pin_file import read_pins

    _, path = _register(config, register)
    rows = [{"number": one.number, "name": one.name} for _, one in sorted(read_pins(path).items())]
    print_table(str(path), {"number": "number", "name": "name"}, rows, Narrow(cut=("name",)))


@pins.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="Lines of `number,PIN` or `number,PIN,name`.", show_default=False)],
    register: RegisterOption = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take all others out.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Take many in at once; all of them, or none if a line is wrong. Delete the file afterwards: it holds PINs."""
    from ivr.drivers.pin_file import changing

    loaded, path = _register(config, register)
    wanted = list(_lines(file, loaded.country))
    made = _hashed(wanted, loaded.country)
    with changing(path) as entries:
        if replace:
            entries.clear()
        entries.update({one.number: one for one in made})
    typer.echo(f"{counted(len(made), 'PIN')} taken in, {len(entries)} in the register; now delete {file}")


def _register(config: Path, name: str) -> "tuple[Config, Path]":
    from ivr.drivers.config_file import load_config

    loaded = load_config(config)
    if not loaded.pins:
        raise AdminError([Fault(Place(str(config)), "names no register of PINs",
                                "pins: {customers: {file: secrets/customers.pins}}")])
    if not name and len(loaded.pins) > 1:
        raise typer.BadParameter(f"one of {', '.join(loaded.pins)}", param_hint="--register")
    name = name or next(iter(loaded.pins))
    if name not in loaded.pins:
        raise typer.BadParameter(f"there is no register {name}: {did_you_mean(name, loaded.pins)}",
                                 param_hint="--register")
    return loaded, Path(loaded.pins[name].file)


def _lines(file: Path, country: str) -> Iterator[tuple[str, str, str]]:
    """Number, PIN and name. Raises AdminError with each line that is wrong, and no PIN of it."""
    from ivr.drivers.pin_file import MOST, NAME, number_of, weakness
    from ivr.drivers.text_files import text_of

    faults: list[Fault] = []
    found: dict[str, tuple[str, str, str]] = {}
    for count, line in enumerate(text_of(str(file)).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        number, pin, name = (*(part.strip() for part in line.split(",", 2)), "", "")[:3]
        place = Place(str(file), count, 1)
        try:
            number = number_of(number, country)
        except AdminError as error:
            faults.append(Fault(place, *(lambda one: (one.message, one.remedy))(error.faults[0])))
            continue
        trouble = weakness(pin) or ("" if not name or NAME.fullmatch(name) else "this can't be a name")
        if trouble or number in found:
            faults.append(Fault(place, trouble or "the number stands twice", "number,PIN or number,PIN,name"))
        found[number] = (number, pin, name)
    if not found or len(found) > MOST:
        faults.append(Fault(Place(str(file)), f"{len(found)} entries: from 1 to {MOST} can be taken in"))
    if faults:
        raise AdminError(faults[:50])
    yield from found.values()


def _hashed(wanted: list[tuple[str, str, str]], country: str) -> "list[Registered]":
    """Some fifty in a second and core."""
    from ivr.drivers.cores import usable_cores
    from ivr.drivers.pin_file import registered

    made: list[Registered] = []
    with ThreadPoolExecutor(usable_cores()) as pool, progress("hashing") as advance:
        for one in pool.map(lambda one: registered(one[0], one[1], one[2], country), wanted):
            made.append(one)
            advance(len(made), len(wanted), one.number)
    return made
