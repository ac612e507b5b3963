"""What the gate is told at its start."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GateSettings:
    """Who may talk to the endpoint at all, and how much of strangers is listened to."""

    allow: tuple[str, ...] = ()
    """Networks that may talk; none named: all."""

    deny: tuple[str, ...] = ()
    """Networks that are not heard, whatever `allow` says."""

    requests_per_second: float = 20.0
    """Of one stranger's address. Behind a NAT that may be an office: 200 may come at once, and from the first phone
    that has registered on, it is 20 times as much. A call of a stranger takes 2."""

    pause: float = 300.0
    """s for which a source is put aside that guesses, scans or floods. Calls it has go on."""

    max_half_open: int = 200
    """Calls of strangers that are not acknowledged yet; one more is refused with 503. Half of all calls leaves the
    other half to trunks, phones, and strangers who are there."""

    max_sources: int = 10_000
    """Addresses that are watched, some 200 bytes each. At the bound those known stay, and all others share one budget;
    invented addresses leave the table after 10 s."""
