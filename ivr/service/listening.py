"""Opens the sockets of SIP, and says in an admin's words why one can't be opened."""

import os
from collections.abc import Iterable

from ivr.base.config_words import SipListen
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.certificates import CertificateFault
from ivr.drivers.refused_address import remedy
from ivr.drivers.sip_sockets import SipSockets


async def open_sockets(sockets: SipSockets, listens: Iterable[SipListen], place: Place) -> None:
    """Every one that the configuration at `place` names. Raises AdminError naming the one that is taken."""
    for listen in listens:
        try:
            await sockets.listen(listen)
        except CertificateFault as fault:
            raise AdminError([Fault(place, f"sip.tls: {fault}", "name a certificate and its key, as PEM")]) from None
        except OSError as error:
            # asyncio's own text for TCP names the address once more
            why = os.strerror(error.errno) if error.errno else str(error)
            raise AdminError([Fault(place, f"sip.listen: {listen} can't be opened: {why}", remedy(error))]) from None
