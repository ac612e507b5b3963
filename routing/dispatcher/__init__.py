"""The dispatcher: every caller to an operator, none lost, none twice. A pure machine: events and `now` in, effects out.

    CallQueued -> OfferCall -> (phone rings) -> OfferAccepted -> AssignCall -> OperatorReleased
                     |             |-- OfferFailed, or ring time over -> OfferCall to the next operator
                     |             '-- CallLeft, or max wait -> WithdrawOffer
                     '-- nobody free: the call waits until an event frees somebody

At most one phone rings per call, and one call per operator. Each OfferCall ends in exactly one of AssignCall,
WithdrawOffer (both effects) and OfferFailed (the event). Late events about what is over change nothing.
"""

from routing.dispatcher.effects import (
    AnnouncePlace,
    AssignCall,
    CancelTimer,
    Effect,
    OfferCall,
    OperatorChanged,
    OverflowCall,
    StartTimer,
    WithdrawOffer,
)
from routing.dispatcher.events import (
    CallLeft,
    CallQueued,
    CallTaken,
    Event,
    OfferAccepted,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    StatusSet,
    TimerFired,
)
from routing.dispatcher.machine import Dispatcher
from routing.operators import OperatorSettings, State, Status
from routing.queue import QueueSettings, TimerKey

__all__ = [
    "AnnouncePlace", "AssignCall", "CallLeft", "CallQueued", "CallTaken", "CancelTimer", "Dispatcher", "Effect",
    "Event", "OfferAccepted", "OfferCall", "OfferFailed", "OperatorChanged", "OperatorEngaged", "OperatorReleased",
    "OperatorSettings", "OverflowCall", "QueueSettings", "ReachabilityChanged", "Settings", "SettingsReplaced",
    "StartTimer", "State", "Status", "StatusSet", "TimerFired", "TimerKey", "WithdrawOffer",
]
