"""first-passwords.txt: the passwords that the service made, for the person who hands them out.

    anna      phone   x7k2…
    anna      web     m3pq…

Lines of accounts that are gone, or have a newer password, are dropped; what the admin deleted does not come back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.drivers.private_files import read_private, write_private

HEAD = """\
# Passwords that this hotline made. Hand them out, then delete this file: the service does not need it
# (only `hotline dial` looks here for the one of `softphone`).
# phone: password of the SIP account of that name.   web: password of that login at the web API.
# To choose one yourself, or a new one after a loss, name a file that holds it in config.yaml: `phone_password_file` or
# `web_password_file` of an operator, `password_file` of an account or of one of `people`, `admin_password_file` under
# `web`. Who has logged in may choose their own, and the line here goes. Administrators make new ones
# at the page Admin, People.
#
"""


@dataclass(frozen=True)
class FirstPassword:
    """A password in plain text: `owner` is the account's name, `use` is "phone" or "web"."""

    owner: str
    use: str
    password: str = field(repr=False)


def read(path: Path) -> list[FirstPassword]:
    """What stands in the file; nothing where it was deleted."""
    rows = (line.split() for line in (read_private(path) or "").splitlines() if not line.startswith("#"))
    return [FirstPassword(*row) for row in rows if len(row) == 3]


def update(path: Path, made: Iterable[FirstPassword], owners: set[tuple[str, str]]) -> None:
    """Add what was made and drop what is no longer true; `owners`: every (name, use) that has a made password."""
    made = list(made)
    newer = {(one.owner, one.use) for one in made}
    kept = [one for one in read(path) if (one.owner, one.use) in owners - newer]
    if made or path.exists():
        lines = (f"{one.owner:<32}  {one.use:<6}  {one.password}\n" for one in [*kept, *made])
        write_private(path, HEAD + "".join(lines))
