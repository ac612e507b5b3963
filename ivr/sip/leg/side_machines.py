"""The machines that a leg has beside its session, each made when it is first needed: most calls see no new offer and no
transfer."""

from collections.abc import Callable

from ivr.base.ids import Ids
from ivr.sip.composer import Composer
from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg import Leg
from ivr.sip.leg.reoffer import Reoffer
from ivr.sip.leg.session_timer import SessionTimer
from ivr.sip.settings import EndpointSettings
from ivr.sip.transfer.transfer_received import TransferReceived
from ivr.sip.transfer.transfer_sent import TransferSent
from ivr.sip.transport.flow import Flow


class SideMachines:
    """Makes them. `route` says over which flow the next request of a dialog goes."""

    def __init__(self, settings: EndpointSettings, ids: Ids, composer: Composer,
                 route: Callable[[Dialog], Flow]) -> None:
        self._settings = settings
        self._ids = ids
        self._composer = composer
        self._route = route

    def session_timer(self, dialog: Dialog) -> SessionTimer:
        return SessionTimer(dialog, self._composer, self._settings, self._route)

    def reoffer(self, leg: Leg, now: float) -> Reoffer:
        """The machine of the offers inside the leg's dialog."""
        if leg.reoffer is None:
            assert leg.dialog is not None
            assert leg.timer is not None
            leg.reoffer = self.offers(leg, leg.dialog, leg.timer)
            if leg.first_agreed is not None:
                leg.reoffer.handle(leg.first_agreed, now)
        return leg.reoffer

    def offers(self, leg: Leg, dialog: Dialog, timer: SessionTimer) -> Reoffer:
        """The same of any dialog, also of an early one."""
        ours = isinstance(leg.session, CallingSession)
        offers = Reoffer(leg.name, dialog, ours, self._composer, self._ids, self._settings.timing, self._route, timer)
        offers.first_is_ours = ours is not leg.session.offerless
        return offers

    def transfer_received(self, leg: Leg) -> TransferReceived:
        """The machine of the REFERs that come."""
        assert leg.dialog is not None
        if leg.transfer_received is None:
            leg.transfer_received = TransferReceived(leg.dialog, self._composer, self._route)
        return leg.transfer_received

    def transfer_sent(self, leg: Leg) -> TransferSent:
        """The machine of the REFERs we send."""
        assert leg.dialog is not None
        if leg.transfer_sent is None:
            leg.transfer_sent = TransferSent(leg.name, leg.dialog, self._composer, self._settings.timing, self._route)
        return leg.transfer_sent
