"""What a control process is given by its parent: sockets, memory, and what it waits for. As JSON in `--inherited`:

    {"sockets": [{"transport": "udp", "host": "0.0.0.0", "port": 5060, "fd": 7}], "journals": [9, 10], "heir": 12}
"""

import json
import os
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class InheritedSocket:
    """One socket that is open: bound, and where it is a stream's listening. `transport` as in `sip.listen`."""

    transport: str
    host: str
    port: int
    fd: int


@dataclass(frozen=True)
class Inherited:
    """`journals`: two memories without names that outlive control. `heir`: the end of a pipe that tells a spare to take
    over, and None for one that begins at once."""

    sockets: tuple[InheritedSocket, ...]
    journals: tuple[int, ...]
    heir: int | None = None

    @property
    def fds(self) -> tuple[int, ...]:
        """Every one that is named here."""
        heir = () if self.heir is None else (self.heir,)
        return (*(each.fd for each in self.sockets), *self.journals, *heir)

    def text(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def taken(cls, text: str) -> "Inherited":
        """What `text` said, in the process that it was said to; what that starts does not inherit it once more.

        The parent may be of an older or a newer version: what it says besides is left out.
        """
        said = json.loads(text)
        names = InheritedSocket.__dataclass_fields__
        sockets = tuple(InheritedSocket(**{name: each[name] for name in names}) for each in said["sockets"])
        inherited = cls(sockets, tuple(said["journals"]), said["heir"])
        for fd in inherited.fds:
            os.set_inheritable(fd, False)
        return inherited
