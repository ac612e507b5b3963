"""Calls in progress, as people name them."""

from collections.abc import Iterable

from ivr.drivers.control_link import ControlRefused


def only_call(calls: Iterable[str], beginning: str) -> str:
    """The one call whose id begins so. Raises ControlRefused if there is none, or several."""
    found = [call for call in calls if call.startswith(beginning)]
    if len(found) != 1 or not beginning:
        what = "no call in progress begins" if not found else f"{len(found)} calls in progress begin"
        raise ControlRefused("unknown_call", f"{what} with {beginning!r}")
    return found[0]
