"""The dispatcher: every caller to an operator, none lost, none twice. A pure machine: events and `now` in, effects out.

    CallQueued -> OfferCall -> (phone rings) -> OfferAccepted -> AssignCall -> OperatorReleased
                     |             |-- OfferFailed, or ring time over -> OfferCall to the next operator
                     |             '-- CallLeft, or max wait -> WithdrawOffer
                     '-- nobody free: the call waits until an event frees somebody

At most one operator is rung per call (several by `ring_all`), and as many calls per operator as they have room for:
one. Each OfferCall ends in exactly one of AssignCall, WithdrawOffer (both effects) and OfferFailed (the event), and is
followed by one OfferEnded for the record; each stay by one StayEnded. Late events about what is over change nothing.
"""

from routing.dispatcher.effects import (
    AnnouncePlace,
    AssignCall,
    CancelTimer,
    Effect,
    LeaseLost,
    OfferCall,
    OfferEnded,
    OperatorChanged,
    OverflowCall,
    StartTimer,
    StayEnded,
    WithdrawOffer,
)
from routing.dispatcher.events import (
    CallerOwned,
    CallLeft,
    CallQueued,
    CallTaken,
    Event,
    LegsAlive,
    OfferAccepted,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    Resumed,
    SeatBarred,
    Settings,
    SettingsReplaced,
    StatusSet,
    TimerFired,
    WrapUpDone,
)
from routing.dispatcher.machine import Dispatcher
from routing.operators import CALL, CHAT, Medium, OperatorSettings, State, Status
from routing.queue import TimerKey
from routing.queue_settings import QueueSettings, Tier
from routing.skills import Relaxation

__all__ = [
    "CALL", "CHAT", "AnnouncePlace", "AssignCall", "CallLeft", "CallQueued", "CallTaken", "CallerOwned", "CancelTimer",
    "Dispatcher", "Effect", "Event", "LeaseLost", "LegsAlive", "Medium", "OfferAccepted", "OfferCall", "OfferEnded",
    "OfferFailed", "OperatorChanged", "OperatorEngaged", "OperatorReleased", "OperatorSettings", "OverflowCall",
    "QueueSettings", "ReachabilityChanged", "Relaxation", "Resumed", "SeatBarred", "Settings", "SettingsReplaced",
    "StartTimer", "State", "Status", "StatusSet", "StayEnded", "Tier", "TimerFired", "TimerKey", "WithdrawOffer",
    "WrapUpDone",
]
