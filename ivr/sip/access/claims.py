"""Whether a caller claims to be one of our phones, and so must prove it.

Which names exist must not be seen from outside. So it is the domain that is challenged and not the name: in our own
domain nobody calls without a password, and in others our names are as good as any. Two exceptions, where nobody from
outside looks on: a caller on this machine, and one at an address from which a phone has registered. Our domain is our
address and the realm; accounts that call without registering, under a name of DNS, need that name as the realm.
"""

from collections.abc import Callable, Container

from ivr.sip.message.message import Request
from ivr.sip.transport.flow import Flow


class Claims:
    """`advertised` gives our address as a remote one sees it; `is_home` knows the addresses of registered phones."""

    def __init__(self, accounts: Container[str], realm: str, advertised: Callable[[str], str],
                 is_home: Callable[[str], bool]) -> None:
        self._accounts = accounts
        self._realm = realm
        self._advertised = advertised
        self._is_home = is_home

    def must_prove(self, request: Request, flow: Flow) -> bool:
        """Whether this INVITE of somebody who is no trunk is answered with a challenge."""
        claimed, remote = request.from_.uri, flow.remote[0]
        ours = self._advertised(remote)
        if remote == ours or self._is_home(remote):
            return claimed.plain_user in self._accounts
        if not claimed.plain_user:
            return False                # `sip:hotline` alone names nobody
        return claimed.host.lower() in (ours, self._realm.lower())
