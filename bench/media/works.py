"""What is measured of the media plane: each ladder is one service that ever more calls come to."""

from dataclasses import dataclass
from typing import Literal

from ivr.base.config import QueueConfig
from ivr.base.config_service import MediaConfig
from ivr.media import commands

Wire = Literal["plain", "uring"]
Kind = Literal["menu", "pairs"]
Extra = Literal["", "recording", "in_band", "srtp"]
WIRES: tuple[Wire, ...] = ("plain", "uring")
WORDS = {"menu": "menu playing", "pairs": "bridged pairs", "": "", "recording": ", recorded",
         "in_band": ", in-band keys", "srtp": ", SRTP"}


@dataclass(frozen=True)
class Ladder:
    """`calls` (callers) at the service, one size after the other, until one is not held. keys_at: the size at which all
    callers press a key besides. wire "floor" is the bare C loop."""

    kind: Kind
    wire: Wire | Literal["floor"]
    calls: tuple[int, ...]
    extra: Extra = ""
    keys_at: int = 0

    @property
    def name(self) -> str:
        return " ".join(word for word in (self.kind, self.extra, self.wire) if word)

    @property
    def title(self) -> str:
        return WORDS[self.kind] + WORDS[self.extra]


MENU, MOST = (100, 200, 500, 1000, 1500), (2000, 2500, 3000)
PAIRS = (50, 100, 200, 400)
KEYS_AT = 1000

WHOLE = (
    *(Ladder("menu", wire, (*MENU, *MOST), keys_at=KEYS_AT) for wire in WIRES),
    *(Ladder("pairs", wire, PAIRS) for wire in WIRES),
    *(Ladder("pairs", wire, PAIRS, "recording") for wire in WIRES),
    *(Ladder("menu", wire, MENU, "in_band", keys_at=KEYS_AT) for wire in WIRES),
    *(Ladder("pairs", wire, PAIRS, "in_band") for wire in WIRES),
    *(Ladder("menu", wire, MENU[:4], "srtp") for wire in WIRES),
    *(Ladder("pairs", wire, PAIRS, "srtp") for wire in WIRES),
    Ladder("menu", "floor", (*MENU, *MOST)), Ladder("pairs", "floor", PAIRS),
)
SHORT = (
    *(Ladder("menu", wire, (*MENU, *MOST), keys_at=KEYS_AT) for wire in WIRES),
    *(Ladder("pairs", wire, PAIRS) for wire in WIRES),
    *(Ladder("pairs", wire, (200,), "recording") for wire in WIRES),
    *(Ladder("menu", wire, (500,), "in_band", keys_at=500) for wire in WIRES),
    *(Ladder("pairs", wire, (100,), "srtp") for wire in WIRES),
    Ladder("menu", "floor", (100, 500, 1000, 2500)), Ladder("pairs", "floor", (100, 200)),
)
SAMPLE = (Ladder("menu", "uring", (200, KEYS_AT), keys_at=KEYS_AT), Ladder("pairs", "uring", (100,)),
          Ladder("menu", "floor", (KEYS_AT,)), Ladder("pairs", "floor", (100,)))


def lacking(ladder: Ladder) -> str:
    """What a ladder needs that this version does not have; empty if it can be climbed."""
    if ladder.wire != "floor" and "wire" not in MediaConfig.model_fields and ladder.wire != "plain":
        return "media.wire is not there yet"
    if ladder.extra == "recording" and "record" not in QueueConfig.model_fields:
        return "recordings are not there yet"
    if ladder.extra == "in_band" and "in_band" not in commands.SetStream.__struct_fields__:
        return "in-band keys are not there yet"
    return ""
