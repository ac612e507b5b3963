"""A leg with its machines."""

from dataclasses import dataclass, field

from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.calling_flows import FlowsCallingSession
from ivr.sip.leg.dialog import Dialog, DialogKey
from ivr.sip.leg.offers import FirstAgreed
from ivr.sip.leg.reoffer import Reoffer
from ivr.sip.leg.session_timer import SessionTimer
from ivr.sip.transfer.transfer_received import TransferReceived
from ivr.sip.transfer.transfer_sent import TransferSent


@dataclass(slots=True, eq=False)
class Leg:
    """A leg with its machines; `open_requests` are client transactions that may still bring something."""

    name: str
    session: AnsweringSession | CallingSession
    reoffer: Reoffer | None = None
    transfer_received: TransferReceived | None = None
    transfer_sent: TransferSent | None = None
    timer: SessionTimer | None = None
    dialog_key: DialogKey | None = None
    open_requests: int = 0
    first_agreed: FirstAgreed | None = None             # what `reoffer` is to know once it is made
    timers: set[type] = field(default_factory=set)      # the kinds that were started, and not stopped since

    @property
    def dialog(self) -> Dialog | None:
        return self.session.dialog

    @property
    def peer_address(self) -> str | None:
        """Where the peer is, or is being called: its own address also where an edge of ours stands between."""
        session = self.session
        if isinstance(session, AnsweringSession) and session.inbound.source is not session.inbound.met:
            return session.inbound.source.remote[0]
        if isinstance(session, FlowsCallingSession) and session.binding is not None and session.binding.path:
            return session.binding.address
        flow = session.flow if session.dialog is None and isinstance(session, CallingSession) else None
        flow = session.dialog.flow if session.dialog is not None else flow
        return flow.remote[0] if flow is not None else None

    @property
    def side_machines(self) -> list[Reoffer | TransferReceived | TransferSent | SessionTimer]:
        """All but the session, as far as they are there."""
        made = (self.reoffer, self.transfer_received, self.transfer_sent, self.timer)
        return [*(machine for machine in made if machine is not None), *self.early_offers]

    @property
    def early_offers(self) -> list[Reoffer]:
        """The offers of early dialogs beside `reoffer`."""
        if not isinstance(self.session, CallingSession):
            return []
        return [early.offers for early in self.session.early
                if early.offers is not None and early.offers is not self.reoffer]

    @property
    def live_offers(self) -> list[Reoffer]:
        """The offers of the dialogs that are not over: the one that stands, or those of the INVITE that is out."""
        if self.dialog_key is not None or not isinstance(self.session, CallingSession):
            return [self.reoffer] if self.reoffer is not None else []
        invite = self.session.invite
        return [early.offers for early in self.session.early if early.offers is not None and early.invite is invite]

    def dialog_with(self, tag: str | None) -> tuple[Dialog, Reoffer | None] | None:
        """The dialog with the peer of this tag, and its offers, if any were made."""
        if self.dialog_key is not None and self.dialog_key[2] == (tag or ""):
            assert self.session.dialog is not None
            return self.session.dialog, self.reoffer
        early = self.session.early.get(tag) if isinstance(self.session, CallingSession) else None
        return (early.dialog, early.offers) if early is not None and early.offers is not None else None
