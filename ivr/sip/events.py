"""What the endpoint tells its user. A leg is one dialog with its media; every leg ends with exactly one LegEnded."""

from dataclasses import field
from typing import Literal, NamedTuple

from ivr.base.values import frozen
from ivr.sip.message.replaces import Replaces
from ivr.sip.message.uri import Uri
from ivr.sip.pager.way_back import WayBack
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow


@frozen
class LegOffered:
    """An INVITE came and was let in; 100 is sent. `body` None: an offerless INVITE, our 2xx carries the offer.

    `account` is the authenticated phone, `trunk` the carrier whose address it came from; a stranger has neither.
    """

    leg: str
    sip_call_id: str
    request_uri: Uri
    caller_number: str
    caller_name: str
    dialled: str
    body: bytes | None = field(repr=False)           # may carry keys of SRTP
    flow: Flow
    account: str | None = None
    trunk: str | None = None
    replaces: str | None = None                 # the leg of ours whose place it takes (RFC 3891)
    referred_by: str = ""                       # who sent it here (RFC 3892), as the peer claims
    diversion: tuple[str, ...] = ()             # values of Diversion and History-Info as they came
    by_edge: bool = False                       # through a proxy of ours; `flow` names who called, and not it


@frozen
class CallRefused:
    """An INVITE was turned away before it became a leg; `status` has been sent. `reason`: "trunk_max_calls",
    "trunk_calls_per_s", "anonymous_calls", "account_may_not_call" or "from_is_not_the_account"."""

    status: int
    reason: str
    sip_call_id: str
    caller_number: str
    caller_name: str
    dialled: str
    account: str | None = None
    trunk: str | None = None


@frozen
class PasswordRefused:
    """Somebody at `address` gave a wrong password for an account of ours."""

    account: str
    address: str
    user_agent: str


@frozen
class LegConfirmed:
    """The ACK for our 2xx came; `body` answers the offer of our 2xx if the INVITE had none."""

    leg: str
    body: bytes | None = field(repr=False)           # may carry keys of SRTP


@frozen
class LegRinging:
    """101 to 199 to our INVITE; told once for each change. `body`: the peer's early media, if it has said so. `fork`:
    which of several phones rings, where a proxy has forked the INVITE."""

    leg: str
    status: int
    body: bytes | None = field(repr=False)           # may carry keys of SRTP
    fork: str = field(default="", compare=False)


@frozen
class LegAnswered:
    """The first 2xx to our INVITE. The ACK is sent, unless the INVITE had no offer: then `body` is the peer's, and
    AcknowledgeLeg answers it. `body` is what this phone has said last, in a reliable 1xx perhaps."""

    leg: str
    body: bytes | None = field(repr=False)           # may carry keys of SRTP


@frozen
class LegReoffered:
    """A re-INVITE or UPDATE: the user replies with AnswerOffer or RejectOffer. `body` None asks for our offer."""

    leg: str
    body: bytes | None = field(repr=False)           # may carry keys of SRTP


@frozen
class LegReanswered:
    """The final answer to our ReofferLeg, or (status 200) their answer in the ACK to an offerless re-INVITE."""

    leg: str
    status: int
    body: bytes | None = field(repr=False)           # may carry keys of SRTP


@frozen
class DigitByInfo:
    """A key by INFO; `duration` in seconds if the peer said it."""

    leg: str
    digit: str
    duration: float | None


@frozen
class ProbeAnswered:
    """Whether the peer still knows the dialog: False only for 408, 481 or silence."""

    leg: str
    alive: bool


@frozen
class TransferRequested:
    """A REFER in the dialog (RFC 3515): the user replies with AcceptTransfer or RejectTransfer.

    `replaces` is the dialog that the Refer-To wants replaced; `replaced_leg` is set if that is a leg of ours, which is
    then to be joined with this leg's partner instead of dialling.
    """

    leg: str
    refer_to: Uri
    replaces: Replaces | None = None
    replaced_leg: str | None = None
    referred_by: str = ""


@frozen
class TransferProgressed:
    """What became of our TransferLeg: the REFER's own failure, or a status of the sipfrag in a NOTIFY.

    `final`: nothing more comes. A 2xx then says that the peer reached the transfer target.
    """

    leg: str
    status: int
    final: bool


@frozen
class LegEnded:
    """The end of a leg; `status` 200 after a BYE, 487 if cancelled, 408 for silence, else the final answer."""

    leg: str
    by: Literal["peer", "us", "network"]
    status: int
    reason: str


class Traced(NamedTuple):
    """One message of a leg for its ladder: first line and CSeq, never credentials or bodies."""

    leg: str
    direction: Literal["in", "out"]
    text: str


@frozen
class BindingsChanged:
    """An account's contacts or flows are others than before; a mere refresh says nothing. `came` and `gone` are the
    difference, without those of which the same phone has moved; `cause`: why some are gone."""

    account: str
    bindings: tuple[Binding, ...]
    came: tuple[Binding, ...] = field(default=(), compare=False)
    gone: tuple[Binding, ...] = field(default=(), compare=False)
    cause: Literal["unregistered", "expired", "connection_closed"] = field(default="unregistered", compare=False)


@frozen
class MessageReceived:
    """A MESSAGE outside dialogs was let in (RFC 3428); `Endpoint.answer_message` says what becomes of it.

    `key` is the same for one that is sent again. `text` None: they are writing (`active`), or no longer. `address` is
    the `user@host` of the From: proven for an `account`, the carrier's word with a `trunk`, a stranger's own else.
    """

    message: str
    key: str
    account: str | None
    trunk: str | None
    caller_number: str
    caller_name: str
    dialled: str
    address: str
    text: str | None = field(repr=False)
    active: bool
    way: WayBack = field(repr=False)
    source: str
    by_edge: bool


@frozen
class MessageSent:
    """What became of a SendMessage, once for each: the status of the final answer, 408 for silence, 503 if it could not
    be sent."""

    message: str
    status: int
    reason: str
    retry_after: int | None = None
