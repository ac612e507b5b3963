"""The data of a call that its machine's parts share."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from ivr.call.effects import PlayClips, Refusal, Write
from ivr.call.notice import Notice
from ivr.call.record import RequestRow
from ivr.call.settings import HOLD_MUSIC, CallSettings
from ivr.call.visit import Visit
from ivr.menu.interpreter import Interpreter

OWN_PLAYS = 1_000_000    # play ids from here on are the call's own; below are the menu's


class CallState(Enum):
    """Where a visit is; the names of the design's way of a call."""

    OFFERED = auto()
    NOTICED = auto()         # a notice is heard to its end, before the menu
    IN_MENU = auto()
    REGISTERING = auto()     # the request is being made durable, and the caller's ACK awaited
    QUEUED = auto()
    CONNECTING = auto()      # an operator's phones ring
    BRIEFING = auto()        # an operator has picked up and hears what the call is about; the caller hears music on
    TRANSFERRING = auto()    # a SIP address outside rings
    DIALLING = auto()        # an operator made this call: whom they called is rung
    REFERRED = auto()        # the operator sends the caller on: a colleague or a number is rung, music meanwhile
    CALLING_BACK = auto()    # a callback: an operator is there for it, and the caller's phone rings
    FETCHING = auto()        # a callback: the caller has answered, and the operator's phones ring
    BRIDGED = auto()
    CONSULTING = auto()      # the operator asks somebody, who rings or talks with them; the caller hears music
    CONFERENCE = auto()      # caller, operator and whom they asked
    SURVEYING = auto()       # the operator is gone, the caller is asked how it went
    FAREWELL = auto()        # one last announcement, then we hang up
    LEAVING = auto()         # the caller left a message by hanging up: its recording is being closed
    CLOSING = auto()         # the outcome is written; legs are still saying goodbye
    ENDED = auto()


@dataclass(frozen=True)
class CallingBack:
    """What a call that we make is for: a request to be called back. `whisper`, `greeting` and `not_reached` are clips:
    what the operator hears before, what the caller hears, what the operator hears if nobody answers."""

    request: RequestRow
    number: str = field(repr=False)
    attempt: int
    caller_first: bool
    ring_time: float
    whisper: tuple[str, ...] = ()
    greeting: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()


@dataclass
class CallData:
    """Plain state: `others` are the legs still alive besides the caller's, `ringing` those of the present offer."""

    call: str
    caller_leg: str
    settings: CallSettings
    visit: Visit
    interpreter: Interpreter
    state: Enum = CallState.OFFERED
    confirmed: bool = False
    durable: bool = False
    durable_writes: int = 0       # asked for; an answer to one before the last is stale
    caller_alive: bool = True
    in_queue: bool = False
    others: set[str] = field(default_factory=set)
    ringing: set[str] = field(default_factory=set)
    offered: dict[str, str] = field(default_factory=dict)     # by leg: the operators whom a queue offers the call now
    operator: str = ""            # who is offered or serves this call, or made it
    partner_leg: str = ""         # the leg that the caller talks with, or that sends them on
    far_operator: str = ""        # who is at the caller's leg where that is an operator's phone (a call of theirs)
    engaged: set[str] = field(default_factory=set)    # operators whom this call keeps busy
    holding: set[str] = field(default_factory=set)    # legs whose peers hold us
    heard: list[PlayClips] = field(default_factory=list)     # what the caller's leg was given and has not finished
    transfer_target: str = ""     # a name, never a number
    target_operator: str = ""     # the operator who is rung by a transfer or a call of a colleague's
    transferor: str = ""          # the operator who sends the caller on
    consulted_leg: str = ""       # of whom the operator asks, once they have answered
    returning: bool = False       # a transfer came to nothing, and the operator who made it is rung
    given_away: bool = False      # the partner of this call was joined with another one
    priority: int = 0             # steps of waiting done already when the queue is entered
    skills: tuple[tuple[str, int], ...] = ()     # those that the operator must have, with levels
    notice: Notice | None = None  # what is heard before the menu
    notice_play: int = 0
    after_notice: tuple[str, str] | None = None      # the queue that follows, and the subject; None: the menu
    told: set[str] = field(default_factory=set)      # prompts of notices that the caller has heard before queues
    own_priority: int = 0         # steps that the caller's group gives, in every queue that a menu leads to
    briefing_play: int = 0        # what the operator hears before the talk, when it began, and its clips
    briefing_began: float = 0.0
    briefing_clips: tuple[str, ...] = ()
    surveyed: bool = False        # the caller was asked how it went: once is enough
    refusal: Refusal = "failed"   # the last reason an offered phone gave
    overflow_hops: int = 0
    queued_since: float = 0.0     # since when the caller counts as waiting in their queue
    places: dict[str, float] = field(default_factory=dict)    # the same of queues that they left by a key
    place_said_at: float = -1e9
    last_play: int = OWN_PLAYS
    goodbye_play: int = 0         # when this playback is over, the call is hung up
    goodbye: tuple[str, str] = ("", "")     # outcome and reason for then
    leaving: tuple[str, str, str] = ("", "", "")     # outcome, by whom and reason of a call whose message is closed
    legs_made: int = 0
    back: CallingBack | None = None     # this call calls somebody back; None also once they are a caller like others
    dialled_back: bool = False          # their phone was rung
    beside: str = ""             # the chat that this call is beside, while it goes on and after

    @property
    def language(self) -> str:
        return self.interpreter.language

    def play(self, clips: tuple[str, ...], *, loop: bool = False, replace: bool = False) -> PlayClips:
        """A playback of the call's own to the caller."""
        self.last_play += 1
        return PlayClips(self.caller_leg, self.last_play, clips, loop=loop, replace=replace)

    def music(self, *, replace: bool = True) -> PlayClips:
        """The queue's music, until something else is to be heard."""
        return self.music_of(self.visit.call.queue, replace=replace)

    def music_of(self, queue: str, *, replace: bool = True) -> PlayClips:
        """The music of any queue."""
        return self.play((self.settings.music.get(queue, HOLD_MUSIC),), loop=True, replace=replace)

    def announcement(self, name: str) -> str:
        """The clip of an announcement in the caller's language."""
        return self.settings.announcements.clip(name, self.language)

    def write(self, *, durable: bool = False) -> list[Any]:
        """What the visit has collected, as an effect."""
        batch = self.visit.take_batch()
        self.durable_writes += durable and batch is not None
        return [Write(batch, durable)] if batch is not None else []

    def new_leg(self) -> str:
        """An id for a leg that we dial."""
        self.legs_made += 1
        return f"{self.call}/{self.legs_made}"
