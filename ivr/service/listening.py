"""SIP's sockets: the parent opens them, and says in an admin's words why one can't be opened; control adopts them.

They outlive control: what comes while none lives waits in the kernel and is read by the next one.
"""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from ivr.base.config_words import SipListen
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.certificates import CertificateFault
from ivr.drivers.refused_address import remedy
from ivr.drivers.sip_sockets import SipSockets, open_socket
from ivr.service.inherited import InheritedSocket


@contextmanager
def opened(listens: Iterable[SipListen], place: Place) -> Iterator[list[tuple[SipListen, socket.socket]]]:
    """Every one that the configuration at `place` names, open for the block. Raises AdminError naming the one that is
    taken."""
    with ExitStack() as stack:
        yield [(listen, stack.enter_context(_opened(listen, place))) for listen in listens]


def _opened(listen: SipListen, place: Place) -> socket.socket:
    try:
        return open_socket(listen)
    except OSError as error:
        # the text for TCP names the address once more
        why = os.strerror(error.errno) if error.errno else str(error)
        raise AdminError([Fault(place, f"sip.listen: {listen} can't be opened: {why}", remedy(error))]) from None


def inheritable(opened: Iterable[tuple[SipListen, socket.socket]]) -> tuple[InheritedSocket, ...]:
    """As a control is told of them."""
    return tuple(InheritedSocket(listen.transport, listen.host, listen.port, sock.fileno()) for listen, sock in opened)


async def adopt_sockets(sockets: SipSockets, inherited: Iterable[InheritedSocket], place: Place) -> None:
    """Hear and send over all of them. Raises AdminError where the certificate that `place` names can't be used."""
    for one in inherited:
        try:
            await sockets.adopt(one.transport, socket.socket(fileno=one.fd))
        except CertificateFault as fault:
            raise AdminError([Fault(place, f"sip.tls: {fault}", "name a certificate and its key, as PEM")]) from None
