"""Where the next request of a dialog goes (RFC 3261 §8.1.2, §12.2.1.1), peers behind NAT included; where replies go."""

from collections.abc import Callable

from ivr.sip.leg.dialog import Dialog
from ivr.sip.message.message import Request
from ivr.sip.message.uri import Uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow, is_address, same_host
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.transport.transports import default_port, port_of, transport_of


class NextHop:
    """Chooses flows. `is_open` tells whether a connection still stands."""

    def __init__(self, own: OwnAddresses, is_open: Callable[[Flow], bool]) -> None:
        self._own = own
        self._is_open = is_open

    def __call__(self, dialog: Dialog) -> Flow:
        """The flow the peer was last met on if it is pinned, or its open connection, or if its route or Contact is a
        name: who gave us a name is reached where it spoke from, without a look-up in the middle of a call. Else the
        address that its first route or its Contact says.
        """
        if dialog.pinned and not dialog.route_set:
            return dialog.flow
        return self._towards(dialog.next_hop(), dialog.flow, bool(dialog.route_set))

    def of_binding(self, binding: Binding) -> Flow:
        """Where the INVITE to a phone goes: to the first hop of its Path, or over the flow that it registered by."""
        return self._towards(binding.path[0].uri, binding.flow, routed=True) if binding.path else binding.flow

    def of_edge(self, hop: Uri, flow: Flow) -> Flow:
        """To an edge of ours by its own route, where `flow`, by which it was met, stands no longer."""
        return self._towards(hop, flow, routed=True)

    def _towards(self, hop: Uri, flow: Flow, routed: bool) -> Flow:
        """`routed`: `hop` is a proxy, and `flow` may lead to another one."""
        if not is_address(hop.host):
            # a connection that has gone is opened again, if the peer's end was the port that its name says
            gone = bool(flow.connection) and not self._is_open(flow)
            return flow.towards(flow.remote) if gone and flow.remote[1] == port_of(hop) else flow
        remote, transport = (hop.host, port_of(hop)), transport_of(hop)
        if flow.connection and self._is_open(flow) and (same_host(hop.host, flow.remote[0]) or not routed):
            return flow
        if transport == flow.transport:
            return flow if remote == flow.remote and not flow.connection else flow.towards(remote)
        return self._own.flow(transport, remote) or flow


def reply_flow(request: Request, flow: Flow) -> Flow:
    """Where responses go: over TCP back on the connection, over UDP to the source address, and to its source port if
    the client asked for it (RFC 3581 §4), else to the port of its Via (RFC 3261 §18.2.2). `maddr` is not obeyed: it
    would let anybody send our responses to a third party."""
    via = request.top_via
    if flow.reliable or via.asks_rport:
        return flow
    return flow.towards((flow.remote[0], via.port or default_port(flow.transport)))
