"""What can happen to a call: told by its legs, its media, the queue, the store and the clock."""

from dataclasses import field
from typing import Any

from ivr.base.values import frozen
from ivr.call.settings import CallSettings
from ivr.menu.interpreter import Interpreter


# --- legs -----------------------------------------------------------------------------------------------------------
@frozen
class LegConfirmed:
    """The peer acknowledged our answer: it is there and means it."""

    leg: str


@frozen
class LegRinging:
    """The phone we dialled rings."""

    leg: str


@frozen
class LegAnswered:
    """The phone we dialled was taken up, and a codec was agreed."""

    leg: str


@frozen
class LegHeld:
    """The peer put this leg on hold."""

    leg: str


@frozen
class LegResumed:
    """The peer took this leg off hold."""

    leg: str


@frozen
class LegEnded:
    """A leg is over; comes exactly once for each. `by` is "peer", "us" or "network"; `status` a SIP status or 0."""

    leg: str
    by: str
    status: int = 0
    reason: str = ""


# --- media ----------------------------------------------------------------------------------------------------------
@frozen
class KeyPressed:
    """A key went down on this leg."""

    leg: str
    digit: str


@frozen
class KeyReleased:
    """The key came up."""

    leg: str
    digit: str


@frozen
class PlaybackFinished:
    """A playback ended by itself, or was stopped by a key or by a command."""

    leg: str
    play_id: int
    stopped: bool


@frozen
class PlaneLost:
    """The media plane died and took the audio of every leg with it."""


@frozen
class TextTyped:
    """Who writes on this leg has sent a message."""

    leg: str
    text: str = field(repr=False)


# --- queue ----------------------------------------------------------------------------------------------------------
@frozen
class OfferMade:
    """The dispatcher offers this call to an operator: ring these legs, one for each phone of theirs."""

    operator: str
    legs: tuple[str, ...]


@frozen
class OfferWithdrawn:
    """The dispatcher takes the offer back (ring time over, operator gone): stop the phones."""

    operator: str
    reason: str


@frozen
class Assigned:
    """The dispatcher gave the call to the operator who answered."""

    operator: str


@frozen
class Overflowed:
    """The queue can't serve this call any more: "max_wait", "nobody_logged_in" or "full"."""

    queue: str
    reason: str


@frozen
class PlaceDue:
    """Time to tell the caller their place (1 is next), and how long it may take, if that is known.

    `low` and `high`: s in which four of five are answered; `minutes`: the figure for the caller (routing.estimate),
    None if their queue says none.
    """

    place: int
    low: float | None = None
    high: float | None = None
    minutes: int | None = None


# --- operators' phones: calls of their own, transfers, taking over ---------------------------------------------------
@frozen
class OwnCallMade:
    """An operator calls somebody: ring these legs. `operator` is the colleague called, "" for anybody else.

    `target` names whom: an operator, a transfer of the configuration, the prefix of a permitted number.
    """

    by: str
    target: str
    operator: str
    legs: tuple[str, ...]


@frozen
class ReferredToPhones:
    """The operator on `leg` sends the caller to somebody (as in OwnCallMade): ring these legs."""

    leg: str
    target: str
    operator: str
    legs: tuple[str, ...]


@frozen
class ReferredToQueue:
    """The operator on `leg` sends the caller into a queue."""

    leg: str
    queue: str


@frozen
class ReferredToLine:
    """The operator on `leg` sends the caller into the menu of a line."""

    leg: str
    settings: CallSettings
    interpreter: Interpreter


@frozen
class PartnerGiven:
    """The operator on `leg` joins the caller with `partner`, a leg of another call of theirs, which is ours now.

    `told` is the leg on which the operator asked for it.
    """

    leg: str
    told: str
    partner: str
    target: str
    operator: str


@frozen
class RingingGiven:
    """As PartnerGiven, while those whom the operator called are still rung on `legs`, which are ours now."""

    leg: str
    target: str
    operator: str
    legs: tuple[str, ...]


@frozen
class GivenAway:
    """The operator on `leg` joins the others of this call, `legs`, with another call, which has them now."""

    leg: str
    legs: tuple[str, ...]


@frozen
class OperatorLost:
    """Whoever is the caller's partner is not there any more, though nobody hung up."""

    reason: str


@frozen
class TransferRefused:
    """The operator on `leg` wanted a transfer that may not or can't be."""

    leg: str
    target: str
    status: int
    reason: str


@frozen
class LegTaken:
    """`leg`, offered to us, takes the place of `replaced` (RFC 3891); `operator` whose phone it is, "" for a caller."""

    leg: str
    replaced: str
    operator: str


# --- store, clock, house --------------------------------------------------------------------------------------------
@frozen
class RequestDurable:
    """The request will survive a crash: committed, or synced to the spool. `number`: of the call's durable writes, from
    1; 0: the last."""

    number: int = 0


@frozen
class RequestRefused:
    """Neither database nor spool has room for the request: this caller can't be queued. `number` as above."""

    number: int = 0


@frozen
class StoreTimeout:
    """Neither: the store has not answered for as long as a caller may be kept in the dark."""


@frozen
class InputTimeout:
    """The menu's one timer fired."""


@frozen
class LookUpAnswered:
    """Another system answered what the menu asked (`LookUp`), with JSON; or `reason` says why not."""

    number: int
    answer: Any = field(default=None, repr=False)
    reason: str = ""


@frozen
class RecordingEnded:
    """What the menu had recorded (`RecordCaller`) is over: its row's id, the seconds in which something was heard of
    the caller, and whether it failed, for `reason`."""

    number: int
    recording: str
    spoken: float
    failed: bool = False
    reason: str = ""


@frozen
class RingTimeOver:
    """A transfer target rang long enough."""


@frozen
class EndOrdered:
    """The house ends this call: the drain's bound was reached, or an admin asked."""

    reason: str
