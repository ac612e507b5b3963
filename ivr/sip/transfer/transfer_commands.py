"""What the user asks about transfers, and what its hang-up means while one is being reported."""

from typing import Any

from ivr.sip.commands import AcceptTransfer, HangUpLeg, RejectTransfer, ReportTransfer, TransferLeg
from ivr.sip.events import TransferProgressed
from ivr.sip.leg.invite_session import HangUpHeld, State
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.message.refer_to import print_refer_to
from ivr.sip.message.referred_by import referred_by_header
from ivr.sip.message.replaces import Replaces
from ivr.sip.transfer.transfer_received import TransferContinued, TransferFinished
from ivr.sip.transfer.transfer_sent import TransferOrdered

TransferCommand = AcceptTransfer | RejectTransfer | ReportTransfer | TransferLeg


class TransferCommands:
    """Carries them out for a leg that is there."""

    def __init__(self, legs: Legs) -> None:
        self._legs = legs

    def handle(self, leg: Leg, command: TransferCommand, now: float) -> list[Any]:
        if isinstance(command, TransferLeg):
            return self._transfer(leg, command, now)
        if leg.transfer_received is None:       # nobody asked by REFER
            return []
        if isinstance(command, ReportTransfer):
            report = TransferContinued if command.status < 200 else TransferFinished
            return self._legs.run(leg, leg.transfer_received, report(command.status, command.reason), now)
        return self._legs.run(leg, leg.transfer_received, command, now)

    def held(self, leg: Leg, command: HangUpLeg) -> HangUpLeg | HangUpHeld:
        """What a hang-up is for the session: in a call whose peer may not know yet how its transfer ended, the BYE
        waits."""
        machine = leg.transfer_received
        if leg.session.state is not State.CONFIRMED or machine is None or not machine.unheard:
            return command
        return HangUpHeld(command.reason)

    def _transfer(self, leg: Leg, command: TransferLeg, now: float) -> list[Any]:
        if leg.session.ended:
            return []
        if leg.session.state is not State.CONFIRMED:
            return [TransferProgressed(leg.name, 491, True)]
        uri, replaces = command.refer_to, None
        if command.replaced_leg is not None:
            replaced = self._legs.get(command.replaced_leg)
            if replaced is None or replaced is leg or replaced.session.state is not State.CONFIRMED:
                return [TransferProgressed(leg.name, 481, True)]
            assert replaced.dialog is not None
            replaces = seen_by_peer(replaced)
            uri = uri if uri.is_sip else replaced.dialog.remote_target      # a tel URI can't hold a Replaces
        headers = [("Refer-To", print_refer_to(uri, replaces))]
        referrer = referred_by_header(command.referred_by) if command.referred_by else None
        if referrer is not None:
            headers.append(referrer)
        return self._legs.run(leg, self._legs.machines.transfer_sent(leg), TransferOrdered(tuple(headers)), now)


def seen_by_peer(leg: Leg) -> Replaces:
    """The dialog of a leg as its peer must be told it: "to" is the peer, "from" is us (RFC 3891 §3)."""
    dialog = leg.dialog
    assert dialog is not None
    return Replaces(dialog.sip_call_id, dialog.remote.tag or "0", dialog.local.tag or "0")
