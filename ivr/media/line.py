"""What commands and events have in common: each is one line of JSON on the link between control and plane."""

from msgspec import Struct


class Line(Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True, gc=False):
    """A value that msgspec makes, writes and reads in one step, as `["StopPlayback", the fields in order]`: a call has
    a dozen of them. Not looked at by the garbage collector, since values that can't change make no circles."""
