"""Events as the call machine's table sees them: sorted by the leg that they concern, so that no row needs an `if`."""

from ivr.base.values import frozen
from ivr.call import events as e


@frozen
class Started:
    """The call was let in: a menu and a media stream are ready."""


@frozen
class CallerEnded(e.LegEnded):
    """The caller's leg is over."""


@frozen
class PartnerEnded(e.LegEnded):
    """The leg the caller talks with (or was about to) is over."""


@frozen
class ConsultedEnded(e.LegEnded):
    """The leg of whom the operator asked is over."""


@frozen
class RingingEnded(e.LegEnded):
    """A phone we were ringing said no, or nothing."""


@frozen
class OtherEnded(e.LegEnded):
    """A leg that plays no part any more is over."""


@frozen
class PhoneAnswered(e.LegAnswered):
    """A phone we are ringing was taken up."""


@frozen
class LateAnswered(e.LegAnswered):
    """A phone was taken up that we no longer ring."""


@frozen
class RingingTaken(e.LegTaken):
    """It takes the place of a phone that rings."""


@frozen
class PartnerTaken(e.LegTaken):
    """It takes the place of the leg the caller talks with."""


@frozen
class CallerTaken(e.LegTaken):
    """It takes the place of the caller's leg."""


@frozen
class Stray:
    """A key, a hold or the like of a leg that plays no part (any more): only the caller's keys are for the menu."""


@frozen
class PartnerPlayed(e.PlaybackFinished):
    """What the partner's leg was given to hear is over."""


@frozen
class PartnerPressed(e.KeyPressed):
    """A key went down on the partner's leg."""
