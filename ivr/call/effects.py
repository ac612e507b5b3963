"""What a call asks for. Drivers and the exchange turn these into SIP, media, queue and store commands."""

from dataclasses import field
from typing import Literal

from ivr.base.values import frozen
from ivr.call.record import Batch
from ivr.menu.requests import Request

Refusal = Literal["no_answer", "busy", "refused", "unreachable", "failed"]


# --- legs -----------------------------------------------------------------------------------------------------------
@frozen
class RingLeg:
    """Tell the caller that we ring (180)."""

    leg: str


@frozen
class AnswerLeg:
    """Take the caller's call (200)."""

    leg: str


@frozen
class RejectLeg:
    """Refuse a leg that was offered and not answered, with this SIP status."""

    leg: str
    status: int


@frozen
class ReportTransfer:
    """Tell the phone that asked for a transfer how it goes: a SIP status, from 200 on the last."""

    leg: str
    status: int


@frozen
class DialOperator:
    """Ring what stands behind this leg id (it was named in `OfferMade` or in a transfer): a phone or a number."""

    leg: str


@frozen
class RingBack:
    """Find out whether the operator can be rung now, to take back a caller whom they sent on; ReturnMade answers."""

    operator: str


@frozen
class DialAddress:
    """Ring a SIP address outside, on a new leg."""

    leg: str
    address: str


@frozen
class DialBack:
    """Ring the number of who is to be called back, for this operator: `BackRung` or `BackRefused` is wanted."""

    number: str = field(repr=False)
    operator: str


@frozen
class FetchOperator:
    """Ring the phones of the operator who is kept for this call: `OperatorFetched` is wanted."""

    operator: str


@frozen
class EndLeg:
    """Hang up, cancel or refuse, whichever the leg's state asks for; harmless when it is over already.

    `reason` is for a phone that stops ringing because the call was taken elsewhere: it then counts no missed call.
    """

    leg: str
    reason: str = ""


# --- media ----------------------------------------------------------------------------------------------------------
@frozen
class PlayClips:
    """Play clips to one leg, after what plays there or (`replace`) instead; `loop`: until stopped. `words`: written."""

    leg: str
    play_id: int
    clips: tuple[str, ...]
    loop: bool = False
    barge_in: bool = False
    replace: bool = False
    words: tuple[str, ...] = ()


@frozen
class StopClips:
    """Silence on this leg."""

    leg: str


@frozen
class JoinLegs:
    """Two legs hear each other."""

    first: str
    second: str


@frozen
class ConferLegs:
    """All of these legs hear each other."""

    legs: tuple[str, ...]


@frozen
class SeparateLegs:
    """They don't any more."""

    first: str
    second: str


# --- queue ----------------------------------------------------------------------------------------------------------
@frozen
class EnterQueue:
    """Wait for an operator of this queue who has these skills, each at this level or better."""

    queue: str
    language: str
    priority: int = 0
    skills: tuple[tuple[str, int], ...] = ()
    since: float | None = None
    """When they came, if that was before now: their place is of then."""


@frozen
class LeaveQueue:
    """The caller no longer waits: hung up, or took a key out of the queue, or the call broke."""

    ending: Literal["abandoned", "transferred", "failed"]


@frozen
class AcceptOffer:
    """The operator's phone was taken up."""

    operator: str


@frozen
class FailOffer:
    """The operator's phones did not take the offer."""

    operator: str
    reason: Refusal


@frozen
class TakeCall:
    """An operator took the call from where it waited, rang or was; they are busy with it."""

    operator: str


@frozen
class EngageOperator:
    """The operator is busy with this call, which no queue offered to them."""

    operator: str


@frozen
class OwnCaller:
    """The operator, who is busy with this call already, answers for its caller from now on; `queue`: whose caller."""

    operator: str
    queue: str


@frozen
class ReleaseOperator:
    """The operator is off this call; `in_vain`: they never had anybody on the line, so there is nothing to wrap up.
    `asked`: whom they had on the line is a colleague who called their queue."""

    operator: str
    in_vain: bool = False
    asked: bool = False


# --- store, clock, house --------------------------------------------------------------------------------------------
@frozen
class Write:
    """Rows for the database; with `durable` the call wants `RequestDurable` when they are safe."""

    batch: Batch
    durable: bool = False


@frozen
class SetTimer:
    """The call's timer `name` ("input", "ring", "store" or "comfort") fires at `at`; None cancels it."""

    name: str
    at: float | None


@frozen
class StopTimers:
    """No timer of the call is wanted any more."""


@frozen
class LookUp:
    """The menu asks another system; `LookUpAnswered` with this number is wanted."""

    number: int
    request: Request


@frozen
class VerifyPin:
    """The menu asks a register of PINs; `LookUpAnswered` with this number is wanted."""

    number: int
    register: str
    customer: str = field(repr=False)
    pin: str = field(repr=False)


@frozen
class OrderLines:
    """The menu orders something for lines, or takes it back (not `given`); `LookUpAnswered` with this number is wanted.
    `lasts` in seconds."""

    number: int
    lines: tuple[str, ...]
    kind: Literal["announcement", "closure"]
    given: bool
    prompt: str
    lasts: float | None


@frozen
class RecordCaller:
    """Record what the caller says, until they are quiet for `silence` seconds; `RecordingEnded` with this number is
    wanted, however it goes."""

    number: int
    why: Literal["menu", "voicemail"]
    silence: float
    queue: str


@frozen
class EndRecording:
    """End it, without its last `cut` seconds."""

    number: int
    cut: float


@frozen
class PlayRecording:
    """Play to the caller what was recorded under this number, as `PlayClips` plays clips."""

    leg: str
    play_id: int
    number: int


@frozen
class MaskInput:
    """While `active`, what the caller presses or says is a secret: no capture may hold it."""

    active: bool


@frozen
class Note:
    """A line for the call's ladder."""

    text: str


@frozen
class CallOver:
    """Every leg has ended and the outcome is written: forget this call."""
